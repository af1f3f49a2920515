"""How requests go out; known without loading what sends them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

__all__ = ("HttpOptions", "http_options")


@dataclass(frozen=True, slots=True)
class HttpOptions:
    """How requests go out.

    Attributes:
        headers: Added to every request to the server itself; addresses elsewhere don't get them.
        http_proxy: For servers reached by plain HTTP; the environment's unless given, and none
            for this machine.
        https_proxy: For servers reached by HTTPS.
        check_certificates: False trusts any server.
    """

    headers: Mapping[str, str] = field(default_factory=dict)
    http_proxy: str | None = None
    https_proxy: str | None = None
    check_certificates: bool = True


class _Chosen(Protocol):
    """The part of the settings that is read here."""

    @property
    def x_extra_http_headers(self) -> Mapping[str, str] | None: ...
    @property
    def http_proxy(self) -> str | None: ...
    @property
    def https_proxy(self) -> str | None: ...
    @property
    def insecure_disable_ssl(self) -> bool: ...


def http_options(settings: _Chosen) -> HttpOptions:
    """Read off the settings how requests go out, alike for runs, `Api` and commands."""
    return HttpOptions(
        headers=dict(settings.x_extra_http_headers or {}),
        http_proxy=settings.http_proxy,
        https_proxy=settings.https_proxy,
        check_certificates=not settings.insecure_disable_ssl,
    )
