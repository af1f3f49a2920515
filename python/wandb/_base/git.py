"""What git says of a folder: asked by its own command, with a limit on the time.

It is started without the standard library's module for that, which takes longer to load than git
takes to answer.
"""

from __future__ import annotations

import logging
import os
import select
import time
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import urlsplit, urlunsplit

from wandb._base.host import git_root

__all__ = (
    "GitState",
    "changes_since",
    "git_state",
    "upstream_commit",
    "without_secrets",
    "work_tree",
)

_LOGGER = logging.getLogger(__name__)
_ANSWER_SECS = 5.0
_DIFF_SECS = 60.0
_LOOK_SECS = 0.002
_ANSWER_BYTES = 64 << 10
# In a container the tree often belongs to another user. Reading names and commits runs nothing of
# theirs; a diff may, so git's own caution holds there.
_TRUSTING = ("-c", "safe.directory=*")


class GitState(NamedTuple):
    """Where a working tree stands.

    Attributes:
        commit: The hash of what is checked out; None before the first commit.
        remote_url: The remote's address, without a password; None where there is no such remote.
    """

    commit: str | None
    remote_url: str | None


def git_state(folder: str, *, remote: str) -> GitState | None:
    """Return the state of the working tree that a folder lies in; None where there is none."""
    if git_root(folder) is None:
        return None
    commit = _answer(folder, *_TRUSTING, "rev-parse", "--verify", "--quiet", "HEAD")
    url = _answer(folder, *_TRUSTING, "config", "--get", f"remote.{remote}.url")
    return GitState(commit, without_secrets(url) if url else None)


def work_tree(folder: str) -> str | None:
    """Return the top of the working tree that a folder lies in."""
    return _answer(folder, "rev-parse", "--show-toplevel")


def upstream_commit(folder: str) -> str | None:
    """Return the hash that the branch's upstream stands at, as far as it is known here."""
    return _answer(folder, "rev-parse", "--verify", "--quiet", "@{upstream}")


def changes_since(
    commit: str, folder: str, target: str, *, wanted: Callable[[], bool] = lambda: True
) -> bool:
    """Write what is different from a commit in the tracked files of a working tree.

    Args:
        commit: A hash, or `HEAD`.
        folder: The top of the working tree.
        target: The file that gets the patch; none is left where nothing differs.
        wanted: Asked now and then; the work is given up where it says no.

    Returns:
        Whether there is a patch.
    """
    words = ["diff", commit, "--submodule=diff", "--no-color", "--no-ext-diff", "--"]
    try:
        with open(target, "wb") as patch:
            process = _started(folder, words, patch.fileno())
        whole = _ended_well(process, time.monotonic() + _DIFF_SECS, wanted)
    except OSError as err:
        _LOGGER.info("no patch was made: %s", err)
        whole = False
    if whole and os.path.getsize(target):
        return True
    _remove(target)
    return False


def _answer(folder: str, *words: str) -> str | None:
    """Return the one line that git answers; None where it has no answer, or there is no git."""
    ours, theirs = os.pipe()
    until = time.monotonic() + _ANSWER_SECS
    try:
        process = _started(folder, list(words), theirs)
        os.close(theirs)
        theirs = -1
        said = _read(ours, until)
        return said if _ended_well(process, until) and said else None
    except OSError as err:
        _LOGGER.info("git gave no answer: %s", err)
        return None
    finally:
        os.close(ours)
        if theirs >= 0:
            os.close(theirs)


def _read(pipe: int, until: float) -> str:
    said = b""
    while len(said) < _ANSWER_BYTES:
        ready, _, _ = select.select([pipe], [], [], max(0.0, until - time.monotonic()))
        piece = os.read(pipe, _ANSWER_BYTES) if ready else b""
        if not piece:
            break
        said += piece
    return said.decode("utf-8", "replace").rstrip("\r\n")


def _started(folder: str, words: list[str], output: int) -> int:
    nothing = os.open(os.devnull, os.O_RDWR)
    try:
        return os.posix_spawnp(
            "git",
            ["git", "-C", folder, *words],
            _environment(),
            file_actions=[
                (os.POSIX_SPAWN_DUP2, nothing, 0),
                (os.POSIX_SPAWN_DUP2, output, 1),
                (os.POSIX_SPAWN_DUP2, nothing, 2),
            ],
        )
    finally:
        os.close(nothing)


def _ended_well(process: int, until: float, wanted: Callable[[], bool] = lambda: True) -> bool:
    """Wait for a process, and end it where it takes too long; return whether it succeeded."""
    try:
        while not (ended := os.waitpid(process, os.WNOHANG))[0]:
            if time.monotonic() > until or not wanted():
                os.kill(process, 9)
                os.waitpid(process, 0)
                return False
            time.sleep(_LOOK_SECS)
    except ChildProcessError:
        return False  # the script waits for children of its own, and got this one
    return os.waitstatus_to_exitcode(ended[1]) == 0


def _environment() -> dict[str, str]:
    """Let git neither ask anybody anything nor write into the repository."""
    return {**os.environ, "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0"}


def without_secrets(url: str) -> str | None:
    """Leave out of an address who asks and with which password; None where it makes no sense.

    Where there is a password, the name stays, as in the original: the colon tells that there was.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return None
    if not host:
        return url
    place = host if port is None else f"{host}:{port}"
    user = f"{parts.username}:@" if parts.password is not None else ""
    return urlunsplit(parts._replace(netloc=f"{user}{place}"))


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        return
