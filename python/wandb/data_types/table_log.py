"""What happens to a table when it is logged, and when it is changed after that."""

import json
from dataclasses import dataclass
from typing import Any

from wandb._base.terminal import termwarn
from wandb.data_types import table_file
from wandb.data_types.artifact_backed import ArtifactBacked, ArtifactPlan, owner_of
from wandb.data_types.base import Content, MediaSink

_LOG_MODES = ("IMMUTABLE", "MUTABLE", "INCREMENTAL")
_INCREMENTAL = "INCREMENTAL"
_INCREMENTAL_FILE = "incremental-table-file"
_SHOWN_INCREMENTS = 100


@dataclass(frozen=True, slots=True)
class _Logged:
    """The file of a table in a run."""

    owner: Any
    found: dict[str, Any]


class LoggedTable(ArtifactBacked):
    """The part of a table that knows what was logged of it.

    An `IMMUTABLE` table is logged once, and later logs refer to the same file. A `MUTABLE` one is
    logged anew after each change. Of an `INCREMENTAL` one each log has the rows since the last.
    """

    columns: list[Any]
    _store: Any

    def _begin_log(self, log_mode: Any) -> None:
        if log_mode not in _LOG_MODES:
            raise AssertionError(
                f"log_mode must be one of {', '.join(_LOG_MODES)}, not {log_mode!r}"
            )
        self.log_mode: str = log_mode
        self._logged: _Logged | None = None
        self._increment_num: int | None = None
        self._last_logged_idx: int | None = None
        self._previous_increments_paths: list[str] | None = None
        self._run_target_for_increments: Any = None

    # --- changing ----------------------------------------------------------------------------

    @property
    def _was_logged(self) -> bool:
        return self._logged is not None or self._artifact_target is not None

    def _forget(self) -> None:
        self._logged = self._artifact_target = self._artifact_paths = None

    def _before_change(self) -> None:
        if self.log_mode == "MUTABLE":
            self._forget()
        elif self.log_mode == "IMMUTABLE" and self._was_logged:
            termwarn(
                "Table: it was logged before this change, which later logs will not have, since "
                "its log_mode is IMMUTABLE. Make it with log_mode='MUTABLE' to log it anew.",
                repeat=False,
            )

    def _after_append(self) -> None:
        if self.log_mode != _INCREMENTAL or not self._was_logged:
            return
        path = (self._artifact_paths or {}).get("artifact_path")
        if path is not None:
            self._remember(path)
        self._forget()
        self._increment_num = (self._increment_num or 0) + 1
        if self._increment_num >= _SHOWN_INCREMENTS:
            termwarn(
                f"Table: it was logged in more than {_SHOWN_INCREMENTS} increments. All are kept "
                f"in its artifact; its row names the latest {_SHOWN_INCREMENTS}, which are shown. "
                "Log more rows at a time to see more.",
                repeat=False,
            )

    def _remember(self, path: str) -> None:
        # Not all of them, as the original: each row and file would be longer than the last.
        paths = [*(self._previous_increments_paths or ()), path]
        self._previous_increments_paths = paths[-_SHOWN_INCREMENTS:]

    def _refuse_increments(self, method: str) -> None:
        if self.log_mode == _INCREMENTAL:
            from wandb.errors import Error

            raise Error(
                f"Table.{method} can't be used with log_mode='INCREMENTAL', where rows that were "
                "logged stay as they were. Use 'MUTABLE' or 'IMMUTABLE'."
            )

    # --- logging -----------------------------------------------------------------------------

    def wants_artifact(self, owner: Any) -> bool:
        """Tell whether there is something that the run does not have yet; see `ArtifactBacked`."""
        return self._logged is None or self._logged.owner is not owner

    def artifact_plan(self, run_id: str, key: str, *, previous: Any = None) -> ArtifactPlan:
        """Say which artifact to make; see `ArtifactBacked`."""
        if self.log_mode != _INCREMENTAL:
            return super().artifact_plan(run_id, key)
        if self._increment_num is None and self._previous_increments_paths is None:
            self._go_on_from(previous)
        from time import time_ns

        return ArtifactPlan(
            name=f"run-{run_id}-incr-{key}",
            type="wandb-run-incremental-table",
            entry=f"{self._increment_num or 0}-{time_ns() // 1_000_000}.{key}",
            incremental=True,
        )

    def _go_on_from(self, previous: Any) -> None:
        """Count increments from those that an earlier part of the run has logged."""
        if not isinstance(previous, dict) or previous.get("_type") != _INCREMENTAL_FILE:
            return
        last = previous.get("artifact_path")
        paths = [*previous.get("previous_increments_paths", ()), *([last] if last else ())]
        self._previous_increments_paths = paths
        self._increment_num = previous.get("increment_num", 0) + 1

    def to_content(self, sink: MediaSink, *, name: str) -> Content:
        """Return the file of an artifact that holds the table; media of cells go into the sink.

        Args:
            sink: The artifact.
            name: The table's name in it.

        Raises:
            OSError: A file can't be read or written.
            TypeError: There is no JSON for a cell.
            ValueError: There are too many rows, and a setting says that this is an error.
        """
        return table_file.artifact_content(self, sink, name)

    def to_wire(self, sink: MediaSink, *, name: str) -> dict[str, Any]:
        """Keep the table's file, and return what stands for it in a run's row.

        For an artifact, return the JSON of the artifact's file; `to_content` is faster.

        Raises:
            AssertionError: It is logged in increments, and to a second run.
            OSError: A file can't be written.
            TypeError: There is no JSON for a cell.
        """
        if sink.in_artifact:
            whole: dict[str, Any] = json.loads(self.to_content(sink, name=name).data or b"{}")
            return whole
        found = self._keep(sink, name)
        row: dict[str, Any] = {"_type": "table-file", **found, **(self._artifact_paths or {})}
        if self.log_mode == _INCREMENTAL:
            row.update({"_type": _INCREMENTAL_FILE, **self._increments()})
        sizes = {"ncols": len(self.columns), "nrows": len(self._store)}
        return {**row, **sizes, "log_mode": self.log_mode}

    def _keep(self, sink: MediaSink, name: str) -> dict[str, Any]:
        owner = owner_of(sink)
        if self._logged is not None and self._logged.owner is owner:
            return self._logged.found
        if self.log_mode == _INCREMENTAL:
            self._stay_with(owner)
        content = table_file.run_content(self)
        self._logged = _Logged(owner, sink.keep(content, kind=self.kind, name=name))
        if self.log_mode == _INCREMENTAL:
            self._last_logged_idx = len(self._store) - 1
        return self._logged.found

    def _stay_with(self, owner: Any) -> None:
        if self._run_target_for_increments not in (None, owner):
            raise AssertionError(
                "a table with log_mode='INCREMENTAL' can be logged to one run only"
            )
        self._run_target_for_increments = owner

    def _increments(self) -> dict[str, Any]:
        """Return what tells this increment's place among the others."""
        self._increment_num = self._increment_num or 0
        self._previous_increments_paths = self._previous_increments_paths or []
        return {
            "increment_num": self._increment_num,
            "previous_increments_paths": list(self._previous_increments_paths),
        }
