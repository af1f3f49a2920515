"""Where a server is put together: settings to stores to services to the web application.

The only file that names engines.
"""

import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import anyio
from aiohttp import web

from ferrule.auth.secret import server_id
from ferrule.auth.sessions import Sessions
from ferrule.auth.signing import Signer
from ferrule.domain.manifests import Limits
from ferrule.graphql import ids
from ferrule.http import (
    artifact_files,
    file_stream,
    graphql,
    health,
    live,
    logs,
    runs,
    series,
    session,
    storage,
    ui,
)
from ferrule.http.bodies import BodyBudget
from ferrule.http.identity import Callers
from ferrule.http.middleware import around, put_security_headers
from ferrule.http.services import SERVICES, Services
from ferrule.ingest.accept import Ingest, RunCache
from ferrule.ingest.artifacts import Ids, ManifestCommitter
from ferrule.ingest.summary import ProgressBook
from ferrule.jobs.runner import Jobs
from ferrule.ports import Stores
from ferrule.ports.blobs import Blobs
from ferrule.ports.history import History
from ferrule.settings import ServerSettings
from ferrule.stores.blobs.local import LocalBlobs
from ferrule.stores.feed.local import LocalFeed
from ferrule.stores.history.native import NativeHistory
from ferrule.stores.history.opening import OpeningHistory, RunState
from ferrule.stores.sql import open_stores
from wandb._wire.journal import PRODUCER


@dataclass(frozen=True, slots=True)
class Engines:
    """The engines under a server."""

    stores: Stores
    history: History
    blobs: Blobs


@asynccontextmanager
async def open_engines(settings: ServerSettings) -> AsyncIterator[Engines]:
    """Open the engines of a data folder, and close them after."""
    async with AsyncExitStack() as stack:
        stores = await stack.enter_async_context(open_stores(settings.data_dir))
        history = await NativeHistory.open(
            settings.data_dir,
            manifest=await stores.runs.log_manifest(),
            wait_secs=settings.accept_wait_secs,
        )
        stack.push_async_callback(history.close)
        yield Engines(stores, history, LocalBlobs(settings.data_dir))


def make_services(
    settings: ServerSettings,
    engines: Engines,
    secret: bytes,
    *,
    clock: Callable[[], float] = time.time,
) -> Services:
    """Put together what handlers of requests work with."""
    stores = engines.stores
    history = OpeningHistory(engines.history, _lookup_in(stores))
    cache = RunCache(stores.runs)
    book = ProgressBook(stores.runs, history)
    feed = LocalFeed()
    sessions = Sessions(secret, settings.data_dir / "ended-sessions.json", clock)
    own_id = server_id(secret)
    return Services(
        settings=settings,
        stores=stores,
        history=history,
        blobs=engines.blobs,
        feed=feed,
        ingest=Ingest(history, cache, book, feed, clock),
        committer=_committer(settings, engines),
        cache=cache,
        book=book,
        callers=Callers(stores.people, sessions, own_id, clock),
        sessions=sessions,
        signer=Signer(secret),
        server_id=own_id,
        version=PRODUCER,
        budget=BodyBudget(settings.bodies_bytes),
        clock=clock,
    )


def _committer(settings: ServerSettings, engines: Engines) -> ManifestCommitter:
    limits = Limits(settings.manifest_bytes, settings.artifact_files)
    artifact_ids = Ids(partial(ids.written, "Artifact"), partial(ids.number_or_none, "Artifact"))
    return ManifestCommitter(engines.stores, engines.blobs, limits, artifact_ids)


def _lookup_in(stores: Stores) -> Callable[[int], Awaitable[RunState | None]]:
    async def lookup(run_id: int) -> RunState | None:
        # A deleted run's rows may still be seen through a fork of it.
        run = await stores.runs.by_id(run_id, hidden=True)
        if run is None:
            return None
        return RunState(run.project_id, await stores.runs.log_state(run_id))

    return lookup


def make_app(services: Services, *, static: Path = ui.STATIC) -> web.Application:
    """Make the web application over services."""
    app = web.Application(middlewares=[around])
    app[SERVICES] = services
    app.on_response_prepare.append(put_security_headers)
    families = (
        *(health, graphql, file_stream, storage, artifact_files),
        *(session, runs, series, logs, live),
    )
    for family in families:
        family.add_routes(app)
    ui.add_routes(app, static)
    return app


def make_jobs(services: Services) -> Jobs:
    """Make the jobs that belong to services."""
    return Jobs(
        services.stores.runs,
        services.history,
        services.book,
        services.cache,
        services.feed,
        compact_secs=services.settings.compact_secs,
        compact_bytes=services.settings.compact_bytes,
        crash_after_secs=services.settings.crash_after_secs,
        clock=services.clock,
    )


def listen(host: str, port: int) -> socket.socket:
    """Take a port, 0 for a free one.

    Raises:
        OSError: The port is taken, or the address is not this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    taken = socket.socket(family, socket.SOCK_STREAM)
    try:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind((host, port))
        taken.listen(1024)
    except OSError:
        taken.close()
        raise
    return taken


@asynccontextmanager
async def answering(
    services: Services, jobs: Jobs, listener: socket.socket, *, keep: bool = True
) -> AsyncIterator[None]:
    """Answer requests and do jobs while the `with` is open.

    At its end the server takes no new connection, lets requests in progress finish, writes what
    is noted, and moves the log to files at rest; what it can't write then, it finds in the log
    when it starts again. With `keep` unset it does neither: the folder goes, too.
    """
    app = make_app(services)
    runner = web.AppRunner(
        app,
        access_log=None,
        # Bodies are unpacked by `http.bodies`, never beyond what a route takes.
        auto_decompress=False,
        shutdown_timeout=services.settings.stop_secs,
        # Signed addresses and lists of topics are long.
        max_line_size=32 << 10,
        max_field_size=16 << 10,
    )
    await runner.setup()
    try:
        await services.book.recover()
        await web.SockSite(runner, listener).start()
        async with anyio.create_task_group() as group:
            group.start_soon(jobs.run)
            group.start_soon(app[graphql.ENGINE].warm_up)
            try:
                yield
            finally:
                services.stopping.set()
                group.cancel_scope.cancel()
    finally:
        with anyio.CancelScope(shield=True):
            await runner.cleanup()
            if keep:
                await services.book.flush()
                await jobs.settle()
