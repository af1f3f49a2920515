"""Tables in artifacts: a file of one, or one that is made of several files."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

from ferrule.errors import BadInput, NotFound, TooLarge
from ferrule.http.links import links_of
from ferrule.http.services import Services, services
from ferrule.ports.artifacts import COMMITTED, Artifact
from ferrule.ports.blobs import Blobs
from ferrule.ports.manifests import Entry
from ferrule.ports.projects import Project
from ferrule.tables.composed import (
    MAX_BYTES,
    TABLE_ENDING,
    Join,
    Parts,
    is_composed,
    joined,
    read_composition,
    stacked,
)
from ferrule.tables.frame import Frame
from ferrule.tables.shelf import TableShelf

# How rows name a file of an artifact that is made at the same time: by the client's name for it.
CLIENT_REFERENCE = re.compile(r"wandb-client-artifact://(?P<client>[\w-]{1,256})/(?P<path>.+)")
# How they name one of an artifact that was there before: by its id, in hexadecimal digits.
REFERENCE = re.compile(r"wandb-artifact://(?P<hex>(?:[0-9a-f]{2}){1,64})/(?P<path>.+)")
ARTIFACT_ID = re.compile(rb"Artifact:(\d{1,18})")
# An entry may stand for one of another artifact, and a joined table may be made of tables in parts.
DEEPEST = 4
MAX_PARTS = 1000
MAX_ENTRIES = 100_000


@dataclass(frozen=True, slots=True)
class StoredTable:
    """A stored file as a source of a table.

    Attributes:
        name: See `TableSource`.
        digest: See `TableSource`; the name of its blob.
        size: See `TableSource`.
        blobs: Where its bytes are.
        locate: Makes the address of a file that lies beside it.
    """

    name: str
    digest: str
    size: int
    blobs: Blobs
    locate: Callable[[str], str]

    async def read(self) -> bytes:
        """See `TableSource`."""
        return b"".join([piece async for piece in self.blobs.read(self.digest)])

    async def frame(self, shelf: TableShelf) -> Frame:
        """Return the table."""
        return await shelf.get(self)


@dataclass(frozen=True, slots=True)
class ComposedTable:
    """A table that is made of several files of an artifact.

    Attributes:
        name: What it is known by: a committed artifact never changes.
        make: Makes it.
        locate: Makes the address of a file that lies beside them.
    """

    name: str
    make: Callable[[], Awaitable[Frame]]
    locate: Callable[[str], str]

    async def frame(self, shelf: TableShelf) -> Frame:
        """Return the table."""
        return await shelf.made((self.name, "composed"), self.make)


FoundTable = StoredTable | ComposedTable


async def artifact_table(
    request: web.Request, project: Project, reference: str
) -> FoundTable | None:
    """Find a table in an artifact of a project, None if it isn't there, or not yet."""
    artifact, path = await _Finder(request, project).named(reference)
    return await entry_table(request, project, artifact, path)


async def entry_table(
    request: web.Request, project: Project, artifact: Artifact | None, path: str
) -> FoundTable | None:
    """Find a table among an artifact's files, None if it isn't there, or the artifact isn't."""
    return await _Finder(request, project).entry(artifact, path, DEEPEST)


@dataclass(frozen=True, slots=True)
class _Finder:
    """Finds tables in artifacts of one project, for one request."""

    request: web.Request
    project: Project

    @property
    def at_hand(self) -> Services:
        return services(self.request)

    async def named(self, reference: str) -> tuple[Artifact | None, str]:
        """Find the artifact that a reference names, and the path in it."""
        found = CLIENT_REFERENCE.fullmatch(reference) or REFERENCE.fullmatch(reference)
        return (await self._artifact(found), found["path"]) if found else (None, "")

    async def _artifact(self, named: re.Match[str]) -> Artifact | None:
        artifacts = self.at_hand.stores.artifacts
        if "client" in named.groupdict():
            return await artifacts.by_client(named["client"])
        number = ARTIFACT_ID.fullmatch(bytes.fromhex(named["hex"]))
        return await artifacts.get(int(number[1])) if number else None

    async def entry(self, artifact: Artifact | None, path: str, deep: int) -> FoundTable | None:
        """Find a table in an artifact; `deep` is how often it may still refer to another."""
        # Whoever may read a project may not read what it refers to elsewhere.
        if artifact is None or artifact.project_id != self.project.id:
            return None
        if deep == 0:
            raise BadInput(f"The tables that `{path}` is made of refer to each other too often.")
        there = artifact.state == COMMITTED
        entry = await self.at_hand.stores.manifests.entry(artifact.id, path) if there else None
        return None if entry is None else await self._table(artifact, entry, deep)

    async def _table(self, artifact: Artifact, entry: Entry, deep: int) -> FoundTable | None:
        if entry.ref is not None:
            return await self.entry(*await self.named(entry.ref), deep - 1)
        links, number = links_of(self.request), artifact.id

        def locate(path: str) -> str:
            return links.entry_media_url(number, path)

        stored = StoredTable(entry.path, entry.blob, entry.size, self.at_hand.blobs, locate)
        if not is_composed(entry.path):
            return stored

        async def make() -> Frame:
            return await self._composed(artifact, stored, deep - 1)

        return ComposedTable(f"{number}/{entry.path}", make, locate)

    async def _composed(self, artifact: Artifact, file: StoredTable, deep: int) -> Frame:
        if file.size > MAX_BYTES:
            raise TooLarge(f"`{file.name}` is larger than what says which tables one is made of.")
        made_of = read_composition(file.name, await file.read())
        shelf = self.at_hand.tables
        if isinstance(made_of, Join):
            first = await self._frame(artifact, made_of.first, deep)
            second = await self._frame(artifact, made_of.second, deep)
            return await shelf.work(
                lambda: joined(first, second, made_of.keys, max_cells=shelf.max_cells)
            )
        parts: list[Frame] = []
        for path in await self._in(artifact, made_of):
            parts.append(await self._frame(artifact, path, deep))
            _refuse_large(file.name, parts, shelf)
        return await shelf.work(lambda: stacked(parts, max_cells=shelf.max_cells))

    async def _frame(self, artifact: Artifact, path: str, deep: int) -> Frame:
        found = await self.entry(artifact, path, deep)
        if found is None:
            raise NotFound(f"The artifact has no table `{path}`.")
        # Not by the shelf: one that is made of itself would wait for itself.
        made = found.make() if isinstance(found, ComposedTable) else self.at_hand.tables.get(found)
        return await made

    async def _in(self, artifact: Artifact, parts: Parts) -> list[str]:
        """List the tables in a folder."""
        manifests = self.at_hand.stores.manifests
        if await manifests.count(artifact.id) > MAX_ENTRIES:
            raise TooLarge(
                f"An artifact with more than {MAX_ENTRIES} files is not searched for parts."
            )
        folder = f"{parts.folder}/"
        entries = await manifests.all(artifact.id)
        found = [one.path for one in entries if _is_part(one.path, folder)]
        if not found:
            raise NotFound(f"The artifact has no tables in `{parts.folder}`.")
        if len(found) > MAX_PARTS:
            raise TooLarge(
                f"The table has more than {MAX_PARTS} parts, too many to be looked into."
            )
        return found


def _is_part(path: str, folder: str) -> bool:
    return path.startswith(folder) and path.endswith(TABLE_ENDING)


def _refuse_large(name: str, parts: list[Frame], shelf: TableShelf) -> None:
    """Refuse a table before all its parts are in memory: together they are as large as one."""
    if sum(part.rows * len(part.columns) for part in parts) > shelf.max_cells:
        raise TooLarge(f"`{name}` has more than {shelf.max_cells} cells in its parts.")
    if sum(part.bytes for part in parts) > shelf.file_bytes:
        raise TooLarge(f"The parts of `{name}` have more than {shelf.file_bytes} bytes together.")
