"""`ferrule open` in a process of its own, and what its page is told."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from e2e.ferrule_server import environment

LINK = re.compile(r"https?://\S+token=\S+")
PATIENCE_SECS = 60
LOOK_SECS = 0.05

T = TypeVar("T")


def wait_for(look: Callable[[], T], what: str) -> T:
    """Look until there is something; return it."""
    deadline = time.monotonic() + PATIENCE_SECS
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(LOOK_SECS)
    raise AssertionError(f"{what} did not come within {PATIENCE_SECS} s; last seen: {found!r}")


@dataclass
class Opened:
    """The command while it runs.

    Attributes:
        temporary: The only place where it may leave anything while it runs.
        words: What it has said.
    """

    process: "subprocess.Popen[str]"
    temporary: Path
    words: list[str] = field(default_factory=list)

    def listen(self) -> None:
        self.words += self.process.stdout

    @property
    def said(self) -> str:
        return "".join(self.words)

    @property
    def link(self) -> str:
        """The address that logs a browser in."""

        def look() -> str | None:
            ended = self.process.poll() is not None
            found = LINK.search(self.said)
            if ended and not found:
                time.sleep(1)  # what it said last may still be on its way
                found = LINK.search(self.said)
                assert found, self.said
            return found.group() if found else None

        return wait_for(look, "the link")

    @property
    def url(self) -> str:
        return "/".join(self.link.split("/")[:3])

    @property
    def key(self) -> str:
        return next(self.temporary.glob("*/data/api-key")).read_text().strip()

    @property
    def entity(self) -> str:
        return self.ask("/api/v1/me")["entity"]

    def ask(self, path: str, body: Any = None) -> Any:
        """Ask what the page asks."""
        address = self.url + path
        login = b64encode(f"api:{self.key}".encode()).decode()
        asked = urllib.request.Request(
            address,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Basic {login}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(asked, timeout=PATIENCE_SECS) as answer:
            return json.load(answer)

    def runs(self) -> dict[str, Any]:
        """Return all runs, by id, in the order of the page."""
        return {
            run["id"]: run | {"project": project["name"]}
            for project in self.ask("/api/v1/projects")["projects"]
            for run in self.ask(
                "/api/v1/runs/query",
                {"entity": project["entity"], "project": project["name"], "limit": 1000},
            )["runs"]
        }

    def run(self, run_id: str, state: str | None = None) -> Any:
        """Wait for a run, in a state if one is given, and return all that is told of it."""

        def look() -> Any:
            run = self.runs().get(run_id)
            return run if run and state in (None, run["state"]) else None

        run = wait_for(look, f"{run_id}, {state or 'in any state'}, after {self.said}")
        return self.ask(f"/api/v1/runs/{self.entity}/{run['project']}/{run_id}")

    def descendants(self) -> list[int]:
        """Return the processes that the command has started."""
        found = subprocess.run(
            ["pgrep", "-P", str(self.process.pid)], capture_output=True, text=True, check=False
        )
        return [int(word) for word in found.stdout.split()]

    def stop(self, number: int = signal.SIGINT) -> int:
        """Stop it as Ctrl-C does; return its exit status."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE_SECS)


@contextmanager
def opened(path: Path | None, temporary: Path, *options: str, **variables: str) -> Iterator[Opened]:
    """Run `ferrule open` on a folder, or none, while the block lasts."""
    named = [] if path is None else [str(path)]
    temporary.mkdir(parents=True, exist_ok=True)
    with subprocess.Popen(
        [sys.executable, "-m", "ferrule", "open", "--no-browser", *options, *named],
        cwd=temporary,
        env=environment(TMPDIR=str(temporary), **variables),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        command = Opened(process, temporary)
        listener = threading.Thread(target=command.listen, daemon=True)
        listener.start()
        try:
            yield command
        finally:
            if process.poll() is None:
                command.stop()
            listener.join(5)


def is_alive(pid: int) -> bool:
    """Tell whether a process is there and has not ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def contents(folder: Path) -> dict[str, Any]:
    """Return every file and folder below one, with all that a reader must not change."""
    found = {}
    for place, _, names in os.walk(folder):
        for path in (Path(place), *(Path(place) / name for name in names)):
            facts = path.lstat()
            content = path.read_bytes() if path.is_file() and not path.is_symlink() else None
            found[str(path)] = (facts.st_ino, facts.st_mode, facts.st_mtime_ns, content)
    return found
