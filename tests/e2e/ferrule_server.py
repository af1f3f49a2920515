"""A real server in a process of its own, with its data in a folder of its own."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
START_SECS = 20
STOP_SECS = 20


def environment(**extra: str) -> dict[str, str]:
    """Return an environment in which this repository's packages are found."""
    source = REPOSITORY / "python"
    built = any((source / "wandb").glob("_native*.so"))
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "HOME") if name in os.environ}
    return {**kept, **({"PYTHONPATH": str(source)} if built else {}), **extra}


def free_port() -> int:
    """Return a port of the loopback that nobody uses at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass
class Server:
    """`ferrule serve` on a folder; it can be stopped, killed and started again."""

    folder: Path
    port: int = field(default_factory=free_port)
    options: Sequence[str] = ()
    variables: dict[str, str] = field(default_factory=dict)
    host: str = "127.0.0.1"
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return f"http://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"

    @property
    def log(self) -> Path:
        """What the server said."""
        return self.folder / "server.log"

    def start(self, *, wait: bool = True) -> "Server":
        self.folder.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "ferrule", "serve", "--host", self.host]
        command += ["--port", str(self.port), "--data-dir", str(self.folder / "data")]
        with self.log.open("ab") as words:
            self.process = subprocess.Popen(
                [*command, *self.options],
                env=environment(**self.variables),
                stdin=subprocess.DEVNULL,
                stdout=words,
                stderr=words,
                start_new_session=True,
            )
        if wait:
            self.wait_until_ready()
        return self

    def wait_until_ready(self) -> float:
        """Wait for the first answer; return how many seconds that took.

        Raises:
            AssertionError: It ended, or did not answer in time.
        """
        started = time.monotonic()
        while time.monotonic() < started + START_SECS:
            assert self.process.poll() is None, self.log.read_text()
            if self.is_ready():
                return time.monotonic() - started
            time.sleep(0.02)
        raise AssertionError(f"no answer within {START_SECS} s\n{self.log.read_text()}")

    def is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=2) as answer:
                return answer.status == 200
        except OSError:
            return False

    def stop(self) -> None:
        """End it as an administrator would; what it kept is whole afterwards."""
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it as the out-of-memory killer would."""
        self._signal(signal.SIGKILL)

    def _signal(self, number: int) -> None:
        process, self.process = self.process, None
        if process is None or process.poll() is not None:
            return
        os.killpg(process.pid, number)
        try:
            process.wait(STOP_SECS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise AssertionError("the server did not stop when asked") from None

    def add_user(self, name: str, *options: str) -> str:
        """Make a user and return the API key."""
        return self.command("user", "add", name, *options).split()[-1]

    def command(self, *words: str) -> str:
        """Run `ferrule` on the same folder and return what it printed."""
        command = [sys.executable, "-m", "ferrule", *words]
        done = subprocess.run(
            [*command, "--data-dir", str(self.folder / "data")],
            env=environment(**self.variables),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@contextmanager
def serving(
    folder: Path, *options: str, host: str = "127.0.0.1", **variables: str
) -> Iterator[Server]:
    """Run a server while the block lasts."""
    server = Server(folder, options=options, variables=variables, host=host)
    server.start()
    try:
        yield server
    finally:
        server.kill()
