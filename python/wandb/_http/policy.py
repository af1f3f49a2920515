"""Which answers are final, which are tried again, how often and how long: one table.

The statuses are the protocol's: a server's author reads them as promises of its clients.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

import orjson

from wandb._base.retry import Backoff
from wandb.errors import AuthenticationError, CommError

__all__ = (
    "FILE_STREAM",
    "GRAPHQL",
    "TRANSFER",
    "UPSERT",
    "Policy",
    "RequestFailure",
    "message_of",
    "retry_after_secs",
)

_REFUSED = frozenset((400, 401, 403, 404, 410, 413, 422, 501))
# Nobody waits longer for a server that asks for patience.
_LONGEST_RETRY_AFTER_SECS = 300.0
_LONGEST_MESSAGE = 300


@dataclass(frozen=True, slots=True)
class Policy:
    """What becomes of a request that was not answered with success.

    Attributes:
        final: Statuses after which the request is given up. Redirects are, too, but for those
            of a captive portal: none is followed, since the key would go along.
        backoff: The waits between tries.
        attempt_secs: How long one try may take; None for ever.
        stall_secs: How long a server may neither take nor give anything; None for ever.
    """

    final: frozenset[int]
    backoff: Backoff
    attempt_secs: float | None
    stall_secs: float | None = None

    def is_final(self, status: int) -> bool:
        """Whether a request with this answer is given up."""
        return status in self.final or 300 <= status < 400

    def with_backoff(self, backoff: Backoff) -> Policy:
        """Return this policy with other waits."""
        return replace(self, backoff=backoff)


GRAPHQL = Policy(_REFUSED | {409}, Backoff(2.0, 60.0, 20), 30.0)
# A conflict of two upserts is gone the next time.
UPSERT = Policy(_REFUSED, Backoff(2.0, 60.0, 10_000), 30.0)
FILE_STREAM = Policy(_REFUSED | {409}, Backoff(2.0, 60.0, 10_000), 180.0)
# A file takes as long as it takes; what stands still holds up the end of its run.
TRANSFER = Policy(_REFUSED | {409}, Backoff(2.0, 60.0, 20), None, stall_secs=120.0)


class RequestFailure(Exception):
    """A request that was given up.

    Attributes:
        status: The last answer's; None if there was none.
        message: What the server said, or why it could not be asked.
        final: Whether the server refused; False if it could not be reached long enough.
    """

    def __init__(self, message: str, *, status: int | None = None, final: bool = True) -> None:
        super().__init__(f"{status}: {message}" if status else message)
        self.status = status
        self.message = message
        self.final = final

    def public(self) -> CommError:
        """Return the exception that a user sees."""
        kind = AuthenticationError if self.status == 401 else CommError
        return kind(str(self), self)


def message_of(body: bytes) -> str:
    """Find the sentence in the body of an error, in any of the shapes that servers use."""
    try:
        found = _sentence(orjson.loads(body))
    except orjson.JSONDecodeError:
        found = None
    return (found or _first_line(body))[:_LONGEST_MESSAGE]


def _sentence(answer: object) -> str | None:
    if not isinstance(answer, dict):
        return None
    told = answer.get("errors") or answer.get("error")
    first = told[0] if isinstance(told, list) else told
    text = first.get("message") if isinstance(first, dict) else first
    return str(text) if text else None


def _first_line(body: bytes) -> str:
    text = body[:2048].decode("utf-8", "replace").strip()
    if text.startswith("<"):
        return "the answer is a web page, as of a proxy or a login form"
    return text.partition("\n")[0] or "no reason was given"


def retry_after_secs(value: str | None, *, now: datetime | None = None) -> float:
    """Read a `Retry-After` header, seconds or a date; 0 where it says nothing."""
    if not value:
        return 0.0
    try:
        secs = float(value)
    except ValueError:
        secs = _secs_until(value, now or datetime.now(timezone.utc))
    # `not (secs > 0)` would let NaN pass; the comparison below does not.
    return min(secs, _LONGEST_RETRY_AFTER_SECS) if secs > 0 else 0.0


def _secs_until(date: str, now: datetime) -> float:
    try:
        moment = parsedate_to_datetime(date)
    except ValueError:
        return 0.0
    return (moment.replace(tzinfo=moment.tzinfo or timezone.utc) - now).total_seconds()
