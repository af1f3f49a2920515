"""Who uses the server: people, their keys, and the entities they work in."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Person:
    """A user. `name` is also the name of the entity that was made with them."""

    id: int
    name: str
    email: str = ""
    admin: bool = False
    created_at: int = 0


@dataclass(frozen=True, slots=True)
class Membership:
    """A person's place in an entity: `role` is `owner` or `member`."""

    entity: str
    role: str


@dataclass(frozen=True, slots=True)
class Key:
    """An API key: only its hash is stored, and its last letters as a `hint`."""

    id: int
    person_id: int
    hint: str
    description: str = ""
    created_at: int = 0
    key_hash: str = ""


class People(Protocol):
    """People, keys and memberships.

    Unique: a person's name, an entity's name (one namespace), the hash of a key. Lists come in
    the order of creation. Writes are durable when they return, and visible to every later read.
    """

    async def add(self, name: str, *, email: str = "", admin: bool = False) -> Person:
        """Add a person and the entity of that name, which they own.

        Raises:
            ferrule.errors.Conflict: A person or an entity has that name.
        """

    async def by_id(self, person_id: int) -> Person | None:
        """Return the person, None if there is none."""

    async def by_name(self, name: str) -> Person | None:
        """Return the person of that name, None if there is none."""

    async def owner(self) -> Person | None:
        """Return the first person that was added, None on a new server."""

    async def add_key(self, person_id: int, key_hash: str, hint: str, description: str = "") -> Key:
        """Give a person a key, by the hash of it (`ferrule.auth.keys.hashed`).

        The same hash again for the same person returns the key that is there.

        Raises:
            ferrule.errors.Conflict: Another person has that key.
        """

    async def by_key_hash(self, key_hash: str) -> Person | None:
        """Return the holder of a key, None if no one has it."""

    async def keys_of(self, person_id: int) -> tuple[Key, ...]:
        """List a person's keys."""

    async def remove_key(self, person_id: int, key_id: int) -> bool:
        """Take a key from a person; tell whether it was theirs. It opens nothing from then on."""

    async def entities_of(self, person_id: int) -> tuple[Membership, ...]:
        """List where a person belongs, their own entity first."""

    async def entity_exists(self, name: str) -> bool:
        """Tell whether there is an entity of that name."""
