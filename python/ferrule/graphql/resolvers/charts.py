"""Charts of people's own. The page reads them by `http.charts`."""

from typing import Any

from ferrule.auth.permissions import Action, Entity, require
from ferrule.domain.charts import checked
from ferrule.graphql.context import Context
from ferrule.graphql.resolvers.binding import Info, Resolver, of


async def _create(_root: Any, info: Info, input: dict[str, Any]) -> dict[str, Any]:
    context: Context = info.context
    require(context.who(), Action.CREATE, Entity(input["entity"]))
    chart = checked(
        entity=input["entity"],
        name=input["name"],
        display_name=input["displayName"],
        kind=input["type"],
        access=input["access"],
        spec=input["spec"],
    )
    return {"chart": await context.stores.charts.put(chart)}


MUTATION: dict[str, Resolver] = {"createCustomChart": _create}

CUSTOM_CHART: dict[str, Resolver] = {
    "id": of(lambda chart: chart.path),
    "name": of(lambda chart: chart.name),
    "displayName": of(lambda chart: chart.display_name),
}
