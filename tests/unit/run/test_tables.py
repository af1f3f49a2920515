"""Tables on their way into a run: the artifact comes first, and the row names it."""

import json
from pathlib import Path

import pytest

import wandb
from wandb import _native

QUIET = {"console": "off", "x_disable_stats": True, "x_disable_meta": True}


@pytest.fixture(autouse=True)
def staged_here(tmp_path, monkeypatch):
    monkeypatch.setenv("WANDB_DATA_DIR", str(tmp_path / "data"))


@pytest.fixture
def run(sent_nowhere):
    with wandb.init(settings=QUIET) as run:
        yield run


def journal_of(run):
    run.finish()
    return _native.read_folder(run._folder)


def records_of(run, kind):
    return [record[kind] for record in journal_of(run).records(kind)]


def rows_of(run):
    return journal_of(run).history()


def test_a_table_makes_an_artifact_that_the_row_names(run):
    run.log({"my table": wandb.Table(columns=["a"], data=[[1]])})

    (artifact,) = records_of(run, "artifact")
    (row,) = rows_of(run)
    client, sequence = artifact["client_id"], artifact["sequence_client_id"]
    (entry,) = artifact["manifest"]["contents"]
    assert artifact["type"] == "run_table"
    assert artifact["name"].startswith(f"run-{run.id}-mytable-")
    assert entry["path"] == "my table.table.json"
    assert json.loads(Path(entry["local_path"]).read_text())["data"] == [[1]]
    latest = f"wandb-client-artifact://{sequence}:latest/my table.table.json"
    assert row["my table"]["artifact_path"] == (
        f"wandb-client-artifact://{client}/my table.table.json"
    )
    assert row["my table"]["_latest_artifact_path"] == latest


def test_a_table_that_was_logged_makes_no_second_artifact(run):
    table = wandb.Table(columns=["a"], data=[[1]])

    run.log({"t": table})
    run.log({"t": table})

    first, second = rows_of(run)
    assert first["t"] == second["t"]
    assert len(records_of(run, "artifact")) == 1


def test_each_increment_is_a_version(run):
    table = wandb.Table(columns=["a"], log_mode="INCREMENTAL")
    for cell in range(3):
        table.add_data(cell)
        run.log({"t": table})

    rows = [row["t"] for row in rows_of(run)]
    artifacts = records_of(run, "artifact")
    assert [one["type"] for one in artifacts] == ["wandb-run-incremental-table"] * 3
    assert all(one["incremental_beta1"] for one in artifacts)
    assert rows[2]["previous_increments_paths"] == [row["artifact_path"] for row in rows[:2]]


def test_increments_of_a_resumed_run_go_on(run, monkeypatch):
    earlier = {"_type": "incremental-table-file", "increment_num": 6, "artifact_path": "p6"}
    run.summary["t"] = earlier
    monkeypatch.setattr(type(run), "resumed", property(lambda self: True))

    run.log({"t": wandb.Table(columns=["a"], data=[[1]], log_mode="INCREMENTAL")})

    (row,) = rows_of(run)
    assert row["t"]["increment_num"] == 7
    assert row["t"]["previous_increments_paths"] == ["p6"]


def test_a_table_that_can_not_be_written_leaves_the_others(run):
    run.log({"t": wandb.Table(columns=["a"], data=[[object()]]), "loss": 0.5})

    (row,) = rows_of(run)
    assert row["loss"] == 0.5
    assert "t" not in row
