"""Fetching an address that the user named, which is no server of ours: no key, no detours."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import quote
from urllib.request import HTTPRedirectHandler, Request, build_opener

__all__ = ("fetch",)

_SECS = 5.0
_MOST_BYTES = 16 << 20
_NONE: Mapping[str, str] = MappingProxyType({})


class _NoDetours(HTTPRedirectHandler):
    """Follows no redirect: what is sent along is for the address that the user named."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        """Make no request of it; the redirect is an error then."""


def fetch(url: str, headers: Mapping[str, str] = _NONE) -> bytes:
    """Return what is at an address; blocks for some seconds at most.

    Raises:
        OSError: It can't be had.
        ValueError: It is too much, or the address is none.
    """
    # Users write queries down as people read them, with spaces, braces and quotes.
    spelled = quote(url, safe="%/:=&?~#+!$,;'@()*[]")
    if not spelled.startswith(("http://", "https://")):
        raise ValueError(f"this is no address of the web: {url}")
    request = Request(spelled, headers=dict(headers))
    with build_opener(_NoDetours()).open(request, timeout=_SECS) as answer:
        body = bytes(answer.read(_MOST_BYTES + 1))
    if len(body) > _MOST_BYTES:
        raise ValueError(f"more than {_MOST_BYTES} bytes came from {url}")
    return body
