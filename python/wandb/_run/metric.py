"""`run.define_metric`: what may be asked for, and the record it becomes."""

from collections.abc import Callable
from typing import Any

from wandb._base.terminal import termwarn
from wandb._wire.journal import GOALS, Record, metric_record
from wandb.errors import Error

SUMMARY_KINDS = frozenset({"min", "max", "mean", "best", "last", "first", "copy", "none"})
_DEPRECATED_KINDS = {
    "best": "define_metric(summary='best') is deprecated; `min` or `max` says which is better.",
    "copy": "define_metric(summary='copy') is deprecated and does the same as `last`.",
}


class Metric:
    """One call of `define_metric`, as it was understood."""

    def __init__(
        self,
        name: str,
        step_metric: str | None = None,
        step_sync: bool | None = None,
        hidden: bool | None = None,
        summary: tuple[str, ...] | None = None,
        goal: str | None = None,
        overwrite: bool | None = None,
    ) -> None:
        self._name = name
        self._step_metric = step_metric
        # A metric with an axis of its own gets the axis' latest value in rows that lack it.
        self._step_sync = (step_metric is not None) if step_sync is None else step_sync
        self._hidden = hidden
        self._summary = summary
        self._goal = goal
        self._overwrite = overwrite
        self._callback: Callable[[Record], None] | None = None

    @property
    def name(self) -> str:
        """The metric, or several by a trailing `*`."""
        return self._name

    @property
    def step_metric(self) -> str | None:
        """The metric on the x-axis, if it is not the step."""
        return self._step_metric

    @property
    def step_sync(self) -> bool | None:
        """Whether rows without the step metric get its latest value."""
        return self._step_sync

    @property
    def summary(self) -> tuple[str, ...] | None:
        """What the summary keeps of it."""
        return self._summary

    @property
    def hidden(self) -> bool | None:
        """Whether no chart is drawn for it unasked."""
        return self._hidden

    @property
    def goal(self) -> str | None:
        """Whether the best value is the least (`minimize`) or the greatest (`maximize`)."""
        return self._goal

    def _set_callback(self, callback: Callable[[Record], None]) -> None:
        self._callback = callback

    def _commit(self) -> None:
        if self._callback is not None:
            self._callback(self._record())

    def _record(self) -> Record:
        return metric_record(
            self._name,
            step_metric=self._step_metric,
            step_sync=bool(self._step_sync),
            hidden=bool(self._hidden),
            summary=self._summary or (),
            goal=self._goal,
            overwrite=bool(self._overwrite),
        )


def defined_metric(
    name: Any,
    step_metric: Any = None,
    step_sync: Any = None,
    hidden: Any = None,
    summary: Any = None,
    goal: Any = None,
    overwrite: Any = None,
) -> Metric:
    """Check the arguments of `define_metric`.

    Raises:
        Error: One of them is wrong; the message names it.
    """
    if isinstance(step_metric, Metric):
        step_metric = step_metric.name
    for argument, value in (("step_sync", step_sync), ("hidden", hidden), ("overwrite", overwrite)):
        _check_type(argument, value, bool)
    _check_type("step_metric", step_metric, str)
    return Metric(
        _checked_name(name),
        step_metric,
        step_sync,
        hidden,
        _checked_summary(summary),
        _checked_goal(goal),
        overwrite,
    )


def _check_type(argument: str, value: Any, kind: type) -> None:
    if value is not None and not isinstance(value, kind):
        raise Error(
            f"define_metric: `{argument}` must be a {kind.__name__}, not {type(value).__name__}; "
            "nothing was defined"
        )


def _checked_name(name: Any) -> str:
    if not name:
        raise Error("define_metric: `name` must not be empty; nothing was defined")
    _check_type("name", name, str)
    if "*" in name[:-1]:
        raise Error(
            f"define_metric: `name` can have a `*` at its end only, and is {name!r}; "
            "nothing was defined"
        )
    return str(name)


def _checked_summary(summary: Any) -> tuple[str, ...] | None:
    _check_type("summary", summary, str)
    if not summary:
        return None
    kinds = tuple(kind.lower() for kind in summary.split(","))
    for kind in kinds:
        if kind not in SUMMARY_KINDS:
            known = ", ".join(sorted(SUMMARY_KINDS))
            raise Error(
                f"define_metric: `summary` knows {known}, separated by commas without spaces, "
                f"but not {kind!r}; nothing was defined"
            )
        if kind in _DEPRECATED_KINDS:
            termwarn(_DEPRECATED_KINDS[kind], repeat=False)
    return kinds


def _checked_goal(goal: Any) -> str | None:
    _check_type("goal", goal, str)
    if goal is None:
        return None
    if goal.lower() not in GOALS:
        raise Error(
            f"define_metric: `goal` must be minimize or maximize, not {goal!r}; nothing was defined"
        )
    return str(goal.lower())
