"""One background loop per process, for callers that can't await."""

import asyncio
import os
import threading
from contextlib import asynccontextmanager

import pytest

from wandb._base.portal import portal, stop_portal


@pytest.fixture(autouse=True)
def stopped():
    yield
    stop_portal()


async def answer(value):
    await asyncio.sleep(0)
    return value


async def fail():
    raise LookupError("nothing there")


def test_result_and_error_come_back_to_the_caller():
    assert portal().call(answer(7)) == 7
    with pytest.raises(LookupError, match="nothing there"):
        portal().call(fail())


def test_every_thread_uses_the_same_loop():
    found = []

    def look():
        found.append(portal())

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {id(one) for one in found} == {id(portal())}


def test_what_is_held_is_entered_once_and_left_at_the_end():
    told = []

    @asynccontextmanager
    async def resource():
        told.append("entered")
        yield "it"
        told.append("left")

    kept = [portal().entered("key", resource) for _ in range(3)]
    stop_portal()

    assert kept == ["it"] * 3
    assert told == ["entered", "left"]


def test_stopped_portal_is_replaced_by_another():
    first = portal()
    stop_portal()

    assert not first.usable
    assert portal().call(answer(1)) == 1


def test_child_of_a_fork_has_a_loop_of_its_own():
    portal().call(answer(1))

    child = os.fork()
    if child == 0:
        try:
            os._exit(portal().call(answer(42)))
        finally:
            os._exit(1)

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 42
