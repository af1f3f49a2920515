"""`Api.create_custom_chart` where nothing is asked of a server."""

import pytest

from wandb.apis.public.charts import keep_chart
from wandb.errors import Error

BARS = {"entity": "ann", "name": "bars", "title": "Bars", "kind": "vega2", "access": "private"}


class FakeServer:
    def __init__(self, answer):
        self.answer = answer
        self.asked = []

    def ask(self, name, **variables):
        self.asked.append((name, variables))
        return {"createCustomChart": self.answer}


def test_the_server_is_asked_in_its_own_words():
    server = FakeServer({"chart": {"id": "ann/bars"}})

    assert keep_chart(server, spec={"mark": "bar"}, **BARS) == "ann/bars"
    [(name, variables)] = server.asked
    assert name == "KeepChart"
    assert variables == {
        "entity": "ann",
        "chart": "bars",
        "title": "Bars",
        "kind": "vega2",
        "access": "PRIVATE",
        "spec": '{"mark": "bar"}',
    }


@pytest.mark.parametrize("answer", [None, {}, {"chart": None}])
def test_a_server_that_kept_nothing_is_an_error(answer):
    with pytest.raises(Error, match="ann/bars"):
        keep_chart(FakeServer(answer), spec="{}", **BARS)


@pytest.mark.parametrize(
    ("wrong", "told"), [({"kind": "vega"}, "spec_type"), ({"access": "open"}, "access")]
)
def test_what_no_server_takes_is_not_sent(wrong, told):
    server = FakeServer(None)

    with pytest.raises(ValueError, match=told):
        keep_chart(server, spec="{}", **{**BARS, **wrong})
    assert server.asked == []
