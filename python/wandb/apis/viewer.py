"""Who a key belongs to, asked with a limit of time."""

from __future__ import annotations

from typing import Any

from wandb._settings.settings import Settings
from wandb.apis.public.server import reach
from wandb.errors import CommError, UsageError

__all__ = ("Server",)


class Server:
    """What the server says of the key's owner; empty until asked, and where nobody answers."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._viewer: dict[str, Any] = {}

    def query_with_timeout(self, timeout: float = 5) -> None:
        """Ask the server.

        Args:
            timeout: How many seconds to wait at most; a server that is away is no error.
        """
        try:
            answer = reach(self._settings, timeout_secs=timeout).ask("CheckKey")
        except (CommError, UsageError):
            return
        self._viewer = answer["viewer"] or {}

    @property
    def viewer(self) -> dict[str, Any]:
        """The owner: `id`, `username`, `entity`."""
        return self._viewer
