"""What someone may do: the one place that decides.

| action     | object                 | anonymous | stranger | member | admin |
|------------|------------------------|-----------|----------|--------|-------|
| `READ`     | project, run, artifact | no        | no       | yes    | yes   |
| `WRITE`    | run, project, artifact | no        | no       | yes    | yes   |
| `CREATE`   | entity (by name)       | no        | no       | yes    | yes   |
| `ACCOUNT`  | person                 | no        | no       | self   | yes   |

A collection of artifacts is as the artifacts in it. Bytes of artifacts are read by who may read
an artifact that has them; to know their digest is no permission.

Anonymous callers may do nothing that has an object. A stranger is told the same as if the object
did not exist.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from ferrule.errors import NotFound, Unauthenticated
from ferrule.ports.artifacts import Artifact
from ferrule.ports.collections import Collection
from ferrule.ports.people import Membership, Person
from ferrule.ports.projects import Project
from ferrule.ports.runs import Run


class Action(Enum):
    """What someone wants to do."""

    READ = "read"
    WRITE = "write"
    CREATE = "create"
    ACCOUNT = "account"


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who asks, with the entities they belong to."""

    person: Person
    entities: frozenset[str]

    @classmethod
    def of(cls, person: Person, memberships: Sequence[Membership]) -> "Viewer":
        """Put a person and their memberships together."""
        return cls(person, frozenset(place.entity for place in memberships))


@dataclass(frozen=True, slots=True)
class Entity:
    """An entity by its name, as the object of `CREATE`, `READ` or `WRITE`."""

    name: str


Object = Project | Run | Entity | Person | Artifact | Collection


def allowed(viewer: Viewer | None, action: Action, thing: Object) -> bool:
    """Tell whether someone may do something to a thing."""
    if viewer is None:
        return False
    if viewer.person.admin:
        return True
    if isinstance(thing, Person):
        return action is Action.ACCOUNT and thing.id == viewer.person.id
    name = thing.name if isinstance(thing, Entity) else thing.entity
    return action is not Action.ACCOUNT and name in viewer.entities


def require(viewer: Viewer | None, action: Action, thing: Object) -> None:
    """Let pass who may do something to a thing.

    Raises:
        Unauthenticated: Nobody is logged in.
        NotFound: Someone is, and may not; what they may not see does not exist for them.
    """
    if viewer is None:
        raise Unauthenticated("Log in first: no API key came with the request.")
    if not allowed(viewer, action, thing):
        raise NotFound(f"No {type(thing).__name__.lower()} `{_called(thing)}` was found.")


def readable_entities(viewer: Viewer) -> frozenset[str] | None:
    """Return the entities whose things someone may read, None for all."""
    return None if viewer.person.admin else viewer.entities


def _called(thing: Object) -> str:
    if isinstance(thing, (Run, Artifact)):
        return thing.path
    if isinstance(thing, (Project, Collection)):
        return f"{thing.entity}/{thing.name}"
    return thing.name
