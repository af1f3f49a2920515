"""A history that makes its runs known by itself, over the engine on disk."""

import pytest

from ferrule.errors import NotFound
from ferrule.ports.history import Post
from ferrule.stores.history.opening import OpeningHistory, RunState
from server.conformance.engines import PROJECT, NativeEngine, whole

pytestmark = pytest.mark.anyio
KNOWN, GONE = 7, 8
BODY = b'{"files":{"wandb-history.jsonl":{"offset":0,"content":["{\\"_step\\":0}"]}}}'


async def opened(folder, *runs):
    async def lookup(run):
        return RunState(PROJECT, None) if run in runs else None

    return OpeningHistory(await NativeEngine(folder).open(), lookup)


@pytest.fixture
async def after_a_crash(tmp_path):
    """Two runs in the log of a server that ended; the run table has lost one of them since."""
    before = await opened(tmp_path, KNOWN, GONE)
    for run in (KNOWN, GONE):
        await before.accept(Post(run, BODY, 100.0, 0, ""))
    await before.close()
    history = await opened(tmp_path, KNOWN)
    yield history
    await history.close()


async def test_runs_found_in_the_log_are_opened_and_unknown_ones_forgotten(after_a_crash):
    assert [facts.run for facts in await after_a_crash.recovered()] == [KNOWN]

    checkpoint = await after_a_crash.compact()

    assert set(checkpoint.runs) == {KNOWN}
    assert await after_a_crash.row_count(whole(KNOWN)) == 1
    with pytest.raises(NotFound):
        await after_a_crash.row_count(whole(GONE))


async def test_run_that_the_table_has_lost_can_be_forgotten(after_a_crash):
    await after_a_crash.forget_run(GONE)

    assert [facts.run for facts in await after_a_crash.recovered()] == [KNOWN]
