"""`JoinedTable` and `PartitionedTable`."""

import pytest

from wandb.data_types.joined_table import JoinedTable, PartitionedTable
from wandb.data_types.table import Table


def table(*cells):
    return Table(columns=["a"], data=[[cell] for cell in cells])


def test_joined_tables_go_into_the_artifact(artifact):
    joined = JoinedTable(table(1), table(2), ["a", "a"])

    back = artifact.roundtrip(joined, "j")

    wire = artifact.json("j.joined-table.json")
    assert wire["join_key"] == ["a", "a"]
    assert artifact.json(wire["table2"])["data"] == [[2]]
    assert back == joined
    assert back != JoinedTable(table(1), table(3), ["a", "a"])


def test_tables_of_the_artifact_are_joined_by_their_paths(artifact):
    artifact.add(table(1), "one")
    artifact.add(table(2), "two")

    artifact.add(JoinedTable("one.table.json", "two.table.json", "a"), "j")

    assert artifact.get("j.joined-table.json")._table1.data == [[1]]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("x.table.json", "y.table.json", 5), "join_key must be"),
        (("x.table.json", "y.table.json", ["a"]), "list of two columns"),
        (("x.json", "y.table.json", "a"), "table1 must be"),
        (("x.table.json", None, "a"), "table2 must be"),
    ],
)
def test_what_can_not_be_joined_is_named(arguments, words):
    with pytest.raises(ValueError, match=words):
        JoinedTable(*arguments)


def test_a_table_that_the_artifact_has_not_is_named(artifact):
    with pytest.raises(ValueError, match=r"no table 'x\.table\.json'"):
        artifact.add(JoinedTable("x.table.json", "x.table.json", "a"), "j")


def test_parts_are_read_one_after_another(artifact):
    artifact.add(table(1, 2), "parts/one")
    artifact.add(table(3), "parts/two")
    artifact.add(table(4), "partsother")

    back = artifact.roundtrip(PartitionedTable("parts"), "p")

    assert list(back.iterrows()) == [(0, [1]), (1, [2]), (2, [3])]
    assert back == PartitionedTable("parts")
    assert artifact.json("p.partitioned-table.json") == {
        "_type": "partitioned-table",
        "parts_path": "parts",
    }


def test_parts_with_other_columns_are_named(artifact):
    artifact.add(table(1), "parts/one")
    artifact.add(Table(columns=["b"], data=[[1]]), "parts/two")

    back = artifact.roundtrip(PartitionedTable("parts"), "p")

    with pytest.raises(ValueError, match=r"parts/two\.table\.json has \['b'\]"):
        list(back.iterrows())


@pytest.mark.parametrize("value", [PartitionedTable("p"), JoinedTable(table(1), table(2), "a")])
def test_in_a_run_they_are_what_their_artifact_has(run, value):
    with pytest.raises(ValueError, match=r"Artifact\.add"):
        value.to_wire(run, name="k_0")

    value.keep_artifact("wandb-client-artifact://c/x")

    assert value.to_wire(run, name="k_0") == {
        "_type": value._log_type,
        "artifact_path": "wandb-client-artifact://c/x",
    }
