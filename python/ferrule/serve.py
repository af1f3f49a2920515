"""One server's life: take the data folder, answer until there is a reason to stop, let go."""

import getpass
import logging
import os
import re
import signal
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from enum import IntEnum
from pathlib import Path

import anyio

from ferrule.app import listen, make_jobs, make_services, open_engines, running
from ferrule.auth.keys import hashed, hint, new_key
from ferrule.auth.secret import load_secret, server_id, write_private
from ferrule.http.middleware import own_hosts
from ferrule.http.services import Services
from ferrule.jobs.runner import Jobs
from ferrule.ports.people import People, Person
from ferrule.ports.runs import Runs
from ferrule.serverfile import TOUCH_SECS, Occupied, ServerFacts, ServerFile, boot_id
from ferrule.settings import ServerSettings
from wandb._wire.journal import PRODUCER

DRAIN_SECS = 60
DAY_MICROS = 86_400_000_000
MICROS = 1_000_000

Say = Callable[[str], None]

log = logging.getLogger(__name__)


class Exit(IntEnum):
    """How a server ended, as its process's exit status."""

    STOPPED = 0
    ALREADY_RUNNING = 3
    RUNNING_ELSEWHERE = 4
    NO_ADDRESS = 5
    NO_FOLDER = 6


async def serve(settings: ServerSettings, *, drain: bool = False, say: Say = print) -> Exit:
    """Serve a data folder until told to stop.

    Args:
        settings: Where, and how.
        drain: Ask an older server that has the folder to hand it over, and wait for it.
        say: Told in a line where the server is, or why it can't be.
    """
    try:
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = await _take_folder(settings, drain=drain)
    except Occupied as err:
        return _say_occupied(err, settings.data_dir, say)
    except OSError as err:
        say(f"ferrule: the data folder can't be used: {err}")
        return Exit.NO_FOLDER
    try:
        return await _serve_locked(settings, lock, say)
    finally:
        lock.release()


def _say_occupied(err: Occupied, folder: Path, say: Say) -> Exit:
    if err.elsewhere and err.facts is not None:
        say(f"ferrule: a server on host `{err.facts.host}` has the data folder {folder}")
        return Exit.RUNNING_ELSEWHERE
    where = f" at http://127.0.0.1:{err.facts.port}" if err.facts else ""
    say(f"ferrule: a server is running already{where}, with the data folder {folder}")
    return Exit.ALREADY_RUNNING


async def _take_folder(settings: ServerSettings, *, drain: bool) -> ServerFile:
    try:
        return ServerFile(settings.data_dir)
    except Occupied as err:
        facts = err.facts
        if not drain or err.elsewhere or facts is None or facts.version == PRODUCER:
            raise
        return await _taken_over(settings, facts)


async def _taken_over(settings: ServerSettings, facts: ServerFacts) -> ServerFile:
    """Ask another server to stop, and take the folder once it has."""
    import aiohttp

    key = (settings.data_dir / "api-key").read_text().strip()
    address = f"http://127.0.0.1:{facts.port}/api/v1/drain"
    async with aiohttp.ClientSession(auth=aiohttp.BasicAuth("api", key)) as client:
        try:
            async with client.post(address, timeout=aiohttp.ClientTimeout(10)) as response:
                log.info("An older server was asked to stop, and answered %s.", response.status)
        except (aiohttp.ClientError, TimeoutError) as err:
            log.warning("An older server could not be asked to stop: %s", err)
    with anyio.move_on_after(DRAIN_SECS):
        while True:
            with suppress(Occupied):
                return ServerFile(settings.data_dir)
            await anyio.sleep(0.1)
    raise Occupied(facts)


async def _serve_locked(settings: ServerSettings, lock: ServerFile, say: Say) -> Exit:
    try:
        listener = _listen(settings, lock)
    except OSError as err:
        say(f"ferrule: can't listen on {settings.host}:{settings.port}: {err.strerror}")
        return Exit.NO_ADDRESS
    hosts = (*settings.allowed_hosts, *own_hosts(settings.host))
    port = listener.getsockname()[1]
    settings = replace(settings, port=port, allowed_hosts=hosts)
    secret = load_secret(settings.data_dir)
    async with open_engines(settings) as engines:
        services = make_services(settings, engines, secret)
        owner = await _owner(settings, engines.stores.people)
        jobs = make_jobs(services)
        async with running(services, jobs, listener):
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
    return Exit.STOPPED


def _listen(settings: ServerSettings, lock: ServerFile) -> socket.socket:
    """Take the port; a local server the one it had before if it can, so that old links work."""
    kept = lock.previous.port if lock.previous else 0
    if not settings.local or settings.port or not kept:
        return listen(settings.host, settings.port)
    try:
        return listen(settings.host, kept)
    except OSError:
        return listen(settings.host, 0)


async def _owner(settings: ServerSettings, people: People) -> Person | None:
    """Return the first person; a local server makes one, with a key in a file of theirs."""
    if not settings.local:
        return await people.owner()
    place = settings.data_dir / "api-key"
    if not place.exists():
        write_private(place, new_key(local=True).encode())
    key = place.read_text().strip()
    owner = await people.owner() or await people.add(os_user_name(), admin=True)
    await people.add_key(owner.id, hashed(key), hint(key), "made by the local server")
    return owner


def os_user_name() -> str:
    """Return the name of the user of this machine, as a name that an entity may have."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        name = ""
    kept = re.sub(r"[^a-z0-9_-]+", "-", name.lower()).strip("-_")
    return kept or "local"


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
        lock.touch()


async def _stop_when_idle(services: Services, jobs: Jobs) -> None:
    idle_secs = services.settings.idle_exit_secs
    services.activity.last_used_at = services.clock()
    while True:
        await anyio.sleep(min(30.0, idle_secs / 4))
        if await is_idle(services, jobs.busy, services.stores.runs):
            log.info("Nobody has used the server for %s seconds; it stops.", idle_secs)
            services.stopping.set()


async def is_idle(services: Services, jobs_busy: int, runs: Runs) -> bool:
    """Tell whether no run, no job and no page needs the server, and none has for long."""
    activity, now = services.activity, services.clock()
    unused = now - activity.last_used_at > services.settings.idle_exit_secs
    if not unused or activity.pages_open or jobs_busy:
        return False
    return not await runs.stale(int(now * MICROS) + DAY_MICROS)
