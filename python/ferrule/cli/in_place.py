"""A server over a folder of runs, as long as somebody looks: `ferrule open PATH`.

It is the ordinary server on a data folder of its own that goes with it. A process beside it, of
the client's service, reads the runs and gives them to it: see `wandb._service.inplace`.
"""

import json
import logging
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import anyio
import click
from anyio.abc import Process
from anyio.streams.buffered import BufferedByteReceiveStream

from ferrule.app import answering, listen, make_jobs, make_services, open_engines
from ferrule.auth.owner import owner_with_key
from ferrule.auth.permissions import Viewer
from ferrule.auth.secret import load_secret
from ferrule.cli.browser import forwarding_hint, offer
from ferrule.cli.child import command, environment
from ferrule.http.middleware import own_hosts
from ferrule.http.services import Services
from ferrule.http.session import one_time_url
from ferrule.logs import set_up_logging
from ferrule.settings import ServerSettings, os_user_name

READER = "wandb._service.inplace"
# Larger files stay where they are: a page shows none of them, and the copies are in the way.
MOST_FILE_BYTES = 64 << 20
MOST_TOLD = 40
REPORT_BYTES = 1 << 20
STOP_SECS = 3.0
ANY_HOST = {"0.0.0.0": "127.0.0.1", "::": "::1"}
HOW_TO_END = "Ctrl-C ends it and leaves nothing behind; Enter gives a new link."
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def show_in_place(path: Path, *, host: str, port: int, browser: bool | None) -> int:
    """Show the runs at and below a folder until told to stop; return the exit status."""
    folder = Path(tempfile.mkdtemp(prefix="ferrule-open-"))
    try:
        set_up_logging(file=folder / "server.log", level=logging.WARNING)
        # Nothing in it outlives the process, so nothing needs to be moved to files at rest.
        settings = ServerSettings(
            folder / "data", host=host, port=port, in_place=True, stop_secs=STOP_SECS
        )
        # Here, where what fails comes as it is.
        listener = listen(settings.host, settings.port)
        return anyio.run(_show, path, settings, listener, folder, browser)
    except OSError as err:
        click.echo(f"ferrule: {path} can't be shown: {err}", err=True)
        return 1
    finally:
        logging.shutdown()
        shutil.rmtree(folder, ignore_errors=True)


async def _show(
    path: Path,
    settings: ServerSettings,
    listener: socket.socket,
    folder: Path,
    browser: bool | None,
) -> int:
    with anyio.open_signal_receiver(*SIGNALS) as signals:
        async with anyio.create_task_group() as group:

            async def stop_on_signal() -> None:
                async for _ in signals:
                    group.cancel_scope.cancel()

            group.start_soon(stop_on_signal)
            async with _serving(settings, listener) as served:
                viewing = _Viewing(path, served, folder, browser)
                group.start_soon(viewing.give_links)
                await viewing.run()
            group.cancel_scope.cancel()
            return 1
    return 0


@dataclass(frozen=True, slots=True)
class _Served:
    """A server that answers, and its owner with the key."""

    services: Services
    owner: Viewer
    key: str

    @property
    def address(self) -> str:
        """Where it is, from this machine."""
        settings = self.services.settings
        host = ANY_HOST.get(settings.host, settings.host)
        return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"

    def link(self, page: str) -> str:
        """Return an address of a page that logs in its first visitor."""
        return one_time_url(self.services, self.owner, self.address, page)


@asynccontextmanager
async def _serving(settings: ServerSettings, listener: socket.socket) -> AsyncIterator[_Served]:
    """Serve on a new data folder."""
    settings.data_dir.mkdir(mode=0o700)
    port = listener.getsockname()[1]
    settings = replace(settings, port=port, allowed_hosts=own_hosts(settings.host))
    secret = load_secret(settings.data_dir)
    async with open_engines(settings) as engines:
        services = make_services(settings, engines, secret)
        people = engines.stores.people
        name = os_user_name()
        owner, key = await owner_with_key(people, settings.data_dir, name=name, local=True)
        viewer = Viewer.of(owner, await people.entities_of(owner.id))
        async with answering(services, make_jobs(services), listener, keep=False):
            yield _Served(services, viewer, key)


class _Viewing:
    """The process that reads, and what the user is told of it."""

    def __init__(self, path: Path, served: _Served, folder: Path, browser: bool | None) -> None:
        self._path, self._served, self._folder = path, served, folder
        self._browser = browser
        self._told = 0
        self._page = ""
        self._line = _ProgressLine()

    async def run(self) -> None:
        """Read until the process that reads ends, which it does not by itself."""
        async with _reader(self._folder) as process:
            await self._ask(process)
            await self._take_reports(process)
            await process.wait()
        self._say(f"The process that reads the runs has ended ({process.returncode}).")
        self._say(self._words())

    def _words(self) -> str:
        return (self._folder / "reader.log").read_text(errors="replace")[-4000:]

    async def _ask(self, process: Process) -> None:
        asked = {
            "path": str(self._path),
            "base_url": self._served.address,
            "api_key": self._served.key,
            "work": str(self._folder / "runs"),
            "most_file_bytes": MOST_FILE_BYTES,
            "remove": str(self._folder),
        }
        if process.stdin is not None:
            with suppress(anyio.BrokenResourceError):
                await process.stdin.send(json.dumps(asked).encode() + b"\n")

    async def _take_reports(self, process: Process) -> None:
        if process.stdout is None:
            return
        lines = BufferedByteReceiveStream(process.stdout)
        with suppress(anyio.EndOfStream, anyio.IncompleteRead, anyio.BrokenResourceError):
            while True:
                self._take(json.loads(await lines.receive_until(b"\n", REPORT_BYTES)))

    # --- what the user is told ----------------------------------------------------------------

    def _take(self, report: dict[str, Any]) -> None:
        if "say" in report:
            self._note(report["say"])
        if "ready" in report and not self._page:
            self._page = report["ready"]
            self._greet(report["found"])
        if "shown" in report:
            self._line.show(report["shown"], report["found"])

    def _note(self, said: str) -> None:
        self._told += 1
        # Names of folders may be anybody's: a terminal would obey what is in them.
        sentence = "".join(one if one.isprintable() else "?" for one in said)
        if self._told <= MOST_TOLD:
            self._say(sentence)
        elif self._told == MOST_TOLD + 1:
            self._say("There is more of this kind, which is not told.")

    def _greet(self, found: int) -> None:
        if not found:
            self._say(f"There are no runs at or below {self._path} yet; they appear as they begin.")
        link = self._served.link(self._page)
        self._say(f"{self._path} is at {self._served.address}; this link logs you in once: {link}")
        if hint := forwarding_hint(self._served.address):
            self._say(hint)
        self._say(HOW_TO_END if sys.stdin.isatty() else HOW_TO_END.partition(";")[0])
        offer(link, browser=self._browser, folder=self._folder)

    async def give_links(self) -> None:
        """Print a new link for each line of a terminal: another browser needs one of its own."""
        if not sys.stdin.isatty():
            return
        while await anyio.to_thread.run_sync(sys.stdin.readline, abandon_on_cancel=True):
            if self._page:
                self._say(self._served.link(self._page))

    def _say(self, sentence: str) -> None:
        self._line.clear()
        click.echo(sentence)


@asynccontextmanager
async def _reader(folder: Path) -> AsyncIterator[Process]:
    """Run the process that reads; it ends with its input, so it can't outlive this one."""
    with (folder / "reader.log").open("ab") as words:
        process = await anyio.open_process(
            command(READER),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=words,
            cwd=folder,
            env=environment(),
            start_new_session=True,
        )
    try:
        yield process
    finally:
        with anyio.CancelScope(shield=True):
            await _end(process)


async def _end(process: Process) -> None:
    if process.stdin is not None:
        with suppress(anyio.BrokenResourceError):
            await process.stdin.send(b"end\n")
        await process.stdin.aclose()
    with anyio.move_on_after(STOP_SECS):
        await process.wait()
    if process.returncode is None:
        process.kill()
        await process.wait()
    await process.aclose()


class _ProgressLine:
    """How many runs are shown: one line that changes on a terminal, one at the end elsewhere."""

    def __init__(self) -> None:
        self._tty = sys.stdout.isatty()
        self._open = False
        self._most = 0

    def show(self, shown: int, found: int) -> None:
        """Show how far it has come."""
        if found == self._most and not self._open:
            return
        if self._tty and shown < found:
            click.echo(f"\r{shown} of {found} runs are shown", nl=False)
            self._open = True
        elif shown == found:
            self.clear()
            if found > self._most + 1:
                click.echo(f"All {found} runs are shown; new ones appear as they begin.")
            self._most = found

    def clear(self) -> None:
        """Take the line away, for another."""
        if self._open:
            click.echo("\r\x1b[K", nl=False)
            self._open = False
