"""Values that a run keeps by way of an artifact: tables, joined tables, partitioned tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wandb._wire.artifacts import CLIENT_SCHEME

if TYPE_CHECKING:
    from wandb._run.run import Run
    from wandb.data_types.artifact_backed import ArtifactBacked


def log_by_artifact(run: Run, key: str, value: ArtifactBacked) -> None:
    """Make the artifact that has a value, and tell the value where it lies, if need be.

    Args:
        run: The run.
        key: What the value is logged under; inside dicts the innermost key.
        value: The value.

    Raises:
        OSError: A file can't be written.
        TypeError: There is no JSON for a part of the value.
        ValueError: The value can't be kept.
    """
    if not value.wants_artifact(run):
        return
    from wandb._artifact.artifact import internal_artifact

    previous = run.summary.get(key) if run.resumed else None
    plan = value.artifact_plan(run.id, key, previous=previous)
    artifact = internal_artifact(plan.name, plan.type, incremental=plan.incremental)
    path = artifact.add(value, plan.entry).path
    run.log_artifact(artifact)
    value.keep_artifact(
        f"{CLIENT_SCHEME}://{artifact._client_id}/{path}",
        f"{CLIENT_SCHEME}://{artifact._sequence_client_id}:latest/{path}",
    )
