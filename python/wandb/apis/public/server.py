"""A server as `Api` and the commands use it: questions and files, for callers that can't await."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from wandb._base.portal import portal
from wandb._http.client import Client
from wandb._http.graphql import GraphQL
from wandb._http.transfer import download, upload
from wandb._settings.derived import app_url
from wandb._settings.server_choice import ServerChoice
from wandb._wire.graphql import operation
from wandb.errors import UsageError

USER_AGENT = "W&B Public Client 0.21.3"


class Server:
    """One server and the key for it; connections are made when needed and shared."""

    def __init__(
        self,
        base_url: str,
        api_key: str | None,
        *,
        timeout_secs: float | None = None,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.api_key = api_key
        self.app_url = app_url(self.base_url)
        # The time a program waits for an answer is the original's.
        self._timeout_secs = timeout_secs or 19.0

    def ask(self, name: str, **variables: Any) -> dict[str, Any]:
        """Run one of our GraphQL operations and return its data.

        Raises:
            AuthenticationError: The server does not accept the key.
            CommError: The server refused, with its own sentence, or could not be reached.
        """
        return portal().call(GraphQL(self._client()).execute(operation(name), variables))

    def save(self, address: str, target: Path) -> None:
        """Download to a file."""
        portal().call(download(self._client(), address, target))

    def send(self, address: str, path: Path, headers: Iterable[str] = ()) -> None:
        """Upload a file to an address that the server gave for it."""
        portal().call(upload(self._client(), address, path, headers=headers))

    def _client(self) -> Client:
        key = (self.base_url, self.api_key, self._timeout_secs)
        return portal().held(key, self._connect)

    def _connect(self) -> Client:
        return Client(
            self.base_url,
            self.api_key,
            user_agent=USER_AGENT,
            timeout_secs=self._timeout_secs,
        )

    def __repr__(self) -> str:
        return f"<Server {self.base_url}>"


def connect(choice: ServerChoice, *, timeout_secs: float | None = None) -> Server:
    """Return the chosen server, ready to be asked.

    Raises:
        UsageError: There is no key for it.
    """
    if choice.api_key is None or not choice.base_url:
        raise UsageError(_no_key(choice))
    return Server(choice.base_url, choice.api_key, timeout_secs=timeout_secs)


def _no_key(choice: ServerChoice) -> str:
    if choice.kind == "local":
        return (
            "No server is configured, and your own has not been started yet: it starts with the "
            "first `wandb.init`. Name another with WANDB_BASE_URL, or read a folder of runs: "
            'wandb.Api(overrides={"base_url": "./wandb"}).'
        )
    return (
        "There is no API key for the server. Run `wandb login`, set WANDB_API_KEY, or give "
        f"api_key to wandb.Api. Server: {choice.base_url}"
    )
