"""The metadata ports in memory, for tests; lost with the process."""

import functools
import itertools
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ferrule.errors import BadInput, Conflict, NotFound
from ferrule.ports import Stores
from ferrule.ports.files import RunFile
from ferrule.ports.pages import Page
from ferrule.ports.people import Key, Membership, Person
from ferrule.ports.projects import Project, Totals
from ferrule.ports.runs import LIVE, Alert, Run, RunChange, RunProgress
from ferrule.stores import cursors, matching
from ferrule.stores.memory_artifacts import ArtifactsInMemory, MemoryArtifacts
from ferrule.stores.memory_collections import MemoryCollections, MemoryManifests
from wandb._wire.filters import FilterError, parse, parse_order
from wandb._wire.matching import compared, directions


def memory_stores() -> Stores:
    """Return empty stores."""
    people = MemoryPeople()
    projects = MemoryProjects(people)
    artifacts = ArtifactsInMemory()
    return Stores(
        people,
        projects,
        MemoryRuns(projects),
        MemoryFiles(),
        MemoryArtifacts(artifacts, projects),
        MemoryCollections(artifacts),
        MemoryManifests(artifacts),
    )


def _now() -> int:
    return time.time_ns() // 1000


class MemoryPeople:
    """People in memory."""

    def __init__(self) -> None:
        self._ids = itertools.count(1)
        self._people: dict[int, Person] = {}
        self._keys: dict[str, Key] = {}

    async def add(self, name: str, *, email: str = "", admin: bool = False) -> Person:
        """Add a person and the entity of that name."""
        if await self.entity_exists(name):
            raise Conflict(f"The name `{name}` is taken; choose another.")
        person = Person(next(self._ids), name, email, admin, _now())
        self._people[person.id] = person
        return person

    async def by_id(self, person_id: int) -> Person | None:
        """Return the person."""
        return self._people.get(person_id)

    async def by_name(self, name: str) -> Person | None:
        """Return the person of that name."""
        return next((person for person in self._people.values() if person.name == name), None)

    async def owner(self) -> Person | None:
        """Return the first person that was added."""
        return next(iter(self._people.values()), None)

    async def add_key(self, person_id: int, key_hash: str, hint: str, description: str = "") -> Key:
        """Give a person a key."""
        made = Key(next(self._ids), person_id, hint, description, _now(), key_hash)
        key = self._keys.setdefault(key_hash, made)
        if key.person_id != person_id:
            raise Conflict("Someone else has that API key; choose another.")
        return key

    async def by_key_hash(self, key_hash: str) -> Person | None:
        """Return the holder of a key."""
        key = self._keys.get(key_hash)
        return None if key is None else self._people[key.person_id]

    async def keys_of(self, person_id: int) -> tuple[Key, ...]:
        """List a person's keys."""
        return tuple(key for key in self._keys.values() if key.person_id == person_id)

    async def remove_key(self, person_id: int, key_id: int) -> bool:
        """Take a key from a person."""
        kept = {
            text: key
            for text, key in self._keys.items()
            if (key.id, key.person_id) != (key_id, person_id)
        }
        removed, self._keys = len(kept) < len(self._keys), kept
        return removed

    async def entities_of(self, person_id: int) -> tuple[Membership, ...]:
        """List where a person belongs."""
        person = self._people.get(person_id)
        return () if person is None else (Membership(person.name, "owner"),)

    async def entity_exists(self, name: str) -> bool:
        """Tell whether there is an entity of that name."""
        return await self.by_name(name) is not None


class MemoryProjects:
    """Projects in memory."""

    def __init__(self, people: MemoryPeople) -> None:
        self._people = people
        self._ids = itertools.count(1)
        self.all: dict[int, Project] = {}
        self.runs: dict[int, Run] = {}

    async def get(self, entity: str, name: str) -> Project | None:
        """Return the project."""
        found = (item for item in self.all.values() if (item.entity, item.name) == (entity, name))
        return next(found, None)

    async def get_by_id(self, project_id: int) -> Project | None:
        """Return the project."""
        return self.all.get(project_id)

    async def ensure(self, entity: str, name: str) -> Project:
        """Return the project, made now if there is none."""
        known = await self.get(entity, name)
        if known is not None:
            return known
        if not await self._people.entity_exists(entity):
            raise NotFound(f"No entity `{entity}` was found.")
        at = _now()
        project = Project(next(self._ids), entity, name, "", at, at)
        self.all[project.id] = project
        return project

    async def describe(self, project_id: int, description: str) -> Project:
        """Replace the description."""
        if project_id not in self.all:
            raise NotFound("The project is gone.")
        self.all[project_id] = replace(self.all[project_id], description=description)
        return self.all[project_id]

    async def find(
        self, entities: Sequence[str], *, after: str | None = None, limit: int = 200
    ) -> Page[Project]:
        """List the projects of some entities."""
        keyed = [
            ([item.updated_at, item.id], item)
            for item in self.all.values()
            if item.entity in entities
        ]
        last = cursors.read(after, [int, int]) if after is not None else None
        return _page(keyed, [True, True], last, limit)

    async def totals(self, project_ids: Sequence[int]) -> dict[int, Totals]:
        """Count the runs of each of the projects."""
        totals = {}
        for project_id in project_ids:
            states = [run.state for run in self.runs.values() if run.project_id == project_id]
            running = sum(state in LIVE for state in states)
            totals[project_id] = Totals(len(states), running)
        return totals

    def touch(self, project_id: int, at: int) -> None:
        """Move a project's `updated_at` forward."""
        project = self.all[project_id]
        self.all[project_id] = replace(project, updated_at=max(at, project.updated_at))


class MemoryRuns:
    """Runs in memory."""

    def __init__(self, projects: MemoryProjects) -> None:
        self._projects = projects
        self._ids = itertools.count(1)
        self._runs = projects.runs
        self._hidden: dict[int, Run] = {}
        self._states: dict[int, bytes] = {}
        self._manifest: bytes | None = None
        self._alerts: list[Alert] = []

    async def get(self, entity: str, project: str, name: str) -> Run | None:
        """Return the run."""
        path = f"{entity}/{project}/{name}"
        return next((run for run in self._runs.values() if run.path == path), None)

    async def by_id(self, run_id: int, *, hidden: bool = False) -> Run | None:
        """Return the run."""
        return self._runs.get(run_id) or (self._hidden.get(run_id) if hidden else None)

    async def upsert(self, change: RunChange) -> tuple[Run, bool]:
        """Make or change the run that the change names."""
        project = self._projects.all.get(change.project_id)
        if project is None:
            raise NotFound("The project is gone.")
        known = await self.get(project.entity, project.name, change.name)
        self._projects.touch(project.id, change.at)
        if known is None:
            mine = (*self._runs.values(), *self._hidden.values())
            number = 1 + sum(run.project_id == project.id for run in mine)
            run = change.first(next(self._ids), project.entity, project.name, number)
        else:
            run = change.applied(known)
        self._runs[run.id] = run
        return run, known is None

    async def find(
        self,
        project_id: int,
        *,
        filters: Mapping[str, Any] | None = None,
        order: str = "+created_at",
        search: str = "",
        after: str | None = None,
        limit: int = 50,
    ) -> Page[Run]:
        """List the runs of a project."""
        try:
            keys = parse_order(order)
        except FilterError as err:
            raise BadInput(str(err)) from err
        runs = self._wanted(project_id, filters, search)
        keyed = [(matching.sort_key(run, keys), run) for run in runs]
        last = None
        if after is not None:
            like: list[type | tuple[type, ...]] = [int, (int, float), str]
            last = cursors.read(after, like * len(keys) + [int])
        return _page(keyed, directions(keys), last, limit)

    async def count(
        self, project_id: int, filters: Mapping[str, Any] | None = None, *, search: str = ""
    ) -> int:
        """Count what `find` would list."""
        return len(self._wanted(project_id, filters, search))

    async def note_progress(self, progress: Sequence[RunProgress]) -> None:
        """Write what posts brought."""
        for news in progress:
            if news.run in self._runs:
                run = self._runs[news.run] = news.applied(self._runs[news.run])
                self._projects.touch(run.project_id, run.heartbeat_at)

    async def checkpoint(
        self, manifest: bytes, states: Mapping[int, bytes], progress: Sequence[RunProgress]
    ) -> None:
        """Replace the log's manifest and some states, and note progress."""
        self._manifest = manifest
        known = self._runs.keys() | self._hidden.keys()
        self._states.update({run: state for run, state in states.items() if run in known})
        await self.note_progress(progress)

    async def log_state(self, run_id: int) -> bytes | None:
        """Return the log state of the run's last checkpoint."""
        return self._states.get(run_id)

    async def log_manifest(self) -> bytes | None:
        """Return the manifest of the last checkpoint."""
        return self._manifest

    async def request_stop(self, run_id: int) -> bool:
        """Ask a run to stop."""
        return self._set(run_id, stop_requested=True) is not None

    async def set_state(
        self, run_id: int, state: str, *, unheard_since: int | None = None
    ) -> Run | None:
        """Put a run into a state."""
        run = self._runs.get(run_id)
        if run is None or (unheard_since is not None and not _stale(run, unheard_since)):
            return None
        return self._set(run_id, state=state)

    async def delete(self, run_id: int) -> bool:
        """Hide a run at once."""
        run = self._runs.pop(run_id, None)
        if run is not None:
            self._hidden[run_id] = run
        return run is not None

    async def rewind(self, run_id: int, step: int) -> Run | None:
        """Hide what a run logged after a step, and start its next attempt."""
        run = self._runs.get(run_id)
        if run is not None:
            run = self._runs[run_id] = run.rewound(step)
        return run

    async def stale(self, before: int) -> list[Run]:
        """List runs that were last heard of before a time."""
        return [run for run in self._runs.values() if _stale(run, before)]

    async def add_alert(self, alert: Alert, *, wait_micros: int = 0) -> bool:
        """Keep an alert."""
        same = [one.at for one in await self.alerts(alert.run_id) if one.title == alert.title]
        if same and alert.at - max(same) < wait_micros:
            return False
        self._alerts.append(alert)
        return True

    async def alerts(self, run_id: int) -> tuple[Alert, ...]:
        """List a run's alerts."""
        return tuple(alert for alert in self._alerts if alert.run_id == run_id)

    def _set(self, run_id: int, **values: Any) -> Run | None:
        if run_id in self._runs:
            self._runs[run_id] = replace(self._runs[run_id], **values)
        return self._runs.get(run_id)

    def _wanted(self, project_id: int, filters: Mapping[str, Any] | None, search: str) -> list[Run]:
        try:
            node = parse(filters)
        except FilterError as err:
            raise BadInput(str(err)) from err
        return [
            run
            for run in self._runs.values()
            if run.project_id == project_id
            and matching.matches(run, node)
            and matching.found_by(run, search)
        ]


class MemoryFiles:
    """Files of runs in memory."""

    def __init__(self) -> None:
        self._ids = itertools.count(1)
        self._files: dict[tuple[int, str], RunFile] = {}

    async def put(self, run_id: int, file: RunFile) -> RunFile:
        """Note a file."""
        known = self._files.get((run_id, file.name))
        file_id = next(self._ids) if known is None else known.id
        self._files[run_id, file.name] = kept = replace(file, id=file_id, run_id=run_id)
        return kept

    async def get(self, run_id: int, name: str) -> RunFile | None:
        """Return a file."""
        return self._files.get((run_id, name))

    async def by_ids(self, ids: Sequence[int]) -> tuple[RunFile, ...]:
        """Return those of the files that exist."""
        found = [file for file in self._files.values() if file.id in ids]
        return tuple(sorted(found, key=lambda file: file.id))

    async def find(
        self,
        run_id: int,
        *,
        names: Sequence[str] = (),
        pattern: str | None = None,
        after: str | None = None,
        limit: int = 50,
    ) -> Page[RunFile]:
        """List a run's files."""
        keyed = [([file.name], file) for file in self._wanted(run_id, names, pattern)]
        last = cursors.read(after, [str]) if after is not None else None
        return _page(keyed, [False], last, limit)

    async def count(
        self, run_id: int, *, names: Sequence[str] = (), pattern: str | None = None
    ) -> int:
        """Count what `find` would list."""
        return len(self._wanted(run_id, names, pattern))

    async def delete(self, ids: Sequence[int]) -> int:
        """Forget files."""
        gone = [place for place, file in self._files.items() if file.id in ids]
        for place in gone:
            del self._files[place]
        return len(gone)

    def _wanted(self, run_id: int, names: Sequence[str], pattern: str | None) -> list[RunFile]:
        like = re.compile(_as_regex(pattern or "%"), re.DOTALL)
        return [
            file
            for (run, name), file in self._files.items()
            if run == run_id and (not names or name in names) and like.fullmatch(name)
        ]


def _as_regex(pattern: str) -> str:
    pieces = re.findall(r"\\?.", pattern, re.DOTALL)
    return "".join({"%": ".*", "_": "."}.get(piece, re.escape(piece[-1])) for piece in pieces)


def _page(
    keyed: list[tuple[list[Any], Any]], falls: list[bool], last: list[Any] | None, limit: int
) -> Page[Any]:
    """Sort, drop what comes before a cursor, and cut off after `limit`."""

    def compare(one: list[Any], other: list[Any]) -> int:
        return compared(one, other, falls)

    order = functools.cmp_to_key(compare)
    found = sorted(
        (pair for pair in keyed if last is None or compared(pair[0], last, falls) > 0),
        key=lambda pair: order(pair[0]),
    )
    shown = found[:limit]
    return Page(
        tuple(item for _, item in shown),
        tuple(cursors.written(key) for key, _ in shown),
        more=len(found) > limit,
    )


def _stale(run: Run, before: int) -> bool:
    return run.state in LIVE and run.heartbeat_at < before
