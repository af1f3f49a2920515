"""What cells show is kept for the session's history, within bounds, and shown whatever happens."""

import json
from types import SimpleNamespace

import pytest

from wandb._run.notebook import CellHooks


class Publisher:
    def __init__(self):
        self.calls = []

    def publish(self, data, metadata=None, source=None, *, transient=None, update=False, **more):
        self.calls.append((data, metadata, source, transient, update, more))
        return "published"


@pytest.fixture
def shell():
    events = SimpleNamespace(register=lambda *_: None, unregister=lambda *_: None)
    history = SimpleNamespace(
        input_hist_parsed=["", "cell"], get_range=lambda output: [(0, 1, ("cell", None))]
    )
    return SimpleNamespace(display_pub=Publisher(), events=events, history_manager=history)


@pytest.fixture
def hooks(shell):
    run = SimpleNamespace(_is_finished=False, _settings=SimpleNamespace(save_code=True))
    hooks = CellHooks(run, shell)
    hooks.install()
    return hooks


def outputs(hooks):
    (cell,) = hooks._cells()
    return [one["data"] for one in cell["outputs"]]


def test_calls_are_passed_on_as_they_are(hooks, shell):
    publish = shell.display_pub.publish

    assert publish({"text/plain": "a"}, {"m": 1}, "source") == "published"
    publish(data={"text/plain": "b"}, transient={"display_id": "x"}, extra=3)
    with pytest.raises(TypeError):
        publish()

    assert shell.display_pub.calls == [
        ({"text/plain": "a"}, {"m": 1}, "source", None, False, {}),
        ({"text/plain": "b"}, None, None, {"display_id": "x"}, False, {"extra": 3}),
    ]
    assert outputs(hooks) == [{"text/plain": "a"}, {"text/plain": "b"}]


def test_output_that_can_not_be_kept_is_shown(hooks, shell):
    around = []
    around.append(around)
    shell.display_pub.publish({"text/plain": "a"}, transient=7)
    shell.display_pub.publish({"application/json": around})
    shell.display_pub.publish(None)

    assert len(shell.display_pub.calls) == 3
    assert outputs(hooks) == []


def test_update_takes_the_place_of_what_was_shown(hooks, shell):
    publish = shell.display_pub.publish
    publish({"text/plain": "0%"}, transient={"display_id": "bar"})
    publish({"text/plain": "other"})
    for percent in range(100):
        publish({"text/plain": f"{percent}%"}, transient={"display_id": "bar"}, update=True)
    publish({"text/plain": "nobody's"}, transient={"display_id": "none"}, update=True)

    assert outputs(hooks) == [{"text/plain": "99%"}, {"text/plain": "other"}]


def test_all_that_is_kept_counts(hooks, shell, monkeypatch):
    monkeypatch.setattr("wandb._run.notebook._MOST_SHOWN_BYTES", 5000)
    for _ in range(10):
        shell.display_pub.publish({"application/json": {"deep": ["x" * 1000]}})

    assert len(outputs(hooks)) == 4
    assert len(json.dumps(outputs(hooks))) <= 5000


def test_what_is_changed_after_it_was_shown_is_kept_as_shown(hooks, shell):
    data = {"application/json": {"a": 1}}
    shell.display_pub.publish(data)
    data["application/json"]["a"] = 2

    assert outputs(hooks) == [{"application/json": {"a": 1}}]
