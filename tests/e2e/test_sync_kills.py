"""`wandb sync`, killed at ten random instants and then run to its end, equals one clean pass."""

import os
import random
import shutil
import signal
import subprocess
import threading

import pytest

from e2e.comparing import assert_same
from e2e.proxy import Fault, proxied
from e2e.running import run_program
from oracle.harness import group, our_client, released_client

pytestmark = pytest.mark.timeout(300)
KILLS = 10
PATIENCE_SECS = 120
SMALL_REQUESTS = "60000"


class Killer:
    """Lets so many requests pass, then kills the process that sends them.

    The last one is cut before the server has it, or the server does its work for a dead client.
    """

    def __init__(self):
        self.process, self.left, self.after = None, -1, False
        self._lock = threading.Lock()

    def __call__(self, method, path, body):
        with self._lock:
            self.left -= 1
            if self.left != 0 or self.process is None:
                return None
            os.kill(self.process.pid, signal.SIGKILL)
            return None if self.after else Fault()


def sync(url, key, folder, *options, killer=None):
    """Run our `wandb sync`; return its exit code and what it said."""
    client = our_client()
    settings = {
        "WANDB_BASE_URL": url,
        "WANDB_API_KEY": key,
        "WANDB_X_FILE_STREAM_MAX_BYTES": SMALL_REQUESTS,
    }
    with group(
        [client.interpreter, "-m", "wandb", "sync", str(folder), *options],
        env=client.environment(folder, **settings),
        cwd=folder.parent,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        if killer is not None:
            killer.process = process
        said, _ = process.communicate(timeout=PATIENCE_SECS)
    return process.returncode, said


def stored(tmp_path, server, key, path):
    found = run_program(our_client(), tmp_path, "read_all", path, "TARGET", url=server.url, key=key)
    # When a run is read as a whole, the time of its last sign of life is that of the sending.
    found["config"].pop("_wandb", None)
    return found


@pytest.mark.parametrize(
    ("version", "seed"),
    [("ours", 1), pytest.param("0.21.3", 2, marks=pytest.mark.released)],
)
def test_sync_killed_at_ten_instants_equals_one_clean_pass(tmp_path, server, key, version, seed):
    client = our_client() if version == "ours" else released_client(version)
    run_id = f"killed-{seed}"
    run_program(
        client,
        tmp_path / "run",
        "varied",
        run_id,
        url=server.url,
        key=key,
        WANDB_MODE="offline",
        WANDB_X_DISABLE_STATS="false",
    )
    (folder,) = (tmp_path / "run").glob("wandb/offline-run-*")
    copied = tmp_path / "copy" / folder.name
    shutil.copytree(folder, copied, symlinks=True)
    chance, killer, codes = random.Random(seed), Killer(), []

    with proxied(server.url, killer) as proxy:
        code, said = sync(proxy.url, key, copied, "-p", "clean")
        requests = len(proxy.passed)
        assert code == 0, said
        for number in range(KILLS):
            # Early ones leave much to be sent; the later reach ever further.
            killer.left = chance.randint(1, max(2, requests * (number + 1) // KILLS))
            killer.after = chance.random() < 0.5
            codes.append(sync(proxy.url, key, folder, "-p", "killed", killer=killer)[0])
        killer.process = None
        code, said = sync(proxy.url, key, folder, "-p", "killed")

    assert code == 0, said
    assert codes.count(-signal.SIGKILL) >= KILLS // 2, codes
    clean = stored(tmp_path / "read", server, key, f"alice/clean/{run_id}")
    killed = stored(tmp_path / "read", server, key, f"alice/killed/{run_id}")
    assert len(clean["rows"]) == 1200
    assert len(clean["console"]) >= 60
    assert len(clean["events"]) >= 1
    assert len(clean["files"]) >= 15
    assert_same(clean, killed)
