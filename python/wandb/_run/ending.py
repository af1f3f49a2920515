"""The end of a run: what is closed, in which order, and what is said."""

import logging
import sys
from typing import TYPE_CHECKING, Any

from wandb._base.logs import close_debug_log
from wandb._run import capture, continuing, footer, sharing
from wandb._run.session import session
from wandb._run.teardown import TeardownStage
from wandb._run.writer import ClosedWriter, RunWriter

if TYPE_CHECKING:
    from wandb._run.run import Run

_LOGGER = logging.getLogger(__name__)


def end(run: "Run", exit_code: int, *, quiet: bool) -> None:
    """Write what is open, let go of files and streams, and say how it ended.

    A forked or attached process ends its own part without a word: the run goes on elsewhere.
    """
    if run._owned:
        run._telemetry.note("finish")
    if run._tensorboard is not None or run._unpatches:
        from wandb._run import tensorboard

        tensorboard.end(run)
    run._call_teardown_hooks(TeardownStage.EARLY)
    if run._cells is not None:
        from wandb._run import notebook

        notebook.end(run)
    if run._background is not None:
        run._background.end()
    capture.stop(run)
    try:
        if not run.disabled:
            _close(run, exit_code, quiet=quiet)
    finally:
        run._is_finished = True
        session.forget(run)
    run._call_teardown_hooks(TeardownStage.LATE)


def _close(run: "Run", exit_code: int, *, quiet: bool) -> None:
    if run._owned and run._sampling is not None:
        run._sampling.end()
    writer, closed = run._writer, ClosedWriter(run.id)
    run._log_row = closed.log  # threads that go on logging are told so from now on
    facts = writer.close(exit_code if run._owned else None)
    _LOGGER.info("run %s ends with exit code %s: %s", run.id, exit_code, facts)
    try:
        if run._owned:  # a child that never logged has no journal, and must not open one to ask
            closed.remember(writer)
            capture.write_file(run)
            if run._sampling is not None:
                run._sampling.leave()
            continuing.note_end(run._settings, exit_code)
            _end_delivery(run, writer, facts, quiet=quiet)
    finally:
        run._use(closed)
        if run._debug_log is not None:
            close_debug_log(run._debug_log)


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
