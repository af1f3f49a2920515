"""Where a run's rows and records go, behind one small face.

`JournalWriter` is this process's own journal. The others take its place in the phases when there
is none: `LateWriter` before the first use in a child, `ClosedWriter` after `finish`, and
`SilentWriter` in a disabled run. A run swaps them; none of its methods asks which one it has.
"""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from wandb._base.jsonable import history_value
from wandb._base.terminal import termerror, termwarn
from wandb._native import Later, Writer
from wandb._wire.journal import Record
from wandb.errors import UsageError

Facts = dict[str, Any]
# What a row says of a file that is made later: its SHA-256, its size, its path.
LaterFacts = tuple[Later, Later, Later]
# Asked for what the native writer can't encode: key, value and the row's step → a value it can.
Coerce = Callable[[str, Any, int], Any]


class RunWriter(Protocol):
    """What a run asks of the place its data goes to."""

    def log(
        self, data: Mapping[str, Any], step: int | None = None, commit: bool | None = None
    ) -> bool:
        """Keep a row or a part of one; return whether `tell` has something to say."""

    def append(self, record: Record) -> None:
        """Keep one record of any other kind."""

    def spill_pixels(
        self, pixels: bytes, size: tuple[int, int], channels: int, name: str, extension: str
    ) -> LaterFacts | None:
        """Take pixels of which a file is made later; None where the caller is to make it."""

    def drop_pixels(self, later: Later) -> None:
        """Forget pixels that no row will speak of."""

    def print(self, stream: str, text: str) -> bool:
        """Keep console text; return as `log` does."""

    def step(self) -> int:
        """Return the step of the open row, or of the next one."""

    def start_at(self, step: int, runtime: float) -> None:
        """Count steps and seconds from where the run stands, before the first row."""

    def flush(self) -> None:
        """Wait until everything is in the journal but the open row."""

    def summary(self) -> dict[str, Any]:
        """Return the summary with everything that was logged by this process so far."""

    def leave_out(self, seconds: float) -> None:
        """Count the last seconds as no part of the run's time."""

    def history_tail(self, limit: int) -> dict[str, list[float]]:
        """Return at most `limit` numbers of each numeric metric, evenly thinned."""

    def tell(self) -> None:
        """Tell the user what went wrong since the last time."""

    def close(self, exit_code: int | None, runtime: float | None = None) -> Facts:
        """Write what is left and let go of the files."""

    def abandon(self) -> None:
        """Let go of the files without writing: they belong to the parent of this process."""


# --- what the user is told ----------------------------------------------------------------

_NOTICES: dict[str, tuple[Callable[[str], None], str]] = {
    "step_back": (
        termwarn,
        "run.log: step went back ({step} after {current}); the row is kept. Other W&B servers "
        "would drop it: leave `step` out, or use define_metric for your own axis.",
    ),
    "step_ignored": (
        termwarn,
        "run.log: the server numbers the rows of a shared run, so `step` has no effect. For an "
        "axis of your own, log it as a value and name it by define_metric.",
    ),
    "unencodable": (
        termwarn,
        "run.log: the value of {key!r} can't be kept ({reason}; type {type}); the other keys of "
        "its rows are. Log a number, a string, a list or a dict of these.",
    ),
    "large": (
        termwarn,
        "run.log: the value of {key!r} is large ({size_bytes} bytes, type {type}); it is kept, "
        "and will be slow to load and show.",
    ),
    "rows_lost": (
        termerror,
        "run.log: {count} rows are lost, because the disk has been full for longer than the "
        "reserve lasts. Free some space; later rows are kept again.",
    ),
    "disk": (
        termerror,
        "the run's folder can't be written at the moment: {reason}. Rows wait in memory mapped "
        "to disk and nothing is lost yet; writing goes on once there is room.",
    ),
    "damage": (
        termwarn,
        "run.log: a file of a value can't be kept: {reason}. Its row is kept.",
    ),
    "no_ring": (
        termwarn,
        "this file system can't map files ({reason}), so the last few milliseconds of rows are "
        "not safe if the process is killed. Everything else is.",
    ),
}


class Notices:
    """Says each cause once: by its kind, and by the key where there is one."""

    def __init__(self) -> None:
        self._said: set[tuple[str, Any]] = set()

    def say(self, kind: str, facts: Facts) -> None:
        """Tell the user of one cause, unless that was done."""
        cause = (kind, facts.get("key", facts.get("count", facts.get("reason"))))
        if cause in self._said or kind not in _NOTICES:
            return
        self._said.add(cause)
        speak, text = _NOTICES[kind]
        speak(text.format(**{name: _short(fact) for name, fact in facts.items()}))


_LONGEST_FACT = 200


def _short(fact: Any) -> Any:
    """Cut the middle out of a long text, such as a key: what is said of it must not drown."""
    if not isinstance(fact, str) or len(fact) <= _LONGEST_FACT:
        return fact
    return f"{fact[: _LONGEST_FACT // 2]}…{fact[-_LONGEST_FACT // 4 :]}"


# --- the four places ----------------------------------------------------------------------


class JournalWriter:
    """This process's own journal of a run."""

    def __init__(
        self,
        folder: str,
        run_id: str,
        name: str | None = None,
        *,
        coerce: Coerce = history_value,
        started_at: float | None = None,
        strict_steps: bool = False,
        shared: bool = False,
    ) -> None:
        self.native = Writer(
            folder,
            run_id,
            name,
            started_at=started_at,
            coerce=coerce,
            strict_steps=strict_steps,
            shared=shared,
        )
        self._notices = Notices()
        # Bound once: a training loop calls these without a frame of ours in between.
        self.log = self.native.log
        self.append = self.native.append
        self.spill_pixels = self.native.spill_pixels
        self.drop_pixels = self.native.drop_pixels
        self.print = self.native.print
        self.summary = self.native.summary
        self.leave_out = self.native.leave_out
        self.history_tail = self.native.history_tail
        self.abandon = self.native.abandon
        self.start_at = self.native.start_at
        self.flush = self.native.flush

    def step(self) -> int:
        """Return the step of the open row, or of the next one."""
        return self.native.step

    def tell(self) -> None:
        """Tell the user what went wrong since the last time."""
        for kind, facts in self.native.notices():
            self._notices.say(kind, facts)

    def close(self, exit_code: int | None, runtime: float | None = None) -> Facts:
        """Write what is left, and the exit record if this is the owner's journal."""
        if self.native.closed:  # a child's end may be announced twice
            return {}
        facts = self.native.close(exit_code, runtime=runtime)
        self.tell()
        return facts


class ChildWriter(JournalWriter):
    """The journal of a process that did not start the run.

    Rows get their steps from one counter for all processes, but `step` counts the calls of this
    process only, from 0, as the original does.
    """

    def __init__(self, folder: str, run_id: str, name: str, **options: Any) -> None:
        super().__init__(folder, run_id, name, **options)
        self._own_step = 0
        self.log = self._log_and_count

    def _log_and_count(
        self, data: Mapping[str, Any], step: int | None = None, commit: bool | None = None
    ) -> bool:
        told = self.native.log(data, step, commit)
        if step is not None:
            self._own_step = max(self._own_step, step)
        if commit or (commit is None and step is None):
            self._own_step += 1
        return told

    def step(self) -> int:
        """Return how many rows this process has logged, or the last step that it named."""
        return self._own_step


class _NoJournal:
    """What the writers without a file have in common: nothing to print to, close or tell."""

    def spill_pixels(
        self, pixels: bytes, size: tuple[int, int], channels: int, name: str, extension: str
    ) -> LaterFacts | None:
        """Take none: files are made by whoever has what they are made of."""
        return None

    def drop_pixels(self, later: Later) -> None:
        """Do nothing: none was taken."""

    def print(self, stream: str, text: str) -> bool:
        """Keep nothing."""
        return False

    def step(self) -> int:
        """Return 0: nothing was logged."""
        return 0

    def start_at(self, step: int, runtime: float) -> None:
        """Do nothing: only the owner's journal begins a run."""

    def leave_out(self, seconds: float) -> None:
        """Do nothing: no time is kept."""

    def flush(self) -> None:
        """Do nothing: nothing waits."""

    def history_tail(self, limit: int) -> dict[str, list[float]]:
        """Return nothing."""
        return {}

    def tell(self) -> None:
        """Say nothing: nothing can have gone wrong."""

    def close(self, exit_code: int | None, runtime: float | None = None) -> Facts:
        """Do nothing: no file is open."""
        return {}

    def abandon(self) -> None:
        """Do nothing: no file is open."""


class LateWriter(_NoJournal):
    """Opens this process's journal when it is first used, and hands over to it."""

    def __init__(self, open_now: Callable[[], RunWriter]) -> None:
        self._open_now = open_now

    def log(
        self, data: Mapping[str, Any], step: int | None = None, commit: bool | None = None
    ) -> bool:
        """Open the journal, then keep the row in it."""
        return self._open_now().log(data, step, commit)

    def append(self, record: Record) -> None:
        """Open the journal, then keep the record in it."""
        self._open_now().append(record)

    def summary(self) -> dict[str, Any]:
        """Open the journal and return its summary."""
        return self._open_now().summary()


# What a user called when a record of this kind is to be kept.
_CALLS = {
    "config": "config.update",
    "metric": "define_metric",
    "run": "name, notes or tags",
    "summary": "summary.update",
}


def refusal(run_id: str, call: str) -> UsageError:
    """Say which call on which run came too late."""
    return UsageError(
        f"run {run_id} is finished, so `{call}` has no effect; nothing was kept. "
        "Call it before `finish`, or on the run of a new `wandb.init`."
    )


class ClosedWriter(_NoJournal):
    """A finished run: what it held can be read, and writing says that it is over."""

    def __init__(self, run_id: str) -> None:
        self._run_id = run_id
        self._step = 0
        self._summary: dict[str, Any] = {}

    def remember(self, writer: RunWriter) -> None:
        """Take over what can still be read after the end."""
        self._step = writer.step()
        self._summary = writer.summary()

    def log(
        self, data: Mapping[str, Any], step: int | None = None, commit: bool | None = None
    ) -> bool:
        """Refuse."""
        raise refusal(self._run_id, "log")

    def append(self, record: Record) -> None:
        """Refuse, but for what a run notes by itself."""
        kind = next(iter(record))
        if kind != "telemetry":
            raise refusal(self._run_id, _CALLS.get(kind, kind))

    def step(self) -> int:
        """Return the last step."""
        return self._step

    def summary(self) -> dict[str, Any]:
        """Return the summary as it was at the end."""
        return self._summary


class SilentWriter(_NoJournal):
    """A disabled run: what is logged is its summary and goes nowhere else."""

    def __init__(self, summary: dict[Any, Any]) -> None:
        self._summary = summary

    def log(self, data: Any, step: Any = None, commit: Any = None) -> bool:
        """Put the values in the summary, unchecked, as the original does."""
        self._summary.update(data)
        return False

    def append(self, record: Record) -> None:
        """Drop it."""

    def summary(self) -> dict[str, Any]:
        """Return what was logged."""
        return self._summary
