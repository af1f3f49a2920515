"""What TensorBoard's event files say, and what bytes that are none can do."""

import math
import struct
import tracemalloc
from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service import event_bytes as made
from wandb._native import crc32c
from wandb._wire.tfevents import MOST_BYTES, Damaged, Event, checked_length, checked_payload

# The smallest have few digits by nature.
FLOATS = st.floats(width=32, allow_nan=False, allow_subnormal=False)


def values(*parts):
    return Event.decode(made.event(3, *parts)).values


@given(st.binary(max_size=200))
def test_checksum_is_the_slow_one(content):
    assert crc32c(content) == made.crc32c(content)


def test_event_has_time_step_and_values():
    found = Event.decode(
        made.event(-3, made.scalar("a", 0.5), made.scalar("b/c", 2), wall_time=7.25)
    )

    assert (found.wall_time, found.step) == (7.25, -3)
    assert found.values == {"a": 0.5, "b/c": 2.0}


@given(FLOATS)
def test_number_is_the_shortest_that_means_it(value):
    (found,) = values(made.scalar("a", value)).values()

    assert struct.pack("<f", found) == struct.pack("<f", value)
    assert all(
        _digits(found) <= digits
        for digits in range(1, 10)
        if _same_single(float(f"{value:.{digits}g}"), value)
    )


def _digits(value):
    return len(Decimal(repr(value)).normalize().as_tuple().digits)


def _same_single(other, value):
    try:
        return struct.pack("<f", other) == struct.pack("<f", value)
    except OverflowError:
        return False


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan])
def test_numbers_that_are_none_are_kept(value):
    assert repr(values(made.scalar("a", value))["a"]) == repr(value)


@pytest.mark.parametrize(
    ("kind", "content", "shape", "expected"),
    [
        (1, made.part(4, struct.pack("<f", 0.1)), (), 0.1),
        (1, made.packed(5, "f", [0.25]), (), 0.25),
        (2, made.part(4, struct.pack("<d", 0.1)), (), 0.1),
        (2, made.packed(6, "d", [1e300]), (), 1e300),
        (3, made.part(7, made.varint(-5)), (), -5),
        (9, made.part(10, made.varint(1 << 60)), (), 1 << 60),
        (9, made.number(10, -1), (), -1),
        (10, made.part(11, made.varint(1)), (), True),
        (19, made.part(4, struct.pack("<e", 1.5)), (), 1.5),
        (19, made.part(13, made.varint(0x3E00)), (), 1.5),
        (1, made.packed(5, "f", [1, 2, 3]), (3,), [1.0, 2.0, 3.0]),
        (1, made.packed(5, "f", [2]), (3,), [2.0, 2.0, 2.0]),
        (22, made.part(16, made.varint(7)), (), 7),
    ],
)
def test_tensors_of_numbers_are_numbers(kind, content, shape, expected):
    found = values(made.tensor("t", kind, content, shape))

    assert found == {"t": expected}
    assert type(found["t"]) is type(expected)


def test_histogram_has_the_ends_of_the_data():
    found = values(made.histogram("h", [0.5, 1, 5, 1.8e308 / 1e3], [0, 2, 3, 1], 0.6, 6.5))

    assert found["h"] == {
        "_type": "histogram",
        "values": [2.0, 3.0, 1.0],
        "bins": [0.6, 1.0, 5.0, 6.5],
    }


def test_histogram_of_a_tensor():
    rows = made.packed(6, "d", [0, 1, 3, 1, 2, 4, 2, 3, 5])

    found = values(made.tensor("h", 2, rows, (3, 3), "histograms"))

    assert found["h"]["values"] == [3, 4, 5]
    assert found["h"]["bins"] == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("part", "kind"),
    [
        (made.image("a"), "images"),
        (made.tensor("a", 7, made.part(8, b"hello"), (1,), "text"), "text"),
        (made.histogram("a", [*map(float, range(600))], [1.0] * 600), "histograms of 512"),
        (made.tensor("a", 1, made.packed(5, "f", [1.0]), (1 << 40,)), "large tensors"),
        (made.tensor("a", 1, b"", ()), "tensors without"),
        (made.part(1, made.plugin("hparams")), "hparams"),
    ],
)
def test_other_kinds_are_named(part, kind):
    found = Event.decode(made.event(1, part, made.scalar("b", 1)))

    assert found.values == {"b": 1.0}
    assert kind in found.left_out[0]


def test_record_is_checked():
    whole = made.record(b"payload")

    assert checked_length(whole[:12]) == 7
    assert checked_payload(whole[12:]) == b"payload"
    assert checked_payload(whole[12:-5] + b"x" + whole[-4:]) is None
    with pytest.raises(Damaged):
        checked_length(bytes(12))


def test_length_beyond_all_sense_is_damage():
    head = struct.pack("<Q", MOST_BYTES + 1)

    with pytest.raises(Damaged, match="larger than any event"):
        checked_length(head + struct.pack("<I", made.masked(head)))


@given(st.binary(max_size=300))
def test_bytes_of_strangers_are_an_event_or_damage(content):
    with suppress(Damaged):
        Event.decode(content)


WHOLE = made.event(
    9,
    made.scalar("a", 0.1),
    made.histogram("h", [1.0, 2.0], [3.0, 4.0], 0.5, 1.5),
    made.tensor("t", 1, made.packed(5, "f", [1, 2]), (2,)),
)


@given(st.integers(0, len(WHOLE) - 1), st.integers(0, 255))
def test_changed_byte_is_an_event_or_damage(place, byte):
    with suppress(Damaged):
        Event.decode(WHOLE[:place] + bytes((byte,)) + WHOLE[place + 1 :])


def test_field_of_another_form_is_damage():
    message = made.number(1, 3) + made.double(7, 1.0)

    with pytest.raises(Damaged):
        Event.decode(made.event(1, made.part(1, made.part(8, message))))


def test_summary_alone_is_read_with_a_step():
    found = Event.of_summary(made.scalar("a" * 300, 2), 7)

    assert (found.step, found.values) == (7, {"a" * 300: 2.0})


BIG = 2 << 20


@pytest.mark.parametrize(
    ("part", "kind"),
    [
        (made.tensor("a", 3, made.part(7, b"\x01" * BIG), ()), "large tensors"),
        (made.tensor("a", 3, made.number(7, 1) * (BIG // 2), ()), "large tensors"),
        (made.tensor("a", 1, made.part(5, bytes(BIG)), ()), "large tensors"),
        (made.tensor("a", 2, made.part(6, bytes(BIG)), (1,)), "large tensors"),
        (made.part(1, made.part(5, made.part(6, bytes(BIG)))), "histograms of 512"),
        (made.part(1, made.part(5, made.double(7, 1.0) * (BIG // 9))), "histograms of 512"),
        (made.part(1, made.part(4, b"")) * (1 << 14), "the rest of a record"),
        (made.tensor("a", 2, made.packed(6, "d", [1]), (4096,)) * 300, "the rest of a record"),
    ],
)
def test_record_of_much_takes_little_memory(part, kind, monkeypatch):
    monkeypatch.setattr("wandb._wire.tfevents._MOST_IN_RECORD", 1 << 13)
    payload = made.event(1, made.scalar("b", 1), part)
    tracemalloc.start()
    try:
        found = Event.decode(payload)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert found.values["b"] == 1.0
    assert kind in found.left_out[-1]
    assert most < 3 * len(payload) + (4 << 20)


def test_value_of_more_fields_than_any_is_damage():
    fields = b"".join(made.number(20 + number, 1) for number in range(2000))

    with pytest.raises(Damaged, match="more fields"):
        Event.decode(made.event(1, made.part(1, fields)))
