"""`GET /api/v1/logs/{entity}/{project}/{run}?first=0&limit=1000`: a run's console, line by line.

→ `{"total": n, "lines": [{"number", "text", "level", "timestamp", "label"}]}`. `first` is a
position among all `total` lines, whoever wrote them; `number` is the line's own with its writer.
Escape codes for colour stay in the text.
"""

from aiohttp import web

from ferrule.domain.console import console_line
from ferrule.errors import BadInput
from ferrule.http.answers import json_answer
from ferrule.http.finding import readable_run
from ferrule.http.services import services

MAX_LINES = 10_000


async def logs(request: web.Request) -> web.Response:
    """Hand out lines of a run's console."""
    at_hand, run = services(request), await readable_run(request)
    first = _number(request, "first", 0)
    limit = min(_number(request, "limit", 1000), MAX_LINES)
    total = await at_hand.history.console_count(run.scope)
    lines = await at_hand.history.console(run.scope, first, limit)
    return json_answer(
        {"total": total, "lines": [console_line(number, text) for number, text in lines]}
    )


def _number(request: web.Request, name: str, default: int) -> int:
    text = request.query.get(name, str(default))
    if not text.isdecimal() or len(text) > 18:
        raise BadInput(f"`{name}` must be a whole number.")
    return int(text)


def add_routes(app: web.Application) -> None:
    """Put this family's routes in."""
    app.router.add_get("/api/v1/logs/{entity}/{project}/{run}", logs)
