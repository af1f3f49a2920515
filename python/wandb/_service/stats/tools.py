"""Programs that vendors give along with their hardware."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence

__all__ = ("find_tool", "output_of")

_SECS = 10.0


def find_tool(name: str, places: Sequence[str]) -> str | None:
    """Return where a program is: in one of its usual places, or on the search path."""
    for place in places:
        path = os.path.join(place, name)
        if os.access(path, os.X_OK):
            return path
    return shutil.which(name)


def output_of(command: Sequence[str]) -> bytes:
    """Run a program for some seconds at most, and return what it printed.

    Raises:
        OSError: It can't be started.
        subprocess.SubprocessError: It failed, or took too long and was killed.
    """
    return subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        timeout=_SECS,
        check=True,
    ).stdout
