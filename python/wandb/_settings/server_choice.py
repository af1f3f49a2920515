"""Which server a process talks to, and with which key: one answer for runs, `Api` and commands."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from wandb._base.credentials import LOCAL_PREFIX, find_key

if TYPE_CHECKING:
    from wandb._settings.settings import Settings

__all__ = ("HOSTED_API", "ServerChoice", "choose", "local_data_dir", "local_server")

HOSTED_API = "https://api.wandb.ai"

Kind = Literal["named", "hosted", "local"]


@dataclass(frozen=True, slots=True)
class ServerChoice:
    """A server and the key for it.

    `kind` is "named" where the user gave an address, "hosted" where only a key for the hosted
    service was found, and "local" for the user's own server, which is started on demand:
    `base_url` and `api_key` are empty until it was started for the first time, and `base_url`
    is where it was last seen, whether or not it runs at the moment.
    """

    kind: Kind
    base_url: str
    api_key: str | None


def choose(settings: Settings, environ: Mapping[str, str] | None = None) -> ServerChoice:
    """Decide where data goes: a named server, else the hosted one with a key, else a local one.

    Args:
        settings: What the user set; an address counts as named if somebody set it.
        environ: Values by variable; `os.environ` unless given.
    """
    known = os.environ if environ is None else environ
    key = settings.api_key
    if settings.origin("base_url") is not None:
        return _named(settings.base_url, key, known)
    if key is not None and not key.startswith(LOCAL_PREFIX):
        return ServerChoice("hosted", HOSTED_API, key)
    stored = find_key(HOSTED_API, environ=known) if key is None else None
    if stored is not None and not stored.startswith(LOCAL_PREFIX):
        return ServerChoice("hosted", HOSTED_API, stored)
    local = local_server(known)
    return ServerChoice("local", local.base_url, key or local.api_key)


def _named(base_url: str, key: str | None, environ: Mapping[str, str]) -> ServerChoice:
    found = key or find_key(base_url, environ=environ)
    if found is None:
        # The address of the user's own server, given by hand, needs no key given by hand.
        local = local_server(environ)
        found = local.api_key if local.base_url == base_url.rstrip("/") else None
    return ServerChoice("named", base_url, found)


def local_server(environ: Mapping[str, str] | None = None) -> ServerChoice:
    """Tell where the user's own server was last seen, and its key, from the files it wrote."""
    folder = local_data_dir(environ)
    seen = _seen(folder / "server.json")
    port = seen.get("port")
    base_url = f"http://127.0.0.1:{port}" if isinstance(port, int) else ""
    return ServerChoice("local", base_url, _line(folder / "api-key") or None)


def local_data_dir(environ: Mapping[str, str] | None = None) -> Path:
    """Return the folder in which the user's own server keeps everything."""
    chosen = (os.environ if environ is None else environ).get("FERRULE_DATA_DIR")
    if chosen:
        return Path(chosen).expanduser()
    from platformdirs import user_data_dir

    return Path(user_data_dir("ferrule"))


def _seen(path: Path) -> dict[str, Any]:
    try:
        facts = json.loads(_line(path))
    except ValueError:
        return {}
    return facts if isinstance(facts, dict) else {}


def _line(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""
