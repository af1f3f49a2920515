"""A server as `Api` and the commands use it: questions and files, for callers that can't await."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from wandb._base.portal import portal
from wandb._base.retry import Backoff
from wandb._http.client import Client
from wandb._http.graphql import execute
from wandb._http.options import HttpOptions, http_options
from wandb._http.policy import GRAPHQL, TRANSFER, RequestFailure
from wandb._http.transfer import download, upload
from wandb._service.localserver import LocalServerMissing, running_server
from wandb._settings.derived import app_url
from wandb._settings.server_choice import ServerChoice, choose
from wandb._settings.settings import Settings
from wandb._wire.graphql import EXACT_NUMBERS, operation
from wandb.errors import AuthenticationError, CommError, UsageError

T = TypeVar("T")

USER_AGENT = "W&B Public Client 0.21.3"
# The hosted service lets administrators see what is not theirs only when asked to.
_HEADERS = {
    "User-Agent": USER_AGENT,
    "Use-Admin-Privileges": "true",
    **dict([EXACT_NUMBERS]),
}
# Somebody waits: a server that is away is given up after some twenty seconds, as in the original.
_IMPATIENT = Backoff(0.5, 8.0, 5)


class Server:
    """One server and the key for it; connections are made when needed and shared."""

    def __init__(
        self,
        base_url: str,
        api_key: str | None,
        options: HttpOptions,
        *,
        timeout_secs: float | None = None,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.api_key = api_key
        self._options = options
        self.app_url = app_url(self.base_url)
        # The time a program waits for an answer is the original's.
        self._timeout_secs = timeout_secs or 19.0

    def ask(self, name: str, /, **variables: Any) -> dict[str, Any]:
        """Run one of our GraphQL operations and return its data.

        Raises:
            AuthenticationError: The server does not accept the key.
            CommError: The server refused, with its own sentence, or could not be reached.
        """
        return self._done(
            lambda client: execute(
                client,
                operation(name),
                variables,
                operation=name,
                policy=replace(GRAPHQL, backoff=_IMPATIENT, attempt_secs=self._timeout_secs),
            )
        )

    def save(self, address: str, target: Path) -> None:
        """Download to a file."""
        policy = TRANSFER.with_backoff(_IMPATIENT)
        self._done(lambda client: download(client, address, str(target), policy=policy))

    def send(self, address: str, path: Path, headers: Iterable[str] = ()) -> None:
        """Upload a file to an address that the server gave for it."""
        policy = TRANSFER.with_backoff(_IMPATIENT)
        self._done(
            lambda client: upload(client, address, str(path), headers=headers, policy=policy)
        )

    def _done(self, work: Callable[[Client], Coroutine[Any, Any, T]]) -> T:
        loop = portal()
        # Connections are shared by all that ask alike.
        alike = (self.base_url, self.api_key, repr(self._options))
        client = loop.entered(alike, self._connect)
        try:
            return loop.call(work(client))
        except RequestFailure as failure:
            raise self._explained(failure) from failure

    def _connect(self) -> Client:
        headers = {**_HEADERS, **self._options.headers}
        return Client(self.base_url, self.api_key, replace(self._options, headers=headers))

    def _explained(self, failure: RequestFailure) -> CommError:
        if failure.status == 401:
            return AuthenticationError(
                f"{failure.message} Log in again with `wandb login --relogin`, or correct "
                f"WANDB_API_KEY. Server: {self.base_url}"
            )
        status = f"HTTP {failure.status}: " if failure.status not in (None, 200) else ""
        return CommError(f"{status}{failure.message} ({self.base_url})", failure)

    def __repr__(self) -> str:
        return f"<Server {self.base_url}>"


def reach(settings: Settings, *, timeout_secs: float | None = None) -> Server:
    """Return the server that settings mean, ready to be asked; the user's own is started.

    Raises:
        UsageError: There is no key for it.
        CommError: The user's own server can't be had.
    """
    choice = choose(settings)
    if choice.kind == "local":
        try:
            choice = running_server()
        except LocalServerMissing as err:
            raise CommError(
                "No server is configured, and your own can't be had. Name one with "
                "WANDB_BASE_URL, or read a folder of runs: "
                f'wandb.Api(overrides={{"base_url": "./wandb"}}). What went wrong: {err}'
            ) from err
    return connect(choice, settings, timeout_secs=timeout_secs)


def connect(
    choice: ServerChoice, settings: Settings, *, timeout_secs: float | None = None
) -> Server:
    """Return a chosen server, ready to be asked in the way that settings say.

    Raises:
        UsageError: There is no key for it.
    """
    if choice.api_key is None:
        raise UsageError(
            "There is no API key for the server. Run `wandb login`, set WANDB_API_KEY, or give "
            f"an `api_key`. Server: {choice.base_url}"
        )
    options = http_options(settings)
    return Server(choice.base_url, choice.api_key, options, timeout_secs=timeout_secs)
