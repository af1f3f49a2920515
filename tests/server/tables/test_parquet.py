"""Parquet files of other libraries are read as they meant them, or refused in a sentence."""

import contextlib
import json
import random
import struct
from pathlib import Path

import pytest

from ferrule.errors import BadInput, TooLarge
from ferrule.tables.reading import read_table
from wandb._native import parquet_table

FOLDER = Path(__file__).resolve().parent / "parquet"
CELLS = 1_000_000
WRITTEN = sorted(path.stem for path in FOLDER.glob("*.json"))


def content(name):
    return (FOLDER / f"{name}.parquet").read_bytes()


def table(body, cells=CELLS):
    frame = read_table("rows.parquet", body, max_cells=cells)
    return {column.name: column.values for column in frame.columns}


@pytest.mark.parametrize("name", WRITTEN)
def test_files_of_others_are_read_as_their_writers_read_them(name):
    told = table(content(name))

    expected = json.loads((FOLDER / f"{name}.json").read_text())
    if name == "lz4":
        assert {len(values) for values in told.values()} == {3000}
        told = {column: values[-3:] for column, values in told.items()}
    assert told == expected


def test_numbers_keep_their_kind_with_nan_and_missing_ones_among_them():
    frame = read_table("x.PARQUET", content("pandas"), max_cells=CELLS)

    kinds = {column.name: column.kind.value for column in frame.columns}

    assert [kinds[name] for name in ("id", "huge", "loss", "maybe")] == ["number"] * 4
    assert (kinds["when"], kinds["kind"], kinds["Is Error"]) == ("text", "text", "boolean")


def test_packing_that_is_not_read_is_named():
    with pytest.raises(BadInput, match="column `n` is packed with BROTLI, which is not read"):
        table(content("brotli"))


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "too short"),
        (b"PAR1", "too short"),
        (b"no table at all, whatever its name says", "doesn't end as"),
        (b"PAR1" + b"\x00" * 4 + b"\xff\xff\xff\x7fPAR1", "shorter than it says"),
        (b"PAR1" + b"\x00" * 8 + b"\x04\x00\x00\x00PARE", "encrypted"),
        (b"PAR1" + b"\x15\xff\xff" + b"\x03\x00\x00\x00PAR1", "can't be read"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_what_is_no_parquet_file_is_told(body, said):
    with pytest.raises(BadInput, match=said):
        table(body)


@pytest.mark.parametrize("name", WRITTEN)
def test_file_that_was_cut_anywhere_is_refused(name):
    whole = content(name)
    footer = whole[-struct.unpack("<I", whole[-8:-4])[0] - 8 :]

    for size in random.Random(name).sample(range(len(whole)), 60):
        with pytest.raises(BadInput):
            table(whole[:size])
    # The end is there, and what comes before it is not.
    with pytest.raises(BadInput, match=r"its column `\w+( \w+)?` can't be read"):
        table(footer)


@pytest.mark.parametrize("name", [*WRITTEN, "brotli"])
def test_file_with_wrong_bytes_is_read_or_refused_and_nothing_else(name):
    whole, chance = content(name), random.Random(name)

    for _ in range(300):
        body = bytearray(whole)
        for _ in range(chance.choice((1, 1, 3, 20))):
            body[chance.randrange(len(body))] = chance.randrange(256)
        with contextlib.suppress(BadInput, TooLarge):
            told = table(bytes(body))
            assert len({len(values) for values in told.values()}) <= 1


def test_more_cells_than_allowed_are_refused_before_they_are_read():
    with pytest.raises(TooLarge, match="more than 5999 cells"):
        table(content("lz4"), 5999)

    assert len(table(content("lz4"), 6000)["n"]) == 3000


def test_more_text_than_allowed_is_refused_as_it_is_made():
    with pytest.raises(OverflowError, match="column `n` has more than 5000 bytes"):
        parquet_table(content("lz4"), most_cells=CELLS, most_bytes=5000)


def thrift(value):
    """Return a small integer as Thrift's compact protocol has it."""
    value, out = value << 1, b""
    while value >= 128:
        out, value = out + bytes((value & 127 | 128,)), value >> 7
    return out + bytes((value,))


def test_schema_that_nests_without_end_is_refused():
    element = b"\x48\x01a\x15\x02\x00"
    schema = element * 200_000
    footer = b"\x15\x04" + b"\x19\xfc" + thrift(100_000) + schema + b"\x00"

    with pytest.raises(BadInput, match="nest deeper"):
        table(b"PAR1" + footer + struct.pack("<I", len(footer)) + b"PAR1")
