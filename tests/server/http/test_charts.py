"""How panels get to know what draws them."""

import json
import re

import pytest

from ferrule.domain.presets import PRESETS

pytestmark = pytest.mark.anyio

# What each chart of `wandb.plot` is logged with.
FIELDS = {
    "line/v0": {"x", "y", "stroke"},
    "lineseries/v0": {"step", "lineKey", "lineVal"},
    "scatter/v0": {"x", "y"},
    "bar/v0": {"label", "value"},
    "histogram/v0": {"value"},
    "area-under-curve/v0": {"x", "y", "class"},
    "confusion_matrix/v1": {"Actual", "Predicted", "nPredictions"},
}
STRINGS = {
    "lineseries/v0": {"title", "xname"},
    "area-under-curve/v0": {"title", "x-axis-title", "y-axis-title"},
}


async def test_a_chart_of_ones_own_is_handed_out(house):
    answer = await house.ask("GET", "/api/v1/charts/alice/mine")

    assert answer.body == {
        "id": "alice/mine",
        "displayName": "Mine",
        "type": "vega2",
        "access": "PRIVATE",
        "spec": {"mark": "bar"},
    }


@pytest.mark.parametrize("name", PRESETS)
async def test_those_that_come_with_the_server_are_everyones(house, name):
    answer = await house.ask("GET", f"/api/v1/charts/wandb/{name}", role="stranger")

    assert (answer.status, answer.body["id"]) == (200, f"wandb/{name}")
    assert answer.body["spec"]["data"] == {"name": "wandb"}


@pytest.mark.parametrize("name", FIELDS)
def test_a_preset_draws_all_that_its_function_names(name):
    spec = PRESETS[name].spec

    assert set(re.findall(r"\$\{field:([^}]*)}", spec)) == FIELDS[name]
    assert set(re.findall(r"\$\{string:([^}]*)}", spec)) == STRINGS.get(name, {"title"})


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_loads_nothing(name):
    spec = json.loads(PRESETS[name].spec)
    del spec["$schema"]

    assert "url" not in json.dumps(spec).lower()
    assert "http" not in json.dumps(spec)


async def test_a_preset_hides_no_chart_of_somebodys(house):
    answer = await house.ask("GET", "/api/v1/charts/alice/line/v0")

    assert answer.status == 404
