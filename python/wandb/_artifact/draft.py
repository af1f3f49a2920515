"""A draft: a version of an artifact that files are added to."""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Literal, cast

from wandb._artifact.attributes import ArtifactAttributes
from wandb._artifact.checks import logical_path, names_inside
from wandb._artifact.entry import ArtifactManifestEntry
from wandb._artifact.exceptions import ArtifactFinalizedError
from wandb._artifact.references import reference_entries
from wandb._artifact.staging import Staged, in_place, stage
from wandb._base.digests import b64_to_hex_id
from wandb._base.terminal import termlog

if TYPE_CHECKING:
    from wandb._artifact.artifact import Artifact

__all__ = ("Draft", "StrPath", "files_below")

_SHOWN_DIGITS = 20
_POLICIES = ("mutable", "immutable")

Policy = Literal["mutable", "immutable"]
StrPath = str | os.PathLike[str]


class Draft(ArtifactAttributes):
    """What can be done with an artifact until it is logged."""

    _final: bool
    _added: dict[int, tuple[Any, ArtifactManifestEntry]]
    _added_paths: dict[str, ArtifactManifestEntry]
    _own_folder: str | None

    def _refuse_if_final(self, call: str) -> None:
        if self._final:
            raise ArtifactFinalizedError(f"Artifact.{call}", self)

    def add_file(
        self,
        local_path: StrPath,
        name: str | None = None,
        is_tmp: bool | None = False,
        skip_cache: bool | None = False,
        policy: Policy | None = "mutable",
        overwrite: bool = False,
    ) -> ArtifactManifestEntry:
        """Add a file.

        Args:
            local_path: The file.
            name: Its path in the artifact; by default the file's own name.
            is_tmp: Name it by its content, before the first dot.
            skip_cache: Keep no copy of it in the cache.
            policy: `mutable` copies it now. `immutable` takes it from where it lies when it is
                uploaded: then you must leave it as it is until `wait` has returned.
            overwrite: Take the place of an entry of this path with other content.

        Returns:
            The entry.

        Raises:
            ValueError: It is no file, there is other content under this path, the path leads
                out of the artifact, or there is no such policy.
            ArtifactFinalizedError: The artifact was logged.
        """
        self._refuse_if_final("add_file")
        if not os.path.isfile(local_path):
            raise ValueError(f"This is no file, so nothing was added: {os.fspath(local_path)!r}")
        path = os.fspath(local_path)
        staged = _staged([path], policy)[0]
        inner = logical_path(name or os.path.basename(path))
        if is_tmp:
            folder, base = os.path.split(inner)
            shown = b64_to_hex_id(staged.digest)[:_SHOWN_DIGITS]
            inner = os.path.join(folder, ".".join([shown, *base.split(".")[1:]]))
        return self._add_staged(
            inner, staged, source=path, skip_cache=bool(skip_cache), overwrite=overwrite
        )

    def _add_staged(
        self,
        path: str,
        staged: Staged,
        *,
        source: str | None = None,
        skip_cache: bool = False,
        overwrite: bool = False,
    ) -> ArtifactManifestEntry:
        """Add a file that lies ready; see `add_file`."""
        entry = ArtifactManifestEntry(
            path,
            staged.digest,
            size=staged.size,
            local_path=staged.path,
            skip_cache=skip_cache,
        )
        self._add_entry(entry, overwrite=overwrite)
        if source is not None:
            self._added_paths[source] = entry
        return entry

    def _add_entry(self, entry: ArtifactManifestEntry, *, overwrite: bool = False) -> None:
        if not names_inside(entry.path):
            raise ValueError(
                f"A path in an artifact is relative and has no '..' in it: {entry.path!r}"
            )
        self.manifest.add_entry(entry, overwrite=overwrite)

    def add_dir(
        self,
        local_path: StrPath,
        name: str | None = None,
        skip_cache: bool | None = False,
        policy: Policy | None = "mutable",
        merge: bool = False,
    ) -> None:
        """Add all files below a folder.

        Args:
            local_path: The folder.
            name: The folder in the artifact that their paths begin with.
            skip_cache: Keep no copies of them in the cache.
            policy: See `add_file`.
            merge: Take the place of entries of the same paths with other content.

        Raises:
            ValueError: It is no folder, there is other content under a path, or there is no
                such policy.
            ArtifactFinalizedError: The artifact was logged.
        """
        self._refuse_if_final("add_dir")
        root = os.fspath(local_path)
        if not os.path.isdir(root):
            raise ValueError(f"This is no folder, so nothing was added: {root!r}")
        paths = list(files_below(root))
        termlog(f"Adding {len(paths)} files to the artifact: {root}", repeat=False)
        for path, staged in zip(paths, _staged(paths, policy), strict=True):
            inner = logical_path(os.path.join(name or "", os.path.relpath(path, root)))
            self._add_staged(
                inner, staged, source=path, skip_cache=bool(skip_cache), overwrite=merge
            )

    @contextmanager
    def new_file(
        self, name: str, mode: str = "x", encoding: str | None = None
    ) -> Iterator[IO[Any]]:
        """Open a new file, which is added when the block ends.

        Args:
            name: Its path in the artifact.
            mode: How it is opened; without an `x`, it may take the place of one that is there.
            encoding: How text is written.

        Yields:
            The file, open for writing.

        Raises:
            ValueError: There is a new file of that name already, or the path leads out of the
                artifact.
            ArtifactFinalizedError: The artifact was logged.
        """
        self._refuse_if_final("new_file")
        inner = logical_path(name.lstrip("/"))
        if not names_inside(inner):
            raise ValueError(f"A path in an artifact is relative and has no '..' in it: {name!r}")
        if self._own_folder is None:
            self._own_folder = tempfile.mkdtemp(prefix="wandb-artifact-")
            weakref.finalize(self, shutil.rmtree, self._own_folder, True)
        path = Path(self._own_folder, inner)
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            # What the block raises is not about opening.
            file = open(path, mode, encoding=encoding)  # noqa: SIM115
        except FileExistsError as err:
            raise ValueError(f"There is a new file of that name already: {name!r}") from err
        with file:
            yield file
        self.add_file(path, inner, skip_cache=True, overwrite="x" not in mode)

    def add(self, obj: Any, name: StrPath, overwrite: bool = False) -> ArtifactManifestEntry:
        """Add a table, an image or another such object, to be got again by `get`.

        Args:
            obj: An Audio, Bokeh, BoundingBoxes2D, Classes, Html, Image, ImageMask, JoinedTable,
                Molecule, Object3D, PartitionedTable, Table or Video.
            name: Its path in the artifact, without what says its kind.
            overwrite: Take the place of one that is there.

        Returns:
            The entry.

        Raises:
            TypeError: It is none of these.
            ArtifactFinalizedError: The artifact was logged.
        """
        self._refuse_if_final("add")
        from wandb._artifact.objects import add_object

        return add_object(cast("Artifact", self), obj, os.fspath(name), overwrite=overwrite)

    def add_reference(
        self,
        uri: ArtifactManifestEntry | str,
        name: StrPath | None = None,
        checksum: bool = True,
        max_objects: int | None = None,
    ) -> Sequence[ArtifactManifestEntry]:
        """Add a reference to an entry of another artifact.

        Args:
            uri: The entry, or its address as `ArtifactManifestEntry.ref_url` tells it.
            name: Its path in the artifact; by default the entry's own name.
            checksum: Not used: entries have digests.
            max_objects: Not used.

        Returns:
            The entries.

        Raises:
            ValueError: The reference leads nowhere.
            UnsupportedError: It is of another scheme, which is not in this version.
            ArtifactFinalizedError: The artifact was logged.
        """
        self._refuse_if_final("add_reference")
        address = uri.ref_url() if isinstance(uri, ArtifactManifestEntry) else str(uri)
        inner = None if name is None else logical_path(name)
        entries = reference_entries(address, inner, self._catalog)
        for entry in entries:
            self._add_entry(entry)
        return entries

    def remove(self, item: StrPath | ArtifactManifestEntry) -> None:
        """Remove an entry, or all below a folder.

        Raises:
            FileNotFoundError: There is nothing of that name.
            ArtifactFinalizedError: The artifact was logged.
        """
        self._refuse_if_final("remove")
        if isinstance(item, ArtifactManifestEntry):
            self.manifest.remove_entry(item)
            return
        path = logical_path(item)
        entry = self.manifest.get_entry_by_path(path)
        entries = [entry] if entry else self.manifest.get_entries_in_directory(path)
        if not entries:
            raise FileNotFoundError(f"The artifact has no such file or folder: {path}")
        for entry in entries:
            self.manifest.remove_entry(entry)

    def get_added_local_path_name(self, local_path: str) -> str | None:
        """Return the path in the artifact of a file that was added from a place of yours."""
        entry = self._added_paths.get(local_path)
        return entry.path if entry is not None else None

    def finalize(self) -> None:
        """Let nothing more be changed; logging does that by itself."""
        self._final = True


def _staged(paths: Sequence[str], policy: str | None) -> list[Staged]:
    policy = policy or "mutable"
    if policy not in _POLICIES:
        raise ValueError(f"`policy` is one of {', '.join(_POLICIES)}, not {policy!r}")
    return stage(paths) if policy == "mutable" else in_place(paths)


def files_below(folder: str, *, follow: bool = True) -> Iterator[str]:
    """Yield the paths of all files below a folder."""
    for place, _, names in os.walk(folder, followlinks=follow):
        yield from (os.path.join(place, name) for name in names)
