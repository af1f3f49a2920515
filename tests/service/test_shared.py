"""Many processes that write one run: what each of them does and leaves alone."""

import json

import pytest

from service.test_going_on import begin, log
from service.test_online import serving

__all__ = ("begin",)
pytestmark = pytest.mark.timeout(120)


def headers_of(server, name):
    return {headers.get(name) for headers in server.headers}


def test_writers_of_one_label_are_told_apart(begin):
    with serving() as server:
        for _ in range(2):
            run = begin(server, mode="shared", more={"x_label": "rank"})
            log(run, 1)
            run.finish()

    writers = headers_of(server, "X-Wandb-Async-Client-Id")
    assert len(writers) == 2
    assert all(len(writer) == 32 for writer in writers)


def test_writer_without_a_label_gets_one_of_its_own(begin):
    with serving() as server:
        run = begin(server, mode="shared")
        label = run.settings.x_label
        print("hello")
        run.finish()

    assert label.startswith(f"{run.settings.host}-")
    assert f"output_{label}.log" in server.uploads


def test_worker_leaves_to_the_primary_what_is_the_same_for_all(begin):
    worker = {"x_label": "w", "x_primary": False, "x_update_finish_state": False}
    with serving() as server:
        run = begin(server, mode="shared", config={"own": 1}, more=worker)
        print("hello")
        run.log({"a": 1})
        run.finish()

    assert sorted(server.uploads) == ["output_w.log"]
    assert server.endings == []
    assert json.loads(server.upserts[-1]["config"])["own"] == {"value": 1}
    assert server.summary["a"] == 1


def test_primary_tells_all_and_ends_the_run(begin):
    with serving() as server:
        run = begin(server, mode="shared", more={"x_label": "p", "x_primary": True})
        print("hello")
        run.finish()

    told = {"config.yaml", "output_p.log", "requirements.txt", "wandb-metadata.json"}
    assert server.uploads.keys() >= told | {"wandb-summary.json"}
    assert server.endings == [0]


def test_step_in_a_shared_run_is_told_to_mean_nothing_once(begin, capsys):
    with serving() as server:
        run = begin(server, mode="shared")
        run.log({"a": 1}, step=5)
        run.log({"a": 2}, step=9)
        run.finish()

    said = capsys.readouterr().err
    assert said.count("`step` has no effect") == 1
    assert [row.get("_step") for row in server.history] == [None, None]
