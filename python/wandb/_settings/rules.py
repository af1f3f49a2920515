"""Rules of single settings: what their values must be beyond a type."""

from __future__ import annotations

from typing import Any

from wandb._settings.checks import Check, Unfit, text

__all__ = ("api_key", "at_least", "project", "run_id", "server_url", "sweep_id", "url")

_RUN_ID_FORBIDDEN = ":;,#?/'"
_PROJECT_FORBIDDEN = "/\\#?%:"
_PROJECT_LENGTH = 128
_HOSTED_API = "api.wandb.ai"


def at_least(minimum: float, number: Check) -> Check:
    """Keep a number that is not below a minimum; not-a-number is refused too."""

    def check(value: Any) -> Any:
        kept = number(value)
        if not kept >= minimum:
            raise Unfit(f"must be at least {minimum:g}")
        return kept

    return check


def _trimmed(value: Any) -> str:
    word = text(value)
    if word != word.strip():
        raise Unfit("may not start or end with white space", "Take the white space away.")
    return word


def _without(word: str, forbidden: str) -> str:
    found = sorted({character for character in word if character in forbidden})
    if found:
        shown = " ".join(found)
        raise Unfit(f"may not contain {shown}", f"Forbidden are {' '.join(forbidden)}")
    return word


def api_key(value: Any) -> str:
    """Keep a key as it is, but for white space that came along when it was copied."""
    return _trimmed(value)


def sweep_id(value: Any) -> str:
    """Keep a sweep's id."""
    word = _trimmed(value)
    if not word:
        raise Unfit("may not be empty", "Leave it out to run outside a sweep.")
    return word


def run_id(value: Any) -> str:
    """Keep a run's id: it becomes part of URLs and of folder names."""
    word = _trimmed(value)
    if not word:
        raise Unfit("may not be empty", "Leave it out to get a new one.")
    if "\0" in word:
        raise Unfit("may not contain a NUL character")
    return _without(word, _RUN_ID_FORBIDDEN)


def project(value: Any) -> str:
    """Keep a project's name: it becomes part of URLs."""
    word = text(value)
    if len(word) > _PROJECT_LENGTH:
        raise Unfit(f"may have at most {_PROJECT_LENGTH} characters, and this has {len(word)}")
    return _without(word, _PROJECT_FORBIDDEN)


def url(value: Any) -> str:
    """Keep the address of a server, without a trailing slash."""
    address = text(value)
    if not _is_web_address(address):
        raise Unfit("must be a web address", "It starts with http:// or https:// and names a host.")
    return address.rstrip("/")


def _is_web_address(address: str) -> bool:
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(address)
        port_fits = parts.port is None or parts.port >= 0  # reading a wrong port raises
    except ValueError:
        return False
    spaced = any(character.isspace() for character in address)
    return port_fits and not spaced and parts.scheme in ("http", "https") and bool(parts.hostname)


def server_url(value: Any) -> str:
    """Keep the address of a server's API; catch slips in the hosted service's address."""
    from urllib.parse import urlsplit

    address = url(value)
    parts = urlsplit(address)
    host = parts.hostname or ""
    hosted = host == "wandb.ai" or host.endswith(".wandb.ai")
    if hosted and (host != _HOSTED_API or parts.scheme != "https"):
        raise Unfit("is not the API of the hosted service", f"That is https://{_HOSTED_API}.")
    return address
