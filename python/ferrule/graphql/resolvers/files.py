"""Files of runs: where to put them, where to get them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from graphql import FieldNode

from ferrule.auth.permissions import Action, allowed
from ferrule.domain import names
from ferrule.errors import BadInput
from ferrule.graphql import ids
from ferrule.graphql.context import Context
from ferrule.graphql.paging import connection, listed, moment, page_size
from ferrule.graphql.resolvers.binding import Info, Resolver, always, of
from ferrule.ports.files import RunFile
from ferrule.ports.links import Links
from ferrule.ports.pages import Page
from ferrule.ports.runs import Run

_MAX_FILES = 10_000
_MAX_WILDCARDS = 8
_MAX_PATTERN = 10_000


class Place(Protocol):
    """A file as clients see it: where it is or where it goes, and what is known of it."""

    @property
    def name(self) -> str:
        """Return what it is called where it belongs."""

    @property
    def id(self) -> str | None:
        """Return its id on the wire, None if it has none yet."""

    def known(self, name: str) -> Any:
        """Return a fact of the file by its name, None if it is not known."""

    def url(self, links: Links, *, upload: bool) -> str | None:
        """Return where to get it, or with `upload` where to put it."""


@dataclass(frozen=True, slots=True)
class RunPlace:
    """A name below a run, and the file of that name if it was uploaded."""

    run: Run
    name: str
    file: RunFile | None = None

    @property
    def id(self) -> str | None:
        """Return the file's id."""
        return None if self.file is None else ids.written("File", self.file.id)

    def known(self, name: str) -> Any:
        """Return a field of the file."""
        return getattr(self.file, name, None)

    def url(self, links: Links, *, upload: bool) -> str | None:
        """Return where to get the file, or to put one of that name."""
        if upload:
            return links.upload_url(self.run, self.name)
        return None if self.file is None else links.download_url(self.run, self.file)


async def _create_run_files(_root: Any, info: Info, input: dict[str, Any]) -> dict[str, Any]:
    context: Context = info.context
    run = await context.run(input["runName"], input["projectName"], input.get("entityName"))
    return {
        "runID": ids.written("Run", run.id),
        "uploadHeaders": [],
        "files": [RunPlace(run, name) for name in _checked(input["files"])],
    }


def _checked(files: list[str]) -> list[str]:
    if len(files) > _MAX_FILES:
        raise BadInput(f"At most {_MAX_FILES} files go in one request.")
    return [names.file_name(name) for name in files]


async def _mark_uploaded(_root: Any, info: Info, input: dict[str, Any]) -> dict[str, Any]:
    context: Context = info.context
    run = await context.run(input["runName"], input["projectName"], input.get("entityName"))
    wanted = set(_checked(input["files"]))
    # A file is known as soon as its bytes are there; this only asks whether they are.
    found = await context.stores.files.count(run.id, names=tuple(wanted)) if wanted else 0
    return {"success": found == len(wanted)}


async def _delete_files(_root: Any, info: Info, input: dict[str, Any]) -> dict[str, Any]:
    context: Context = info.context
    viewer = context.who()
    if len(input["files"]) > _MAX_FILES:
        raise BadInput(f"At most {_MAX_FILES} files go in one request.")
    numbers = [ids.number("File", text) for text in input["files"]]
    files = await context.stores.files.by_ids(numbers)
    for run_id in {file.run_id for file in files}:
        run = await context.stores.runs.by_id(run_id)
        if run is None or not allowed(viewer, Action.WRITE, run):
            return {"success": False}
    await context.stores.files.delete([file.id for file in files])
    return {"success": bool(files)}


async def _files(
    run: Run,
    info: Info,
    names: Any = None,
    after: str | None = None,
    first: int | None = None,
    pattern: str | None = None,
) -> dict[str, Any]:
    context: Context = info.context
    wanted = [name for name in listed(names) if name is not None]
    if len(wanted) > _MAX_FILES:
        raise BadInput(f"At most {_MAX_FILES} files go in one request.")
    if _uploads(info):
        return _upload_connection(run, wanted)
    if pattern is not None:
        _check_pattern(pattern)
    page = await context.stores.files.find(
        run.id,
        names=wanted,
        pattern=pattern,
        after=after or None,
        limit=page_size(first, 50),
    )
    total = await context.stores.files.count(run.id, names=wanted, pattern=pattern)
    shown = connection(page, lambda file: RunPlace(run, file.name, file))
    return {**shown, "totalCount": total, "uploadHeaders": []}


def _check_pattern(pattern: str) -> None:
    if pattern.count("%") > _MAX_WILDCARDS:
        raise BadInput(f"A pattern has at most {_MAX_WILDCARDS} times %.")
    if len(pattern) > _MAX_PATTERN:
        raise BadInput(f"A pattern has at most {_MAX_PATTERN} characters.")


def _uploads(info: Info) -> bool:
    """Tell whether a client asks where to upload, the old way: `url(upload: true)`.

    Then names that no file has yet are what it wants to hear of.
    """
    return any(
        argument.name.value == "upload" and getattr(argument.value, "value", None) is True
        for field in info.field_nodes
        for leaf in _fields_below(field)
        for argument in leaf.arguments or ()
    )


def _fields_below(field: FieldNode) -> Iterator[FieldNode]:
    for inner in field.selection_set.selections if field.selection_set else ():
        if isinstance(inner, FieldNode):
            yield inner
            yield from _fields_below(inner)


def _upload_connection(run: Run, wanted: list[str]) -> dict[str, Any]:
    places = tuple(RunPlace(run, name) for name in _checked(wanted))
    shown = connection(Page(places, tuple(place.name for place in places)))
    return {**shown, "totalCount": len(places), "uploadHeaders": []}


async def _file_count(run: Run, info: Info) -> int:
    context: Context = info.context
    return await context.stores.files.count(run.id)


def _url(place: Place, info: Info, upload: bool | None = None) -> str | None:
    return place.url(info.context.links, upload=bool(upload))


def _upload_url(place: Place, info: Info) -> str | None:
    return place.url(info.context.links, upload=True)


def _known(name: str) -> Resolver:
    return of(lambda place: place.known(name))


def _updated_at(place: Place, _info: Info) -> str | None:
    at = place.known("updated_at")
    return None if at is None else moment(at)


MUTATION: dict[str, Resolver] = {
    "createRunFiles": _create_run_files,
    "markRunFilesUploaded": _mark_uploaded,
    "deleteFiles": _delete_files,
}

RUN: dict[str, Resolver] = {"files": _files, "fileCount": _file_count}

FILE: dict[str, Resolver] = {
    "id": of(lambda place: place.id),
    "name": of(lambda place: place.name),
    "displayName": of(lambda place: place.name),
    "url": _url,
    "directUrl": _url,
    "uploadUrl": _upload_url,
    "uploadHeaders": of(lambda place: place.known("upload_headers") or ()),
    "uploadMultipartUrls": always(None),
    "storagePath": _known("storage_path"),
    "artifact": _known("artifact"),
    "sizeBytes": _known("size"),
    "mimetype": _known("mimetype"),
    "md5": _known("md5"),
    "digest": _known("md5"),
    "updatedAt": _updated_at,
}
