"""Conditions as a text: `row["Is Error"] = true and row["loss"] > 1.5`.

    either     = both { "or" both }
    both       = part { "and" part }
    part       = "not" part | "(" either ")" | comparison
    comparison = column [ operator value ]       a column by itself has to be true
    column     = "row" "[" text "]"
    operator   = "=" | "==" | "!=" | "<" | "<=" | ">" | ">=" | "contains" | "matches"
    value      = number | text | "true" | "false" | "null"

The result is the tree of `ferrule.tables.conditions`.
"""

import json
import re
from typing import Any

from ferrule.errors import BadInput

MAX_CHARS = 4000
DEEPEST = 15

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
      | (?P<number>[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)
      | (?P<word>[A-Za-z_]+)
      | (?P<sign><=|>=|!=|==|[=<>()\[\]])
    )""",
    re.VERBOSE,
)
_OPERATORS = {
    "=": "is",
    "==": "is",
    "!=": "is_not",
    "<": "lt",
    "<=": "le",
    ">": "gt",
    ">=": "ge",
    "contains": "contains",
    "matches": "matches",
}
_WORDS: dict[str, Any] = {"true": True, "false": False, "null": None}


def conditions_of(expression: str) -> Any:
    """Read an expression; None for an empty one.

    Raises:
        BadInput: It can't be read; the message tells where.
    """
    if len(expression) > MAX_CHARS:
        raise BadInput(f"An expression has at most {MAX_CHARS} characters.")
    if not expression.strip():
        return None
    reader = _Reader(expression)
    tree = reader.either(0)
    reader.end()
    return tree


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def either(self, depth: int) -> Any:
        return self._joined("or", self._both, depth)

    def _both(self, depth: int) -> Any:
        return self._joined("and", self._part, depth)

    def _joined(self, word: str, read: Any, depth: int) -> Any:
        parts = [read(depth)]
        while self._took(word):
            parts.append(read(depth))
        return parts[0] if len(parts) == 1 else {word: parts}

    def _part(self, depth: int) -> Any:
        if depth > DEEPEST:
            raise BadInput(f"An expression nests at most {DEEPEST} levels.")
        if self._took("not"):
            return {"not": self._part(depth + 1)}
        if self._took("("):
            tree = self.either(depth + 1)
            self._need(")")
            return tree
        return self._comparison()

    def _comparison(self) -> dict[str, Any]:
        self._need("row")
        self._need("[")
        column = self._value()
        self._need("]")
        if not isinstance(column, str):
            raise self._wrong("a column's name in quotes")
        for sign, op in _OPERATORS.items():
            if self._took(sign):
                return {"column": column, "op": op, "value": self._value()}
        return {"column": column, "op": "is", "value": True}

    def _value(self) -> Any:
        kind, word, after = self._next()
        if kind == "text":
            value: Any = _unquoted(word)
        elif kind == "number":
            value = float(word) if set(word) & set(".eE") else int(word)
        elif word in _WORDS:
            value = _WORDS[word]
        else:
            raise self._wrong("a number, a text in quotes, true, false or null")
        self._at = after
        return value

    def _next(self) -> tuple[str, str, int]:
        found = _TOKEN.match(self._text, self._at)
        if found is None or found.lastgroup is None:
            return "", "", self._at
        return found.lastgroup, found[found.lastgroup], found.end()

    def _took(self, wanted: str) -> bool:
        kind, word, after = self._next()
        if kind not in ("word", "sign") or word != wanted:
            return False
        self._at = after
        return True

    def _need(self, wanted: str) -> None:
        if not self._took(wanted):
            raise self._wrong(f"`{wanted}`")

    def end(self) -> None:
        """Refuse what is left."""
        if self._text[self._at :].strip():
            raise self._wrong("`and`, `or` or the end")

    def _wrong(self, wanted: str) -> BadInput:
        rest = self._text[self._at :].strip()[:20]
        place = f"before `{rest}`" if rest else "at the end"
        return BadInput(f"The expression can't be read: {wanted} is missing {place}.")


def _unquoted(text: str) -> str:
    inner = text[1:-1]
    if text[0] == "'":
        inner = inner.replace("\\'", "'").replace('"', '\\"')
    try:
        return str(json.loads(f'"{inner}"', strict=False))
    except ValueError as err:
        raise BadInput(f"The text {text[:40]} of the expression can't be read.") from err
