import asyncio
import json

import pytest

from ferrule.errors import BadInput, NotFound
from ferrule.ports.history import FOREVER, Span
from ferrule.ports.runs import Alert, RunChange, RunProgress

pytestmark = pytest.mark.anyio


@pytest.fixture
async def project(stores):
    (await stores.people.add("ann"))
    return await stores.projects.ensure("ann", "p")


@pytest.fixture
def upsert(stores, project):
    async def upsert(name="r", at=1, **fields):
        return await stores.runs.upsert(RunChange(project.id, name, at, **fields))

    return upsert


async def test_a_run_is_made_then_changed(stores, upsert):
    made, inserted = await upsert(
        user="ann", title_words="blue-bird", state="running", config='{"a":{"value":1}}'
    )
    changed, again = await upsert(at=2, tags=("x", "y"), notes="n", user="bob", alive=True)

    assert (inserted, again) == (True, False)
    assert changed.id == made.id
    assert (changed.display_name, changed.config) == ("blue-bird-1", '{"a":{"value":1}}')
    assert (changed.tags, changed.notes, changed.user) == (("x", "y"), "n", "ann")
    assert (changed.created_at, changed.heartbeat_at) == (1, 2)
    assert (changed.entity, changed.project) == ("ann", "p")
    assert await stores.runs.get("ann", "p", "r") == changed
    assert await stores.runs.by_id(made.id) == changed


async def test_a_new_run_sees_its_own_rows(upsert):
    run, _ = await upsert()

    assert run.scope == (Span(run.id, 0, FOREVER),)


async def test_a_fork_sees_its_parents_rows_before_its_own(stores, upsert):
    parent, _ = await upsert("parent")

    fork, _ = await upsert("fork", inherited=(Span(parent.id, 0, 5),))

    assert fork.scope == (Span(parent.id, 0, 5), Span(fork.id, 0, FOREVER))
    assert await stores.runs.get("ann", "p", "fork") == fork


async def test_concurrent_upserts_make_one_run_and_lose_nothing(stores, upsert):
    changes = [{"notes": "n"}, {"group": "g"}, {"host": "h"}, {"tags": ("t",)}, {"sweep": "s"}]

    outcomes = await asyncio.gather(*(upsert(**fields) for fields in changes))

    run = await stores.runs.get("ann", "p", "r")
    assert sum(inserted for _, inserted in outcomes) == 1
    assert (run.notes, run.group, run.host, run.tags, run.sweep) == ("n", "g", "h", ("t",), "s")


async def test_configs_of_many_writers_are_merged(upsert):
    await upsert(config='{"a":{"value":1},"_wandb":{"value":{"t":{"1":[1]},"x":1}}}')

    run, _ = await upsert(
        config='{"b":{"value":2},"_wandb":{"value":{"t":{"2":[2]}}}}', merge_config=True
    )

    assert json.loads(run.config) == {
        "a": {"value": 1},
        "b": {"value": 2},
        "_wandb": {"value": {"t": {"2": [2]}, "x": 1}},
    }


async def test_a_run_that_runs_again_has_no_exit_code(stores, upsert):
    run, _ = await upsert(state="running")
    await stores.runs.request_stop(run.id)
    await stores.runs.note_progress([RunProgress(run.id, 5, state="failed", exit_code=3)])
    failed = await stores.runs.by_id(run.id)

    again, _ = await upsert(state="running")

    assert (failed.state, failed.exit_code, failed.stop_requested) == ("failed", 3, True)
    assert (again.state, again.exit_code, again.stop_requested) == ("running", None, False)


async def test_a_run_of_no_project_is_refused(stores, project):
    with pytest.raises(NotFound):
        await stores.runs.upsert(RunChange(999, "r", 1))


async def test_texts_come_back_as_they_were(stores, upsert):
    config = '{"k \\"q\\" \\u00e9":{"value":NaN},"big":{"value":123456789012345678901234567890}}'
    notes = "line\nline \x00 \N{SNOWMAN} ' -- ;"

    await upsert(config=config, summary='{"x":-Infinity}', notes=notes, tags=("ü", '"'))

    run = await stores.runs.get("ann", "p", "r")
    assert (run.config, run.summary) == (config, '{"x":-Infinity}')
    assert (run.notes, run.tags) == (notes, ("ü", '"'))


async def test_progress_moves_forward_only(stores, upsert):
    run, _ = await upsert(at=10)

    await stores.runs.note_progress(
        [
            RunProgress(run.id, 20, summary='{"a":1}', last_step=7, history_lines=8),
            RunProgress(run.id, 15, last_step=3),
            RunProgress(999, 99),
        ]
    )

    noted = await stores.runs.by_id(run.id)
    assert (noted.heartbeat_at, noted.last_step, noted.history_lines) == (20, 7, 8)
    assert noted.summary == '{"a":1}'
    assert (await stores.projects.get("ann", "p")).updated_at >= 20


async def test_a_rewound_run_hides_what_came_after_and_starts_an_attempt(stores, upsert):
    run, _ = await upsert()
    await stores.runs.note_progress([RunProgress(run.id, 2, last_step=9, history_lines=10)])

    once = await stores.runs.rewind(run.id, 5)
    twice = await stores.runs.rewind(run.id, 2)

    assert once.scope == (Span(run.id, 0, 5), Span(run.id, 1, FOREVER))
    assert (once.attempt, once.last_step, once.history_lines) == (1, 5, 0)
    assert twice.scope == (Span(run.id, 0, 2), Span(run.id, 1, 2), Span(run.id, 2, FOREVER))
    assert await stores.runs.by_id(run.id) == twice
    assert await stores.runs.rewind(999, 1) is None


async def test_late_lines_of_an_older_attempt_move_no_step(stores, upsert):
    run, _ = await upsert()
    await stores.runs.rewind(run.id, 1)

    await stores.runs.note_progress(
        [RunProgress(run.id, 5, last_step=9, history_lines=10, attempt=0)]
    )

    assert (await stores.runs.by_id(run.id)).last_step == -1
    assert (await stores.runs.by_id(run.id)).heartbeat_at == 5


async def test_a_deleted_run_is_gone_and_its_name_is_free(stores, upsert, project):
    run, _ = await upsert()

    assert await stores.runs.delete(run.id)

    assert await stores.runs.get("ann", "p", "r") is None
    assert await stores.runs.by_id(run.id) is None
    assert (await stores.runs.by_id(run.id, hidden=True)).name == "r"
    assert await stores.runs.count(project.id) == 0
    assert not await stores.runs.delete(run.id)
    assert not await stores.runs.request_stop(run.id)
    again, inserted = await upsert()
    assert inserted
    assert again.id > run.id


@pytest.mark.parametrize(
    "summary",
    [
        '{"digits":' + "9" * 5000 + ',"b":NaN}',
        '{"deep":' + "[" * 510 + '"\\n"' + "]" * 510 + "}",
        '{"text":"\\ud800"}',
    ],
)
async def test_an_odd_summary_is_kept_and_spoils_nothing_for_others(stores, upsert, summary):
    odd, _ = await upsert("odd")
    plain, _ = await upsert("plain")

    await stores.runs.note_progress(
        [RunProgress(odd.id, 5, summary=summary), RunProgress(plain.id, 5, last_step=3)]
    )

    assert (await stores.runs.by_id(odd.id)).summary == summary
    assert (await stores.runs.by_id(plain.id)).last_step == 3
    found = await stores.runs.find(odd.project_id, filters={"summary_metrics.b": 1})
    assert found.items == ()


async def test_a_state_is_set(stores, upsert):
    run, _ = await upsert()

    assert (await stores.runs.set_state(run.id, "crashed")).state == "crashed"
    assert await stores.runs.set_state(999, "crashed") is None


async def test_silent_runs_are_found(stores, upsert):
    silent, _ = await upsert("silent", at=10, state="running")
    preempting, _ = await upsert("preempting", at=10, state="preempting")
    await upsert("fresh", at=30, state="running")
    await upsert("over", at=10, state="finished")
    gone, _ = await upsert("gone", at=10, state="running")
    await stores.runs.delete(gone.id)

    stale = await stores.runs.stale(20)

    assert [run.id for run in stale] == [silent.id, preempting.id]


async def test_a_checkpoint_is_one_piece(stores, upsert):
    run, _ = await upsert()
    assert await stores.runs.log_manifest() is None
    assert await stores.runs.log_state(run.id) is None

    await stores.runs.checkpoint(b"m1", {run.id: b"s1", 999: b"?"}, [])
    await stores.runs.checkpoint(b"m2", {run.id: b"s2"}, [RunProgress(run.id, 3, last_step=4)])
    await stores.runs.checkpoint(b"m3", {}, [])

    assert await stores.runs.log_manifest() == b"m3"
    assert await stores.runs.log_state(run.id) == b"s2"
    assert (await stores.runs.by_id(run.id)).last_step == 4


async def test_an_alert_of_one_title_comes_once_in_its_time(stores, upsert):
    run, _ = await upsert()
    first = Alert(run.id, "t", "text", "WARN", 100)

    assert await stores.runs.add_alert(first, wait_micros=50)
    assert not await stores.runs.add_alert(Alert(run.id, "t", "x", "WARN", 149), wait_micros=50)
    assert await stores.runs.add_alert(Alert(run.id, "u", "x", "INFO", 149), wait_micros=50)
    assert await stores.runs.add_alert(Alert(run.id, "t", "y", "WARN", 150), wait_micros=50)

    assert [alert.text for alert in await stores.runs.alerts(run.id)] == ["text", "x", "y"]
    assert (await stores.runs.alerts(run.id))[0] == first


async def test_unknown_keys_and_operators_are_told(stores, project):
    for filters, told in [
        ({"nonsense": 1}, "nonsense"),
        ({"state": {"$near": 1}}, r"\$near"),
        ({"$where": "1"}, r"\$where"),
        ({"$or": {}}, r"\$or"),
        ({"created_at": "yesterday"}, "yesterday"),
        ({"name": {"$regex": "("}}, "regular expression"),
        ({"name": {"$regex": "a(?=b)"}}, "look-around"),
        ({"config.a": {"$in": 1}}, r"\$in"),
        ({"config.a": [1]}, "text"),
    ]:
        with pytest.raises(BadInput, match=told):
            await stores.runs.find(project.id, filters=filters)
    with pytest.raises(BadInput, match="colour"):
        await stores.runs.find(project.id, order="-colour")
    with pytest.raises(BadInput, match="cursor"):
        await stores.runs.find(project.id, after="WzFd")
