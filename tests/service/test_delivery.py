import json

import pytest
import yaml

from service.fake_server import fake_server
from service.runs import Run

pytestmark = pytest.mark.anyio


@pytest.fixture
def run(tmp_path):
    return Run(tmp_path / "run-x-abc")


async def test_everything_of_a_run_arrives(run):
    run.log(5)
    run.writer.print("stdout", "hello\n")
    run.writer.print("stderr", "oh\n")
    run.configure(late={"a": 1})
    run.writer.close(0)

    async with fake_server() as server:
        stream = await run.deliver(server)

    assert [row["loss"] for row in server.history] == [0, 0.5, 1, 1.5, 2]
    assert [row["nested"] for row in server.history] == [{"a": number} for number in range(5)]
    assert sorted(server.console) == ["ERROR oh", "hello"]
    assert server.summary["loss"] == 2
    assert server.endings == [0]
    assert server.unauthorized == server.conflicts == []
    assert stream.told()["finished"]
    assert stream.told()["left_bytes"] == 0


async def test_first_upsert_says_what_the_run_is(run):
    run.writer.close(0)

    async with fake_server() as server:
        await run.deliver(server)

    first = server.upserts[0]
    config = json.loads(first["config"])
    assert (first["name"], first["project"], first["entity"]) == ("abc", "digits", None)
    assert first["program"] == "/train.py"
    assert config["lr"] == {"value": 0.1}
    assert config["_wandb"]["value"]["t"]["3"] == [2, 16]
    assert config["_wandb"]["value"]["t"]["13"] == "linux-x86_64"


async def test_files_of_the_run_are_written_and_uploaded(run):
    run.log(2)
    run.writer.print("stdout", "a\n")
    run.writer.close(0)

    async with fake_server() as server:
        await run.deliver(server)

    assert set(server.uploads) == {
        "wandb-metadata.json",
        "wandb-summary.json",
        "config.yaml",
        "output.log",
    }
    assert yaml.safe_load(server.uploads["config.yaml"])["lr"] == {"value": 0.1}
    assert json.loads(server.uploads["wandb-metadata.json"])["writerId"] == "w" * 32
    assert server.uploads["output.log"] == b"a\n"
    told = [name for post in server.posts for name in post.get("uploaded", ())]
    assert sorted(told) == sorted(server.uploads)
