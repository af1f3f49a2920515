"""Keys by older names: where one is, and how to keep one."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, NamedTuple

from wandb._base.credentials import find_key, netrc_path, save_key
from wandb._base.terminal import termlog
from wandb._run.keyprompt import typed_key
from wandb._run.session import session
from wandb._settings.server_choice import choose

if TYPE_CHECKING:
    from wandb._settings.settings import Settings

__all__ = (
    "WriteNetrcError",
    "api_key",
    "check_netrc_access",
    "get_netrc_file_path",
    "prompt_api_key",
    "write_key",
    "write_netrc",
)


class WriteNetrcError(Exception):
    """The netrc file can't be written."""


class NetrcAccess(NamedTuple):
    """What may be done with the netrc file."""

    exists: bool
    write_access: bool
    read_access: bool


def api_key(settings: Settings | None = None) -> str | None:
    """Return the key for a server: that of the settings, or the one in the netrc file.

    Args:
        settings: Which server, and perhaps the key; those of the process unless given.
    """
    chosen = settings or session.settings
    return chosen.api_key or find_key(chosen.base_url)


def write_key(settings: Settings, key: str, api: Any = None) -> None:
    """Keep the key of a server in the netrc file.

    Args:
        settings: Which server.
        key: The key.
        api: Not used.

    Raises:
        ValueError: There is none, or it can't be one.
        OSError: The file can't be written.
    """
    if not key:
        raise ValueError("No API key was given, so none was kept.")
    path = save_key(settings.base_url, key)
    termlog(f"The API key for {settings.base_url} is kept in {path}")


def write_netrc(host: str, entity: str, key: str) -> None:
    """Keep the key of a host in the netrc file.

    Args:
        host: The server's host, with its port if it has one.
        entity: Not used: servers look at the key alone.
        key: The key.

    Raises:
        ValueError: It can't be a key.
        WriteNetrcError: The file can't be written.
    """
    try:
        save_key(host if "://" in host else f"https://{host}", key)
    except OSError as err:
        raise WriteNetrcError(
            f"The API key could not be kept ({err.strerror}): {err.filename}"
        ) from err


def get_netrc_file_path() -> str:
    """Return where keys are kept."""
    return str(netrc_path())


def check_netrc_access(netrc_path: str) -> NetrcAccess:
    """Tell whether a netrc file is there, and whether it can be read and written."""
    exists = os.path.exists(netrc_path)
    beside = os.path.dirname(netrc_path) or os.curdir
    return NetrcAccess(
        exists=exists,
        write_access=os.access(netrc_path if exists else beside, os.W_OK),
        read_access=exists and os.access(netrc_path, os.R_OK),
    )


def prompt_api_key(
    settings: Settings,
    api: Any = None,
    input_callback: Any = None,
    browser_callback: Any = None,
    no_offline: bool = False,
    no_create: bool = False,
    local: bool = False,
    referrer: str | None = None,
) -> str | None:
    """Ask for a key on the terminal, and keep it.

    Args:
        settings: Which server.
        api: Not used.
        input_callback: Asked in place of the terminal; it is given the prompt.
        browser_callback: Not used: nothing is opened.
        no_offline: Do not offer to go on without the server.
        no_create: Do not offer to make an account.
        local: Not used.
        referrer: Not used.

    Returns:
        The key; None where somebody chose to go on without.

    Raises:
        UsageError: There is no terminal.
    """
    if input_callback is not None:
        key = str(input_callback("API key: ")).strip()
    else:
        typed = typed_key(choose(settings), force=no_offline, may_create=not no_create)
        if typed is None:
            return None
        key = typed
    write_key(settings, key)
    return key
