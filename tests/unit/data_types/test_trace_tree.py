"""Trace trees: spans as JSON in the row, and `Trace`, which puts them together."""

import datetime
import hashlib
import json
from decimal import Decimal

import numpy as np
import pytest

from wandb._run.trace import Trace
from wandb.data_types.trace_tree import Result, Span, SpanKind, StatusCode, WBTraceTree
from wandb.errors import Error


def spans_of(run_sink, *args):
    return json.loads(WBTraceTree(*args).to_wire(run_sink, name="k_0")["root_span_dumps"])


def test_a_tree_stands_in_the_row_itself(run_sink):
    span = Span(name="root", span_kind=SpanKind.LLM, status_code=StatusCode.SUCCESS)
    span.add_attribute("n", 1)
    span.add_named_result({"q": "?"}, {"a": "!"})
    span.add_child_span(Span(name="child"))

    wire = WBTraceTree(span, {"_kind": "openai"}).to_wire(run_sink, name="k_0")

    model = '{"_kind": "openai"}'
    assert wire["_type"] == "wb_trace_tree"
    assert wire["model_dict_dumps"] == model
    assert wire["model_hash"] == hashlib.md5(model.encode()).hexdigest()[:16]
    root = json.loads(wire["root_span_dumps"])
    assert (root["name"], root["span_kind"], root["status_code"]) == ("root", "LLM", "SUCCESS")
    assert root["results"] == [{"inputs": {"q": "?"}, "outputs": {"a": "!"}}]
    assert [child["name"] for child in root["child_spans"]] == ["child"]
    assert run_sink.files == {}


def test_what_json_lacks_has_a_form_or_is_named(run_sink):
    utc = datetime.datetime(2024, 1, 2, tzinfo=datetime.timezone.utc)
    attributes = {
        "array": np.arange(40),
        "date": datetime.date(2024, 1, 2),
        "moment": utc,
        "nanoseconds": np.datetime64(1_704_153_600_000_000_000, "ns"),
        "naive": datetime.datetime(2024, 1, 2),
        "decimal": Decimal("0.5"),
        "nan": float("nan"),
        "object": object(),
        ("a", "tuple"): 1,
    }

    found = spans_of(run_sink, Span(attributes=attributes))["attributes"]

    moment = int(utc.timestamp() * 1000)
    assert found == {
        "array": list(range(40)),
        "date": moment,
        "moment": moment,
        "nanoseconds": moment,
        "naive": moment,
        "decimal": 0.5,
        "nan": None,
        "object": "<<non-serializable: object>>",
    }


def test_a_tree_that_cannot_be_written_is_empty_and_that_is_told(run_sink, capsys):
    circle = {}
    circle["again"] = circle

    wire = WBTraceTree(Span(), circle).to_wire(run_sink, name="k_0")

    assert wire["model_dict_dumps"] == "{}"
    assert "RecursionError" in capsys.readouterr().err


def test_read_back(again):
    span = Span(name="root", span_kind=SpanKind.AGENT, results=[Result({"a": 1}, None)])
    span.add_child_span(Span(name="child", status_code=StatusCode.ERROR))

    tree = again(WBTraceTree(span, {"m": 1}))

    assert tree._root_span == span
    assert tree._model_dict == {"m": 1}
    assert again(WBTraceTree(span))._model_dict is None


@pytest.mark.parametrize("dumps", [None, "{", "[]"])
def test_other_json_is_named(run_sink, dumps):
    with pytest.raises(ValueError, match="root_span_dumps"):
        WBTraceTree.from_wire({"root_span_dumps": dumps}, run_sink)


# --- Trace --------------------------------------------------------------------------------


def test_a_trace_is_put_together():
    trace = Trace("root", kind="chain", status_code="error", inputs={"q": 1}, model_dict={"m": 1})
    child = Trace("child", model_dict={"c": 1})

    assert trace.add_child(child) is trace
    trace.add_metadata({"a": 1}).metadata = {"b": 2}
    trace.add_inputs_and_outputs({"q": 2}, {"a": 2})
    trace.outputs = {"a": 3}
    trace.kind = "tool"
    trace.end_time_ms = 5

    assert (trace.name, trace.kind, trace.status_code) == ("root", "TOOL", StatusCode.ERROR)
    assert trace.metadata == {"a": 1, "b": 2}
    assert (trace.inputs, trace.outputs) == ({"q": 2}, {"a": 3})
    assert len(trace._span.results) == 3
    assert trace._span.end_time_ms == 5
    assert trace._model_dict == {"m": 1, "child": {"c": 1}}


def test_what_a_trace_does_not_have_is_none():
    trace = Trace("root")

    assert (trace.inputs, trace.outputs, trace.kind, trace.metadata) == (None,) * 4
    trace.inputs = {"a": 1}
    assert (trace.inputs, trace.outputs) == ({"a": 1}, {})


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"kind": "robot"}, "LLM, CHAIN, AGENT, TOOL, not 'robot'"),
        ({"status_code": "ok"}, "SUCCESS, ERROR, not 'ok'"),
        ({"inputs": [1]}, "inputs of a trace is a dict, not list"),
        ({"metadata": "x"}, "metadata"),
    ],
)
def test_bad_input_is_named(options, words):
    with pytest.raises(ValueError, match=words):
        Trace("root", **options)


def test_logging_a_trace_needs_a_run():
    with pytest.raises(Error, match=r"wandb\.init"):
        Trace("root").log("trace")
