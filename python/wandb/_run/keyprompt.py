"""Asking for an API key on a terminal: what there is to choose, and a line that nobody sees."""

from __future__ import annotations

import select
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from wandb._base.credentials import check_key
from wandb._base.shell import in_jupyter, ipython_shell
from wandb._base.terminal import termerror, termlog, termwarn
from wandb._settings.derived import app_url
from wandb.errors import UsageError

if TYPE_CHECKING:
    from wandb._settings.server_choice import ServerChoice

__all__ = ("typed_key",)


class _Choice(NamedTuple):
    """One line of the menu; `page` is where the key is found, None where none is wanted."""

    words: str
    page: str | None


_CREATE = _Choice("Make an account on that server", "/authorize?signup=true")
_EXISTING = _Choice("Use an account that I have", "/authorize")
_OFFLINE = _Choice("Go on offline: keep my runs on this machine", None)


class _Deadline:
    """When nobody waits for an answer any longer."""

    def __init__(self, secs: float | None) -> None:
        self._end = None if secs is None else time.monotonic() + secs

    def left_secs(self) -> float | None:
        return None if self._end is None else max(self._end - time.monotonic(), 0.0)


def typed_key(
    choice: ServerChoice,
    *,
    force: bool = False,
    may_create: bool = True,
    timeout_secs: float | None = None,
) -> str | None:
    """Ask for a key on the terminal until there is one.

    Args:
        choice: The server.
        force: A key is needed: nothing else is offered.
        may_create: Offer to make an account.
        timeout_secs: How long to wait for the answers; None waits for ever.

    Returns:
        The key; None where somebody chose to go on offline, or did not answer in time.

    Raises:
        UsageError: There is no terminal to ask on, or it was closed.
    """
    if not _can_ask():
        raise UsageError(
            "There is no API key (api_key not configured), and no terminal to ask for one "
            "(no-tty). Call wandb.login(key=...), set WANDB_API_KEY, run `wandb login KEY`, or "
            f"keep runs here with wandb.init(mode='offline'). Server: {choice.base_url}"
        )
    deadline = _Deadline(timeout_secs)
    try:
        chosen = _EXISTING if force or in_jupyter() else _chosen(choice, may_create, deadline)
        if chosen is None or chosen.page is None:
            return None
        termlog(f"The API key is shown on this page: {app_url(choice.base_url)}{chosen.page}")
        return _key(deadline)
    except TimeoutError:
        termlog("No answer came in time, so runs are kept on this machine.")
        return None
    except EOFError:
        raise UsageError(
            "The terminal was closed before there was an API key. Call wandb.login(key=...), set "
            f"WANDB_API_KEY, or run `wandb login KEY`. Server: {choice.base_url}"
        ) from None


def _chosen(server: ServerChoice, may_create: bool, deadline: _Deadline) -> _Choice | None:
    choices = [*([_CREATE] if may_create else []), _EXISTING, _OFFLINE]
    termlog(f"There is no API key for {server.base_url}. You can:")
    for number, choice in enumerate(choices, start=1):
        termlog(f"({number}) {choice.words}")
    while True:
        text = _line("Enter your choice: ", deadline)
        if text.isdecimal() and 0 < int(text) <= len(choices):
            return choices[int(text) - 1]
        termwarn(f"Type a number from 1 to {len(choices)}.")


def _key(deadline: _Deadline) -> str:
    while True:
        text = _hidden_line(deadline)
        if not text:
            continue
        try:
            return check_key(text)
        except ValueError as err:
            termerror(str(err))


def _line(prompt: str, deadline: _Deadline) -> str:
    termlog(prompt, newline=False)
    _wait(deadline)
    text = sys.stdin.readline()
    if not text:
        raise EOFError
    return text.strip()


def _hidden_line(deadline: _Deadline) -> str:
    if in_jupyter():
        from getpass import getpass

        return getpass("API key: ").strip()
    # The echo goes before the prompt appears: whoever answers quickly is not seen either.
    with _no_echo():
        text = _line("Paste the API key and press Enter; it stays hidden: ", deadline)
    termlog("", prefix=False)
    return text


@contextmanager
def _no_echo() -> Iterator[None]:
    import termios

    terminal = sys.stdin.fileno()
    before = termios.tcgetattr(terminal)
    silent = [*before[:3], before[3] & ~termios.ECHO, *before[4:]]
    termios.tcsetattr(terminal, termios.TCSADRAIN, silent)
    try:
        yield
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)


def _wait(deadline: _Deadline) -> None:
    secs = deadline.left_secs()
    if secs is not None and not select.select([sys.stdin], [], [], secs)[0]:
        raise TimeoutError


def _can_ask() -> bool:
    if in_jupyter():  # a kernel says for each cell whether somebody is there to be asked
        return bool(getattr(getattr(ipython_shell(), "kernel", None), "_allow_stdin", True))
    return _is_terminal(sys.stdin) and _is_terminal(sys.stderr)


def _is_terminal(stream: object) -> bool:
    try:
        return bool(stream.isatty())  # type: ignore[attr-defined]
    except (AttributeError, OSError, ValueError):
        return False
