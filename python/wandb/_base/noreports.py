"""What stands where other clients keep their crash reporter: nothing is ever reported."""

from __future__ import annotations

from typing import Any, NoReturn

__all__ = ("NoReports", "no_reports")


class NoReports:
    """A crash reporter without a receiver; libraries that call it find what they call."""

    dsn = None

    def exception(self, exc: Any, handled: bool = False, status: Any = None) -> None:
        """Keep an exception to yourself."""

    def message(self, message: str, repeat: bool = True) -> None:
        """Keep a message to yourself."""

    def reraise(self, exc: BaseException) -> NoReturn:
        """Raise an exception again.

        Raises:
            BaseException: The exception.
        """
        raise exc.with_traceback(exc.__traceback__)

    def configure_scope(self, tags: Any = None, process_context: Any = None) -> None:
        """Note nothing about the process."""

    def setup(self) -> None:
        """Set nothing up."""

    def start_session(self) -> None:
        """Count no session."""

    def end_session(self) -> None:
        """Count no session."""


no_reports = NoReports()
