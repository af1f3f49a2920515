"""What happens to tables that are logged, changed and logged again."""

import pytest

from wandb.data_types.table import Table


def test_an_immutable_table_is_logged_once(run, capsys):
    table = Table(columns=["a"], data=[[1]])
    first = run.log("t", table)

    table.add_data(2)
    second = run.log("t", table)

    assert (second["path"], second["nrows"], len(run.files)) == (first["path"], 2, 1)
    assert "log_mode='MUTABLE'" in capsys.readouterr().err


def test_a_mutable_table_is_logged_anew_after_a_change(run):
    table = Table(columns=["a"], data=[[1]], log_mode="MUTABLE")
    first, same = run.log("t", table), run.log("t", table)
    table.add_data(2)
    second = run.log("t", table)

    assert same["path"] == first["path"]
    assert second["artifact_path"] != first["artifact_path"]
    assert run.file(second)["data"] == [[1], [2]]


def test_increments_have_the_rows_since_the_last(run):
    table = Table(columns=["a"], data=[[1]], log_mode="INCREMENTAL")
    first = run.log("t", table)
    table.add_data(2)
    table.add_data(3)
    second = run.log("t", table)
    again = run.log("t", table)

    assert [run.file(row)["data"] for row in (first, second)] == [[[1]], [[2], [3]]]
    assert again == second
    assert (first["increment_num"], second["increment_num"]) == (0, 1)
    assert second["previous_increments_paths"] == [first["artifact_path"]]
    assert (second["_type"], second["nrows"]) == ("incremental-table-file", 3)


def test_an_increments_artifact_says_which_it_is(artifact):
    table = Table(columns=["a"], data=[[1]], log_mode="INCREMENTAL")
    plan = table.artifact_plan("r1", "key")

    artifact.add(table, plan.entry)

    number, _, rest = plan.entry.partition("-")
    assert (number, rest.partition(".")[2]) == ("0", "key")
    assert plan.incremental
    assert (plan.name, plan.type) == ("run-r1-incr-key", "wandb-run-incremental-table")
    found = artifact.json(f"{plan.entry}.table.json")
    assert (found["increment_num"], found["previous_increments_paths"]) == (0, [])


def test_increments_come_back_in_their_order(artifact, run):
    table = Table(columns=["a"], log_mode="INCREMENTAL")
    for at in range(12):
        table.add_data(at)
        last = artifact.add(table, table.artifact_plan("r1", "t").entry)
        table.to_wire(run, name="t_0")

    back = artifact.get(last.path)

    assert back.get_column("a") == list(range(12))


def test_increments_go_on_from_those_of_an_earlier_part_of_the_run(run):
    table = Table(columns=["a"], data=[[1]], log_mode="INCREMENTAL")
    previous = {
        "_type": "incremental-table-file",
        "increment_num": 4,
        "artifact_path": "p4",
        "previous_increments_paths": ["p3"],
    }

    plan = table.artifact_plan("r1", "t", previous=previous)
    row = table.to_wire(run, name="t_0")

    assert plan.entry.startswith("5-")
    assert (row["increment_num"], row["previous_increments_paths"]) == (5, ["p3", "p4"])


def test_rows_name_the_latest_hundred_increments(run):
    table = Table(columns=["a"], log_mode="INCREMENTAL")
    for at in range(103):
        table.add_data(at)
        row = run.log("t", table)

    paths = [row["artifact_path"] for row in run.rows]
    assert row["increment_num"] == 102
    assert row["previous_increments_paths"] == paths[2:102]


def test_increments_belong_to_one_run(run):
    table = Table(columns=["a"], data=[[1]], log_mode="INCREMENTAL")
    run.log("t", table)
    table.add_data(2)

    with pytest.raises(AssertionError, match="one run only"):
        type(run)().log("t", table)


def test_another_run_gets_a_file_of_its_own(run):
    table = Table(columns=["a"], data=[[1]])
    other = type(run)()

    run.log("t", table)
    row = other.log("t", table)

    assert other.file(row)["data"] == [[1]]
