"""Every exception a user of the package may want to catch.

Error
├── CommError                      a server was asked and the answer did not come, or was no
│   └── AuthenticationError        the server does not accept the key
├── UsageError                     the call itself can't be right
│   ├── UnsupportedError           right elsewhere, not available here
│   └── SettingsError              a setting has a wrong value; also a ValueError
├── ConfigError                    the run's configuration can't be changed that way
├── WaitTimeoutError               the thing waited for did not happen in time
└── WandbCoreNotAvailableError     the background service can't be had
"""

from __future__ import annotations

from typing import Any

__all__ = (
    "AuthenticationError",
    "CommError",
    "ConfigError",
    "Error",
    "SettingsError",
    "UnsupportedError",
    "UsageError",
    "WaitTimeoutError",
    "WandbCoreNotAvailableError",
)


class Error(Exception):
    """The root of all errors this package raises on purpose.

    Attributes:
        message: What happened, for a person.
        context: Facts that belong to it, for a program; None where there are none.
    """

    def __init__(self, message: str, context: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.context = context


class CommError(Error):
    """A server could not be reached, or refused.

    Attributes:
        exc: The exception underneath, if there was one.
    """

    def __init__(self, msg: str, exc: Exception | None = None) -> None:
        super().__init__(msg)
        self.exc = exc


class AuthenticationError(CommError):
    """The server knows no such key, or the key may not do this."""


class UsageError(Error):
    """A call or an argument can't be right, whatever the server says."""


class UnsupportedError(UsageError):
    """The feature exists, but not in this mode, on this server or in this version."""


class SettingsError(UsageError, ValueError):
    """A setting was given a value it can't take; nothing was changed.

    It is a ValueError too: the original raises its validation library's ValueError here, and
    callers catch either.
    """


class ConfigError(Error):
    """A key of the run's configuration is locked, or already has another value."""


class WaitTimeoutError(Error):
    """A wait with a limit came to its end before the awaited thing happened."""


class WandbCoreNotAvailableError(Error):
    """The background service can't be found or started."""
