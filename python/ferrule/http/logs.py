"""`GET /api/v1/logs/{entity}/{project}/{run}?first=0&limit=1000`: a run's console, line by line.

→ `{"total": n, "lines": [{"number", "text", "level", "timestamp", "label"}]}`. Escape codes for
colour stay in the text.
"""

import json
import re
from typing import Any

from aiohttp import web

from ferrule.errors import BadInput
from ferrule.http.answers import json_answer
from ferrule.http.finding import readable_run
from ferrule.http.services import services

MAX_LINES = 10_000
# `ERROR ` before the time marks what went to standard error.
PLAIN = re.compile(r"(ERROR )?(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?) (.*)", re.DOTALL)


def console_line(number: int, sent: str) -> dict[str, Any]:
    """Take a line apart that came as `[ERROR ]<time> <text>`, or as a JSON object."""
    line: dict[str, Any] = {
        "number": number,
        "text": sent,
        "level": None,
        "timestamp": None,
        "label": None,
    }
    if plain := PLAIN.fullmatch(sent):
        level = "error" if plain[1] else None
        return line | {"text": plain[3], "level": level, "timestamp": f"{plain[2]}Z"}
    if sent.startswith("{") and (said := _structured(sent)) is not None:
        time = said.get("ts")
        return line | {
            "text": said["content"],
            "level": "error" if said.get("level") == "error" else None,
            "timestamp": f"{time}Z" if isinstance(time, str) else None,
            "label": said.get("label") if isinstance(said.get("label"), str) else None,
        }
    return line


def _structured(sent: str) -> dict[str, Any] | None:
    try:
        said = json.loads(sent)
    except ValueError:
        return None
    fits = isinstance(said, dict) and isinstance(said.get("content"), str)
    return said if fits else None


async def logs(request: web.Request) -> web.Response:
    """Hand out lines of a run's console."""
    at_hand, run = services(request), await readable_run(request)
    first = _number(request, "first", 0)
    limit = min(_number(request, "limit", 1000), MAX_LINES)
    # A fork's parent has a console of its own.
    scope = tuple(span for span in run.scope if span.run == run.id)
    counts = await at_hand.history.line_counts(run.id, run.attempt)
    lines = await at_hand.history.console(scope, first, limit)
    return json_answer(
        {"total": counts.console, "lines": [console_line(number, text) for number, text in lines]}
    )


def _number(request: web.Request, name: str, default: int) -> int:
    text = request.query.get(name, str(default))
    if not text.isdecimal() or len(text) > 18:
        raise BadInput(f"`{name}` must be a whole number.")
    return int(text)


def add_routes(app: web.Application) -> None:
    """Put this family's routes in."""
    app.router.add_get("/api/v1/logs/{entity}/{project}/{run}", logs)
