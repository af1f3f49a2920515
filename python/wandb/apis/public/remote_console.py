"""What a run on a server printed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from wandb.apis.public.console import ConsoleLogLine
from wandb.apis.public.times import moment_of

PAGE_LINES = 1000


def every_line(ask: Callable[[str | None], dict[str, Any]]) -> Iterator[ConsoleLogLine]:
    """Yield all lines.

    Args:
        ask: Returns the page of lines after a cursor.
    """
    after: str | None = None
    while True:
        page = ask(after)
        for edge in page["edges"]:
            yield _line(edge["node"])
        info = page.get("pageInfo") or {}
        if not (page["edges"] and info.get("hasNextPage")):
            return
        after = info.get("endCursor") or page["edges"][-1]["cursor"]


def lines_of_file(text: str) -> Iterator[ConsoleLogLine]:
    """Take the file apart that a run leaves when it ends: it knows no times."""
    lines = text.removesuffix("\n").split("\n") if text else []
    for number, line in enumerate(lines):
        yield ConsoleLogLine(number, None, "info", "", line)


def _line(node: dict[str, Any]) -> ConsoleLogLine:
    return ConsoleLogLine(
        number=int(node.get("number") or 0),
        timestamp=moment_of(node.get("timestamp")),
        level=node.get("level") or "info",
        label=node.get("label") or "",
        content=node.get("line") or "",
    )
