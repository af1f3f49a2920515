"""Everything the server tells a client on purpose.

PublicError                  the message is safe for strangers
├── BadInput          400    the request can't be right; sending it again won't help
│   └── BodyError     400    the body can't be read at all
├── Unauthenticated   401    no key, or one that is not known
├── Forbidden         403    known, but not allowed to do this
├── NotFound          404    no such thing, or nothing the caller may see
├── Conflict          409    the thing exists already, or changed meanwhile
├── TooLarge          413    more than the server takes
└── BusyError         503    for the moment; the same request may come again
    └── TooSlow       503    the body did not come in time

Any other exception is a defect or a broken machine: it is logged with an id, and the client is
told the id only.
"""

from typing import ClassVar

BUSY_RETRY_SECS = 2.0


class PublicError(Exception):
    """A failure whose message a client may read.

    Attributes:
        message: What happened, to what, and what to do; one sentence or two.
        status: The HTTP status it is answered with.
        code: What GraphQL clients find in `extensions.code`.
        retry_after_secs: When to come again; None where that would be of no use.
    """

    status: ClassVar[int] = 400
    code: ClassVar[str] = "BAD_REQUEST"

    def __init__(self, message: str, *, retry_after_secs: float | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.retry_after_secs = retry_after_secs


class BadInput(PublicError):
    """The request can't be right."""

    status = 400
    code = "BAD_USER_INPUT"


class BodyError(BadInput):
    """The body of a request can't be read at all."""

    code = "BAD_BODY"


class Unauthenticated(PublicError):
    """The request carries no key, or one that the server does not know."""

    status = 401
    code = "UNAUTHENTICATED"


class Forbidden(PublicError):
    """The caller is known and may not do this."""

    status = 403
    code = "FORBIDDEN"


class NotFound(PublicError):
    """There is no such thing, or the caller may not know of it."""

    status = 404
    code = "NOT_FOUND"


class Conflict(PublicError):
    """The thing exists already, or is not what the caller took it for."""

    status = 409
    code = "CONFLICT"


class TooLarge(PublicError):
    """The request is bigger than the server takes."""

    status = 413
    code = "TOO_LARGE"


class BusyError(PublicError):
    """The server can't do this at the moment; nothing was changed."""

    status = 503
    code = "BUSY"

    def __init__(self, message: str, *, retry_after_secs: float = BUSY_RETRY_SECS) -> None:
        super().__init__(message, retry_after_secs=retry_after_secs)


class TooSlow(BusyError):
    """The body of a request did not come in time.

    Not 408, after which released clients give a file up.
    """

    code = "TOO_SLOW"
