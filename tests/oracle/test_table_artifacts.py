"""Logged tables offline: the artifact, its file and the row's references beside the original's."""

import json
import re
from pathlib import Path

import pytest

from oracle.compare import declared
from oracle.harness import our_client, released_client, run_script

pytestmark = pytest.mark.released

INCREMENT = re.compile(r"(?<![^/])(None|[0-9]+)-[0-9]{13}[.]")

MAKING = """
import wandb

run = wandb.init(project="p", id="run1")
table = wandb.Table(columns=["a", "b", "c"], data=[[1, "x", None], [2, "y", 2.5]])
run.log({"plain": table})
run.log({"plain": table})
run.log({"odd/key ü": wandb.Table(columns=["a"], data=[[True]])})
run.log({"outer": {"inner": wandb.Table(columns=["a"], data=[["deep"]])}})

mutable = wandb.Table(columns=["a"], data=[[1]], log_mode="MUTABLE")
run.log({"mutable": mutable})
mutable.add_data(2)
run.log({"mutable": mutable})

growing = wandb.Table(columns=["a"], data=[[1]], log_mode="INCREMENTAL")
run.log({"growing": growing})
growing.add_data(2)
growing.add_data(3)
run.log({"growing": growing})

artifact = wandb.Artifact("mine", type="tables")
kept = wandb.Table(columns=["a"], data=[["kept"]])
artifact.add(kept, "t")
run.log_artifact(artifact)
run.log({"kept": kept})
run.finish()
"""


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    logs = []
    for client in (our_client(), released_client()):
        folder = tmp_path_factory.mktemp("tables")
        finished = run_script(client, folder, MAKING)
        assert finished.exit_code == 0, finished.stderr
        logs.append(finished.log)
    return logs


def named(log):
    """Return words for the random ids of artifacts, in order of their logging."""
    words = {}
    for number, record in enumerate(log.of_kind("artifact")):
        words[record["client_id"]] = f"version-{number}"
        words[record["sequence_client_id"]] = f"sequence-{number}"
    return words


def told(value, words):
    """Return a value with ids as words, and with the times in names of increments left out."""
    if isinstance(value, dict):
        return {told(key, words): told(one, words) for key, one in value.items()}
    if isinstance(value, list):
        return [told(one, words) for one in value]
    if not isinstance(value, str):
        return value
    for random, word in words.items():
        value = value.replace(random, word)
    # The original's first increment is named `None`.
    declared("the name of the first increment of a table, in its artifact")
    return INCREMENT.sub(lambda found: f"{found[1].replace('None', '0')}-TIME.", value)


def without_random(entry):
    """Leave out where an entry lies, and of later increments what depends on random names."""
    left_out = {"local_path"}
    if re.match("[1-9][0-9]*-", entry["path"]):
        left_out |= {"digest", "size"}
    return {key: value for key, value in entry.items() if key not in left_out}


def test_artifacts_of_tables_are_the_originals(both):
    ours, original = (
        [
            {
                "name": record["name"],
                "type": record["type"],
                "incremental": record.get("incremental_beta1", False),
                "contents": [
                    told(without_random(entry), named(log))
                    for entry in record["manifest"]["contents"]
                ],
            }
            for record in log.of_kind("artifact")
        ]
        for log in both
    )

    assert ours == original


def test_files_of_tables_hold_the_same(both):
    contents = [
        [
            told(json.loads(Path(entry["local_path"]).read_text()), named(log))
            for record in log.of_kind("artifact")
            for entry in record["manifest"]["contents"]
            if "local_path" in entry
        ]
        for log in both
    ]

    assert contents[0] == contents[1]


def test_rows_refer_to_the_artifacts_as_the_originals_do(both):
    ours, original = (
        [
            {key: told(value, named(log)) for key, value in row.items() if key[0] != "_"}
            for row in log.rows
        ]
        for log in both
    )

    assert ours == original
