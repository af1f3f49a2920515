"""Entry point of the service: `python -m wandb._service SOCKET`."""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import sys

import anyio
from anyio.abc import TaskStatus

from wandb._service.hub import Hub

__all__ = ("main",)


def main() -> int:
    """Serve on a socket until nobody needs it; return the exit code."""
    parser = argparse.ArgumentParser(prog="wandb-service")
    parser.add_argument("socket", help="where to listen; its folder is removed at the end")
    parser.add_argument("--linger", type=float, default=30.0, help="seconds to stay when idle")
    arguments = parser.parse_args()
    try:
        anyio.run(_serve, arguments.socket, arguments.linger)
    finally:
        shutil.rmtree(os.path.dirname(arguments.socket), ignore_errors=True)
    return 0


async def _serve(path: str, linger_secs: float) -> None:
    listener = await anyio.create_unix_listener(path, mode=0o600)
    async with listener, anyio.create_task_group() as group:
        await group.start(_stop_on_signals, group.cancel_scope)
        await Hub(linger_secs=linger_secs).serve(listener)
        group.cancel_scope.cancel()


async def _stop_on_signals(
    scope: anyio.CancelScope, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED
) -> None:
    with anyio.open_signal_receiver(signal.SIGTERM) as signals:
        task_status.started()
        async for _ in signals:
            scope.cancel()


if __name__ == "__main__":
    # A terminal's Ctrl-C is the script's to deal with; what it logged is still to be delivered.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    sys.exit(main())
