"""What the network and the server do to requests, as rules that a proxy asks."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from e2e.proxy import Fault

HTML = "<!doctype html><html><body><h1>Welcome to the airport</h1>Please sign in.</body></html>"
FILE_STREAM = "/file_stream"


def cut(rng: random.Random) -> Fault:
    """Cut the connection, before or after the server did its work."""
    return Fault(after=rng.random() < 0.6)


def too_many(rng: random.Random) -> Fault:
    """Ask for patience, as a server under load does."""
    return Fault(429, "slow down", {"Retry-After": rng.choice(("0", "1"))})


def failing(rng: random.Random) -> Fault:
    """Fail as a proxy or a server does, sometimes after the work was done."""
    return Fault(rng.choice((500, 502, 503, 504)), "no luck", after=rng.random() < 0.4)


def portal(rng: random.Random) -> Fault:
    """Answer with a page, as a captive portal does."""
    status = rng.choice((200, 302, 503))
    where = {"Location": "/sign-in"} if status == 302 else {}
    return Fault(status, HTML, {"Content-Type": "text/html", **where})


HARMS: dict[str, Callable[[random.Random], Fault]] = {
    "cut": cut,
    "too_many": too_many,
    "failing": failing,
    "portal": portal,
}


@dataclass
class Weather:
    """Does one kind of harm to a share of the requests, until it clears up.

    A portal's page with status 200 must not reach what was posted: the client can't tell it
    from the server's own answer by the status, so only requests for GraphQL get that one.
    """

    harm: str | None
    share: float
    rng: random.Random
    done: int = 0
    clear: bool = False
    seen: list[str] = field(default_factory=list)

    def __call__(self, method: str, path: str, body: bytes) -> Fault | None:
        """Decide about one request."""
        if self.clear or self.harm is None or self.rng.random() >= self.share:
            return None
        fault = HARMS[self.harm](self.rng)
        self.done += 1
        return fault
