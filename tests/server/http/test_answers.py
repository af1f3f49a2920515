"""Numbers in JSON answers."""

import json
import math

import pytest

from ferrule.http.answers import json_answer

ODD = {"nan": math.nan, "inf": [math.inf], "huge": 2**70, "text": "\ud800"}


def test_nan_and_infinities_are_null_for_browsers():
    body = json_answer({"nan": math.nan, "inf": [math.inf], "huge": 2**70}).body

    assert json.loads(body) == {"nan": None, "inf": [None], "huge": 2**70}


def test_half_a_character_is_an_escape():
    body = json_answer({"a": "\udce9", "b": "é"}).body

    assert json.loads(body.decode("ascii")) == {"a": "\udce9", "b": "é"}


@pytest.mark.parametrize("depth", [150, 300, 900, 20_000])
def test_what_is_nested_too_deeply_is_left_out(depth):
    content = nested = []
    for _ in range(depth):
        nested.append([])
        nested = nested[0]

    read = json_answer({"deep": content, "beside": 1}).body

    assert b'"beside":1' in read.replace(b" ", b"")


def test_client_that_asks_gets_every_number_as_it_is():
    read = json.loads(json_answer(ODD, exact=True).body.decode("utf-8", "surrogatepass"))

    assert read["inf"] == [math.inf]
    assert (read["huge"], read["text"]) == (2**70, "\ud800")
    assert read["nan"] == pytest.approx(math.nan, nan_ok=True)
