"""Pages as clients want them: connections with edges and cursors."""

from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any, TypeVar

from ferrule.errors import BadInput
from ferrule.ports.pages import Page

T = TypeVar("T")

MAX_PAGE = 1000


def page_size(first: int | None, default: int, most: int = MAX_PAGE) -> int:
    """Return how many items to show at most; a client that asks for more gets pages.

    Raises:
        BadInput: It is less than none.
    """
    if first is not None and first < 0:
        raise BadInput("`first` can't be negative.")
    # An empty page would have no cursor to go on from.
    return max(1, min(default if first is None else first, most))


def connection(page: Page[T], node: Callable[[T], Any] = lambda item: item) -> dict[str, Any]:
    """Return a page as a connection: its end cursor is the last edge's."""
    edges = [
        {"node": node(item), "cursor": cursor}
        for item, cursor in zip(page.items, page.cursors, strict=True)
    ]
    end = page.cursors[-1] if page.cursors else None
    return {"edges": edges, "pageInfo": {"endCursor": end, "hasNextPage": page.more}}


def moment(micros: int) -> str:
    """Return a time as clients read it: ISO 8601, whole seconds, UTC."""
    whole = datetime.fromtimestamp(micros // 1_000_000, tz=timezone.utc)
    return whole.strftime("%Y-%m-%dT%H:%M:%SZ")


def listed(value: Any) -> list[Any]:
    """Return an argument as a list: some clients send one item where a list is due."""
    if value is None:
        return []
    return list(value) if isinstance(value, (list, tuple)) else [value]
