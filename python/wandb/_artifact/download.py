"""Files of an artifact, fetched: many at once, each whole or not at all, and none outside.

Manifests come from elsewhere: what is in them decides no place but below the folder that was
asked for, and what comes is compared with its digest before it takes its place.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from wandb._artifact.cache import file_cache
from wandb._artifact.checks import names_inside
from wandb._artifact.references import target_of
from wandb._base.digests import b64_to_hex_id
from wandb._base.ids import generate_id
from wandb._base.terminal import termwarn
from wandb._native import digest_files
from wandb._wire.artifacts import reference_parts
from wandb.errors import UnsupportedError

if TYPE_CHECKING:
    from wandb._artifact.artifact import Artifact
    from wandb._artifact.entry import ArtifactManifestEntry

__all__ = ("digest_mismatches", "fetch_all", "fetch_entry", "inside")

_AT_ONCE = 16
# So many files may be asked for before the first of them has come.
_AHEAD = 1024


def fetch_all(
    artifact: Artifact,
    root: str,
    *,
    allow_missing_references: bool,
    skip_cache: bool,
    path_prefix: str | None,
) -> None:
    """Fetch all files of a version; see `Artifact.download`."""
    wanted = {
        path: entry
        for path, entry in artifact.manifest.entries.items()
        if not path_prefix or path.startswith(path_prefix)
    }

    def fetch(entry: ArtifactManifestEntry, url: str | None) -> None:
        entry._parent_artifact = artifact
        try:
            fetch_entry(artifact, entry, root, skip_cache=skip_cache, url=url)
        except FileNotFoundError as err:
            if entry.ref is None or not allow_missing_references:
                raise
            termwarn(str(err))

    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="wandb-download") as pool:
        pending: set[Future[None]] = set()
        try:
            for entry, url in _with_urls(artifact, wanted):
                pending.add(pool.submit(fetch, entry, url))
                if len(pending) >= _AHEAD:
                    pending = _some_done(pending)
            while pending:
                pending = _some_done(pending)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def _some_done(pending: set[Future[None]]) -> set[Future[None]]:
    done, left = wait(pending, return_when=FIRST_COMPLETED)
    for one in done:
        one.result()
    return left


def _with_urls(
    artifact: Artifact, wanted: dict[str, ArtifactManifestEntry]
) -> Iterator[tuple[ArtifactManifestEntry, str | None]]:
    """Yield entries with where they can be had; what the server lists nowhere, too."""
    left = dict(wanted)
    if any(entry.ref is None for entry in left.values()):
        for name, url in artifact._stored()[1].urls(artifact._stored()[0]):
            if (entry := left.pop(name, None)) is not None:
                yield entry, url
            if not left:
                return
    for entry in left.values():
        yield entry, None


def fetch_entry(
    artifact: Artifact,
    entry: ArtifactManifestEntry,
    root: str | None = None,
    *,
    skip_cache: bool = False,
    url: str | None = None,
) -> str:
    """Fetch one file; see `ArtifactManifestEntry.download`.

    Args:
        url: Where it can be had, if that is known.
    """
    root = root or artifact._default_root()
    artifact._add_download_root(root)
    target = inside(root, entry.path)
    owner, source = artifact, entry
    if entry.ref is not None:
        url = None
        owner, source = _referenced(artifact, entry)
    if not _is_there(target, source):
        _fetch(owner, source, url, target, skip_cache=skip_cache or source.skip_cache)
    return str(target)


def inside(root: str, path: str) -> Path:
    """Return where a path of a manifest lies below a folder; folders on the way are made.

    Raises:
        ValueError: It leads out of the folder.
        OSError: A folder can't be made.
    """
    if not names_inside(path):
        raise ValueError(f"The file's name leads out of the folder, so it was not saved: {path!r}")
    target = Path(root, *path.split("/"))
    base = Path(root).resolve()
    # A link that lies there already must not lead elsewhere, either: look before making.
    if not target.parent.resolve().is_relative_to(base):
        raise ValueError(f"The file's folder is a link that leads elsewhere: {target.parent}")
    target.parent.mkdir(parents=True, exist_ok=True)
    return target


def _referenced(
    artifact: Artifact, entry: ArtifactManifestEntry
) -> tuple[Artifact, ArtifactManifestEntry]:
    """Return the file that a reference means, and the artifact that has it."""
    if entry._is_artifact_reference():
        try:
            found = target_of(entry.ref or "", artifact._catalog)
        except ValueError as err:
            raise FileNotFoundError(str(err)) from err
        if found.ref is None:
            return found.parent_artifact(), found
        entry = found
    scheme = reference_parts(entry.ref or "")[0]
    raise UnsupportedError(
        f"References to {scheme}:// can't be fetched in this version of Ferrule; fetch it by "
        f"other means: {entry.ref}"
    )


def _is_there(target: Path, entry: ArtifactManifestEntry) -> bool:
    try:
        return (
            target.is_file()
            and target.stat().st_size == entry.size
            and digest_files([str(target)])[0][0] == b64_to_hex_id(entry.digest)
        )
    except OSError:
        return False


def _fetch(
    owner: Artifact,
    entry: ArtifactManifestEntry,
    url: str | None,
    target: Path,
    *,
    skip_cache: bool,
) -> None:
    def fetch(path: str) -> None:
        facts, catalog = owner._stored()
        layout, region = owner.manifest.storage_layout, owner.manifest.storage_region
        catalog.fetch(facts, entry, url, Path(path), layout=layout, region=region)
        _check(path, entry)

    with _in_its_place(target) as made:
        if skip_cache:
            fetch(made)
            return
        cache, md5, size = file_cache(), b64_to_hex_id(entry.digest), entry.size or 0
        if cache.copy_to(md5, size, made) and _matches(made, entry):
            return
        cache.keep(md5, fetch)
        if not cache.copy_to(md5, size, made):
            fetch(made)  # somebody tidied the cache up at this moment


@contextmanager
def _in_its_place(target: Path) -> Iterator[str]:
    """Give the path of a file to make, and put it in its place when it is whole."""
    made = target.with_name(f".wandb-{generate_id()}.part")
    try:
        yield str(made)
        os.replace(made, target)
    except BaseException:
        made.unlink(missing_ok=True)
        raise


def _matches(path: str, entry: ArtifactManifestEntry) -> bool:
    return digest_files([path])[0][0] == b64_to_hex_id(entry.digest)


def _check(path: str, entry: ArtifactManifestEntry) -> None:
    if not _matches(path, entry):
        raise ValueError(
            f"What came is not what the manifest says, so it was not saved: {entry.path}"
        )


def digest_mismatches(root: str, entries: list[ArtifactManifestEntry]) -> Iterator[str]:
    """Yield the paths whose files below a folder are not what their entries say.

    Raises:
        OSError: A file is not there.
    """
    digests = digest_files([os.path.join(root, entry.path) for entry in entries])
    for entry, (md5, _, _) in zip(entries, digests, strict=True):
        if md5 != b64_to_hex_id(entry.digest):
            yield entry.path
