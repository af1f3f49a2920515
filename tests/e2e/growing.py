"""A script that grows by request under our client, nothing configured: the server is its own."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from e2e.ferrule_server import environment

PROGRAM = Path(__file__).resolve().parent / "programs" / "growing.py"
LINK = re.compile(r"https?://\S+/runs/\S+")
PATIENCE_SECS = 60


@dataclass
class Growing:
    """The script while it runs."""

    process: "subprocess.Popen[str]"
    words: list[str] = field(default_factory=list)

    def listen(self) -> None:
        """Keep what it says on standard error."""
        self.words += self.process.stderr

    def link(self) -> str:
        """Wait for the link that `wandb.init` prints, and return it.

        Raises:
            AssertionError: It printed none.
        """
        deadline = time.monotonic() + PATIENCE_SECS
        while time.monotonic() < deadline and self.process.poll() is None:
            for line in list(self.words):
                found = LINK.search(line)
                if found:
                    return found.group()
            time.sleep(0.02)
        raise AssertionError("no link was printed:\n" + "".join(self.words))

    def log(self, value: float) -> float:
        """Have one row logged; return the moment of its `log`."""
        self.process.stdin.write(f"{value}\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline().removeprefix("logged "))

    def end(self) -> int:
        """End the script as its input ends; return its exit code."""
        self.process.stdin.close()
        return self.process.wait(PATIENCE_SECS)


@contextmanager
def growing(folder: Path, run_id: str) -> Iterator[Growing]:
    """Run the script with a home and data of its own; stop its server at the end."""
    data = folder / "data"
    command = [sys.executable, "-W", "ignore", str(PROGRAM), run_id]
    with subprocess.Popen(
        command,
        cwd=folder,
        env=environment(
            HOME=str(folder),
            FERRULE_DATA_DIR=str(data),
            WANDB_X_SERVICE_LINGER="2",
            WANDB_X_DISABLE_STATS="true",
        ),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        script = Growing(process)
        listener = threading.Thread(target=script.listen, daemon=True)
        listener.start()
        try:
            yield script
        finally:
            process.kill()
            listener.join(5)
            stop_local_server(data)


def stop_local_server(data: Path) -> None:
    """Ask the server that the script started to stop, and wait until it has."""
    with suppress(OSError, ValueError, KeyError):
        pid = json.loads((data / "server.json").read_text())["pid"]
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + PATIENCE_SECS
        while Path(f"/proc/{pid}").exists() and time.monotonic() < deadline:
            time.sleep(0.05)
