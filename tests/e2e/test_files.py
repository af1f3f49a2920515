"""What a run keeps beside rows, and what it tells: from each client to a server and back."""

import json
import sqlite3
import subprocess
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import pytest

from e2e.ferrule_server import Server, serving
from e2e.running import run_program
from oracle.compare import declared
from oracle.harness import Client, our_client, released_client

pytestmark = pytest.mark.timeout(300)

NAMES = ["d/a.txt", "d/sub/b.txt", "empty.txt", "odd/'quotes\".txt", "odd/ü ö#?%25&+=;[x].txt"]
OWN_NAME = "run.save of a file that is named as one the run makes itself, such as config.yaml"


@dataclass
class Kept:
    """One run of the program, and where it is kept."""

    client: Client
    facts: dict[str, Any]
    server: Server
    key: str

    def select(self, query: str) -> list[tuple[Any, ...]]:
        """Look into the server's own tables."""
        with closing(sqlite3.connect(self.server.folder / "data" / "meta.db")) as database:
            return database.execute(query, (self.facts["id"],)).fetchall()


@pytest.fixture(
    scope="module",
    params=["ours", *(pytest.param(v, marks=pytest.mark.released) for v in ("0.21.3", "0.31.0"))],
)
def kept(request, tmp_path_factory):
    client = our_client() if request.param == "ours" else released_client(request.param)
    folder = tmp_path_factory.mktemp("files")
    with serving(folder / "server") as server:
        key = server.add_user("alice")
        facts = run_program(
            client, folder / "client", "files", "TARGET", request.param, url=server.url, key=key
        )
        yield Kept(client, facts, server, key)


def test_everything_that_was_saved_is_at_the_server(kept):
    query = (
        "SELECT run_file.name, size FROM run_file JOIN run ON run.id = run_id WHERE run.name = ?"
    )
    sizes = dict(kept.select(query))

    assert kept.facts["saved"] == NAMES
    assert {name: sizes.get(name) for name in NAMES} == {
        name: 0 if name == "empty.txt" else len(name.encode()) for name in NAMES
    }
    assert sizes["big.bin"] == 3_000_000
    assert sum(name.startswith("many/") for name in sizes) == 300
    assert {"wandb-metadata.json", "requirements.txt"} <= sizes.keys()


def test_live_file_arrives_while_the_run_goes_on(kept):
    if kept.client.ours:
        assert (kept.facts["first"], kept.facts["second"]) == (True, True)


def test_users_file_is_not_written_over(kept):
    declared(OWN_NAME)
    if kept.client.ours:
        assert kept.facts["config"] == "mine: 1\n"
    elif kept.client.name == "released-0.21.3":
        assert "_wandb" in kept.facts["config"]


def test_alert_and_preemption_are_at_the_server(kept):
    version = kept.client.name.removeprefix("released-")
    query = "SELECT title, text, level FROM alert JOIN run ON run.id = run_id WHERE run.name = ?"

    assert kept.select(query) == [("low accuracy", f"it is {version}", "WARN")]


@pytest.fixture(
    params=["ours", *(pytest.param(v, marks=pytest.mark.released) for v in ("0.21.3", "0.31.0"))]
)
def reader(request):
    return our_client() if request.param == "ours" else released_client(request.param)


def test_each_client_restores_what_another_saved(kept, reader, tmp_path):
    facts = run_program(
        reader,
        tmp_path / "reader",
        "restore",
        kept.facts["path"],
        "TARGET",
        url=kept.server.url,
        key=kept.key,
    )

    assert facts["content"] == facts["replaced"] == "d/sub/b.txt"
    assert facts["kept"] == "kept"
    assert facts["by_run"] == ("second" if kept.client.ours else "first")
    assert facts["beside"]


PREEMPTED = """
import json, sys, wandb
run = wandb.init(project="files")
run.mark_preempting()
path = run.path
for _ in range(600):
    state = wandb.Api().run(path).state
    if state == "preempting":
        break
    import time; time.sleep(0.05)
run.finish(exit_code=1)
print("STATES", state, wandb.Api().run(path).state)
"""


@pytest.mark.parametrize("version", ["ours", pytest.param("0.21.3", marks=pytest.mark.released)])
def test_run_is_preempting_and_then_preempted(version, server, key, tmp_path):
    client = our_client() if version == "ours" else released_client(version)
    done = subprocess.run(
        [client.interpreter, "-c", PREEMPTED],
        env=client.environment(
            tmp_path,
            WANDB_BASE_URL=server.url,
            WANDB_API_KEY=key,
            WANDB_X_DISABLE_STATS="true",
            WANDB_SILENT="true",
        ),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert "STATES preempting preempted" in done.stdout, done.stderr


ALERT_OFFLINE = """
import wandb
with wandb.init(project="offline") as run:
    run.alert("kept", "for later", level="ERROR")
    run.mark_preempting()
    open("a.txt", "w").write("a")
    run.save("a.txt")
    print(run.id)
"""


def test_what_was_said_offline_is_delivered_by_sync(server, key, tmp_path):
    client = our_client()
    account = {"WANDB_BASE_URL": server.url, "WANDB_API_KEY": key, "WANDB_SILENT": "true"}

    def done(*words, **variables):
        environment = client.environment(tmp_path, **account, **variables)
        return subprocess.run(
            [client.interpreter, *words],
            env=environment,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        ).stdout

    run = done("-c", ALERT_OFFLINE, WANDB_MODE="offline").split()[-1]
    for _ in range(2):
        done("-m", "wandb", "sync", *(str(path) for path in tmp_path.glob("wandb/offline-run-*")))

    with closing(sqlite3.connect(server.folder / "data" / "meta.db")) as database:
        told = database.execute(
            "SELECT title, text, level FROM alert JOIN run ON run.id = run_id WHERE run.name = ?",
            (run,),
        ).fetchall()
        names = database.execute(
            "SELECT run_file.name FROM run_file JOIN run ON run.id = run_id WHERE run.name = ?",
            (run,),
        ).fetchall()
    assert told == [("kept", "for later", "ERROR")]
    assert ("a.txt",) in names


def test_metadata_at_the_server_tells_the_commit(server, key, tmp_path):
    who = ["-c", "user.name=a", "-c", "user.email=a@b"]
    script = "import wandb\nwandb.init(project='git', save_code=True).finish()\n"
    (tmp_path / "train.py").write_text(script)
    for words in (["init", "-q"], ["add", "train.py"], [*who, "commit", "-qm", "one"]):
        subprocess.run(["git", *words], cwd=tmp_path, check=True)
    commit = subprocess.check_output(["git", "rev-parse", "HEAD"], cwd=tmp_path, text=True).strip()
    client = our_client()

    subprocess.run(
        [client.interpreter, "train.py"],
        env=client.environment(tmp_path, WANDB_BASE_URL=server.url, WANDB_API_KEY=key),
        cwd=tmp_path,
        check=True,
        timeout=120,
    )

    [metadata] = tmp_path.glob("wandb/run-*/files/wandb-metadata.json")
    assert json.loads(metadata.read_text())["git"] == {"commit": commit}
    with closing(sqlite3.connect(server.folder / "data" / "meta.db")) as database:
        told = database.execute("SELECT count(*) FROM run WHERE commit_hash = ?", (commit,))
        assert told.fetchone() == (1,)
        scripts = database.execute("SELECT count(*) FROM run_file WHERE name = 'code/train.py'")
        assert scripts.fetchone() == (1,)
