"""Entry point: `python -m wandb._service.inplace`, started by `ferrule open`.

The first line on standard input says what to show and where: `{"path", "base_url", "api_key",
"work", "most_file_bytes", "remove"}`. A line `end` ends it, and so does the end of standard input,
which comes with the death of whoever started it: then it removes the folder `remove`. On standard
output are reports, one JSON object a line.
"""

from __future__ import annotations

import json
import shutil
import signal
import sys
from typing import Any

import anyio

from wandb._service.inplace.onlooker import Onlooker
from wandb._service.inplace.shown import Place

__all__ = ("main",)


def main() -> int:
    """Show runs until the input ends."""
    asked = json.loads(sys.stdin.readline())
    path, folder = asked.pop("path"), asked.pop("remove")
    if not anyio.run(_show, path, Place(**asked)):
        # Whoever started this was killed, and could not tidy up.
        shutil.rmtree(folder, ignore_errors=True)
    return 0


async def _show(path: str, place: Place) -> bool:
    """Show runs until the end; return whether it was asked for."""
    async with anyio.create_task_group() as group:
        group.start_soon(Onlooker(path, place, _report).run)
        asked = await anyio.to_thread.run_sync(sys.stdin.readline, abandon_on_cancel=True)
        group.cancel_scope.cancel()
    return bool(asked)


def _report(report: dict[str, Any]) -> None:
    try:
        print(json.dumps(report), flush=True)  # noqa: T201 - what the other process reads
    except OSError:
        # Nobody listens any more; the end of the input is about to be seen.
        return


if __name__ == "__main__":
    # A terminal's Ctrl-C is for whoever started this.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.exit(main())
