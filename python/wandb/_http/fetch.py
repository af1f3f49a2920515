"""Fetching an address that the user named, which is no server of ours: no key, no detours."""

from __future__ import annotations

import time
from base64 import b64encode
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote, unquote, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

__all__ = ("fetch",)

# For each read, and for all of them: an answer may come a byte at a time.
_SECS = 5.0
_MOST_SECS = 10.0
_MOST_BYTES = 16 << 20
_NONE: Mapping[str, str] = MappingProxyType({})


class _NoDetours(HTTPRedirectHandler):
    """Follows no redirect: what is sent along is for the address that the user named."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        """Make no request of it; the redirect is an error then."""


class _TooMuch(Exception):
    """More came than anybody would say of a machine."""


def fetch(url: str, headers: Mapping[str, str] = _NONE) -> bytes:
    """Return what is at an address; blocks for some seconds at most.

    A user and a password before the host are sent as such. No error tells these, nor the query,
    nor a header.

    Raises:
        OSError: It can't be had, or is too much.
        ValueError: The address is none.
    """
    plain, more = _address(url)
    # One that still has an @ may be a password that was not escaped.
    place = "it" if "@" in plain else plain.partition("?")[0]
    sent = {name.strip(): str(value).strip() for name, value in {**more, **headers}.items()}
    try:
        return _fetched(plain, sent)
    except _TooMuch:
        trouble = f"more than {_MOST_BYTES} bytes came"
    except HTTPError as err:
        err.close()
        trouble = f"the answer's status is {err.code}"
    except URLError as err:
        trouble = str(err.reason)
    except Exception as err:  # noqa: BLE001 - others tell what was sent
        trouble = type(err).__name__
    raise OSError(f"{place} can't be had: {trouble}") from None


def _address(url: str) -> tuple[str, Mapping[str, str]]:
    """Return the address without user and password, and the header that says these."""
    try:
        # Users write queries down as people read them, with spaces, braces and quotes.
        parts = urlsplit(quote(url.strip(), safe="%/:=&?~#+!$,;'@()*[]"))
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise ValueError("this is no address of the web")
    who, _, host = parts.netloc.rpartition("@")
    plain = parts._replace(netloc=host).geturl()
    if not who:
        return plain, _NONE
    return plain, {"Authorization": f"Basic {b64encode(unquote(who).encode()).decode()}"}


def _fetched(url: str, headers: Mapping[str, str]) -> bytes:
    request = Request(url, headers=dict(headers))
    until = time.monotonic() + _MOST_SECS
    body = bytearray()
    with build_opener(_NoDetours()).open(request, timeout=_SECS) as answer:
        while part := answer.read1(1 << 20):
            body += part
            if len(body) > _MOST_BYTES:
                raise _TooMuch
            if time.monotonic() > until:
                raise TimeoutError
    return bytes(body)
