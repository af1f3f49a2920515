"""Which way a run captures what is printed: by wrapping streams, by redirecting descriptors."""

import os
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from wandb._base.terminal import termwarn
from wandb._run.session import session
from wandb._run.writer import JournalWriter

if TYPE_CHECKING:
    from wandb._native import JournalTail
    from wandb._run.redirect import Redirection
    from wandb._run.run import Run

_READ_BYTES = 256 << 10


def start(run: "Run", writer: JournalWriter) -> None:
    """Let a run keep what is printed from now on, in the way its settings say.

    `wrap_raw` and `wrap_emu` are ways of wrapping: what a terminal would show is worked out where
    lines are made, for every way.
    """
    way = run._settings.console
    if way == "redirect":
        _redirect(run, writer)
    elif way != "off":
        session.console.start(writer.print)


def stop(run: "Run") -> None:
    """Let a run keep nothing more; what was printed before has arrived."""
    writer = run._writer
    session.console.stop(writer.print)
    if session.redirection is None or not isinstance(writer, JournalWriter):
        return
    redirection = session.redirection
    if redirection is None or not redirection.has(writer.native):
        return
    try:
        redirection.settle(writer.native, run._folder)
    finally:  # Ctrl-C ends the wait, and the streams are put back all the same
        over = _put_back(redirection, writer)
    if over:
        redirection.dismiss()


def _put_back(redirection: "Redirection", writer: JournalWriter) -> bool:
    """Put the streams back after the last run; return whether nobody writes to them any more."""
    with session.console_changes:
        if not redirection.remove(writer.native):
            return False
        # First: no run may join what ends.
        if session.redirection is redirection:
            session.redirection = None
        return redirection.put_back()


def write_file(run: "Run") -> None:
    """Leave what an offline run printed in its `files`, in the ways in which the original does."""
    if not run.offline or run._settings.console not in ("redirect", "wrap_emu"):
        return
    from wandb._base.placing import place
    from wandb._native import NativeError

    try:
        place(partial(_write_shown, run), run.dir, "output.log")
    except (OSError, NativeError) as err:
        termwarn(f"output.log of run {run.id} could not be written ({err}); its journal has it.")


def _write_shown(run: "Run", made: str) -> None:
    from wandb._native import JournalTail
    from wandb._service.logic.console import shown

    journal = f"run-{run.id}.wandb"
    tail = JournalTail(os.path.join(run._folder, journal), kinds=["output_raw"])
    with open(made, "w", encoding="utf-8", newline="") as file:
        file.writelines(shown((journal, content) for content in _contents(tail)))


def _contents(tail: "JournalTail") -> Iterator[dict[str, Any]]:
    before = -1
    while tail.offset != before:
        before = tail.offset
        yield from (content for _, content, _ in tail.read(_READ_BYTES))


def _redirect(run: "Run", writer: JournalWriter) -> None:
    from wandb._run.redirect import beside_descriptors, is_captured

    with session.console_changes:
        if not run._owned and is_captured():
            return  # the process that started the run has it already
        try:
            session.redirection = session.redirection or _new_redirection()
        except OSError as err:
            termwarn(
                f"console='redirect': the output of this process can't be redirected ({err}); what "
                "Python prints is kept, what programs it starts print is not."
            )
            session.console.start(writer.print)
            return
        session.redirection.add(writer.native, run._folder, run.id)
    session.console.start(writer.print, streams=beside_descriptors())


def _new_redirection() -> "Redirection":
    from wandb._run.redirect import Redirection

    return Redirection()
