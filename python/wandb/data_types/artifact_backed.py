"""Values that are logged by way of an artifact: tables, joined tables, partitioned tables.

Whoever logs one makes the artifact first: `artifact_plan` says which, `keep_artifact` tells the
value where it lies, and `to_wire` puts that into the run's row.
"""

from dataclasses import dataclass
from typing import Any, ClassVar

from wandb.data_types.base import Media, MediaSink


@dataclass(frozen=True, slots=True)
class ArtifactPlan:
    """The artifact that a value is logged by.

    Attributes:
        name: The artifact's name, to be made safe.
        type: The artifact's type.
        entry: The value's name in it, without what `with_suffix` adds.
        incremental: Whether the new version adds to what the latest one has.
    """

    name: str
    type: str
    entry: str
    incremental: bool = False


class ArtifactBacked(Media):
    """A value that a run keeps in an artifact."""

    needs_artifact: ClassVar[bool] = True
    kind = "table"
    _artifact_source: Any = None
    _artifact_target: Any = None
    _artifact_paths: dict[str, str] | None = None
    _logged_to: Any = None

    @classmethod
    def with_suffix(cls, name: str, filetype: str = "json") -> str:
        """Return a value's name in an artifact, with the suffix that tells its kind."""
        suffix = f"{cls._log_type}.{filetype}"
        return name if name.endswith(suffix) else f"{name}.{suffix}"

    def wants_artifact(self, owner: Any) -> bool:
        """Tell whether an artifact must be made before the value goes into a run's row.

        Args:
            owner: The run, or whatever tells one run from another; see `owner_of`.
        """
        return True

    def artifact_plan(self, run_id: str, key: str, *, previous: Any = None) -> ArtifactPlan:
        """Say which artifact to make.

        Args:
            run_id: The run that it is logged to.
            key: What it is logged under.
            previous: What a resumed run's summary has under the key.
        """
        return ArtifactPlan(name=f"run-{run_id}-{key}", type="run_table", entry=key)

    def keep_artifact(self, artifact_path: str | None, latest_path: str | None = None) -> None:
        """Take the addresses by which rows refer to the artifact that was made."""
        paths = {"artifact_path": artifact_path, "_latest_artifact_path": latest_path}
        self._artifact_paths = {name: path for name, path in paths.items() if path is not None}


def owner_of(sink: MediaSink) -> Any:
    """Return what tells a run from another, of a sink of the run's."""
    return getattr(sink, "owner", sink)
