"""Start a Python process that outlives this one and shares nothing with it."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import subprocess

__all__ = ("spawn_detached",)

_PACKAGES = str(Path(__file__).resolve().parents[2])
# What another process must not take over: it has settings, and a service, of its own.
_PRIVATE = ("WANDB_", "FERRULE_SERVICE", "FERRULE_RUNS", "PYTHONINSPECT", "PYTHONSTARTUP")


def spawn_detached(arguments: Sequence[str], *, log: str, cwd: str) -> subprocess.Popen[bytes]:
    """Run this interpreter in a session of its own.

    Args:
        arguments: What follows the interpreter.
        log: The file that takes what it says, written anew.
        cwd: A folder of our own: Python looks for modules in the present one, and a script's
            folder may hold anything.

    Raises:
        OSError: It can't be started.
    """
    import subprocess

    if not sys.executable:
        raise FileNotFoundError(2, "this process has no Python interpreter to start another", "")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(_PRIVATE)}
    paths = [_PACKAGES, *filter(None, [environment.get("PYTHONPATH")])]
    environment["PYTHONPATH"] = os.pathsep.join(paths)
    with open(log, "wb") as words:
        return subprocess.Popen(
            [sys.executable, *arguments],
            env=environment,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=words,
            stderr=words,
            start_new_session=True,
            close_fds=True,
        )
