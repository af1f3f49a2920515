"""Lists that are fetched page by page, when somebody gets there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar, overload

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Part of a list: `after` is where the next page begins, None on the last one.

    `total` is how many there are on all pages, None where that was not told.
    """

    items: list[T]
    after: str | None = None
    total: int | None = None


class Paginator(Generic[T]):
    """A list that is sized, indexed, sliced and iterated, and fetched only as far as needed.

    Nothing is fetched before the first use, and nothing twice. Each new iterator starts at the
    beginning; `next(paginator)` goes on from the one before.
    """

    def __init__(self, fetch: Callable[[str | None, int], Page[T]], *, per_page: int = 50) -> None:
        self._fetch = fetch
        self._items: list[T] = []
        self._after: str | None = None
        self._total: int | None = None
        self._started = False
        self._next = 0
        self.per_page = per_page

    @property
    def more(self) -> bool:
        """Whether a page is left to fetch."""
        return not self._started or self._after is not None

    @property
    def cursor(self) -> str | None:
        """Where the next page begins; None before the first page and after the last."""
        return self._after

    @property
    def objects(self) -> list[T]:
        """What was fetched so far."""
        return self._items

    @property
    def length(self) -> int:
        """How many there are; `len()` tells the same."""
        return len(self)

    def _load_page(self) -> bool:
        """Fetch the next page; False if there is none."""
        if not self.more:
            return False
        page = self._fetch(self._after, self.per_page)
        self._items.extend(page.items)
        # A server that promises more and gives nothing would be asked for ever.
        self._after = page.after if page.items else None
        self._total = page.total if page.total is not None else self._total
        self._started = True
        return True

    def _load_until(self, count: int | None) -> None:
        while (count is None or len(self._items) < count) and self._load_page():
            pass

    def __len__(self) -> int:
        self._load_until(1)
        if self._total is None:
            self._load_until(None)
            return len(self._items)
        return self._total

    def __iter__(self) -> Iterator[T]:
        position = 0
        while True:
            self._load_until(position + 1)
            if position >= len(self._items):
                return
            yield self._items[position]
            position += 1

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> list[T]: ...
    def __getitem__(self, index: int | slice) -> T | list[T]:
        self._load_until(_reach(index))
        return self._items[index]

    def __next__(self) -> T:
        self._load_until(self._next + 1)
        if self._next >= len(self._items):
            raise StopIteration
        self._next += 1
        return self._items[self._next - 1]

    next = __next__


def _reach(index: int | slice) -> int | None:
    """Tell how many items an index needs; None for all, as it counts from the end."""
    if isinstance(index, int):
        return index + 1 if index >= 0 else None
    backwards = index.step is not None and index.step < 0
    counted = index.stop is not None and index.stop >= 0 and (index.start or 0) >= 0
    return index.stop if counted and not backwards else None
