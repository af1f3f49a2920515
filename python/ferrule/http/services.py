"""What handlers of requests work with, as the composition root put it together."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import anyio
from aiohttp import web

from ferrule.auth.sessions import Sessions
from ferrule.auth.signing import Signer
from ferrule.http.bodies import BodyBudget
from ferrule.http.identity import Callers
from ferrule.ingest.accept import Ingest, RunCache
from ferrule.ingest.summary import ProgressBook
from ferrule.ports import Stores
from ferrule.ports.blobs import Blobs
from ferrule.ports.committer import Committer
from ferrule.ports.feed import Feed
from ferrule.ports.history import History
from ferrule.settings import ServerSettings


@dataclass(slots=True)
class Activity:
    """Whether anyone uses the server: what a local one ends by."""

    last_used_at: float = 0.0
    pages_open: int = 0


@dataclass(frozen=True, slots=True)
class Services:
    """Everything a handler may need.

    Attributes:
        server_id: The server's public name; part of its cookie's name.
        version: Of this distribution.
        budget: How much of bodies may be in memory.
        stopping: Is set when the server begins to stop; long answers end then.
        clock: Seconds since 1970.
    """

    settings: ServerSettings
    stores: Stores
    history: History
    blobs: Blobs
    feed: Feed
    ingest: Ingest
    committer: Committer
    cache: RunCache
    book: ProgressBook
    callers: Callers
    sessions: Sessions
    signer: Signer
    server_id: str
    version: str
    budget: BodyBudget
    activity: Activity = field(default_factory=Activity)
    stopping: anyio.Event = field(default_factory=anyio.Event)
    clock: Callable[[], float] = time.time


SERVICES = web.AppKey("services", Services)


def services(request: web.Request) -> Services:
    """Return what the request's application works with."""
    return request.app[SERVICES]
