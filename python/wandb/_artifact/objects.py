"""Objects in an artifact: tables, images and their kin, each as JSON beside its files."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wandb._artifact.checks import logical_path
from wandb._artifact.references import artifact_with_id
from wandb._artifact.sink import ArtifactSink, ArtifactSource
from wandb._artifact.staging import stage_made
from wandb._base.digests import b64_to_hex_id
from wandb._wire.artifacts import CLIENT_SCHEME, reference_parts

if TYPE_CHECKING:
    from wandb._artifact.artifact import Artifact
    from wandb._artifact.entry import ArtifactManifestEntry

__all__ = (
    "ArtifactPlace",
    "add_object",
    "entry_of",
    "get_object",
    "latest_reference_to",
    "reference_to",
    "suffixed",
)

# What can be added, by its class or a class that it is of.
_ADDABLE = frozenset(
    (
        "Audio",
        "Bokeh",
        "BoundingBoxes2D",
        "Classes",
        "Html",
        "Image",
        "ImageMask",
        "JoinedTable",
        "Molecule",
        "Object3D",
        "PartitionedTable",
        "Table",
        "Video",
        "_SavedModel",
    )
)
# What such names end with, as `_type` says it.
_KINDS = (
    "audio-file",
    "bokeh-file",
    "bounding-boxes",
    "boxes2D",
    "classes",
    "html-file",
    "image-file",
    "joined-table",
    "mask",
    "molecule-file",
    "object3D-file",
    "partitioned-table",
    "pytorch-model-file",
    "sklearn-model-file",
    "table",
    "tfkeras-model-file",
    "video-file",
)
_TABLE = "table"
# The folder of tables that the client makes beside others; they are named by their content.
_BY_CONTENT = "media/tables"
_SHOWN_DIGITS = 20


@dataclass(frozen=True, slots=True)
class ArtifactPlace:
    """Where an object lies: in an artifact, under the name that it was added by."""

    artifact: Artifact
    name: str | None


def suffixed(kind: str | None, name: str) -> str:
    """Return the path of an object's JSON: the name, and what it is."""
    suffix = f".{kind}.json" if kind else ".json"
    return name if name.endswith(suffix) else f"{name}{suffix}"


def add_object(
    artifact: Artifact, obj: Any, name: str, *, overwrite: bool
) -> ArtifactManifestEntry:
    """Add an object; see `Artifact.add`."""
    if not _ADDABLE.intersection(kind.__name__ for kind in type(obj).__mro__):
        raise TypeError(
            f"{type(obj).__name__} can't be added to an artifact. What can: "
            f"{', '.join(sorted(kind for kind in _ADDABLE if kind[0] != '_'))}"
        )
    if (before := artifact._added.get(id(obj))) is not None:
        return before[1]
    path = suffixed(obj._log_type, logical_path(name))
    if (ref := reference_to(obj)) is not None:
        return artifact.add_reference(ref, path)[0]
    write = _writer(obj, ArtifactSink(artifact), name)
    there = artifact.manifest.get_entry_by_path(path)
    if there is not None and not overwrite:
        return there
    entry = _add_json(artifact, write, path, overwrite=overwrite)
    # The object stays: no other one gets its id then.
    artifact._added[id(obj)] = (obj, entry)
    if getattr(obj, "_artifact_target", None) is None:
        obj._artifact_target = ArtifactPlace(artifact, entry.path)
    return entry


def _writer(obj: Any, sink: ArtifactSink, name: str) -> Callable[[str], object]:
    """Put what an object needs into the artifact, and return what writes its JSON."""
    made = getattr(obj, "to_content", None)
    if made is not None:  # large ones make their text themselves
        write: Callable[[str], object] = made(sink, name=name).write_to
        return write
    wire = obj.to_wire(sink, name=name)

    def write_json(path: str) -> None:
        with open(path, "w", encoding="utf-8") as file:
            json.dump(wire, file, sort_keys=True)

    return write_json


def _add_json(
    artifact: Artifact, write: Callable[[str], object], path: str, *, overwrite: bool
) -> ArtifactManifestEntry:
    staged = stage_made(write)
    if path.startswith(_BY_CONTENT):
        folder, _, base = path.rpartition("/")
        shown = b64_to_hex_id(staged.digest)[:_SHOWN_DIGITS]
        path = f"{folder}/{'.'.join([shown, *base.split('.')[1:]])}"
    return artifact._add_staged(path, staged, overwrite=overwrite)


def reference_to(obj: Any) -> str | None:
    """Return a reference to the object in the artifact that has it, if that will not change."""
    source: ArtifactPlace | None = getattr(obj, "_artifact_source", None)
    if source is not None and source.name:
        return source.artifact.get_entry(suffixed(obj._log_type, source.name)).ref_url()
    target = _final_target(obj)
    if target is None:
        return None
    path = suffixed(obj._log_type, target.name or "")
    return f"{CLIENT_SCHEME}://{target.artifact._client_id}/{path}"


def latest_reference_to(obj: Any) -> str | None:
    """Return a reference to the object in whatever version of its artifact is the latest."""
    target = _final_target(obj)
    if target is None:
        return None
    path = suffixed(obj._log_type, target.name or "")
    return f"{CLIENT_SCHEME}://{target.artifact._sequence_client_id}:latest/{path}"


def _final_target(obj: Any) -> ArtifactPlace | None:
    target: ArtifactPlace | None = getattr(obj, "_artifact_target", None)
    return target if target is not None and target.name and target.artifact._final else None


# --- reading ----------------------------------------------------------------------------------


def entry_of(artifact: Artifact, name: str) -> ArtifactManifestEntry | None:
    """Return the entry of an object, by the name that it was added by."""
    paths = (suffixed(kind, name) for kind in _KINDS)
    return next(filter(None, map(artifact.manifest.get_entry_by_path, paths)), None)


def get_object(artifact: Artifact, name: str) -> Any:
    """Make an object again; None where there is none; see `Artifact.get`."""
    from wandb.data_types.registry import value_of

    entry = entry_of(artifact, logical_path(name))
    if entry is None:
        return None
    if (other := entry._referenced_artifact_id()) is not None:
        referenced = artifact_with_id(other, artifact._catalog)
        return get_object(referenced, reference_parts(entry.ref or "")[2])
    if entry.path.endswith(f".{_TABLE}.json"):
        # Its cells may want many files, which come faster together.
        artifact.download()
    with open(artifact.get_entry(entry.path).download(), encoding="utf-8") as file:
        wire = json.load(file)
    obj = value_of(wire, ArtifactSource(artifact))
    obj._artifact_source = ArtifactPlace(artifact, name)
    return obj
