import os

import pytest

from wandb._service.actor import Inbox
from wandb._service.folderlock import FolderLock
from wandb._service.syncstate import Identity, Progress, SyncState


@pytest.fixture
def state(tmp_path):
    made = SyncState(str(tmp_path), "abc", server="http://s", options={"x_primary": False})
    made.save()
    return made


def test_state_comes_back_as_it_went(state):
    state.identity = Identity("e", "p", "abc", "id", "name", ours=True)
    state.commit(Progress({"run-abc.wandb": 7}, {"output.log": 2}, {}, {"next": 2}))

    assert SyncState.load(state.folder) == state


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"version": 99}', "{"])
def test_file_that_cannot_be_understood_is_as_good_as_none(state, content):
    with open(os.path.join(state.folder, "sync-state"), "w") as file:
        file.write(content)

    assert SyncState.load(state.folder) is None


def test_batch_in_flight_is_found_by_whoever_comes_next(state):
    after = Progress({"run-abc.wandb": 9}, {"wandb-history.jsonl": 1})
    state.begin([b'{"a":1}', b'{"b":2}'], after)

    assert SyncState.load(state.folder).in_flight() == ([b'{"a":1}', b'{"b":2}'], after)


def test_batch_that_was_written_down_but_not_begun_is_not_sent(state):
    state.begin([b"{}"], Progress())
    state.commit(Progress())
    with open(os.path.join(state.folder, "sync-batch"), "wb") as file:
        file.write(b"another")

    assert SyncState.load(state.folder).in_flight() is None


def test_torn_batch_is_not_sent(state):
    state.begin([b'{"a":1}'], Progress())
    with open(os.path.join(state.folder, "sync-batch"), "wb") as file:
        file.write(b'{"a"')

    assert SyncState.load(state.folder).in_flight() is None


def test_run_is_due_until_all_of_its_journals_are_with_the_server(state):
    journal = os.path.join(state.folder, "run-abc.wandb")
    with open(journal, "wb") as file:
        file.write(b"1234567")
    assert (state.is_due(), state.left_bytes()) == (True, 7)

    state.commit(Progress({"run-abc.wandb": 7}))
    state.finish()
    assert not state.is_due()

    os.mkdir(os.path.join(state.folder, "writers"))
    with open(os.path.join(state.folder, "writers", "late.wandb"), "wb") as file:
        file.write(b"12")
    assert (state.is_due(), state.left_bytes()) == (True, 2)


def test_refused_run_is_not_due(state):
    state.refused = "404: no such entity"

    assert not state.is_due()


def test_one_sender_at_a_time(tmp_path):
    first, second = FolderLock(str(tmp_path)), FolderLock(str(tmp_path))
    assert first.take()
    assert not second.take()

    first.release(for_good=False)

    assert second.take()
    second.release(for_good=True)
    assert os.listdir(tmp_path) == []


@pytest.mark.anyio
async def test_inbox_holds_whoever_fills_it(anyio_backend):
    import anyio

    inbox = Inbox(items=2, size_bytes=10)
    put = []

    async def fill():
        for number in range(4):
            await inbox.put(number, size_bytes=4)
            put.append(number)

    async with anyio.create_task_group() as group:
        group.start_soon(fill)
        await anyio.wait_all_tasks_blocked()
        assert put == [0, 1]
        assert inbox.take_waiting() == [0, 1]
        await anyio.wait_all_tasks_blocked()
        assert put == [0, 1, 2, 3]
        assert inbox.take_waiting(most_bytes=4) == [2]
        inbox.close()
        await inbox.put(9)
        assert inbox.take_waiting() == [3]
        assert not await inbox.wait()


@pytest.mark.anyio
async def test_message_larger_than_an_inbox_is_taken_alone(anyio_backend):
    inbox = Inbox(size_bytes=10)

    await inbox.put("large", size_bytes=100)

    assert inbox.take_waiting(most_bytes=1) == ["large"]
