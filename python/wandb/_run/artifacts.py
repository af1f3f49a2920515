"""Artifacts of a run: what it makes, and what it uses."""

from __future__ import annotations

import gzip
import json
import os
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from wandb._artifact.artifact import Artifact
from wandb._artifact.catalog import Catalog, set_default_catalog
from wandb._artifact.checks import (
    MOST_METADATA_KEYS,
    checked_aliases,
    checked_tags,
    with_latest,
)
from wandb._artifact.staging import get_staging_dir
from wandb._base.ids import generate_id
from wandb._base.terminal import termwarn
from wandb._run.link import ServiceGone
from wandb._wire.artifacts import artifact_record, save_key, use_artifact_record
from wandb.errors import CommError

if TYPE_CHECKING:
    from wandb._artifact.facts import ArtifactFacts
    from wandb._artifact.manifest import ArtifactManifest
    from wandb._run.run import Run
    from wandb.apis.public import Api

__all__ = ("Artifact", "log_artifact", "use_artifact")

# A manifest of more entries stands in a file of its own.
_MANY_ENTRIES = 100_000
_LOOK_SECS = 0.1
_ASK_SECS = 1.0
# A service that died is followed by another within seconds, if one can be had at all.
_GONE_SECS = 60.0

StrPath = str | os.PathLike[str]


def log_artifact(
    run: Run,
    artifact_or_path: Artifact | StrPath,
    name: str | None = None,
    type: str | None = None,
    aliases: Iterable[str] | None = None,
    tags: Iterable[str] | None = None,
    *,
    used: bool = False,
) -> Artifact:
    """Keep a version of an artifact as made by a run; see `Run.log_artifact`.

    Args:
        used: The run uses it, and did not make it.
    """
    aliases = None if aliases is None else checked_aliases(list_of(aliases))
    tags = [] if tags is None else checked_tags(list_of(tags))
    artifact = _artifact_of(run, artifact_or_path, name, type)
    if len(artifact.metadata) > MOST_METADATA_KEYS:
        raise ValueError(
            f"An artifact may have {MOST_METADATA_KEYS} keys of metadata, and this one has "
            f"{len(artifact.metadata)}, so it was not logged."
        )
    artifact.finalize()
    named = with_latest(aliases)
    key = _record(run, artifact, named, tags, used=used)
    if not run.offline:
        artifact._save_began(_Saving(run, key, artifact))
    return artifact


def list_of(words: Iterable[str] | str) -> list[str]:
    """Return words as a list; one alone may be given as it is."""
    return [words] if isinstance(words, str) else list(words)


def _record(
    run: Run, artifact: Artifact, aliases: list[str], tags: list[str], *, used: bool
) -> str:
    """Write the artifact into the journal, and return the name of this save."""
    manifest, digest = artifact.manifest, artifact.digest
    many = len(manifest) > _MANY_ENTRIES
    run._append(
        artifact_record(
            run_id=run.id,
            entity=run._settings.entity,
            project=run._settings.project,
            kind=artifact.type,
            name=artifact.name,
            digest=digest,
            contents=None if many else manifest._wire(),
            manifest_file=_written(manifest) if many else None,
            client_id=artifact._client_id,
            sequence_client_id=artifact._sequence_client_id,
            description=artifact.description,
            metadata=artifact.metadata,
            aliases=aliases,
            tags=tags,
            base_id=artifact._base_id,
            user_created=used,
            use_after_commit=used,
            incremental=artifact.incremental,
        )
    )
    return save_key(artifact._client_id, aliases, tags, digest)


def _written(manifest: ArtifactManifest) -> str:
    """Write the entries of a large manifest into a file beside the staged ones."""
    folder = os.path.join(get_staging_dir(), "artifact_manifests")
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, f"{time.time()}_{generate_id(16)}.manifest_contents.jl.gz")
    with gzip.open(path, "wt", compresslevel=1, encoding="utf-8") as file:
        file.writelines(f"{json.dumps(one.to_json())}\n" for one in manifest.entries.values())
    return path


def _artifact_of(
    run: Run, artifact_or_path: Artifact | StrPath, name: str | None, kind: str | None
) -> Artifact:
    if isinstance(artifact_or_path, Artifact):
        return artifact_or_path
    if not isinstance(artifact_or_path, (str, os.PathLike)):
        raise TypeError(
            f"An artifact or the path of a file or folder is logged, not {artifact_or_path!r}"
        )
    path = os.fspath(artifact_or_path)
    artifact = Artifact(name or f"run-{run.id}-{os.path.basename(path)}", kind or "unspecified")
    if os.path.isfile(path):
        artifact.add_file(path)
    elif os.path.isdir(path):
        artifact.add_dir(path)
    elif "://" in path:
        artifact.add_reference(path)
    else:
        raise ValueError(f"There is neither a file nor a folder, so nothing was logged: {path!r}")
    return artifact


# --- on its way -------------------------------------------------------------------------------


class _Saving:
    """An artifact of a run that is online, on its way to the server."""

    def __init__(self, run: Run, key: str, artifact: Artifact) -> None:
        self._run, self._key, self._name = run, key, artifact.name
        # When the service was first found gone, and no other one there yet.
        self._gone_since: float | None = None

    def wait(self, timeout_secs: float | None) -> tuple[ArtifactFacts, Catalog]:
        """Wait until it is there; see `Saving`."""
        until = None if timeout_secs is None else time.monotonic() + timeout_secs
        while (artifact_id := self._saved(until)) is None:
            if until is not None and time.monotonic() >= until:
                raise TimeoutError
        catalog = _api(self._run)._catalog("Artifact.wait")
        facts = catalog.by_id(artifact_id)
        if facts is None:
            raise ValueError(f"the server saved the artifact {self._name}, and does not give it")
        return facts, catalog

    def _saved(self, until: float | None) -> str | None:
        """Wait a little; return the server's id once there is one."""
        artifact_id, error = self._kept() or self._asked(until)
        if error is not None:
            raise ValueError(f"the artifact {self._name} was not saved: {error}")
        return artifact_id

    def _kept(self) -> tuple[str | None, str | None] | None:
        """Return what the run's folder says became of it; None where nothing is said."""
        from wandb._service.artifact_ledger import kept_outcome

        kept = kept_outcome(self._run._folder, self._key)
        return None if kept is None else (kept.artifact_id, kept.error)

    def _asked(self, until: float | None) -> tuple[str | None, str | None]:
        """Ask the service, for a second at most; return an id or why there will be none."""
        delivery = self._run._delivery
        if delivery is None:  # a child of the run's process: its parent has the service
            time.sleep(_LOOK_SECS)
            return None, None
        left = _ASK_SECS if until is None else max(0.0, until - time.monotonic())
        try:
            told = delivery.artifact(self._key, secs=min(_ASK_SECS, left))
        except TimeoutError:
            return None, None
        except ServiceGone as err:
            return self._kept() or self._without_service(err)
        self._gone_since = None
        return told.get("artifact"), told.get("failed") or told.get("error")

    def _without_service(self, err: ServiceGone) -> tuple[None, str | None]:
        """Wait for another service, which a run that goes on starts; return why none comes."""
        now = time.monotonic()
        self._gone_since = self._gone_since or now
        if not self._run._is_finished and now < self._gone_since + _GONE_SECS:
            time.sleep(_LOOK_SECS)
            return None, None
        return None, f"{err}; it is kept in {self._run._folder}, and `wandb sync` saves it"


# --- using ------------------------------------------------------------------------------------


def use_artifact(
    run: Run,
    artifact_or_name: str | Artifact,
    type: str | None = None,
    aliases: Iterable[str] | None = None,
    use_as: str | None = None,
) -> Artifact:
    """Say that a run uses an artifact; see `Run.use_artifact`."""
    if run.offline:
        raise TypeError(
            "An artifact can be used only online: there is no server to ask while the run is "
            "kept on this machine."
        )
    if use_as is not None:
        termwarn("`use_as` of `use_artifact` is deprecated and does nothing.", repeat=False)
    if isinstance(artifact_or_name, str):
        artifact = _found(run, artifact_or_name, type)
        _tell(run, artifact)
    elif not isinstance(artifact_or_name, Artifact):
        raise ValueError(
            'What is used is an artifact or the name of one, such as "digits:v1", not '
            f"{artifact_or_name!r}"
        )
    elif artifact_or_name.is_draft():
        artifact = log_artifact(run, artifact_or_name, aliases=aliases or (), used=True).wait()
    else:
        artifact = artifact_or_name
        _tell(run, artifact)
    run._append(use_artifact_record(artifact.id or "", kind=artifact.type, name=artifact.name))
    return artifact


def _found(run: Run, name: str, kind: str | None) -> Artifact:
    artifact = _api(run).artifact(name)
    if kind is not None and kind != artifact.type:
        raise ValueError(f"The artifact {artifact.name} is a {artifact.type!r}, not a {kind!r}.")
    return artifact


def _tell(run: Run, artifact: Artifact) -> None:
    catalog, facts = _api(run)._catalog("use_artifact"), artifact._stored()[0]
    catalog.use(facts, entity=run.entity, project=run.project, run=run.id)


def _api(run: Run) -> Api:
    """Return the API of the server that a run is sent to."""
    from wandb.apis.public import Api

    settings = run._settings
    names = {"entity": settings.entity, "project": settings.project}
    return Api({"base_url": settings.base_url, **names}, api_key=run._api_key())


def _catalog_of_settings() -> Any:
    from wandb.apis.public import Api

    try:
        return Api()._catalog("artifact")
    except CommError as err:
        raise ValueError(f"no server is known to look for the artifact on: {err}") from err


set_default_catalog(_catalog_of_settings)
