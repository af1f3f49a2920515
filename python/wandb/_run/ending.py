"""The end of a run: what is closed, in which order, and what is said."""

import logging
import sys
import threading
from functools import partial
from typing import TYPE_CHECKING, Any

from wandb._base.logs import close_debug_log
from wandb._run import capture, continuing, footer, sharing
from wandb._run.forks import in_turn
from wandb._run.session import session
from wandb._run.teardown import TeardownStage
from wandb._run.writer import ClosedWriter, RunWriter

if TYPE_CHECKING:
    from wandb._run.run import Run

_LOGGER = logging.getLogger(__name__)
# The most that `finish` waits for another thread that is just finishing the run.
_OTHERS_SECS = 10.0


def end(run: "Run", exit_code: int, *, quiet: bool) -> None:
    """Write what is open, let go of files and streams, and say how it ended.

    A forked or attached process ends its own part without a word: the run goes on elsewhere.
    """
    if run._owned:
        run._telemetry.note("finish")
    # Neither Ctrl-C nor a hook that raises keeps it from being closed.
    in_turn(
        partial(_end_events, run),
        partial(run._call_teardown_hooks, TeardownStage.EARLY),
        partial(_end_helpers, run),
        partial(capture.stop, run),
        partial(_close, run, exit_code, quiet=quiet),
        partial(run._call_teardown_hooks, TeardownStage.LATE),
    )


def leave(run: "Run") -> None:
    """End this process's part of a run that another process ends."""
    in_turn(partial(_end_events, run), lambda: run._writer.close(None))


def undo(run: "Run") -> None:
    """End a run whose `init` failed, as failed and without a word."""
    run._turn.take()
    delivery, run._delivery = run._delivery, None
    in_turn(
        partial(_end_events, run),
        partial(_end_helpers, run),
        partial(capture.stop, run),
        partial(_close, run, 1, quiet=True),
        *([delivery.abandon] if delivery is not None else []),
    )


class Turn:
    """Whose it is to end a run: the first one's to ask.

    A signal's handler may ask in the middle of it, and so may another thread.
    """

    def __init__(self) -> None:
        self._first = threading.Lock()
        self._thread: int | None = None
        self._over = threading.Event()

    def take(self) -> bool:
        """Return whether to end the run; wait a bounded time for another thread that does."""
        if self._first.acquire(blocking=False):
            self._thread = threading.get_ident()
            return True
        if self._thread != threading.get_ident():
            self._over.wait(_OTHERS_SECS)
        return False

    def end(self) -> None:
        """Let the others go on."""
        self._over.set()


def _end_events(run: "Run") -> None:
    if run._tensorboard is not None or run._unpatches:
        from wandb._run import tensorboard

        tensorboard.end(run)


def _end_helpers(run: "Run") -> None:
    if run._cells is not None:
        from wandb._run import notebook

        notebook.end(run)
    if run._background is not None:
        run._background.end()


def _close(run: "Run", exit_code: int, *, quiet: bool) -> None:
    try:
        if not run.disabled:
            _close_journal(run, exit_code, quiet=quiet)
    finally:
        run._is_finished = True
        session.forget(run)
        run._turn.end()


def _close_journal(run: "Run", exit_code: int, *, quiet: bool) -> None:
    writer, closed, facts = run._writer, ClosedWriter(run.id), dict[str, Any]()

    def close() -> None:
        run._log_row = closed.log  # threads that go on logging are told so from now on
        facts.update(writer.close(exit_code if run._owned else None))
        _LOGGER.info("run %s ends with exit code %s: %s", run.id, exit_code, facts)
        if run._owned:
            continuing.note_end(run._settings, exit_code)

    try:
        in_turn(
            partial(_rest, run),
            close,
            partial(_end_owned, run, writer, closed, facts, quiet=quiet),
        )
    finally:
        run._use(closed)
        if run._debug_log is not None:
            close_debug_log(run._debug_log)


def _rest(run: "Run") -> None:
    """Have the service keep no more samples; Ctrl-C ends the wait for that, too."""
    if run._owned and run._sampling is not None:
        run._sampling.end()


def _end_owned(
    run: "Run", writer: RunWriter, closed: ClosedWriter, facts: dict[str, Any], *, quiet: bool
) -> None:
    if not run._owned:  # a child that never logged has no journal, and must not open one to ask
        return
    in_turn(
        partial(closed.remember, writer),
        partial(capture.write_file, run),
        *([run._sampling.leave] if run._sampling is not None else []),
        partial(_end_delivery, run, writer, facts, quiet=quiet),
    )


def _end_delivery(run: "Run", writer: RunWriter, facts: dict[str, Any], *, quiet: bool) -> None:
    try:
        if run._delivery is not None:
            run._delivery.end(quiet=quiet or run._settings.quiet)
    finally:  # Ctrl-C ends the wait, and the script after this
        _say_goodbye(run, writer, facts, quiet=quiet)
        sharing.withdraw(run)


def _say_goodbye(run: "Run", writer: RunWriter, facts: dict[str, Any], *, quiet: bool) -> None:
    settings = run._settings.model_copy(update={"quiet": quiet or run._settings.quiet})
    history = {} if settings.quiet else writer.history_tail(footer.POINTS)
    footer.closing(settings, run._folder, facts, history, writer.summary())


def show_traceback(error: BaseException | None) -> None:
    """Print an exception that ends a `with` block, so that the run's console text has it."""
    from traceback import print_exception

    print_exception(error, file=sys.stderr)


def finish(exit_code: int | None = None, quiet: bool | None = None) -> None:
    """End the current run, if there is one; see `Run.finish`.

    Args:
        exit_code: 0 for success, which is the default.
        quiet: Deprecated; `wandb.Settings(quiet=True)` leaves out the closing lines.
    """
    run = session.globals.run
    if run is not None:
        run.finish(exit_code=exit_code, quiet=quiet)
