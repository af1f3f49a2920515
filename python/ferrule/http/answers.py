"""Answers as JSON, exact and with NaN as clients take it."""

import json
from typing import Any

import orjson
from aiohttp import web

JSON_TYPE = "application/json"
DEEPEST = 100
TOO_DEEP = "(nested too deeply to be shown)"


def json_answer(content: Any, *, status: int = 200, exact: bool = False) -> web.Response:
    """Answer with JSON. NaN and infinities become null: browsers take nothing else.

    Args:
        content: What to say.
        status: The HTTP status.
        exact: Leave NaN and infinities as they are, for a client that asked for them.
    """
    if exact:
        text = json.dumps(content, ensure_ascii=False)
        return web.Response(
            body=text.encode("utf-8", "surrogatepass"), status=status, content_type=JSON_TYPE
        )
    try:
        body = orjson.dumps(content)
    except TypeError:
        # Integers beyond 64 bits, halves of characters and deep nesting are beyond orjson.
        body = json.dumps(_without_nan(content)).encode()
    return web.Response(body=body, status=status, content_type=JSON_TYPE)


def put_retry_after(response: web.Response, secs: float | None) -> None:
    """Tell the client when to come again, None for never."""
    if secs is not None:
        response.headers["Retry-After"] = str(max(1, round(secs)))


def _without_nan(content: Any, depth: int = 0) -> Any:
    if depth > DEEPEST:
        return TOO_DEEP
    if isinstance(content, dict):
        return {name: _without_nan(value, depth + 1) for name, value in content.items()}
    if isinstance(content, (list, tuple)):
        return [_without_nan(value, depth + 1) for value in content]
    return None if content != content or content in (float("inf"), float("-inf")) else content
