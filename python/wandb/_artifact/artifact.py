"""`Artifact`: a versioned set of files, as a script makes it, and as it is read back."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from wandb._artifact import known
from wandb._artifact.checks import (
    checked_metadata,
    checked_name,
    checked_type,
    logical_path,
    sanitized_name,
)
from wandb._artifact.draft import Draft, StrPath, files_below
from wandb._artifact.entry import ArtifactManifestEntry
from wandb._artifact.exceptions import ArtifactNotLoggedError, WaitTimeoutError
from wandb._artifact.manifest import ArtifactManifest
from wandb._base.ids import generate_id
from wandb._base.terminal import termwarn
from wandb._settings.variables import get_artifact_dir

if TYPE_CHECKING:
    from wandb._artifact.catalog import Catalog, Saving
    from wandb._artifact.facts import ArtifactFacts

__all__ = ("Artifact", "internal_artifact")

_CLIENT_ID_LENGTH = 128


class Artifact(Draft):
    """A versioned set of files: a data set, a model, results.

    Make one, add files, and log it with `run.log_artifact`. Each version that differs from the
    one before gets the next number. What is added is copied at once, so that the version is
    what the files were then.

    Args:
        name: The name, of letters, digits, `_`, `-` and `.`; versions of one name belong
            together.
        type: What it is, such as `dataset` or `model`.
        description: Words on it, in Markdown.
        metadata: Facts of your own, 100 at most.
        incremental: It adds to the version before it.
        use_as: Not used. Deprecated.

    Raises:
        ValueError: The name or the type is none.
        TypeError: `metadata` is no dict.

    Examples:
        ```python
        artifact = wandb.Artifact("digits", type="dataset")
        artifact.add_dir("data/")
        with wandb.init(project="digits") as run:
            run.log_artifact(artifact)
        ```
    """

    # The name it has in the original, which programs print and compare.
    __module__ = "wandb.sdk.artifacts.artifact"

    def __init__(
        self,
        name: str,
        type: str,
        description: str | None = None,
        metadata: dict[str, Any] | None = None,
        incremental: bool = False,
        use_as: str | None = None,
    ) -> None:
        self._draft_name = checked_name(name)
        self._type = checked_type(type, name)
        self._description = description
        self._metadata = checked_metadata(metadata)
        self._incremental = incremental
        if use_as is not None:
            termwarn("`use_as` of an artifact is deprecated and does nothing.", repeat=False)
        self._manifest = ArtifactManifest()
        self._base_id: str | None = None
        self._begin()

    def _begin(self) -> None:
        self._client_id = generate_id(_CLIENT_ID_LENGTH)
        self._sequence_client_id = generate_id(_CLIENT_ID_LENGTH)
        self._final = False
        self._saving: Saving | None = None
        self._added: dict[int, tuple[Any, ArtifactManifestEntry]] = {}
        self._added_paths: dict[str, ArtifactManifestEntry] = {}
        self._download_roots: set[str] = set()
        self._own_folder: str | None = None
        known.note(self._client_id, self)

    @classmethod
    def _from_facts(cls, facts: ArtifactFacts, catalog: Catalog) -> Artifact:
        """Return the artifact that a server told of."""
        artifact = cls.__new__(cls)
        artifact._incremental = False
        artifact._base_id = None
        artifact._begin()
        artifact._become(facts, catalog)
        return artifact

    def _become(self, facts: ArtifactFacts, catalog: Catalog) -> None:
        self._facts, self._catalog = facts, catalog
        self._draft_name, self._type = facts.name.partition(":")[0], facts.type
        self._description, self._metadata = facts.description, dict(facts.metadata)
        # The server's knows where each file first came from; it is fetched when asked for.
        self._manifest = None
        self._final = True
        known.note(facts.id, self)

    def _save_began(self, saving: Saving) -> None:
        self._saving = saving

    def wait(self, timeout: float | None = None) -> Artifact:
        """Wait until the version is on the server.

        Args:
            timeout: How many seconds at most; by default as long as it takes.

        Returns:
            The artifact itself, with all that the server knows of it.

        Raises:
            ArtifactNotLoggedError: It was not logged, or in a run that is offline.
            WaitTimeoutError: It was not there in time; it is still on its way.
            ValueError: It can't be saved; the message says why.
        """
        if not self.is_draft():
            return self
        if self._saving is None:
            raise ArtifactNotLoggedError("Artifact.wait", self)
        try:
            facts, catalog = self._saving.wait(timeout)
        except TimeoutError as err:
            raise WaitTimeoutError(
                f"The artifact {self.name} was not on the server within {timeout} seconds. It is "
                "still on its way."
            ) from err
        self._become(facts, catalog)
        return self

    # --- reading ------------------------------------------------------------------------------

    def __getitem__(self, name: str) -> Any:
        return self.get(name)

    def __setitem__(self, name: str, item: Any) -> None:
        self.add(item, name)

    def get_entry(self, name: StrPath) -> ArtifactManifestEntry:
        """Return an entry.

        Args:
            name: Its path, or the name by which an object was added.

        Raises:
            ArtifactNotLoggedError: The artifact is not on a server.
            KeyError: There is none.
        """
        from wandb._artifact.objects import entry_of

        self._stored("get_entry")
        path = logical_path(name)
        entry = self.manifest.get_entry_by_path(path) or entry_of(self, path)
        if entry is None:
            raise KeyError(f"the artifact {self.name} has no entry {path!r}")
        entry._parent_artifact = self
        return entry

    def get_path(self, name: StrPath) -> ArtifactManifestEntry:
        """Return an entry. Deprecated: use `get_entry`."""
        termwarn("Artifact.get_path is deprecated: use get_entry.", repeat=False)
        return self.get_entry(name)

    def get(self, name: str) -> Any:
        """Make an object of the artifact again.

        Args:
            name: The name by which it was added.

        Returns:
            The object; None where there is none of that name.

        Raises:
            ArtifactNotLoggedError: The artifact is not on a server.
        """
        from wandb._artifact.objects import get_object

        self._stored("get")
        return get_object(self, name)

    def download(
        self,
        root: StrPath | None = None,
        allow_missing_references: bool = False,
        skip_cache: bool | None = None,
        path_prefix: StrPath | None = None,
        multipart: bool | None = None,
    ) -> str:
        """Fetch the files.

        Files that lie there already, as the version has them, are not fetched again; others
        that lie there stay.

        Args:
            root: The folder to put them in; by default `./artifacts/NAME:VERSION`.
            allow_missing_references: Warn of references that lead nowhere instead of failing.
            skip_cache: Leave the cache of this machine alone.
            path_prefix: Fetch only what begins with this path.
            multipart: Not used: a file is fetched in one piece.

        Returns:
            The folder.

        Raises:
            ArtifactNotLoggedError: The artifact is not on a server.
            ValueError: A file that came is not what the manifest says.
        """
        from wandb._artifact.download import fetch_all

        self._stored("download")
        folder = os.fspath(root) if root else self._default_root()
        self._add_download_root(folder)
        fetch_all(
            self,
            folder,
            allow_missing_references=allow_missing_references,
            skip_cache=bool(skip_cache),
            path_prefix=None if path_prefix is None else str(path_prefix),
        )
        return folder

    def checkout(self, root: str | None = None) -> str:
        """Make a folder hold the version's files and nothing else.

        Files in it that are not the version's are removed.

        Args:
            root: The folder; by default `./artifacts/NAME`.

        Returns:
            The folder.

        Raises:
            ArtifactNotLoggedError: The artifact is not on a server.
        """
        self._stored("checkout")
        folder = root or self._default_root(include_version=False)
        for path in files_below(folder, follow=False):
            if logical_path(os.path.relpath(path, folder)) not in self.manifest.entries:
                os.remove(path)
        return self.download(root=folder)

    def verify(self, root: str | None = None) -> None:
        """Compare downloaded files with the manifest. References are not looked at.

        Args:
            root: The folder; by default where `download` puts them.

        Raises:
            ArtifactNotLoggedError: The artifact is not on a server.
            ValueError: A file differs, or is not one of the version's.
        """
        from wandb._artifact.download import digest_mismatches

        self._stored("verify")
        folder = root or self._default_root()
        for path in files_below(folder):
            if logical_path(os.path.relpath(path, folder)) not in self.manifest.entries:
                raise ValueError(f"This file is none of the artifact {self.name}: {path}")
        entries = list(self.manifest.entries.values())
        for path in digest_mismatches(folder, [one for one in entries if one.ref is None]):
            raise ValueError(f"This file is not as the artifact {self.name} has it: {path}")
        if references := sum(one.ref is not None for one in entries):
            termwarn(f"{references} references were not verified")

    def file(self, root: str | None = None) -> StrPath:
        """Fetch the only file of the artifact.

        Args:
            root: The folder to put it in; by default `./artifacts/NAME:VERSION`.

        Returns:
            Where it lies.

        Raises:
            ArtifactNotLoggedError: The artifact is not on a server.
            ValueError: It has several files, or none.
        """
        self._stored("file")
        if len(self.manifest) != 1:
            raise ValueError(
                f"The artifact has {len(self.manifest)} files, and `file` is for those with one. "
                'Call download(), or get_entry("name").download().'
            )
        folder = root or os.path.join(".", "artifacts", self.name)
        return self.get_entry(next(iter(self.manifest.entries))).download(folder)

    def files(self, names: list[str] | None = None, per_page: int = 50) -> Any:
        """Return the files as the server lists them, lazily.

        Args:
            names: Paths in the artifact; by default all.
            per_page: How many are asked for at a time.

        Raises:
            ArtifactNotLoggedError: The artifact is not on a server.
        """
        facts, catalog = self._stored("files")
        return catalog.files(facts, names, per_page)

    def logged_by(self) -> Any:
        """Return the run that made it; None if none did."""
        facts, catalog = self._stored("logged_by")
        return catalog.logged_by(facts)

    def used_by(self) -> list[Any]:
        """Return the runs that used it."""
        facts, catalog = self._stored("used_by")
        return catalog.used_by(facts)

    def json_encode(self) -> dict[str, Any]:
        """Return what stands for it in a run's config."""
        return {
            "_type": "artifactVersion",
            "_version": "v0",
            "id": self.id,
            "version": self.source_version,
            "sequenceName": self.source_name.partition(":")[0],
            "usedAs": None,
        }

    def _default_root(self, include_version: bool = True) -> str:
        name = self.source_name if include_version else self.source_name.partition(":")[0]
        return os.path.join(get_artifact_dir(), name)

    def _add_download_root(self, folder: str) -> None:
        self._download_roots.add(os.path.abspath(folder))

    def __repr__(self) -> str:
        return f"<Artifact {self.id or self.name}>"


def internal_artifact(name: str, kind: str, *, incremental: bool = False) -> Artifact:
    """Return a draft that the client makes by itself: its type may be one that is kept for that.

    Args:
        name: Any text.
        kind: The type.
        incremental: It adds to the version before it.
    """
    artifact = Artifact(sanitized_name(name), "internal", incremental=incremental)
    artifact._type = kind
    return artifact
