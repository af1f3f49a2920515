"""Numbers in JSON answers."""

import json
import math

import pytest

from ferrule.http.answers import json_answer

ODD = {"nan": math.nan, "inf": [math.inf], "huge": 2**70, "text": "\ud800"}


def test_nan_and_infinities_are_null_for_browsers():
    body = json_answer({"nan": math.nan, "inf": [math.inf], "huge": 2**70}).body

    assert json.loads(body) == {"nan": None, "inf": [None], "huge": 2**70}


def test_client_that_asks_gets_every_number_as_it_is():
    read = json.loads(json_answer(ODD, exact=True).body.decode("utf-8", "surrogatepass"))

    assert read["inf"] == [math.inf]
    assert (read["huge"], read["text"]) == (2**70, "\ud800")
    assert read["nan"] == pytest.approx(math.nan, nan_ok=True)
