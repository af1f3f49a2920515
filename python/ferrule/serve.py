"""One server's life: take the data folder, answer until there is a reason to stop, let go."""

import logging
from collections.abc import Callable
from contextlib import suppress
from enum import IntEnum
from pathlib import Path

import anyio

from ferrule.auth.owner import kept_key
from ferrule.serverfile import Occupied, ServerFacts, ServerFile
from ferrule.settings import ServerSettings
from wandb._wire.journal import PRODUCER

DRAIN_SECS = 60
BEGIN_SECS = 15

Say = Callable[[str], None]

log = logging.getLogger(__name__)


class Exit(IntEnum):
    """How a server ended, as its process's exit status."""

    STOPPED = 0
    ALREADY_RUNNING = 3
    RUNNING_ELSEWHERE = 4
    NO_ADDRESS = 5
    NO_FOLDER = 6


async def serve(settings: ServerSettings, *, say: Say = print) -> Exit:
    """Serve a data folder until told to stop.

    Args:
        settings: Where, and how.
        say: Told in a line where the server is, or why it can't be.
    """
    try:
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = await _take_folder(settings.data_dir)
    except Occupied as err:
        return _say_occupied(err, settings.data_dir, say)
    except OSError as err:
        say(f"ferrule: the data folder can't be used: {err}")
        return Exit.NO_FOLDER
    # Loaded now: to be told that a server runs already should take no second.
    from ferrule.running import AddressError, run_server

    try:
        await run_server(settings, lock, say)
    except AddressError as err:
        say(f"ferrule: can't listen on {err}")
        return Exit.NO_ADDRESS
    finally:
        lock.release()
    return Exit.STOPPED


async def _take_folder(folder: Path) -> ServerFile:
    """Lock the folder. Another server that is beginning is waited for, to say where it is."""
    with anyio.move_on_after(BEGIN_SECS):
        while True:
            try:
                return ServerFile(folder)
            except Occupied as err:
                if err.facts is not None or err.elsewhere:
                    raise
            await anyio.sleep(0.05)
    return ServerFile(folder)


async def drain(settings: ServerSettings, *, say: Say = print) -> Exit:
    """Ask an older server to leave its folder to a newer one, and wait until it has.

    A server of this version stays: whoever asks may use it.
    """
    folder = settings.data_dir
    try:
        ServerFile(folder).release()
    except Occupied as err:
        if err.elsewhere or err.facts is None or err.facts.version == PRODUCER:
            return _say_occupied(err, folder, say)
        await _ask_to_stop(folder, err.facts)
    except OSError as err:
        say(f"ferrule: the data folder can't be used: {err}")
        return Exit.NO_FOLDER
    with anyio.move_on_after(DRAIN_SECS):
        while True:
            with suppress(Occupied):
                ServerFile(folder).release()
                return Exit.STOPPED
            await anyio.sleep(0.1)
    say(f"ferrule: the older server did not stop within {DRAIN_SECS} seconds")
    return Exit.ALREADY_RUNNING


async def _ask_to_stop(folder: Path, facts: ServerFacts) -> None:
    import aiohttp

    key = kept_key(folder)
    address = f"http://127.0.0.1:{facts.port}/api/v1/drain"
    async with aiohttp.ClientSession(auth=aiohttp.BasicAuth("api", key)) as client:
        try:
            async with client.post(address, timeout=aiohttp.ClientTimeout(10)) as response:
                log.info("An older server was asked to stop, and answered %s.", response.status)
        except (aiohttp.ClientError, TimeoutError) as err:
            log.warning("An older server could not be asked to stop: %s", err)


def _say_occupied(err: Occupied, folder: Path, say: Say) -> Exit:
    if err.elsewhere:
        say(f"ferrule: a server on host `{err.host}` has the data folder {folder}")
        return Exit.RUNNING_ELSEWHERE
    where = f" at http://127.0.0.1:{err.facts.port}" if err.facts else ""
    say(f"ferrule: a server is running already{where}, with the data folder {folder}")
    return Exit.ALREADY_RUNNING
