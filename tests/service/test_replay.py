"""Sending folders of runs that have ended."""

import os
import shutil

import pytest

from service.artifact_server import ArtifactServer
from service.fake_server import KEY, fake_server, status, torn
from service.runs import POLICIES, Run
from wandb._http.client import Client
from wandb._service import replay as replaying
from wandb._service.folderlock import FolderLock
from wandb._service.replay import Plan, Replay, mark_path
from wandb._service.syncstate import STATE_FILE, SyncState

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def no_waits(monkeypatch):
    monkeypatch.setattr(replaying, "_POLICIES", POLICIES)


@pytest.fixture
def folder(tmp_path):
    """An offline run of fifty rows that has ended, without a trace of an earlier sync."""
    run = Run(tmp_path / "offline-run-20260101_000000-abc")
    run.log(50)
    run.writer.print("stdout", "hello\n")
    run.writer.close(exit_code=0)
    os.unlink(os.path.join(run.folder, STATE_FILE))
    return run.folder


def is_marked(folder):
    return os.path.exists(mark_path(folder, "abc"))


async def sync(server, folder, **options):
    plan = Plan(folder=folder, run_id="abc", server=server.url, **options)
    async with Client(server.url, KEY) as client:
        return await Replay(plan).run(client)


async def test_run_arrives_whole_and_is_marked(folder):
    async with fake_server() as server:
        outcome = await sync(server, folder)

    assert (outcome.error, outcome.warnings, outcome.ended) == (None, (), True)
    assert outcome.identity.run == "abc"
    assert [row["loss"] for row in server.history] == [number / 2 for number in range(50)]
    assert server.console == ["hello"]
    assert server.endings == [0]
    assert is_marked(folder)


async def test_second_sync_sends_nothing(folder):
    async with fake_server() as server:
        await sync(server, folder)
        posts, upserts = len(server.posts), len(server.upserts)
        outcome = await sync(server, folder)

    assert outcome.already
    assert (len(server.posts), len(server.upserts)) == (posts, upserts)


@pytest.mark.parametrize("lines", [None, 50])
async def test_sync_without_a_trace_of_the_first_sends_the_same_lines_again(folder, lines):
    async with fake_server() as server:
        await sync(server, folder)
        os.unlink(os.path.join(folder, STATE_FILE))
        server.history_lines = lines
        await sync(server, folder)

    assert server.conflicts == []
    assert len(server.history) == 50


async def test_runs_of_two_folders_under_one_id_both_arrive(folder, tmp_path):
    """A job that was queued again, with an id of its own choice."""
    again = Run(tmp_path / "offline-run-20260102_000000-abc")
    again.log(30, first=100)
    again.writer.print("stdout", "again\n")
    again.writer.close(exit_code=0)
    os.unlink(os.path.join(again.folder, STATE_FILE))

    async with fake_server() as server:
        await sync(server, folder)
        await sync(server, again.folder)
        outcome = await sync(server, again.folder)

    losses = [row["loss"] for row in server.history]
    assert losses == [number / 2 for number in [*range(50), *range(100, 130)]]
    assert server.console == ["hello", "again"]
    assert (server.conflicts, outcome.already) == ([], True)


@pytest.mark.parametrize("answer", [status(503), torn('{"errors": [{"message": "busy"}]}')])
async def test_rows_wait_until_it_is_known_what_the_server_has(folder, tmp_path, answer):
    again = Run(tmp_path / "offline-run-20260102_000000-abc")
    again.log(30, first=100)
    again.writer.close(exit_code=0)
    os.unlink(os.path.join(again.folder, STATE_FILE))

    async with fake_server() as server:
        await sync(server, folder)
        server.answers["resume"] = [answer] * 20
        failed = await sync(server, again.folder)
        server.answers.clear()
        outcome = await sync(server, again.folder)

    assert "what the server has of the run" in failed.error
    assert (outcome.error, len(server.history), server.conflicts) == (None, 80, [])


async def test_writers_of_a_shared_run_name_themselves_to_another_server_too(tmp_path):
    options = {"shared": True, "writer_id": "rank-1", "x_label": "rank_1"}
    run = Run(tmp_path / "run-20260101_000000-abc", options=options)
    run.writer.print("stdout", "hello\n")
    run.writer.close(exit_code=0)

    async with fake_server() as server:
        await sync(server, run.folder)

    assert server.headers[0]["X-Wandb-Async-Client-Id"] == "rank-1"
    assert "output_rank_1.log" in server.uploads


async def test_run_that_the_server_forgot_half_way_is_sent_anew(folder):
    async with fake_server(answers={"stream": [None, status(404)]}) as server:
        await sync(server, folder)
        server.forget()
        outcome = await sync(server, folder)

    assert (outcome.error, len(server.history)) == (None, 50)


async def test_appended_rows_come_after_those_of_the_server(folder):
    async with fake_server(history_lines=7) as server:
        await sync(server, folder, append=True)

    assert min(server.lines["wandb-history.jsonl"]) == 7


async def test_sync_goes_on_where_one_stopped(folder):
    async with fake_server(answers={"stream": [None, *[status(503)] * 20]}) as server:
        first = await sync(server, folder)
        server.answers.clear()
        second = await sync(server, folder)

    assert first.error is not None
    assert second.error is None
    assert server.conflicts == []
    assert len(server.history) == 50


async def test_refusal_is_told_and_a_later_sync_tries_again(folder):
    async with fake_server(answers={"upsert": [status(403, "not yours")]}) as server:
        first = await sync(server, folder)
        second = await sync(server, folder)

    assert "not yours" in first.error
    assert second.error is None


async def test_other_names_are_used_and_are_a_place_of_their_own(folder):
    async with fake_server() as server:
        await sync(server, folder)
        names = {"run_id": "other", "project": "p2", "entity": "e2"}
        outcome = await sync(server, folder, overrides=names)

    who = outcome.identity
    assert (who.entity, who.project, who.run) == ("e2", "p2", "other")
    assert not outcome.already


async def test_other_server_gets_everything(folder):
    async with fake_server() as one, fake_server() as other:
        await sync(one, folder)
        await sync(other, folder)

    assert len(other.history) == 50


async def test_run_that_is_gone_from_the_server_is_sent_anew(folder):
    async with fake_server() as server:
        await sync(server, folder)
        server.forget()
        outcome = await sync(server, folder)

    assert not outcome.already
    assert len(server.history) == 50


async def test_console_can_be_left_out(folder):
    async with fake_server() as server:
        await sync(server, folder, skip_console=True)

    assert server.console == []
    assert "output.log" not in server.uploads


async def test_no_mark_is_left_where_none_is_wanted(folder):
    async with fake_server() as server:
        await sync(server, folder, mark=False)

    assert not is_marked(folder)


async def test_run_without_an_end_is_sent_as_crashed_and_not_marked(tmp_path):
    run = Run(tmp_path / "offline-run-20260101_000000-abc")
    run.log(3)
    run.writer.abandon()
    copied = shutil.copytree(run.folder, tmp_path / "copy")

    async with fake_server() as server:
        outcome = await sync(server, str(copied))

    assert (outcome.error, outcome.ended) == (None, False)
    assert server.upserts[-1]["state"] == "crashed"
    assert len(server.history) == 3
    assert not is_marked(copied)


async def test_two_syncs_of_one_folder_do_not_meet(folder):
    lock = FolderLock(folder)
    assert lock.take()

    async with fake_server() as server:
        outcome = await sync(server, folder)
    lock.release(for_good=True)

    assert "another process" in outcome.error


async def test_folder_without_a_run_is_an_error(tmp_path):
    async with fake_server() as server:
        outcome = await sync(server, str(tmp_path))

    assert outcome.error is not None
    assert not SyncState.load(str(tmp_path)).is_complete()


async def test_file_that_could_not_be_uploaded_is_tried_again(folder):
    async with fake_server() as server:
        server.answers["put"] = [status(400)] * 20
        failed = await sync(server, folder)
        marked = is_marked(folder)
        server.answers.clear()
        outcome = await sync(server, folder)

    assert "4 files could not be uploaded" in failed.error
    assert not marked
    assert (outcome.error, outcome.already) == (None, False)
    assert "output.log" in server.uploads
    assert len(server.history) == 50
    assert is_marked(folder)


async def test_artifact_that_could_not_be_saved_keeps_the_folder_unsynced(tmp_path):
    run = Run(tmp_path / "run")
    run.writer.append({"artifact": {"name": "model", "type": "model", "client_id": "c"}})
    run.writer.close(exit_code=0)

    async with fake_server(ArtifactServer, answers={"CreateArtifact": [status(503)] * 7}) as server:
        first = await sync(server, run.folder)
        assert not is_marked(run.folder)
        second = await sync(server, run.folder)
        third = await sync(server, run.folder)

    assert first.error == "1 artifact could not be saved"
    assert (second.error, third.already) == (None, True)
    assert is_marked(run.folder)


async def test_tags_are_renamed_in_a_run_that_was_sent_before(tmp_path):
    run = Run(tmp_path / "run", tags=("old", "kept", "other"))
    run.log(2)
    run.writer.close(exit_code=0)

    async with fake_server() as server:
        await sync(server, run.folder)
        await sync(server, run.folder, replace_tags={"old": "new", "other": "new"})
        tags = server.upserts[-1]["tags"]
        again = await sync(server, run.folder, replace_tags={"old": "new", "other": "new"})

    assert tags == ["new", "kept"]
    assert again.already
    assert len(server.history) == 2


async def test_run_that_the_server_lost_half_way_is_sent_anew(folder):
    async with fake_server(answers={"stream": [None, *[status(503)] * 20]}) as server:
        await sync(server, folder)
        server.answers.clear()
        server.forget()
        outcome = await sync(server, folder)

    assert (outcome.error, len(server.history)) == (None, 50)
