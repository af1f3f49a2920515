"""Posts wait for the disk on the event loop, each for the group that holds it."""

import os
import struct

import anyio
import pytest

from ferrule.errors import BodyError, BusyError
from ferrule.ports.history import Post
from ferrule.stores.history.native import INLINE_BYTES, NativeHistory

pytestmark = pytest.mark.anyio


class SlowDisk:
    """A store whose disk syncs when the test says so."""

    def __init__(self):
        self.fd = os.eventfd(0, os.EFD_NONBLOCK)
        self.taken = 0
        self.durable = 0
        self.refusal = None

    def accept(self, run, attempt, writer, body, received_at):
        if self.refusal is not None:
            raise self.refusal
        self.taken += 1
        return {"seq": self.taken, "history": 1, "uploaded": ["a"]}

    def durable_fd(self):
        return self.fd

    def durable_seq(self):
        return self.durable

    def failing(self):
        return "no space left"

    def sync(self, until):
        self.durable = until
        os.write(self.fd, struct.pack("Q", 1))

    def close(self):
        os.close(self.fd)


@pytest.fixture
async def disk():
    return SlowDisk()


@pytest.fixture
async def history(disk):
    history = NativeHistory(disk, wait_secs=20)
    yield history
    await history.close()


async def test_post_returns_when_its_group_is_synced_and_not_before(history, disk):
    answered = []

    async def post(name):
        await history.accept(Post(1, b"{}", 0.0))
        answered.append(name)

    async with anyio.create_task_group() as group:
        for name in "abc":
            group.start_soon(post, name)
            await anyio.wait_all_tasks_blocked()
        assert answered == []
        disk.sync(2)
        while len(answered) < 2:
            await anyio.lowlevel.checkpoint()
        assert answered == ["a", "b"]
        disk.sync(3)

    assert answered == ["a", "b", "c"]


async def test_post_that_is_durable_already_does_not_wait(history, disk):
    disk.sync(5)

    receipt = await history.accept(Post(1, b"{}", 0.0))

    assert (receipt.history, receipt.uploaded) == (1, ("a",))


async def test_large_body_is_read_in_a_thread(history, disk):
    disk.sync(5)

    assert (await history.accept(Post(1, b" " * (INLINE_BYTES + 1), 0.0))).history == 1


async def test_disk_that_never_answers_makes_the_post_come_again(disk):
    history = NativeHistory(disk, wait_secs=0.01)

    with pytest.raises(BusyError, match="no space left"):
        await history.accept(Post(1, b"{}", 0.0))

    assert disk.taken == 1
    await history.close()


async def test_refusals_of_the_store_say_whose_fault_it_is(history, disk):
    disk.refusal = ValueError("the request's body can't be read: it is bad; nothing was kept")
    with pytest.raises(BodyError, match="The request's body can't be read: it is bad"):
        await history.accept(Post(1, b"{", 0.0))

    disk.refusal = BlockingIOError()
    with pytest.raises(BusyError) as busy:
        await history.accept(Post(1, b"{}", 0.0))
    assert busy.value.retry_after_secs > 0


async def test_posts_that_wait_when_the_server_stops_are_told_to_come_again(disk):
    history = NativeHistory(disk, wait_secs=20)
    failed = []

    async def post():
        try:
            await history.accept(Post(1, b"{}", 0.0))
        except BusyError as err:
            failed.append(err.message)

    async with anyio.create_task_group() as group:
        group.start_soon(post)
        await anyio.wait_all_tasks_blocked()
        await history.close()

    assert "stopping" in failed[0]
