from dataclasses import replace

import pytest

from ferrule.errors import NotFound
from ferrule.ports.charts import Chart

pytestmark = pytest.mark.anyio

BARS = Chart("ann", "bars", "Bars", "vega2", False, '{"mark": "bar"}')


@pytest.fixture
async def people(stores):
    await stores.people.add("ann")
    await stores.people.add("bob")


async def test_a_chart_is_kept_as_it_was_given(stores, people):
    kept = await stores.charts.put(BARS)

    assert kept == replace(BARS, created_at=kept.created_at, updated_at=kept.updated_at)
    assert kept.created_at == kept.updated_at > 0
    assert await stores.charts.get("ann", "bars") == kept


async def test_a_chart_takes_the_place_of_the_one_of_its_name(stores, people):
    first = await stores.charts.put(BARS)
    other = await stores.charts.put(replace(BARS, entity="bob"))

    second = await stores.charts.put(
        replace(BARS, display_name="Beams", public=True, spec='{"mark": "point"}')
    )

    assert await stores.charts.get("ann", "bars") == second
    assert (second.display_name, second.public, second.spec) == ("Beams", True, '{"mark": "point"}')
    assert second.created_at == first.created_at
    assert second.updated_at >= first.updated_at
    assert await stores.charts.get("bob", "bars") == other


async def test_there_is_none_of_another_name(stores, people):
    await stores.charts.put(BARS)

    assert await stores.charts.get("ann", "Bars") is None
    assert await stores.charts.get("bob", "bars") is None


async def test_an_unknown_entity_gets_no_chart(stores, people):
    with pytest.raises(NotFound, match="carl"):
        await stores.charts.put(replace(BARS, entity="carl"))
    assert await stores.charts.get("carl", "bars") is None
