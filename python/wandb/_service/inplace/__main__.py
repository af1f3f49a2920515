"""Entry point: `python -m wandb._service.inplace`, started by `ferrule open`.

The first line on standard input says what to show and where: `{"path", "base_url", "api_key",
"work", "most_file_bytes", "remove"}`. The end of standard input, which comes with the death of
whoever started it, ends it. On standard output are reports, one JSON object a line.
"""

from __future__ import annotations

import json
import os
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
    starter = os.getppid()
    asked = json.loads(sys.stdin.readline())
    path, folder = asked.pop("path"), asked.pop("remove")
    anyio.run(_show, path, Place(**asked))
    if os.getppid() != starter:
        # Whoever started this was killed, and could not tidy up.
        shutil.rmtree(folder, ignore_errors=True)
    return 0


async def _show(path: str, place: Place) -> None:
    async with anyio.create_task_group() as group:
        group.start_soon(Onlooker(path, place, _report).run)
        await anyio.to_thread.run_sync(_wait_for_end, abandon_on_cancel=True)
        group.cancel_scope.cancel()


def _wait_for_end() -> None:
    while os.read(0, 4096):
        continue


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
