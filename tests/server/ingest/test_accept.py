"""What posts bring reaches the run table, whatever dies between."""

import json

import anyio
import pytest

from ferrule.auth.permissions import Viewer
from ferrule.errors import BusyError
from ferrule.ingest.accept import Ingest, RunCache
from ferrule.ingest.summary import ProgressBook
from ferrule.jobs.runner import Jobs
from ferrule.ports.feed import Topic
from ferrule.ports.history import Checkpoint, RunFacts
from ferrule.ports.runs import RunChange
from ferrule.stores.feed.local import LocalFeed
from ferrule.stores.history.memory import MemoryHistory
from ferrule.stores.history.opening import OpeningHistory, RunState
from ferrule.stores.memory import memory_stores

pytestmark = pytest.mark.anyio
PATH = ("alice", "cats", "run1")
START = 1000.0
MICROS = 1_000_000


class World:
    """Ingest over memory, with a clock that stands still."""

    now = START

    @classmethod
    async def made(cls):
        world = cls()
        stores = world.stores = memory_stores()
        person = await stores.people.add("alice")
        world.viewer = Viewer.of(person, await stores.people.entities_of(person.id))
        project = await stores.projects.ensure("alice", "cats")
        world.project = project

        async def lookup(run):
            return RunState(project.id, None)

        world.history = OpeningHistory(MemoryHistory(), lookup)
        world.cache = RunCache(stores.runs)
        world.feed = LocalFeed()
        world.restart()
        await world.upsert()
        return world

    def restart(self):
        clock = lambda: self.now  # noqa: E731
        self.book = ProgressBook(self.stores.runs, self.history)
        self.ingest = Ingest(self.history, self.cache, self.book, self.feed, clock)
        self.jobs = Jobs(
            self.stores.runs,
            self.history,
            self.book,
            self.cache,
            self.feed,
            compact_secs=60,
            compact_bytes=1000,
            crash_after_secs=300,
            clock=clock,
        )

    async def upsert(self, **change):
        at = int(self.now * MICROS)
        change = RunChange(self.project.id, "run1", at=at, user="alice", alive=True, **change)
        run, _ = await self.stores.runs.upsert(change)
        self.cache.forget(run)

    async def post(self, *, first=0, rows=(), summary=None, console=(), writer="", **more):
        files = {
            "wandb-history.jsonl": (first, [json.dumps(row) for row in rows]),
            "wandb-summary.json": (0, [] if summary is None else [json.dumps(summary)]),
            "output.log": (0, list(console)),
        }
        told = {name: {"offset": at, "content": lines} for name, (at, lines) in files.items()}
        files = {name: chunk for name, chunk in told.items() if chunk["content"]}
        body = json.dumps({"files": files, **more}).encode()
        return await self.ingest.accept(self.viewer, PATH, body, writer)

    async def edit(self, **change):
        """Change the run as a person does by the API."""
        change = RunChange(self.project.id, "run1", at=int(self.now * MICROS), **change)
        run, _ = await self.stores.runs.upsert(change)
        self.cache.forget(run)

    async def run(self):
        await self.book.flush()
        return await self.stores.runs.get(*PATH)


@pytest.fixture
async def world():
    return await World.made()


async def test_progress_reaches_the_run_table_with_the_flush(world):
    world.now += 5
    await world.post(rows=[{"_step": 3}, {"_step": 4}])

    run = await world.run()

    assert (run.last_step, run.history_lines, run.state) == (4, 2, "running")
    assert run.heartbeat_at == int(world.now * MICROS)


async def test_flush_that_fails_is_made_up_for_by_the_next(world, monkeypatch):
    await world.post(rows=[{"_step": 3}], complete=True, exitcode=0)
    written = world.stores.runs.note_progress

    async def full(progress):
        raise BusyError("full")

    monkeypatch.setattr(world.stores.runs, "note_progress", full)
    with pytest.raises(BusyError):
        await world.book.flush()
    monkeypatch.setattr(world.stores.runs, "note_progress", written)

    assert (await world.run()).state == "finished"


async def test_old_post_that_comes_again_leaves_a_finished_run_finished(world):
    await world.post(rows=[{"_step": 0}])
    await world.post(complete=True, exitcode=0)
    await world.run()

    await world.post(rows=[{"_step": 0}])

    assert (await world.run()).state == "finished"


async def test_resumed_run_is_running_and_new_rows_keep_it_so(world):
    await world.post(rows=[{"_step": 0}], complete=True, exitcode=1)
    await world.run()
    await world.upsert(state="running")

    await world.post()
    assert (await world.run()).state == "running"
    await world.post(first=1, rows=[{"_step": 1}])

    run = await world.run()
    assert (run.state, run.exit_code) == ("running", None)


async def test_change_during_a_post_is_not_forgotten(world, monkeypatch):
    await world.post()
    accept = world.history.accept

    async def slow(post):
        receipt = await accept(post)
        run = await world.stores.runs.get(*PATH)
        await world.stores.runs.request_stop(run.id)
        world.cache.forget(run)
        return receipt

    monkeypatch.setattr(world.history, "accept", slow)
    await world.post(preempting=True)
    monkeypatch.setattr(world.history, "accept", accept)

    assert (await world.post()).stop_requested is True


async def test_silent_run_has_crashed_and_lives_again_when_it_posts(world):
    await world.post(rows=[{"_step": 0}])
    world.now += 301

    with world.feed.subscribe(frozenset([Topic(*PATH)])) as listener:
        await world.jobs.sweep()
        assert [event.state for event in await listener.wait()] == ["crashed"]

    assert (await world.run()).state == "crashed"
    await world.post()
    assert (await world.run()).state == "running"


async def test_silence_before_the_server_started_does_not_count(world):
    await world.post()
    await world.book.flush()
    world.now += 10_000
    world.restart()

    await world.jobs.sweep()
    assert (await world.run()).state == "running"
    world.now += 301
    await world.jobs.sweep()

    assert (await world.run()).state == "crashed"


async def test_preempting_run_that_falls_silent_was_preempted(world):
    await world.post(preempting=True)
    assert (await world.run()).state == "preempting"
    world.now += 301

    await world.jobs.sweep()

    assert (await world.run()).state == "preempted"


async def test_what_the_log_knows_is_made_good_at_the_start(world, monkeypatch):
    await world.post(rows=[{"_step": 7}])
    run = await world.stores.runs.get(*PATH)
    facts = RunFacts(
        run.id, START + 9, '{"x":1}', 7, 1, complete=True, exit_code=3, preempting=False
    )

    async def recovered():
        return [facts, RunFacts(999, START)]

    monkeypatch.setattr(world.history, "recovered", recovered)
    world.restart()
    await world.book.recover()

    run = await world.stores.runs.get(*PATH)
    assert (run.state, run.exit_code, run.last_step) == ("failed", 3, 7)
    assert json.loads(run.summary) == {"x": 1}


async def test_run_begun_again_after_its_last_post_stays_running_at_the_start(world, monkeypatch):
    world.now += 100
    await world.upsert(state="running")
    run = await world.stores.runs.get(*PATH)

    async def recovered():
        return [RunFacts(run.id, START + 9, None, 7, 1, complete=True, exit_code=3)]

    monkeypatch.setattr(world.history, "recovered", recovered)
    await world.book.recover()

    assert (await world.stores.runs.get(*PATH)).state == "running"


async def test_compaction_commits_manifest_states_and_progress_together(world, monkeypatch):
    await world.post(rows=[{"_step": 7}], complete=True, exitcode=0)
    run = await world.stores.runs.get(*PATH)
    checkpoint = Checkpoint(
        b"manifest", {run.id: b"state"}, (RunFacts(run.id, START, None, 7, 1),), "token"
    )
    committed = []

    async def compact():
        return checkpoint

    async def noted(given):
        committed.append(given.token)

    monkeypatch.setattr(world.history, "compact", compact)
    monkeypatch.setattr(world.history, "committed", noted)
    await world.jobs.compact()

    run = await world.stores.runs.get(*PATH)
    assert (run.state, run.last_step, run.history_lines) == ("finished", 7, 1)
    assert await world.stores.runs.log_manifest() == b"manifest"
    assert await world.stores.runs.log_state(run.id) == b"state"
    assert committed == ["token"]


async def compacted(world, monkeypatch, facts, *, meanwhile=None):
    """Compact with what a log had sealed, and let something happen before the transaction."""

    async def compact():
        if meanwhile is not None:
            await meanwhile()
        return Checkpoint(b"manifest", {facts.run: b"state"}, (facts,))

    monkeypatch.setattr(world.history, "compact", compact)
    await world.jobs.compact()


async def test_edited_summary_outlives_the_compaction(world, monkeypatch):
    await world.post(summary={"loss": 1}, complete=True, exitcode=0)
    run = await world.run()
    await world.edit(summary='{"best":2}')

    await compacted(world, monkeypatch, RunFacts(run.id, START, '{"loss":1}', -1, 0, complete=True))

    assert (await world.run()).summary == '{"best":2}'


@pytest.mark.parametrize("flushed", [False, True])
async def test_post_during_a_compaction_has_the_last_word(world, monkeypatch, flushed):
    await world.post(rows=[{"_step": 0}], summary={"loss": 2})
    run = await world.run()

    async def last_post():
        world.now += 1
        await world.post(first=1, rows=[{"_step": 1}], summary={"loss": 1}, complete=True)
        if flushed:
            await world.book.flush()

    sealed = RunFacts(run.id, START, '{"loss": 2}', 0, 1)
    await compacted(world, monkeypatch, sealed, meanwhile=last_post)

    run = await world.run()
    assert (json.loads(run.summary), run.state, run.last_step) == ({"loss": 1}, "finished", 1)


async def test_post_of_a_run_that_was_deleted_meanwhile_is_not_booked_on_its_namesake(
    world, monkeypatch
):
    await world.post()
    accept = world.history.accept

    async def slow(post):
        receipt = await accept(post)
        run = await world.stores.runs.get(*PATH)
        await world.stores.runs.delete(run.id)
        world.cache.forget(run)
        await world.upsert()
        return receipt

    monkeypatch.setattr(world.history, "accept", slow)
    await world.post(summary={"old": 1}, complete=True, exitcode=1)

    run = await world.run()
    assert (run.state, run.summary) == ("running", "{}")


async def test_rewound_run_stays_rewound(world, monkeypatch):
    await world.post(rows=[{"_step": step} for step in range(100)])
    run = await world.run()
    rewound = await world.stores.runs.rewind(run.id, 50)
    world.cache.forget(rewound)

    await compacted(world, monkeypatch, RunFacts(run.id, START, None, 99, 100))
    run = await world.run()
    assert (run.last_step, run.history_lines) == (50, 0)

    await world.post(rows=[{"_step": 51}])
    run = await world.run()
    assert (run.last_step, run.history_lines) == (51, 1)


async def test_run_stays_ended_when_another_writer_posts_at_the_same_time(world, monkeypatch):
    await world.post(rows=[{"_step": 0}], writer="w1")
    accept, second_is_in = world.history.accept, anyio.Event()

    async def slow_for_second(post):
        receipt = await accept(post)
        if post.writer == "w2":
            await second_is_in.wait()
        return receipt

    monkeypatch.setattr(world.history, "accept", slow_for_second)
    async with anyio.create_task_group() as group:
        group.start_soon(lambda: world.post(console=["hi"], writer="w2"))
        await anyio.wait_all_tasks_blocked()
        await world.post(writer="w1", complete=True, exitcode=1)
        second_is_in.set()

    run = await world.run()
    assert (run.state, run.exit_code) == ("failed", 1)


@pytest.mark.parametrize("flushed", [False, True])
async def test_exit_code_outlives_later_posts_that_change_nothing(world, flushed):
    await world.post(writer="w1", complete=True, exitcode=1)
    if flushed:
        await world.run()

    await world.post(console=["late"], writer="w2")

    run = await world.run()
    assert (run.state, run.exit_code) == ("failed", 1)


async def test_run_that_ends_while_silent_ones_are_looked_at_has_not_crashed(world, monkeypatch):
    await world.post()
    await world.run()
    world.now += 301
    stale = world.stores.runs.stale

    async def stale_and_then_a_post(before):
        found = await stale(before)
        await world.post(complete=True, exitcode=0)
        await world.book.flush()
        return found

    monkeypatch.setattr(world.stores.runs, "stale", stale_and_then_a_post)
    await world.jobs.sweep()

    assert (await world.run()).state == "finished"


@pytest.mark.parametrize("heartbeat", [False, True])
async def test_what_the_run_table_knows_is_not_recovered_over_an_edit(
    world, monkeypatch, heartbeat
):
    await world.post(summary={"loss": 1}, complete=True, exitcode=0)
    if heartbeat:
        # It leaves nothing in the log.
        world.now += 1
        await world.post()
    run = await world.run()
    await world.edit(summary='{"best":2}')

    async def recovered():
        return [RunFacts(run.id, START, '{"loss": 1}', -1, 0, complete=True, exit_code=0)]

    monkeypatch.setattr(world.history, "recovered", recovered)
    world.restart()
    await world.book.recover()

    assert (await world.run()).summary == '{"best":2}'


async def test_server_starts_on_a_full_disk(world, monkeypatch):
    await world.post()
    run = await world.run()
    written = world.stores.runs.note_progress

    async def recovered():
        return [RunFacts(run.id, START + 9, '{"x":1}', 7, 1, complete=True, exit_code=3)]

    async def full(progress):
        raise BusyError("full")

    monkeypatch.setattr(world.history, "recovered", recovered)
    monkeypatch.setattr(world.stores.runs, "note_progress", full)
    world.restart()
    await world.book.recover()
    monkeypatch.setattr(world.stores.runs, "note_progress", written)

    run = await world.run()
    assert (run.state, run.exit_code, run.summary) == ("failed", 3, '{"x":1}')


async def test_checkpoint_that_is_not_committed_lets_go_of_nothing(world, monkeypatch):
    await world.post(rows=[{"_step": 7}])
    committed = []

    async def compact():
        return Checkpoint(b"manifest")

    async def noted(given):
        committed.append(given)

    async def full(*_):
        raise BusyError("full")

    monkeypatch.setattr(world.history, "compact", compact)
    monkeypatch.setattr(world.history, "committed", noted)
    monkeypatch.setattr(world.stores.runs, "checkpoint", full)
    with pytest.raises(BusyError):
        await world.jobs.compact()

    assert committed == []
    assert world.jobs.busy == 0


async def test_full_disk_does_not_keep_anyone_from_reading(world, monkeypatch):
    await world.post(rows=[{"_step": 7}])

    async def full(progress):
        raise BusyError("full")

    monkeypatch.setattr(world.stores.runs, "note_progress", full)

    await world.book.settle()


async def test_state_is_written_even_if_a_checkpoint_took_everything_else(world, monkeypatch):
    await world.post(rows=[{"_step": 7}])
    await world.book.flush()
    await world.post(complete=True, exitcode=0)

    async def nothing(run):
        return None

    monkeypatch.setattr(world.history, "facts", nothing)

    run = await world.run()
    assert (run.state, run.last_step, run.history_lines) == ("finished", 7, 1)


async def test_log_is_compacted_when_it_was_long_ago_or_much_waits(world, monkeypatch):
    compacted, waiting = [], 0

    async def compact():
        compacted.append((world.now - START, waiting))

    monkeypatch.setattr(world.history, "compact", compact)
    monkeypatch.setattr(world.history, "log_bytes", lambda: waiting)
    moments = [(1, 0), (2, 1000), (3, 10), (62, 0)]
    for secs, log_bytes in moments:
        world.now, waiting = START + secs, log_bytes
        await world.jobs.compact_if_due()

    assert compacted == [(2, 1000), (62, 0)]
