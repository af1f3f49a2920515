"""A server at work: engines opened, requests answered, until there is a reason to stop."""

import logging
import os
import signal
import socket
from collections.abc import Callable
from dataclasses import replace

import anyio

from ferrule.app import answering, listen, make_jobs, make_services, open_engines
from ferrule.auth.owner import owner_with_key
from ferrule.auth.secret import load_secret, server_id
from ferrule.http.middleware import own_hosts
from ferrule.http.services import Services
from ferrule.jobs.runner import Jobs
from ferrule.ports.people import People, Person
from ferrule.ports.runs import Runs
from ferrule.serverfile import TOUCH_SECS, ServerFacts, ServerFile, boot_id
from ferrule.settings import ServerSettings, os_user_name
from wandb._wire.journal import PRODUCER

DAY_MICROS = 86_400_000_000
MICROS = 1_000_000

Say = Callable[[str], None]

log = logging.getLogger(__name__)


class AddressError(Exception):
    """The address can't be listened on."""


async def run_server(settings: ServerSettings, lock: ServerFile, say: Say) -> None:
    """Serve a folder that is locked, until told to stop, or nobody needs a local server.

    Raises:
        AddressError: The address can't be listened on.
    """
    try:
        listener = _listen(settings, lock)
    except OSError as err:
        raise AddressError(f"{settings.host}:{settings.port}: {err.strerror}") from err
    hosts = (*settings.allowed_hosts, *own_hosts(settings.host))
    port = listener.getsockname()[1]
    settings = replace(settings, port=port, allowed_hosts=hosts)
    secret = load_secret(settings.data_dir)
    async with open_engines(settings) as engines:
        services = make_services(settings, engines, secret)
        owner = await _owner(settings, engines.stores.people)
        jobs = make_jobs(services)
        async with answering(services, jobs, listener):
            lock.write(
                ServerFacts(
                    port=port,
                    pid=os.getpid(),
                    boot_id=boot_id(),
                    version=PRODUCER,
                    host=socket.gethostname(),
                    server_id=server_id(secret),
                )
            )
            say(_announcement(services, owner))
            await _until_stopped(services, jobs, lock)


def _listen(settings: ServerSettings, lock: ServerFile) -> socket.socket:
    """Take the port; a local server the one it had before if it can, so that old links work."""
    if not settings.local or settings.port or not lock.kept_port:
        return listen(settings.host, settings.port)
    try:
        return listen(settings.host, lock.kept_port)
    except (OSError, OverflowError):
        return listen(settings.host, 0)


async def _owner(settings: ServerSettings, people: People) -> Person | None:
    """Return the first person, whom a local server makes if there is none."""
    if not settings.local:
        return await people.owner()
    owner, _ = await owner_with_key(people, settings.data_dir, name=os_user_name(), local=True)
    return owner


def _announcement(services: Services, owner: Person | None) -> str:
    settings = services.settings
    address = f"http://{_shown(settings.host)}:{settings.port}"
    if owner is None:
        return f"Ferrule is at {address}; add a person with `ferrule user add NAME`."
    token = services.sessions.mint_link(owner.id)
    return f"Ferrule is at {address}; this link logs you in once: {address}/?token={token}"


def _shown(host: str) -> str:
    if host in ("0.0.0.0", "::"):
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


async def _until_stopped(services: Services, jobs: Jobs, lock: ServerFile) -> None:
    async with anyio.create_task_group() as group:
        group.start_soon(_stop_on_signal, services)
        group.start_soon(_keep_touching, lock)
        if services.settings.local:
            group.start_soon(_stop_when_idle, services, jobs)
        await services.stopping.wait()
        group.cancel_scope.cancel()


async def _stop_on_signal(services: Services) -> None:
    with anyio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
        async for _ in signals:
            services.stopping.set()


async def _keep_touching(lock: ServerFile) -> None:
    while True:
        await anyio.sleep(TOUCH_SECS)
        try:
            lock.touch()
        except OSError as err:
            log.warning("The server's file could not be touched; it is tried again: %s", err)


async def _stop_when_idle(services: Services, jobs: Jobs) -> None:
    idle_secs = services.settings.idle_exit_secs
    services.activity.last_used_at = services.clock()
    while True:
        await anyio.sleep(min(30.0, idle_secs / 4))
        if await _surely_idle(services, jobs):
            log.info("Nobody has used the server for %s seconds; it stops.", idle_secs)
            services.stopping.set()


async def _surely_idle(services: Services, jobs: Jobs) -> bool:
    try:
        return await is_idle(services, jobs.busy, services.stores.runs)
    except Exception:
        log.exception("It can't be told whether the server is idle; it goes on.")
        return False


async def is_idle(services: Services, jobs_busy: int, runs: Runs) -> bool:
    """Tell whether no run, no job and no page needs the server, and none has for long."""
    activity, now = services.activity, services.clock()
    unused = now - activity.last_used_at > services.settings.idle_exit_secs
    if not unused or activity.pages_open or jobs_busy:
        return False
    return not await runs.stale(int(now * MICROS) + DAY_MICROS)
