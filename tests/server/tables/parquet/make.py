"""Write the files of this folder anew, each with what has to be read of it.

    python make.py          # in an environment with pandas, pyarrow, polars, fastparquet and duckdb

The expected cells come from the libraries' own values, turned to JSON by the few lines of `cell`.
"""

import datetime
import decimal
import json
import math
from pathlib import Path

import duckdb
import fastparquet
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

FOLDER = Path(__file__).resolve().parent
MOMENT = datetime.datetime(2024, 2, 29, 3, 4, 5, 500000)
OLD = datetime.datetime(1969, 12, 31, 23, 59, 59)
UTC = datetime.timezone.utc
LENGTHS = "DELTA_LENGTH_BYTE_ARRAY"


def cell(value):
    """Return a value of Python's as the table has it."""
    turn = next((turn for kind, turn in TURNS if isinstance(value, kind)), None)
    return turn(value) if turn else value


def number(value):
    return (
        value
        if math.isfinite(value)
        else {"nan": "NaN", "inf": "Infinity"}.get(str(value), "-Infinity")
    )


def moment(value):
    text = time(value.time())
    return f"{value.date()} {text}{' UTC' if value.tzinfo else ''}"


def time(value):
    whole = value.strftime("%H:%M:%S")
    if value.microsecond % 1000:
        return f"{whole}.{value.microsecond:06}"
    return f"{whole}.{value.microsecond // 1000:03}" if value.microsecond else whole


TURNS = [
    (bool, bool),
    (float, number),
    (decimal.Decimal, float),
    (datetime.datetime, moment),
    (datetime.date, str),
    (datetime.time, time),
    (dict, lambda value: {name: cell(one) for name, one in value.items()}),
    (list, lambda value: [cell(one) for one in value]),
]


def expect(name, columns):
    told = {column: [cell(one) for one in values] for column, values in columns.items()}
    text = json.dumps(told, ensure_ascii=False, indent=1, allow_nan=False)
    (FOLDER / f"{name}.json").write_text(text + "\n")


def path(name):
    return str(FOLDER / f"{name}.parquet")


def pandas_table():
    frame = pd.DataFrame(
        {
            "id": np.arange(5),
            "small": np.array([-1, 0, 1, 2, 3], np.int8),
            "huge": np.array([0, 1, 2, 3, 2**64 - 1], np.uint64),
            "loss": [0.1, -0.0, math.inf, -math.inf, 1e300],
            "half": np.array([0.1, 1, 2, 3, 65504], np.float32),
            "Is Error": [True, False, False, True, False],
            "text": ["plain", "", None, 'a "quoted"\nline', "ünï→😀"],
            "kind": pd.Categorical(["a", "b", "a", None, "b"]),
            "when": pd.Series([MOMENT, OLD, None, MOMENT, OLD], dtype="datetime64[ns]"),
            "maybe": pd.array([1, None, 3, None, 5], dtype="Int64"),
        }
    )
    frame.to_parquet(path("pandas"), engine="pyarrow", row_group_size=3)
    told = pq.read_table(path("pandas")).to_pandas().astype(object)
    told = {
        name: [
            None
            if one is pd.NA
            or one is pd.NaT
            or one is None
            or (name != "loss" and isinstance(one, float) and math.isnan(one))
            else one
            for one in told[name]
        ]
        for name in told
    }
    told["when"] = [None if one is None else one.to_pydatetime() for one in told["when"]]
    told = {n: [v.item() if isinstance(v, np.generic) else v for v in vs] for n, vs in told.items()}
    told["half"] = [float(np.float32(v)) for v in told["half"]]
    expect("pandas", told)


def arrow_table():
    utc = MOMENT.replace(tzinfo=UTC)
    return pa.table(
        {
            "decimal": pa.array(
                [decimal.Decimal("12.30"), None, decimal.Decimal("-0.05")], pa.decimal128(10, 2)
            ),
            "wide": pa.array(
                [decimal.Decimal("-1.5"), None, decimal.Decimal("2.25")], pa.decimal256(50, 2)
            ),
            "date": pa.array([MOMENT.date(), None, datetime.date(1582, 10, 4)], pa.date32()),
            "ms": pa.array([utc, None, utc], pa.timestamp("ms", "UTC")),
            "us": pa.array([MOMENT, None, OLD], pa.timestamp("us")),
            "time": pa.array([datetime.time(1, 2, 3, 4), None, datetime.time(0)], pa.time64("us")),
            "list": pa.array([[1, None, 3], [], None], pa.list_(pa.int64())),
            "lists": pa.array(
                [[["a"], []], None, [None, ["b", "c"]]], pa.list_(pa.list_(pa.string()))
            ),
            "struct": pa.array(
                [{"x": 1.5, "y": "a"}, {"x": None, "y": None}, None],
                pa.struct([("x", pa.float64()), ("y", pa.string())]),
            ),
            "boxes": pa.array(
                [[{"at": [1, 2], "label": "a"}, {"at": [], "label": None}], [], None],
                pa.list_(pa.struct([("at", pa.list_(pa.int32())), ("label", pa.string())])),
            ),
            "map": pa.array([[("a", 1), ("b", None)], [], None], pa.map_(pa.string(), pa.int64())),
            "nothing": pa.array([None, None, None], pa.null()),
            "bytes": pa.array([b"text", None, b"\xff\x00"], pa.binary()),
            "f16": pa.array(np.array([0.5, -2, np.nan], np.float16)),
        }
    )


def arrow_tables():
    table = arrow_table()
    told = {name: table[name].to_pylist() for name in table.column_names}
    told["map"] = [one if one is None else dict(one) for one in told["map"]]
    told["bytes"] = ["text", None, "2 bytes: ff00"]
    told["f16"] = [float(one) for one in told["f16"]]
    pq.write_table(table, path("arrow"), compression="gzip", data_page_version="1.0")
    expect("arrow", told)
    pq.write_table(
        table,
        path("arrow-v2"),
        compression="zstd",
        data_page_version="2.0",
        use_dictionary=False,
        column_encoding={"us": "DELTA_BINARY_PACKED", "bytes": LENGTHS},
    )
    expect("arrow-v2", told)
    plain = pa.table({"n": list(range(3000)), "t": [f"row {n % 7}" for n in range(3000)]})
    pq.write_table(plain, path("lz4"), compression="lz4", row_group_size=1100, data_page_size=512)
    expect("lz4", {"n": plain["n"].to_pylist()[-3:], "t": plain["t"].to_pylist()[-3:]})
    pq.write_table(plain, path("brotli"), compression="brotli")


def others():
    frame = pl.DataFrame(
        {
            "n": [1, 2, None],
            "list": [[1.0, math.nan], [], None],
            "when": [MOMENT, None, OLD],
            "kind": ["a", None, "b"],
        },
        schema_overrides={"kind": pl.Categorical},
    )
    frame.write_parquet(path("polars"))
    expect("polars", frame.to_dict(as_series=False))
    old = pd.DataFrame(
        {
            "n": [1.5, 2.5, math.nan],
            "t": ["a", "b", "c"],
            "b": [True, False, True],
            "when": pd.Series([MOMENT, OLD, MOMENT], dtype="datetime64[ns]"),
        }
    )
    fastparquet.write(path("fastparquet"), old, compression="SNAPPY", times="int96")
    expect(
        "fastparquet",
        {
            "n": [1.5, 2.5, None],
            "t": ["a", "b", "c"],
            "b": [True, False, True],
            "when": [MOMENT, OLD, MOMENT],
        },
    )
    query = (
        "SELECT range AS n, 'row ' || range AS t, range * 0.5::DOUBLE AS d, "
        "CASE WHEN range > 0 THEN uuid END IS NULL AS b, uuid, [range, NULL] AS l "
        "FROM range(3), (SELECT '00112233-4455-6677-8899-aabbccddeeff'::UUID AS uuid)"
    )
    duckdb.sql(f"COPY ({query}) TO '{path('duckdb')}' (FORMAT parquet)")
    rows = duckdb.sql(query).fetchall()
    names = ["n", "t", "d", "b", "uuid", "l"]
    columns = zip(*rows, strict=True)
    told = {name: list(column) for name, column in zip(names, columns, strict=True)}
    expect("duckdb", told | {"uuid": [str(one) for one in told["uuid"]]})


if __name__ == "__main__":
    pandas_table()
    arrow_tables()
    others()
