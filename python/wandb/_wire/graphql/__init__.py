"""The GraphQL that this package sends: one file of operations per feature, found by name."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

__all__ = ("EXACT_NUMBERS", "OWN_FEATURE", "operation", "operations")

# A header by which a client asks for NaN and infinities as they are, bare in the JSON, which
# Python reads and browsers don't. A server that does not know it gives null instead.
EXACT_NUMBERS = ("X-Ferrule-Numbers", "exact")

# What a server of ours says of itself among its features: it takes rows as they come, whatever
# their step, and as often as they come.
OWN_FEATURE = "FERRULE"

_FOLDER = Path(__file__).with_name("operations")
# Definitions begin in the first column, everything inside them is indented.
_DEFINITION = re.compile(r"^(query|mutation|fragment) (\w+)", re.MULTILINE)
_SPREAD = re.compile(r"\.\.\.(\w+)")


@cache
def operation(name: str) -> str:
    """Return the text of an operation with the fragments it uses.

    Raises:
        KeyError: There is none of that name.
    """
    wanted, texts = [name], []
    for one in wanted:
        text = _definitions()[one]
        texts.append(text)
        wanted += [used for used in _SPREAD.findall(text) if used not in wanted]
    return "\n".join(texts)


def operations() -> list[str]:
    """Return the names of all operations, fragments left out."""
    return sorted(name for name, text in _definitions().items() if not text.startswith("fragment"))


@cache
def _definitions() -> dict[str, str]:
    found: dict[str, str] = {}
    for path in sorted(_FOLDER.glob("*.graphql")):
        text = path.read_text(encoding="utf-8")
        starts = list(_DEFINITION.finditer(text))
        ends = [start.start() for start in starts[1:]] + [len(text)]
        for start, end in zip(starts, ends, strict=True):
            found[start.group(2)] = text[start.start() : end].rstrip() + "\n"
    return found
