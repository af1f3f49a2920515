"""Folders that the released clients wrote offline are sent as their own runs would be."""

import os
import subprocess
from importlib import util
from pathlib import Path

import pytest

from service.fake_server import KEY, fake_server
from service.runs import POLICIES
from wandb._http.client import Client
from wandb._service import replay as replaying
from wandb._service.replay import Plan, Replay, mark_path

ROOT = Path(__file__).resolve().parents[2]

SCRIPT = """
import wandb

run = wandb.init(
    project="p1", id="r1", mode="offline", group="g", job_type="j", tags=["a"], notes="n",
    name="brisk-owl-1", config={"lr": 0.1, "model": {"depth": 2}},
)
run.define_metric("acc", summary="max")
for step in range(7):
    run.log({"loss": 1 / (step + 1), "acc": step % 3, "val": {"top": {"one": step}}})
run.log({"bad": float("nan"), "huge": 2**60 + 1, "text": "snow ☃"})
print("hello")
with open("notes.txt", "w") as file:
    file.write("kept")
run.save("notes.txt")
run.finish(exit_code=4)
"""

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.released,
    pytest.mark.timeout(600),  # the environment may have to be made
]


def interpreter(version):
    spec = util.spec_from_file_location("released", ROOT / "tools" / "released_clients.py")
    tool = util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    try:
        return tool.ensure(version)
    except subprocess.CalledProcessError:
        missing = f"wandb=={version} is missing: run `python tools/released_clients.py` online"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(missing)


def is_marked(folder):
    return Path(mark_path(folder, "r1")).exists()


@pytest.fixture(params=["0.21.3", "0.31.0"])
def folder(request, tmp_path):
    env = {
        key: value for key, value in os.environ.items() if not key.startswith(("WANDB_", "PYTHON"))
    }
    env |= {"WANDB_SILENT": "true", "HOME": str(tmp_path), "WANDB_ERROR_REPORTING": "false"}
    command = [interpreter(request.param), "-W", "ignore", "-c", SCRIPT]
    subprocess.run(command, cwd=tmp_path, env=env, check=True)
    (found,) = (tmp_path / "wandb").glob("offline-run-*")
    return str(found)


async def test_run_of_the_released_client_arrives_whole(folder, monkeypatch):
    monkeypatch.setattr(replaying, "_POLICIES", POLICIES)
    async with fake_server() as server, Client(server.url, KEY) as client:
        outcome = await Replay(Plan(folder, "r1", server.url)).run(client)

    assert (outcome.error, outcome.warnings, outcome.ended) == (None, (), True)
    names = ("project", "name", "groupName", "jobType", "tags", "notes", "displayName")
    assert [server.upserts[-1][name] for name in names] == [
        *("p1", "r1", "g", "j", ["a"], "n", "brisk-owl-1")
    ]
    rows = server.history
    assert [row.get("loss") for row in rows[:7]] == [1 / (step + 1) for step in range(7)]
    assert (rows[7]["huge"], rows[7]["text"], rows[6]["val"]) == (
        2**60 + 1,
        "snow ☃",
        {"top": {"one": 6}},
    )
    assert server.summary["acc"]["max"] == 2
    assert "hello" in server.console
    assert server.uploads["notes.txt"] == b"kept"
    assert {"config.yaml", "output.log", "wandb-summary.json"} <= server.uploads.keys()
    assert server.endings == [4]
    assert is_marked(folder)
