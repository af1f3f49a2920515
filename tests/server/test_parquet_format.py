"""Format v1 is plain Parquet: what docs/format-v1.md promises to other readers."""

import json
import math
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq

SEGMENT = Path(__file__).parent / "segment_v1"
NUMBERS = SEGMENT / "sample.parquet"
SIDE = SEGMENT / "sample.side.parquet"
ROLLUPS = SEGMENT / "sample.roll.parquet"


def test_numbers_have_the_documented_columns() -> None:
    schema = pq.read_schema(NUMBERS)

    assert {field.name: str(field.type) for field in schema} == {
        "run": "int64",
        "key": "string",
        "step": "int64",
        "line": "int64",
        "writer": "uint16",
        "attempt": "uint16",
        "value": "double",
        "exact": "int64",
    }


def test_metadata_names_the_format_and_the_order_of_rows() -> None:
    metadata = pq.read_metadata(NUMBERS)

    assert metadata.metadata[b"ferrule.format"] == b"1"
    assert metadata.metadata[b"ferrule.kind"] == b"numbers"
    order = metadata.row_group(0).sorting_columns
    assert [column.column_index for column in order] == [0, 1, 2, 3, 4, 5]
    assert metadata.row_group(0).column(2).has_offset_index


def test_values_are_encoded_as_documented() -> None:
    group = pq.read_metadata(NUMBERS).row_group(0)

    columns = {group.column(at).path_in_schema: group.column(at) for at in range(group.num_columns)}
    assert "BYTE_STREAM_SPLIT" in columns["value"].encodings
    assert "DELTA_BINARY_PACKED" in columns["step"].encodings
    assert {column.compression for column in columns.values()} == {"ZSTD"}


def test_rows_are_sorted_by_run_key_and_step() -> None:
    rows = pq.read_table(NUMBERS, columns=["run", "key", "step"]).to_pylist()

    order = [(row["run"], row["key"].encode(), row["step"]) for row in rows]
    assert order == sorted(order)


def test_curve_of_one_run_is_read_with_filters() -> None:
    curve = pq.read_table(
        NUMBERS,
        columns=["step", "value"],
        filters=[("run", "=", 7), ("key", "=", "loss"), ("step", "<", 1000)],
    )

    assert curve["step"].to_pylist() == list(range(1000))
    assert curve["value"].to_pylist() == [1 / (1 + step) for step in range(1000)]


def test_last_value_of_each_run_is_found_without_the_server() -> None:
    losses = pq.read_table(NUMBERS, filters=[("key", "=", "loss")])

    last = losses.sort_by("step").group_by("run", use_threads=False).aggregate([("value", "last")])
    assert dict(zip(last["run"].to_pylist(), last["value_last"].to_pylist(), strict=True)) == {
        7: 1 / 5000,
        9: 0.25,
    }


def test_numbers_that_are_hard_to_keep_are_kept() -> None:
    table = pq.read_table(NUMBERS)

    temperatures = table.filter(pc.equal(table["key"], "gpu.0.temp"))["value"].to_pylist()
    assert temperatures[0] == 41.0
    assert math.isnan(temperatures[1])
    assert math.copysign(1, temperatures[2]) == -1
    assert table.filter(pc.equal(table["key"], "seed"))["exact"].to_pylist() == [2**53 + 1]
    assert table["exact"].null_count == table.num_rows - 1


def test_other_values_are_json_with_their_kind() -> None:
    rows: list[dict[str, Any]] = pq.read_table(SIDE).to_pylist()

    assert [(row["kind"], json.loads(row["json"])) for row in rows] == [
        ("string", "warm-up"),
        ("null", None),
        ("bool", True),
        ("image-file", {"_type": "image-file", "path": "media/images/a.png"}),
    ]


def test_rollups_sum_up_what_the_numbers_say() -> None:
    cells = pq.read_table(ROLLUPS)
    values = pq.read_table(NUMBERS, filters=[("run", "=", 7), ("key", "=", "loss")])["value"]

    assert set(cells["key"].to_pylist()) == {"loss"}
    assert pc.sum(cells["count"]).as_py() == 5000
    assert pc.min(cells["min"]).as_py() == pc.min(values).as_py()
    assert math.isclose(pc.sum(cells["sum"]).as_py(), pc.sum(values).as_py())
