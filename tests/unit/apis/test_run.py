import copy
import json

import pytest

from wandb.errors import CommError, UnsupportedError


def test_attributes_tell_what_the_run_was_started_with(make_run, open_run):
    make_run(
        "r1",
        entity="e1",
        project="p1",
        display_name="brisk-owl-1",
        notes="first try",
        tags=["a", "b"],
        run_group="g",
        job_type="train",
        config={"lr": 0.1, "_wandb": {"cli_version": "x"}},
    ).end()

    run = open_run()

    assert (run.id, run.name, run.project, run.entity) == ("r1", "brisk-owl-1", "p1", "e1")
    assert (run.notes, run.tags, run.group, run.job_type) == (
        "first try",
        ["a", "b"],
        "g",
        "train",
    )
    assert run.config == {"lr": 0.1}
    # As on a server, with all that the service notes.
    assert run.rawconfig == {"lr": 0.1, "_wandb": {"cli_version": "x", "t": {}, "m": []}}
    assert run.created_at == "2025-06-15T15:06:40Z"
    assert (run.url, run.jobType, run.displayName) == (None, "train", "brisk-owl-1")
    assert repr(run) == "<Run e1/p1/r1 (finished)>"


def test_unknown_attribute_is_an_attribute_error(make_run, open_run):
    make_run("r1")

    assert not hasattr(open_run(), "colour")


def test_later_name_notes_and_tags_hold_even_when_emptied(make_run, open_run):
    made = make_run("r1", project="p1", display_name="old", notes="text", tags=["a"])
    made.rename(display_name="new", notes="", tags=[])

    run = open_run()

    assert (run.name, run.notes, run.tags, run.project) == ("new", None, [], "p1")


def test_config_dicts_are_merged_as_a_server_merges_them(make_run, open_run):
    made = make_run("r1", config={"model": {"depth": 2, "width": 8}, "lr": 0.1})
    made.config(model={"width": 16}, lr=0.2)
    made.append({"config": {"update": [{"nested_key": ["a", "b"], "value_json": "1"}]}})
    made.append({"config": {"remove": [{"key": "lr"}]}})

    assert open_run().config == {"model": {"depth": 2, "width": 16}, "a": {"b": 1}}


@pytest.mark.parametrize(("code", "state"), [(0, "finished"), (3, "failed"), (None, "crashed")])
def test_state_follows_the_end_that_was_recorded(make_run, open_run, code, state):
    made = make_run("r1")
    if code is not None:
        made.end(code)

    run = open_run()

    assert (run.state, run.exit_code) == (state, code)


def test_attributes_stay_until_loaded_again_while_rows_are_always_new(make_run, open_run):
    made = make_run("r1", config={"lr": 0.1}).log(0, loss=2.0)
    run = open_run()
    scan = run.scan_history()
    made.config(lr=0.2).log(1, loss=1.0)

    assert run.config == {"lr": 0.1}
    assert run.summary["loss"] == 2.0
    assert run.lastHistoryStep == 1
    assert [row["loss"] for row in scan] == [2.0, 1.0]

    made.log(2, loss=0.5)
    run.load(force=True)

    assert run.config == {"lr": 0.2}
    assert run.summary["loss"] == 0.5
    assert [row["loss"] for row in scan] == [2.0, 1.0, 0.5]


def test_torn_tail_is_left_out(make_run, open_run):
    made = make_run("r1").log(0, loss=2.0).log(1, loss=1.0)
    made.path.write_bytes(made.path.read_bytes()[:-5])

    assert [row["loss"] for row in open_run().scan_history()] == [2.0]


def test_folder_that_vanished_is_an_error_that_names_it(make_run, open_run):
    made = make_run("r1").log(0, loss=2.0)
    run = open_run()
    made.path.unlink()

    with pytest.raises(CommError, match=r"r1 can't be read.*offline-run-"):
        run.load(force=True)
    assert run.summary["loss"] == 2.0


def test_summary_reads_by_item_and_attribute_at_every_depth(make_run, open_run):
    make_run("r1").log(0, loss=2.0, val={"acc": {"top1": 0.5}})

    summary = open_run().summary

    assert summary["val"]["acc"]["top1"] == summary.val.acc.top1 == 0.5
    assert summary["val"] == {"acc": {"top1": 0.5}}
    assert ("loss" in summary, "nope" in summary) == (True, False)
    assert (summary.get("nope", 7), hasattr(summary, "nope")) == (7, False)
    assert json.loads(json.dumps(summary._json_dict))["loss"] == 2.0
    assert copy.deepcopy(summary) == summary
    with pytest.raises(KeyError):
        summary["nope"]


def test_run_in_a_folder_is_read_only(make_run, open_run):
    run = (make_run("r1").log(0, loss=2.0), open_run())[1]

    for change in (run.update, run.delete, lambda: run.summary.update({"x": 1})):
        with pytest.raises(UnsupportedError, match="nothing was"):
            change()
    with pytest.raises(UnsupportedError):
        run.summary["x"] = 1
    with pytest.raises(UnsupportedError):
        run.summary.x = 1


def test_what_a_folder_does_not_have_is_refused(make_run, open_run):
    make_run("r1")
    run = open_run()

    for ask in (run.logged_artifacts, run.used_artifacts, run.to_html):
        with pytest.raises(UnsupportedError, match="takes a server"):
            ask()


def test_metadata_is_spelled_as_in_its_file(make_run, open_run):
    made = make_run("r1")
    made.append(
        {"environment": {"os": "Linux", "started_at": {"seconds": 1, "nanos": 500_000_000}}}
    )
    made.append({"environment": {"cpu_count": 2, "memory": {"total": 7}, "code_path": "a.py"}})

    assert open_run().metadata == {
        "os": "Linux",
        "startedAt": "1970-01-01T00:00:01.500000Z",
        "cpu_count": 2,
        "memory": {"total": "7"},
        "codePath": "a.py",
    }


def test_wait_until_finished_returns_at_once_for_a_run_that_ended(make_run, open_run):
    make_run("r1").end()

    assert open_run().wait_until_finished() is None
