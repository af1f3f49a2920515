"""The sampler: what it keeps, and that nothing of a run depends on it."""

import json
import logging
import os
import threading
import time
from contextlib import asynccontextmanager
from functools import partial

import anyio
import pytest

from service.fake_server import KEY, fake_server
from service.runs import Run
from service.test_hub import attach, kill, serving
from wandb._native import JournalTail, Writer, read_folder, read_journal, recover_folder
from wandb._service.stats import registry, sampler
from wandb._service.stats.options import StatsOptions
from wandb._service.stats.sampler import StatsSampler, owner_lives
from wandb._wire.journal import stats_record

pytestmark = pytest.mark.anyio


class Source:
    """Tells how often it was asked."""

    def __init__(self, name="n", facts=None):
        self.name, self.asked, self.closed = name, 0, False
        self._facts = facts or {}

    def read(self):
        self.asked += 1
        return {self.name: self.asked, "half": 0.5}

    def facts(self):
        return self._facts

    def close(self):
        self.closed = True


class Broken(Source):
    def read(self):
        self.asked += 1
        raise ValueError("out of order")


class Stuck(Source):
    def __init__(self):
        super().__init__()
        self.let_go = threading.Event()

    def read(self):
        self.asked += 1
        self.let_go.wait()
        return {}


@pytest.fixture
def run(tmp_path):
    run = Run(tmp_path / "run-x-abc")
    yield run
    if not run.writer.closed:
        run.writer.close(0)


def options(**more):
    return StatsOptions(pid=os.getpid(), first_secs=0.0, interval_secs=0.01, **more)


@asynccontextmanager
async def sampling(run, *sources, **more):
    """A sampler at work until the block is left."""
    probes = {f"source {at}": partial(_found, one) for at, one in enumerate(sources)}
    made = StatsSampler(run.folder, run.id, options(**more), probes)
    with anyio.fail_after(20):
        async with anyio.create_task_group() as group:
            group.start_soon(made.run)
            yield made
            made.stop()


def _found(source, options):
    return source


async def until(happened):
    while not happened():  # noqa: ASYNC110 - other threads set no event
        await anyio.sleep(0.01)


def stats_of(folder):
    records = read_folder(folder).records("stats")
    return [{i["key"]: i["value_json"] for i in one["stats"]["item"]} for one in records]


async def test_samples_are_kept_in_a_journal_of_their_own(run):
    source = Source()
    async with sampling(run, source):
        await until(lambda: source.asked >= 3)
    alone = read_journal(os.path.join(run.folder, "writers", "service.wandb")).records("stats")

    assert source.closed
    assert [one["stats"]["item"][0] for one in alone[:2]] == [
        {"key": "n", "value_json": "1"},
        {"key": "n", "value_json": "2"},
    ]
    assert alone[0]["stats"]["item"][1] == {"key": "half", "value_json": "0.5"}
    assert alone[0]["stats"]["timestamp"]["seconds"] > 1_700_000_000


async def test_nothing_is_opened_for_a_run_that_is_over_before_the_first_sample(run):
    source = Source()
    made = StatsSampler(
        run.folder, run.id, StatsOptions(pid=1, first_secs=600.0), {"a": lambda _: source}
    )
    async with anyio.create_task_group() as group:
        group.start_soon(made.run)
        await anyio.sleep(0.05)
        made.stop()

    assert made.ended.is_set()
    assert "writers" not in os.listdir(run.folder)


async def test_source_that_is_stuck_or_broken_costs_the_others_nothing(run, monkeypatch, caplog):
    monkeypatch.setattr(sampler, "_READ_SECS", 0.02)
    stuck, broken, sound = Stuck(), Broken(), Source()
    with caplog.at_level(logging.WARNING):
        async with sampling(run, stuck, broken, sound):
            await until(lambda: sound.asked > 10 and broken.asked > 3)
            await anyio.sleep(0.1)
    stuck.let_go.set()

    told = [record.getMessage() for record in caplog.records if "system metrics" in record.message]
    assert stuck.asked == 1
    assert sum("does not answer within" in text for text in told) == 1
    assert sum("out of order" in text for text in told) == 1
    assert len(stats_of(run.folder)) >= 10


@pytest.mark.parametrize("given_up_by", ["the clock", "the end of the run"])
async def test_source_that_is_found_too_late_is_closed(run, monkeypatch, given_up_by):
    looking, let_go, source = threading.Event(), threading.Event(), Source()

    def look(options):
        looking.set()
        let_go.wait()
        return source

    if given_up_by == "the clock":
        monkeypatch.setattr(sampler, "_PROBE_SECS", 0.01)
    made = StatsSampler(run.folder, run.id, options(), {"late": look})
    with anyio.fail_after(20):
        async with anyio.create_task_group() as group:
            group.start_soon(made.run)
            await until(looking.is_set)
            if given_up_by == "the clock":
                await until(lambda: made._said)
            made.stop()
        let_go.set()
        await until(lambda: source.closed)

    assert source.asked == 0


async def test_probe_that_fails_or_finds_nothing_is_passed_over(run, caplog):
    def refuse(options):
        raise OSError("no such bus")

    sound = Source()
    made = StatsSampler(
        run.folder, run.id, options(), {"a": refuse, "b": lambda _: None, "c": lambda _: sound}
    )
    async with anyio.create_task_group() as group:
        group.start_soon(made.run)
        await until(lambda: sound.asked > 2)
        made.stop()

    assert "a can't be sampled" in caplog.text
    assert stats_of(run.folder)


async def test_hardware_is_described_with_what_the_user_knows_better(run):
    source = Source(facts={"gpu_count": 2, "gpu_type": "A100"})
    async with sampling(run, source, writer_id="w", overrides={"gpu_count": 9, "cpu_count": 1}):
        await until(lambda: source.asked > 1)

    described = [one["environment"] for one in read_folder(run.folder).records("environment")]
    assert {"gpu_count": 9, "gpu_type": "A100", "writer_id": "w"} in described


async def test_latest_samples_are_kept_for_the_script(run):
    source = Source()
    async with sampling(run, source, buffer_size=2) as made:
        await until(lambda: source.asked >= 5)
        kept = made.kept()
    values = [value for _, value in kept["n"]]

    assert kept.keys() == {"n", "half"}
    assert len(values) == 2
    assert values[1] == values[0] + 1


async def test_owner_that_dies_ends_the_sampling_and_its_run_is_ended(run, monkeypatch):
    monkeypatch.setattr(sampler, "_LOOK_SECS", 0.01)
    source = Source()
    run.log(3)
    assert owner_lives(run.folder)
    async with sampling(run, source) as made:
        await until(lambda: source.asked >= 2)
        kill(run)
        await made.ended.wait()
    recover_folder(run.folder, sent=True)

    found = read_folder(run.folder)
    assert found.rows == 3
    assert found.records("stats")
    assert sorted(n for n in os.listdir(run.folder) if n not in ("files", "logs")) == [
        "run-abc.wandb",
        "sync-state",
    ]


async def test_what_a_killed_service_left_is_kept_and_the_next_one_goes_on(run):
    dead = Writer(run.folder, run.id, "service")
    dead.append(stats_record(1_700_000_001.0, {"before": 1}))
    dead.abandon()  # as SIGKILL leaves it
    source = Source()
    async with sampling(run, source):
        await until(lambda: source.asked >= 2)
    run.log(2)
    run.writer.close(0)
    recover_folder(run.folder, sent=True)

    found = read_folder(run.folder)
    names = [one["stats"]["item"][0]["key"] for one in found.records("stats")]
    assert (found.rows, found.exit_code) == (2, 0)
    assert names.count("before") == 1
    assert "n" in names


async def test_run_that_ends_while_it_is_sampled_loses_nothing(run):
    source = Source()
    run.log(2)
    async with sampling(run, source):
        await until(lambda: source.asked >= 2)
        run.writer.close(0)  # the owner could not say that it ends
    recover_folder(run.folder, sent=True)

    found = read_folder(run.folder)
    assert (found.rows, found.exit_code, found.state) == (2, 0, "finished")
    assert "control" not in os.listdir(run.folder)
    assert found.records("stats")


async def test_samples_stand_between_the_rows_of_their_time(tmp_path):
    owner = Writer(str(tmp_path), "abc")
    service = Writer(str(tmp_path), "abc", "service")
    owner.log({"a": 1})
    await anyio.sleep(0.02)
    service.append(stats_record(time.time(), {"n": 1}))
    await anyio.sleep(0.02)
    owner.log({"a": 2})
    service.close(None)
    owner.close(0)

    kinds = [kind for kind, _, _ in JournalTail(str(tmp_path / "run-abc.wandb")).read(1 << 20)]
    assert [kind for kind in kinds if kind in ("history", "stats")] == [
        "history",
        "stats",
        "history",
    ]


# --- through the hub --------------------------------------------------------------------------


def asked(run, **more):
    told = {"pid": os.getpid(), "first_secs": 0.0, "interval_secs": 0.05, **more}
    return {"run_id": run.id, "stats": told}


@pytest.fixture
def one_source(monkeypatch):
    source = Source("gpu.0.gpu", facts={"gpu_count": 1, "gpu_type": "A100"})
    monkeypatch.setattr(registry, "ACCELERATORS", {"fake": lambda _: source})
    return source


async def test_metrics_reach_the_server_with_the_runs_label(tmp_path, one_source):
    run = Run(tmp_path / "run-x-abc", options={"x_label": "rank_1"})
    async with fake_server() as server, serving(tmp_path) as connect:
        owner = await connect()
        await owner.ask(**attach(run, server), **asked(run, writer_id="w", buffer_size=3))
        await until(lambda: one_source.asked >= 3)
        kept = (await owner.ask("stats", folder=run.folder))["stats"]
        await owner.ask("rest", folder=run.folder)
        assert "ring-service" not in os.listdir(run.folder)
        run.log(1)
        run.writer.close(0)
        told = await owner.ask("wait", folder=run.folder, secs=20)
        metadata = json.loads(server.uploads["wandb-metadata.json"])

    rows = [json.loads(line) for line in server.lines["wandb-events.jsonl"].values()]
    names = {name for row in rows for name in row}
    assert told["finished"]
    assert {"system.gpu.0.gpu/l:rank_1", "system.memory_percent/l:rank_1", "_runtime"} <= names
    assert all(row["_wandb"] is True for row in rows)
    assert (metadata["gpu"], metadata["gpu_count"]) == ("A100", 1)
    assert 1 <= len(kept["gpu.0.gpu"]) <= 3
    assert os.listdir(run.folder).count("writers") == 0


async def test_owner_that_leaves_without_a_word_ends_its_sampling(run, tmp_path, one_source):
    async with fake_server() as server, serving(tmp_path) as connect:
        owner, other = await connect(), await connect()
        await owner.ask(**attach(run, server), **asked(run))
        await until(lambda: one_source.asked >= 1)
        kill(run)
        await owner.leave()
        told = await other.ask("wait", folder=run.folder, secs=20)

    assert told["finished"]
    assert server.upserts[-1]["state"] == "crashed"
    assert "control" not in os.listdir(run.folder)


async def test_run_that_is_not_sent_can_be_sampled(run, tmp_path, one_source):
    async with serving(tmp_path) as connect:
        owner = await connect()
        told = await owner.ask(do="sample", folder=run.folder, linger_secs=0.1, **asked(run))
        await until(lambda: one_source.asked >= 2)
        await owner.ask("rest", folder=run.folder)
    run.writer.close(0)

    assert told.keys() == {"id"}
    assert any("gpu.0.gpu" in row for row in stats_of(run.folder))


async def test_request_for_samples_that_makes_no_sense_does_not_hurt_the_delivery(run, tmp_path):
    async with fake_server() as server, serving(tmp_path) as connect:
        owner = await connect()
        told = await owner.ask(**attach(run, server), run_id=run.id, stats={"pid": 1, "filters": 3})
        await owner.ask("identity", folder=run.folder, secs=20)
        run.writer.close(0)
        end = await owner.ask("wait", folder=run.folder, secs=20)

    assert "error" not in told
    assert end["finished"]
    assert KEY
