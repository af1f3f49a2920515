"""What goes wrong while a run is delivered: on the way, in its answers, in its folder."""

import os
from dataclasses import replace

import pytest

from service.fake_server import fake_server, page, reset, status, torn
from service.runs import OURS_AT_ONCE, Run
from wandb._service.syncstate import SyncState

pytestmark = pytest.mark.anyio


@pytest.fixture
def run(tmp_path):
    return Run(tmp_path / "run-x-abc")


async def test_passing_failures_cost_nothing(run):
    answers = {
        "upsert": [status(503), page()],
        "stream": [status(500), reset(), page(), None, status(429)],
        "files": [status(502)],
        "put": [status(500), status(500)],
    }
    run.log(3)
    run.writer.close(0)

    async with fake_server(answers=answers) as server:
        await run.deliver(server)

    assert [row["_step"] for row in server.history] == [0, 1, 2]
    assert "config.yaml" in server.uploads
    assert (server.endings, server.conflicts) == ([0], [])


@pytest.mark.parametrize("text", ["", "{}", "null", '{"data": {"ups'])
async def test_answers_that_say_nothing_are_passing_failures(run, text):
    run.log(1)
    run.writer.close(0)

    answers = {"upsert": [torn(text)] * 2, "files": [torn(text)]}
    async with fake_server(answers=answers) as server:
        stream = await run.deliver(server)

    assert (stream.state.finished, stream.status.warnings) == (True, [])
    assert "config.yaml" in server.uploads


@pytest.mark.parametrize("text", ['{"data": {}}', '{"data": {"upsertBucket": {"bucket": {}}}}'])
async def test_upsert_whose_answer_names_nothing_is_no_refusal(run, text):
    run.writer.close(0)

    async with fake_server(answers={"upsert": [torn(text)]}) as server:
        stream = await run.deliver(server)

    assert (stream.broke_off, stream.status.refused) == (True, None)
    assert SyncState.load(run.folder).is_due()


async def test_page_of_a_network_is_no_word_that_a_file_is_stored(run):
    """Google's storage says that it has a file by an empty body that it calls HTML."""
    stored = [page(200, text="")]
    run.writer.close(0)

    async with fake_server(answers={"put": [page(), page(302), *stored]}) as server:
        await run.deliver(server)

    told = [name for post in server.posts for name in post.get("uploaded", ())]
    assert len(told) == len(server.uploads) + len(stored)


async def test_run_that_the_server_refuses_is_kept_and_not_tried_again(run):
    run.log(1)
    run.writer.close(0)

    async with fake_server(answers={"upsert": [status(404, "no entity")]}) as server:
        stream = await run.deliver(server)

    assert (stream.status.refused, stream.status.refused_status) == ("no entity", 404)
    assert not SyncState.load(run.folder).is_due()
    assert server.posts == []


async def test_server_that_takes_no_more_lines_stops_the_run_and_nothing_is_forgotten(run):
    run.log(1)
    run.writer.close(0)

    async with fake_server(answers={"stream": [status(413, "too large")]}) as server:
        stream = await run.deliver(server)

    told = stream.told()
    assert (told["done"], told["finished"]) == (True, False)
    assert "too large" in told["refused"]
    assert told["left_bytes"] > 0
    assert server.endings == []


async def test_server_that_is_gone_too_long_leaves_the_run_due(run):
    run.log(1)
    run.writer.close(0)

    async with fake_server(answers={"stream": [status(503)] * 20}) as server:
        stream = await run.deliver(server)

    assert stream.told()["done"]
    assert SyncState.load(run.folder).is_due()


async def test_file_that_the_server_refuses_does_not_hold_up_the_run(run):
    run.writer.close(0)

    async with fake_server(answers={"put": [status(403)] * 4}) as server:
        stream = await run.deliver(server)

    assert (server.uploads, server.endings) == ({}, [0])
    assert any("not uploaded" in warning for warning in stream.status.warnings)


@pytest.mark.parametrize(
    "created",
    [
        {"files": [{"name": "config.yaml"}], "uploadHeaders": []},
        {"files": ["config.yaml"], "uploadHeaders": None},
        {"files": [{"name": "config.yaml", "uploadUrl": "no address"}], "uploadHeaders": ["X", 7]},
    ],
)
async def test_addresses_that_make_no_sense_do_not_hold_up_the_run(run, created):
    run.log(1)
    run.writer.close(0)

    async with fake_server(created=created) as server:
        stream = await run.deliver(server)

    assert (stream.state.finished, server.endings) == (True, [0])
    assert any("config.yaml" in warning for warning in stream.status.warnings)


@pytest.mark.parametrize("name", ["../secret", "media/../../secret", "{outside}/secret"])
async def test_file_outside_of_the_run_is_not_uploaded(run, tmp_path, name):
    (tmp_path / "run-x-abc" / "secret").write_text("s")
    (tmp_path / "run-x-abc" / "files" / "media").mkdir()
    name = name.format(outside=run.folder)
    run.writer.append({"files": {"files": [{"path": name, "policy": "NOW"}]}})
    run.writer.close(0)

    async with fake_server() as server:
        stream = await run.deliver(server)

    assert not any("secret" in upload for upload in server.uploads)
    assert any("leads out" in warning for warning in stream.status.warnings)


@pytest.mark.parametrize("mine", [True, False])
async def test_links_are_followed_that_the_user_made(run, tmp_path, monkeypatch, mine):
    """Released clients keep what is saved as links; in another's folder they may lead anywhere.

    None is written through: what the run makes itself takes the link's place.
    """
    files = tmp_path / "run-x-abc" / "files"
    (tmp_path / "weights.txt").write_text("w")
    (files / "weights.txt").symlink_to(tmp_path / "weights.txt")
    (files / "config.yaml").symlink_to(tmp_path / "precious")
    run.writer.append({"files": {"files": [{"path": "weights.txt", "policy": "NOW"}]}})
    run.writer.close(0)
    if not mine:
        monkeypatch.setattr(os, "getuid", lambda: os.geteuid() + 1)

    async with fake_server() as server:
        await run.deliver(server)

    assert {"weights.txt", "config.yaml"} & set(server.uploads) == (
        {"weights.txt", "config.yaml"} if mine else set()
    )
    assert not (tmp_path / "precious").exists()


async def test_console_part_is_not_written_into_a_folder_that_the_user_saved(run, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "run-x-abc" / "files" / "logs").symlink_to(tmp_path / "mine")
    run.state.options["console_multipart"] = True
    run.state.save()
    run.writer.print("stdout", "told\n")
    run.writer.close(0)

    async with fake_server() as server:
        await run.deliver(server)

    assert os.listdir(tmp_path / "mine") == []
    (part,) = (name for name in server.uploads if name.startswith("logs/output_"))
    assert server.uploads[part] == b"told\n"


async def test_run_of_which_nothing_was_written_is_not_due_again(run):
    run.writer.close(0)
    os.truncate(os.path.join(run.folder, "run-abc.wandb"), 12)

    async with fake_server() as server:
        await run.deliver(server)

    assert server.upserts == []
    assert not SyncState.load(run.folder).is_due()


async def test_line_longer_than_the_server_takes_is_left_out_and_told(run):
    run.log(1)
    run.writer.log({"text": "x" * 5000})
    run.log(1)
    run.writer.close(0)

    async with fake_server() as server:
        stream = await run.deliver(server, pace=replace(OURS_AT_ONCE, line_bytes=4000))

    assert [row["_step"] for row in server.history] == [0, 2]
    assert any("longer than" in warning for warning in stream.status.warnings)


async def test_summary_longer_than_the_server_takes_is_left_out_and_told(run):
    for number in range(8):
        run.writer.log({f"text{number}": "x" * 900})
    run.writer.close(0)

    async with fake_server() as server:
        stream = await run.deliver(server, pace=replace(OURS_AT_ONCE, line_bytes=4000))

    assert len(server.history) == 8
    assert (server.endings, "text7" in server.summary) == ([0], False)
    assert sum("summary is longer" in warning for warning in stream.status.warnings) == 1


async def test_damaged_block_of_a_dead_journal_is_passed_over(run):
    for number in range(40):
        run.writer.log({"text": str(number) * 2000})
    run.writer.close(0)
    overwrite(os.path.join(run.folder, "run-abc.wandb"), at=40_000)

    async with fake_server() as server:
        stream = await run.deliver(server)

    assert 10 < len(server.history) < 40
    assert any("damaged" in warning for warning in stream.status.warnings)


async def test_journal_with_a_damaged_beginning_is_not_taken_for_delivered(run):
    for number in range(40):
        run.writer.log({"text": str(number) * 2000})
    run.writer.close(0)
    overwrite(os.path.join(run.folder, "run-abc.wandb"), at=30)

    async with fake_server() as server:
        stream = await run.deliver(server)

    state = SyncState.load(run.folder)
    assert (server.upserts, state.finished) == ([], False)
    assert state.left_bytes() > 0
    assert "damaged" in stream.status.refused
    assert any("damaged" in warning for warning in stream.status.warnings)


def overwrite(path, *, at):
    with open(path, "r+b") as file:
        file.seek(at)
        file.write(b"\xff" * 64)


async def test_run_with_a_torn_end_is_not_due_for_ever(run):
    run.log(3)
    run.writer.close(0)
    journal = os.path.join(run.folder, "run-abc.wandb")
    os.truncate(journal, os.stat(journal).st_size - 3)

    async with fake_server() as server:
        await run.deliver(server)

    assert len(server.history) == 3
    assert not SyncState.load(run.folder).is_due()
