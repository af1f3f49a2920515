"""`wandb.login`: keep the key of a server, and find out whether it is a good one."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from wandb._base.credentials import check_key, save_key
from wandb._base.terminal import termlog, termwarn
from wandb._run.keyprompt import typed_key
from wandb._run.session import session
from wandb._settings import settings_file
from wandb._settings.server_choice import HOSTED_API, ServerChoice, choose
from wandb._settings.settings import KEY_OF_LOGIN
from wandb.errors import AuthenticationError, CommError

if TYPE_CHECKING:
    from wandb._settings.settings import Settings


def login(
    anonymous: Literal["must", "allow", "never"] | None = None,
    key: str | None = None,
    relogin: bool | None = None,
    host: str | None = None,
    force: bool | None = None,
    timeout: int | None = None,
    verify: bool = False,
    referrer: str | None = None,
) -> bool:
    """Have a key for the server that runs are logged to.

    A key that is given is kept in the netrc file. Without one it is looked for in the settings,
    the environment and the netrc file, and asked for on a terminal if it is nowhere. Where no
    server is configured, runs go to your own, which needs no login: nothing is asked then.

    Args:
        anonymous: Accounts without a name exist on the hosted service only, and are not in this
            version.
        key: The API key.
        relogin: Ask for a key although there is one.
        host: The server's address; kept in the user's settings file for later runs.
        force: Do not offer to go on offline when asking for a key.
        timeout: How many seconds to wait for a key to be typed; after that runs are offline.
        verify: Ask the server whether it knows the key.
        referrer: Not used.

    Returns:
        Whether runs can be logged to the server; False where they are offline.

    Raises:
        AuthenticationError: The server does not know the key, or could not be asked.
        UsageError: There is no key and no terminal to ask on.
        ValueError: What was given can't be a key.
    """
    if session.globals.run is not None:
        termwarn("wandb.login after wandb.init has no effect: the run has its server.")
        return True
    settings = session.settings
    settings.model_copy(update={"anonymous": anonymous})  # another word is refused here
    if anonymous == "must":
        termwarn("Anonymous accounts are not in this version; the login goes on without one.")
    if host is not None:
        keep_host(settings, host)
    if settings._noop:
        return True
    if settings._offline and not settings.x_cli_only_mode:
        termwarn("wandb.login does nothing while the mode is offline.")
        return False
    if settings.identity_token_file:
        return True
    return _logged_in(
        settings,
        key,
        asks=settings.relogin if relogin is None else relogin,
        force=settings.force if force is None else force,
        timeout=settings.login_timeout if timeout is None else timeout,
        verify=verify,
    )


def keep_host(settings: Settings, host: str) -> None:
    """Use a server from now on, in this process and, by the settings file, in later ones."""
    settings.update_from_dict({"base_url": host}, source="argument of `wandb.login`")
    kept = None if settings.base_url == HOSTED_API else settings.base_url
    path = os.path.expanduser(settings.settings_system or "")
    if not path:
        return
    try:
        settings_file.change(path, {"base_url": kept})
    except OSError as err:
        termwarn(f"The server is used now, but not for later runs ({err.strerror}): {path}")


def _logged_in(
    settings: Settings,
    key: str | None,
    *,
    asks: bool,
    force: bool,
    timeout: float | None,
    verify: bool,
) -> bool:
    # What is given is tried on a copy: a key that proves wrong leaves the one before in place.
    tried = settings.model_copy()
    if key is not None:
        key = check_key(key)
        _use(tried, key)
    choice = choose(tried)
    if choice.kind == "local":
        if verify and choice.base_url and choice.api_key:
            _verify(choice, settings)
        if key is not None:
            _use(settings, key)
        termlog("No server is configured: runs go to your own, which needs no login.", repeat=False)
        return True
    new = key
    if key is None and (asks or choice.api_key is None):
        new = typed_key(choice, force=force, timeout_secs=timeout)
        if new is None:
            settings.update_from_dict({"mode": "offline"}, source="`wandb.login` without a key")
            return False
    known = ServerChoice(choice.kind, choice.base_url, new or choice.api_key)
    name = _verify(known, settings) if verify else None
    if new is not None:
        _keep(settings, known.base_url, new)
    who = f"Logged in as {name}" if name else "There is an API key"
    termlog(f"{who} for {known.base_url}. `wandb login --relogin` replaces the key.", repeat=False)
    return True


def login_for_run(settings: Settings, choice: ServerChoice) -> ServerChoice | None:
    """Ask for the key of the server that a run is to be sent to.

    Returns:
        The server with the key; None where somebody chose to keep the run on this machine.

    Raises:
        UsageError: There is no terminal to ask on.
    """
    key = typed_key(choice, force=settings.force, timeout_secs=settings.login_timeout)
    if key is None:
        return None
    _keep(settings, choice.base_url, key)
    return replace(choice, api_key=key)


def _verify(choice: ServerChoice, settings: Settings) -> str:
    """Ask the server whom the key belongs to."""
    from wandb.apis.public.server import connect

    try:
        viewer = connect(choice, settings).ask("CheckKey")["viewer"]
    except AuthenticationError:
        viewer = None
    except CommError as err:
        raise AuthenticationError(f"The API key could not be verified: {err}") from err
    if viewer is None:
        raise AuthenticationError(
            "The server does not know the API key, and it was not kept. Copy it again from the "
            f"server's page. Server: {choice.base_url}"
        )
    return str(viewer.get("username") or viewer.get("entity") or "")


def _use(settings: Settings, key: str) -> None:
    settings.update_from_dict({"api_key": key}, source=KEY_OF_LOGIN)


def _keep(settings: Settings, base_url: str, key: str) -> None:
    _use(settings, key)
    host = urlsplit(base_url).netloc
    try:
        path = save_key(base_url, key)
    except OSError as err:
        termwarn(f"The API key is used now, but could not be kept for later runs: {err}")
        return
    termlog(f"The API key for {host} is kept in {path}")
