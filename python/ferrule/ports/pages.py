"""One page of a long list."""

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some items in order, and where each of them lies.

    `cursors[i]` handed back as `after` gives what follows `items[i]`. A cursor is opaque text,
    good for the same list asked with the same filter and order. `more` is true when something
    follows the last item; an empty page never has more.
    """

    items: tuple[T, ...] = ()
    cursors: tuple[str, ...] = ()
    more: bool = False

    @property
    def next(self) -> str | None:
        """Return the cursor to go on from, None when this page is the last."""
        return self.cursors[-1] if self.more else None
