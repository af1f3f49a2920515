"""`createCustomChart`, as clients send it."""

import pytest

pytestmark = pytest.mark.anyio

# All that released clients select.
CREATE = """
mutation($entity: String!, $name: String!, $displayName: String!, $type: String!,
         $access: String!, $spec: JSONString!) {
  createCustomChart(input: {entity: $entity, name: $name, displayName: $displayName, type: $type,
                            access: $access, spec: $spec}) {
    chart { id }
  }
}
"""
BARS = {
    "entity": "ann",
    "name": "bars",
    "displayName": "Bars",
    "type": "vega2",
    "access": "PRIVATE",
    "spec": '{"mark": "bar"}',
}


@pytest.mark.parametrize("role", ["member", "admin"])
async def test_a_chart_is_made_by_who_belongs_there(house, role):
    made = await house.data(CREATE, role=role, **BARS)

    assert made == {"createCustomChart": {"chart": {"id": "ann/bars"}}}
    kept = await house.stores.charts.get("ann", "bars")
    assert (kept.display_name, kept.public, kept.spec) == ("Bars", False, '{"mark": "bar"}')


@pytest.mark.parametrize(("role", "status"), [("stranger", 404), (None, 401)])
async def test_nobody_else_makes_one(house, role, status):
    answered, answer = await house.ask(CREATE, role=role, **BARS)

    assert answered == status
    assert answer["data"] in (None, {"createCustomChart": None})
    assert await house.stores.charts.get("ann", "bars") is None


async def test_the_same_name_again_replaces_it(house):
    await house.data(CREATE, **BARS)
    await house.data(CREATE, **{**BARS, "access": "PUBLIC", "spec": "{}"})

    kept = await house.stores.charts.get("ann", "bars")
    assert (kept.public, kept.spec) == (True, "{}")


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"name": "a/b"}, "chart's name"),
        ({"name": ""}, "1 to 128"),
        ({"displayName": "a\nb"}, "line breaks"),
        ({"type": "vega"}, "vega2"),
        ({"access": "private"}, "PRIVATE or PUBLIC"),
        ({"spec": "[]"}, "object"),
        ({"spec": "{"}, "no JSON"),
        ({"spec": '{"a":' * 5000 + "1" + "}" * 5000}, "no JSON"),
        ({"spec": '{"a": "' + "x" * 2**20 + '"}'}, "at most"),
    ],
)
async def test_what_is_no_chart_is_refused(house, wrong, told):
    status, answer = await house.ask(CREATE, **{**BARS, **wrong})

    assert status == 400
    assert told in answer["errors"][0]["message"]
    assert await house.stores.charts.get("ann", wrong.get("name", "bars")) is None
