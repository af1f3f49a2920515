"""Run programs under a client: ours, or a released one in an environment of its own.

A program is a list of Python lines. `Driver` plays many of them in one long-lived process,
each in a folder of its own; `run_script` gives one script a process to itself, for what a
process's birth and death decide.
"""

import importlib.util
import json
import math
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

import pytest

from oracle.decode import REPOSITORY, RunLog, is_ended, read_run, run_folders

ORACLE = "0.21.3"
HANG_SECS = 25
SERVICE_GONE = {"MailboxClosedError", "HandleAbandonedError"}


@dataclass(frozen=True)
class Client:
    """One `wandb` and the interpreter that imports it."""

    name: str
    interpreter: Path
    import_path: Path | None = None

    @property
    def ours(self) -> bool:
        return self.name == "ours"

    def environment(self, home: Path, **extra: str) -> dict[str, str]:
        """Return an environment that nothing of the developer's own reaches."""
        kept = {
            key: os.environ[key] for key in ("PATH", "LANG", "LD_LIBRARY_PATH") if key in os.environ
        }
        fixed = {"HOME": str(home), "WANDB_ERROR_REPORTING": "false", "PYTHONUNBUFFERED": "1"}
        path = {"PYTHONPATH": str(self.import_path)} if self.import_path else {}
        return {**kept, **fixed, **path, **extra}


def our_client() -> Client:
    """Return the client of this repository, under the interpreter that runs the tests."""
    source = REPOSITORY / "python"
    built = any((source / "wandb").glob("_native*.so"))
    return Client("ours", Path(sys.executable), source if built else None)


@cache
def released_client(version: str = ORACLE) -> Client:
    """Return a released client, its environment made first if need be."""
    try:
        return Client(f"released-{version}", environments().ensure(version))
    except subprocess.CalledProcessError:
        lacking(f"wandb=={version} is missing: run `python tools/released_clients.py` online")


@cache
def environments() -> ModuleType:
    """Return the tool that makes the environments of released clients."""
    path = REPOSITORY / "tools" / "released_clients.py"
    spec = importlib.util.spec_from_file_location("released_clients", path)
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    return tool


def lacking(what: str) -> NoReturn:
    """Skip a test for what this machine lacks; under CI nothing may be lacking."""
    if os.environ.get("CI") == "true":
        pytest.fail(what)
    pytest.skip(what)


# Debian's build of PyTorch: the one of the package index brings gigabytes for graphics cards.
SYSTEM_PYTHON = Path("/usr/bin/python3")


@cache
def torch_python() -> Path:
    """Return a Python that has PyTorch."""
    asked = [SYSTEM_PYTHON, "-c", "import torch"]
    if not SYSTEM_PYTHON.exists() or subprocess.run(asked, capture_output=True).returncode:
        lacking("PyTorch is missing: apt-get install --no-install-recommends python3-torch")
    return SYSTEM_PYTHON


@cache
def our_client_with_torch() -> Client:
    """Return our client under a Python that has PyTorch."""
    return Client("ours", torch_python(), our_client().import_path)


@cache
def released_client_with_torch(version: str = ORACLE) -> Client:
    """Return a released client under a Python that has PyTorch."""
    try:
        packages = environments().ensure_beside(torch_python(), version)
    except subprocess.CalledProcessError:
        lacking(f"wandb=={version} can't be installed beside PyTorch without a package index")
    return Client(f"released-{version}", torch_python(), packages)


@dataclass(frozen=True)
class Outcome:
    """What one line of a program did."""

    line: str
    value: Any = None
    error: tuple[str, ...] = ()
    message: str = ""

    def __str__(self) -> str:
        said = f"{self.error[0]}: {self.message}" if self.error else repr(self.value)
        return f"{self.line}  →  {said}"


@dataclass(frozen=True, repr=False)
class Played:
    """What came of a program: the outcome of each line and the runs it left."""

    outcomes: list[Outcome]
    folder: Path
    # `finish` of the released client returns before its journal is whole; ours must not.
    settles_late: bool = False

    @cached_property
    def logs(self) -> list[RunLog]:
        """The runs in order of their start."""
        if self.settles_late:
            wait_for_journals(self.folder)
        return [read_run(folder) for folder in run_folders(self.folder)]

    @property
    def log(self) -> RunLog:
        """The only run."""
        assert len(self.logs) == 1, f"{len(self.logs)} runs\n{self}"
        return self.logs[0]

    @property
    def terminal(self) -> str:
        return (self.folder / "terminal.txt").read_text()

    @property
    def errors(self) -> list[Outcome]:
        return [outcome for outcome in self.outcomes if outcome.error]

    def values(self, line: str) -> list[Any]:
        """Return what each line of this text gave, in order."""
        return [outcome.value for outcome in self.outcomes if outcome.line == line]

    def __getitem__(self, line: str) -> Outcome:
        """Return the outcome of the last line of this text."""
        return [outcome for outcome in self.outcomes if outcome.line == line][-1]

    def __repr__(self) -> str:
        return "\n".join(map(str, self.outcomes))


class DriverDied(AssertionError):
    """The driver ended or hung in the middle of a program."""


class Driver:
    """A process of one client that plays programs one after another."""

    def __init__(self, client: Client, base: Path, **environment: str) -> None:
        self.client = client
        self._base = base
        self._environment = client.environment(base, **environment)
        self._process: subprocess.Popen[str] | None = None

    def play(self, *lines: str) -> Played:
        """Play a program in a new folder.

        Raises:
            DriverDied: The client took its process down, or did not answer in time; the next
                program gets a new process.
        """
        folder = Path(tempfile.mkdtemp(dir=self._base, prefix="program-"))
        process = self._running()
        try:
            process.stdin.write(json.dumps({"folder": str(folder), "lines": lines}) + "\n")
            process.stdin.flush()
            ready, _, _ = select.select([process.stdout], [], [], HANG_SECS)
            answer = process.stdout.readline() if ready else ""
        except BrokenPipeError:
            answer = ""
        if not answer:
            self.close()
            raise DriverDied(
                "\n".join(("the driver died or hung on:", *lines, self._last_words(folder)))
            )
        outcomes = [outcome_of(*pair) for pair in zip(lines, json.loads(answer), strict=True)]
        if any(SERVICE_GONE & set(outcome.error) for outcome in outcomes):
            self.close()  # the released client does not start its service again
        return Played(outcomes, folder, settles_late=not self.client.ours)

    def close(self) -> None:
        """End the process, gently first."""
        process, self._process = self._process, None
        if process is None:
            return
        process.stdin.close()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()

    def _running(self) -> "subprocess.Popen[str]":
        if self._process is None:
            with (self._base / "driver-stderr.txt").open("ab") as errors:
                self._process = subprocess.Popen(
                    [self.client.interpreter, Path(__file__).with_name("driver.py")],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=errors,
                    env=self._environment,
                    cwd=self._base,
                    text=True,
                )
        return self._process

    def _last_words(self, folder: Path) -> str:
        said = [folder / "terminal.txt", self._base / "driver-stderr.txt"]
        return "\n".join(path.read_text()[-3000:] for path in said if path.exists())


def wait_for_journals(folder: Path) -> None:
    """Wait for the journals below a folder to be whole."""
    deadline = time.monotonic() + 5
    for found in run_folders(folder):
        while not all(map(is_ended, found.glob("run-*.wandb"))) and time.monotonic() < deadline:
            time.sleep(0.002)


def outcome_of(line: str, answer: dict[str, Any]) -> Outcome:
    """Turn the driver's answer for one line into an outcome."""
    if "error" in answer:
        return Outcome(line, error=tuple(answer["error"]), message=answer["message"])
    shown = answer["value"]
    plain = {"__builtins__": {}, "nan": math.nan, "inf": math.inf}
    return Outcome(line, shown if shown.startswith("<") else eval(shown, plain))


@dataclass(frozen=True)
class Finished:
    """How a script's process ended, what it printed, and the runs it left."""

    exit_code: int
    stdout: str
    stderr: str
    folder: Path

    @cached_property
    def logs(self) -> list[RunLog]:
        return [read_run(folder) for folder in run_folders(self.folder)]

    @property
    def log(self) -> RunLog:
        """The only run."""
        assert len(self.logs) == 1, f"{len(self.logs)} runs\n{self.stderr}"
        return self.logs[0]


def run_script(
    client: Client,
    folder: Path,
    source: str,
    *,
    arguments: Sequence[str] = (),
    environment: dict[str, str] | None = None,
    timeout_secs: float = HANG_SECS,
) -> Finished:
    """Run a script in a process of its own, in a folder that is also its home.

    Raises:
        subprocess.TimeoutExpired: It hung; it and its children are killed.
    """
    script = folder / "script.py"
    script.write_text(source)
    quiet = {"WANDB_MODE": "offline", "WANDB_X_DISABLE_STATS": "true"}
    with group(
        [client.interpreter, script, *arguments],
        env=client.environment(folder, **{**quiet, **(environment or {})}),
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        stdout, stderr = process.communicate(timeout=timeout_secs)
    return Finished(process.returncode, stdout, stderr, folder)


@contextmanager
def group(command: Sequence[Any], **arguments: Any) -> Iterator["subprocess.Popen[str]"]:
    """Run a process in a group of its own, and leave none of the group behind."""
    process = subprocess.Popen(command, start_new_session=True, **arguments)
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        for pipe in (process.stdout, process.stderr):
            if pipe:
                pipe.close()


@dataclass
class Drivers:
    """The long-lived drivers of a test session, one per client and environment."""

    base: Path
    _made: dict[tuple[str, ...], Driver] = field(default_factory=dict)

    def of(self, client: Client, **environment: str) -> Driver:
        key = (client.name, *sorted(f"{name}={value}" for name, value in environment.items()))
        if key not in self._made:
            home = self.base / f"{client.name}-{len(self._made)}"
            home.mkdir()
            self._made[key] = Driver(client, home, **environment)
        return self._made[key]

    def close(self) -> None:
        for driver in self._made.values():
            driver.close()
