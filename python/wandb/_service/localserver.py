"""The user's own server: found where it runs, started where it does not.

It listens on the loopback only and outlives the script; `server.json` in its data folder says
where it is, and its key lies beside. Everything here is bounded: where it can't be had within
some seconds, the run goes on offline.
"""

from __future__ import annotations

import json
import logging
import os
import stat
import sys
import time
from pathlib import Path
from typing import Any

from wandb._base.loopback import is_of_a_stranger
from wandb._service.spawn import run_module, spawn_detached
from wandb._settings.server_choice import ServerChoice, local_data_dir, local_server
from wandb._wire.journal import PRODUCER

__all__ = ("LocalServerMissing", "main", "running_server")

_LOGGER = logging.getLogger(__name__)
_BOOT_ID = "/proc/sys/kernel/random/boot_id"
_START_SECS = 12.0
_LOOK_SECS = 0.05
_ANSWER_SECS = 2.0

Facts = dict[str, Any]


class LocalServerMissing(Exception):
    """The local server can't be had; the message says why."""


def running_server(*, start_secs: float = _START_SECS) -> ServerChoice:
    """Return the user's own server, started if it did not run.

    Args:
        start_secs: How long to wait for one that is being started.

    Raises:
        LocalServerMissing: There is none, and none could be started in time.
    """
    folder = local_data_dir()
    facts = _trusted_facts(folder)
    if facts is not None and _answers(facts):
        if not _is_older(facts):
            return _choice()
        _ask_to_drain(folder)
    elif facts is not None and _is_elsewhere(facts, folder):
        raise LocalServerMissing(f"it runs on another machine, {facts.get('host')}, at the moment")
    return _started(folder, start_secs)


def _started(folder: Path, start_secs: float) -> ServerChoice:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        process = spawn_detached(
            "ferrule",
            ["serve", "--local", "--data-dir", str(folder)],
            log=str(folder / "start.log"),
            cwd=str(folder),
        )
    except OSError as err:
        reason = err.strerror or err
        raise LocalServerMissing(f"it can't be started ({reason}): {folder}") from err
    until = time.monotonic() + start_secs
    while time.monotonic() < until:
        facts = _trusted_facts(folder)
        if facts is not None and _answers(facts):
            return _choice()
        # Another process may have started one a moment before: then ours has left for it.
        if process.ended and facts is None:
            raise LocalServerMissing(f"it ended at once; what it said: {folder / 'start.log'}")
        time.sleep(_LOOK_SECS)
    raise LocalServerMissing(f"it did not answer in time; what it said: {folder / 'start.log'}")


def _choice() -> ServerChoice:
    choice = local_server()
    if choice.api_key is None:
        raise LocalServerMissing("its key can't be read")
    return choice


def _trusted_facts(folder: Path) -> Facts | None:
    """Read where the server is, unless somebody else could have written that."""
    try:
        with open(folder / "server.json", encoding="utf-8") as file:
            facts = os.fstat(file.fileno())
            if facts.st_uid != os.getuid() or stat.S_IMODE(facts.st_mode) & 0o077:
                _LOGGER.warning("the local server's file is not private and not believed")
                return None
            content = json.load(file)
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) and isinstance(content.get("port"), int) else None


def _answers(facts: Facts) -> bool:
    """Whether the server that a file tells of is there: this boot, its process, its answer.

    Whoever answers gets the key next, and every user may listen on the loopback.
    """
    if facts.get("boot_id") not in (None, "", _boot_id()) or not _is_alive(facts.get("pid")):
        return False
    if not facts.get("server_id") or is_of_a_stranger(facts["port"]):
        return False
    answer = _health(facts["port"])
    return answer is not None and answer.get("server") == facts["server_id"]


def _health(port: int) -> Facts | None:
    import socket

    request = f"GET /healthz HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\n\r\n"
    answer = b""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=_ANSWER_SECS) as connection:
            connection.sendall(request.encode())
            while piece := connection.recv(4096):
                answer += piece
        head, _, body = answer.partition(b"\r\n\r\n")
        content = json.loads(body) if b" 200 " in head.partition(b"\r\n")[0] else None
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) else None


def _is_alive(pid: Any) -> bool:
    if not isinstance(pid, int):
        return False
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, PermissionError, OverflowError):
        # Another user has the number of what ran here.
        return False
    return True


def _is_elsewhere(facts: Facts, folder: Path) -> bool:
    """Whether a server on another machine that shares this folder holds it."""
    import fcntl

    if facts.get("host") in (None, "", os.uname().nodename):
        return False
    try:
        with open(folder / "server.json", "rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _is_older(facts: Facts) -> bool:
    known = _numbers(str(facts.get("version", "")))
    return bool(known) and known < _numbers(PRODUCER)


def _numbers(version: str) -> list[int]:
    words = version.replace("+ferrule", "").split(".")
    return [int(word) for word in words if word.isdigit()]


def _ask_to_drain(folder: Path) -> None:
    """Let an older server finish what it has and leave its place to a newer one."""
    arguments = ["serve", "--drain", "--data-dir", str(folder)]
    try:
        code = run_module("ferrule", arguments, cwd=str(folder), timeout_secs=_START_SECS)
    except OSError as err:
        _LOGGER.warning("the older local server stays: %s", err)
        return
    if code != 0:
        _LOGGER.warning("the older local server stays: the wish ended with code %d", code)


def _boot_id() -> str:
    try:
        with open(_BOOT_ID, encoding="ascii") as file:
            return file.read().strip()
    except OSError:
        return ""


def main() -> int:
    """Print where the user's own server is, started if need be: `ferrule open` asks."""
    try:
        choice = running_server()
    except LocalServerMissing as err:
        print(err, file=sys.stderr)  # noqa: T201 - what the other process passes on
        return 1
    print(json.dumps({"base_url": choice.base_url, "api_key": choice.api_key}))  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
