"""`GET /api/v1/charts/{entity}/{name}`: how a chart is drawn, for panels of the page.

→ `{"id": "entity/name", "displayName", "type": "vega2", "access": "PRIVATE" or "PUBLIC", "spec"}`.
`wandb/line/v0` and others come with the server. `spec` is a Vega-Lite object over rows of the data
named `wandb`. What draws it puts in, before parsing:

- for `${field:x}` in a text the column that the run's config has for `x` (`fieldSettings`), with
  `.`, `[` and `]` escaped by a backslash; `name`, the column of the run's name, where it has none;
- for `${string:title}` the text that it has for `title` (`stringSettings`); nothing where it has
  none.

A specification is what somebody sent: whoever draws it must keep it from loading anything.
"""

from aiohttp import web

from ferrule.auth.permissions import Action, allowed
from ferrule.domain.charts import built_in
from ferrule.domain.runs import json_object
from ferrule.errors import NotFound
from ferrule.http.answers import json_answer
from ferrule.http.finding import viewer_of
from ferrule.http.services import services
from ferrule.ports.charts import Chart


async def chart(request: web.Request) -> web.Response:
    """Hand out a chart."""
    return json_answer(_shown(await _readable(request)))


async def _readable(request: web.Request) -> Chart:
    viewer = await viewer_of(request)
    entity, name = request.match_info["entity"], request.match_info["name"]
    charts = services(request).stores.charts
    found = built_in(entity, name) or await charts.get(entity, name)
    if found is None or not allowed(viewer, Action.READ, found):
        raise NotFound(f"No chart `{entity}/{name}` was found.")
    return found


def _shown(found: Chart) -> dict[str, object]:
    return {
        "id": found.path,
        "displayName": found.display_name,
        "type": found.kind,
        "access": "PUBLIC" if found.public else "PRIVATE",
        "spec": json_object(found.spec, "spec"),
    }


def add_routes(app: web.Application) -> None:
    """Put this family's routes in."""
    app.router.add_get("/api/v1/charts/{entity}/{name:.+}", chart)
