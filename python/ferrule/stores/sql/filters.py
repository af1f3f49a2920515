"""Filter trees and orders as SQL.

Means the same as `stores.matching`, which is shorter and the one to read first. What is written
for SQLite alone is `_json_kind` and `_json_value`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Text,
    and_,
    case,
    cast,
    exists,
    false,
    func,
    literal,
    not_,
    null,
    or_,
    select,
    true,
)

from ferrule.stores.matching import lowered
from ferrule.stores.sql.json_text import key_text
from ferrule.stores.sql.tables import run
from wandb._wire.filters import (
    Condition,
    Either,
    Every,
    Field,
    Node,
    Not,
    Order,
    compiled,
    spellings,
)

Truth = ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class _Leaf:
    """What a field is in SQL: is it there, is it null, and its value when it is of one kind."""

    present: Truth
    is_null: Truth
    is_number: Truth
    is_text: Truth
    is_boolean: Truth
    value: ColumnElement[Any]


def matches(pattern: str, text: str | None) -> bool | None:
    """Do what `REGEXP` means in SQL. SQLAlchemy's own may take for ever."""
    return None if text is None else compiled(pattern).search(text)


def where(node: Node) -> Truth:
    """Return a filter as a condition on the table of runs; it is never NULL."""
    if isinstance(node, Condition):
        return _list_test(node) if node.field.kind == "list" else _test(node, leaf(node.field))
    if isinstance(node, Not):
        return not_(where(node.part))
    parts = [where(part) for part in node.parts]
    if isinstance(node, Either):
        return or_(false(), *parts)
    assert isinstance(node, Every)
    return and_(true(), *parts)


def leaf(field: Field) -> _Leaf:
    """Return what a field is in SQL."""
    if field.kind in ("config", "summary"):
        return _json_leaf(field)
    if field.kind == "column":
        column = run.c[field.name]
        return _Leaf(column != "", false(), false(), column != "", false(), column)
    if field.kind == "list":
        first = func.json_extract(run.c.tags, "$[0]")
        return _Leaf(first.isnot(None), false(), false(), first.isnot(None), false(), first)
    if field.name == "duration":
        seconds = (run.c.heartbeat_at - run.c.created_at) / literal(1_000_000.0)
        return _Leaf(true(), false(), true(), false(), false(), seconds)
    number = run.c[field.name]
    return _Leaf(number.isnot(None), false(), number.isnot(None), false(), false(), number)


def _json_leaf(field: Field) -> _Leaf:
    document = func.coalesce(run.c[f"{field.kind}_strict"], run.c[field.kind])
    paths = ["$" + "".join(f'."{key_text(name)}"' for name in path) for path in spellings(field)]
    kinds = [_json_kind(document, path) for path in paths]
    values = [_json_value(document, path) for path in paths]
    kind = func.coalesce(*kinds, null()) if len(kinds) > 1 else kinds[0]
    value = values[0]
    if len(values) > 1:
        # A null is a value: what is there first counts, not what is not null first.
        pairs = zip(kinds, values, strict=True)
        value = case(*((kind_.isnot(None), value_) for kind_, value_ in pairs))
    return _Leaf(
        present=kind.isnot(None),
        is_null=_never_null(kind == "null"),
        is_number=_never_null(kind.in_(("integer", "real"))),
        is_text=_never_null(kind == "text"),
        is_boolean=_never_null(kind.in_(("true", "false"))),
        value=value,
    )


def _json_kind(document: ColumnElement[Any], path: str) -> ColumnElement[Any]:
    return func.json_type(document, path)


def _json_value(document: ColumnElement[Any], path: str) -> ColumnElement[Any]:
    return func.json_extract(document, path)


def _never_null(condition: Truth) -> Truth:
    return func.coalesce(condition, false())


def _test(condition: Condition, at: _Leaf) -> Truth:
    if condition.operator == "$exists":
        return at.present if condition.value else not_(at.present)
    if condition.operator == "$in":
        return _one_of(at, condition.value)
    if condition.operator == "$eq":
        return _equal(at, condition.value)
    if condition.operator == "$regex":
        pattern = condition.value
        return and_(at.is_text, _never_null(cast(at.value, Text).regexp_match(pattern)))
    return _compared(at, _COMPARISONS[condition.operator], condition.value)


def _equal(at: _Leaf, wanted: object) -> Truth:
    if wanted is None:
        return or_(not_(at.present), at.is_null)
    if isinstance(wanted, bool):
        return and_(at.is_boolean, _never_null(at.value == literal(int(wanted))))
    return _compared(at, lambda one, other: one == other, wanted)


def _one_of(at: _Leaf, wanted: tuple[Any, ...]) -> Truth:
    """Return a condition for being equal to a value of a list.

    Flat, where alternatives would be a chain: SQLite's expressions may be 1000 deep.
    """
    constants = [one for one in (None, True, False) if any(one is value for value in wanted)]
    texts = [_bindable(value) for value in wanted if isinstance(value, str)]
    numbers = [_bindable(value) for value in wanted if type(value) in (int, float)]
    return or_(
        false(),
        *(_equal(at, value) for value in constants),
        and_(at.is_text, _never_null(at.value.in_(texts))),
        and_(at.is_number, _never_null(at.value.in_(numbers))),
    )


def _compared(
    at: _Leaf, compare: Callable[[ColumnElement[Any], ColumnElement[Any]], Truth], wanted: object
) -> Truth:
    if isinstance(wanted, bool) or not isinstance(wanted, (int, float, str)):
        return false()
    kind = at.is_text if isinstance(wanted, str) else at.is_number
    return and_(kind, _never_null(compare(at.value, literal(_bindable(wanted)))))


def _bindable(value: int | float | str) -> int | float | str:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    # SQLite's integers have 64 bits.
    return float(value) if abs(value) > 2**63 - 1 else value


_COMPARISONS: dict[str, Callable[[ColumnElement[Any], ColumnElement[Any]], Truth]] = {
    "$gt": lambda one, other: one > other,
    "$gte": lambda one, other: one >= other,
    "$lt": lambda one, other: one < other,
    "$lte": lambda one, other: one <= other,
}


def _list_test(condition: Condition) -> Truth:
    """Return a condition on the tags, true if it is for one of them."""
    some = run.c.tags != "[]"
    if condition.operator == "$exists":
        return some if condition.value else not_(some)
    # Without a tag there is nothing to be equal to null but the absence itself.
    none = Condition(condition.field, condition.operator, condition.value)
    absent = and_(not_(some), _test(none, _ABSENT))
    tag = func.json_each(run.c.tags).table_valued("value")
    one = _Leaf(true(), false(), false(), true(), false(), tag.c.value)
    return or_(absent, exists(select(literal(1)).select_from(tag).where(_test(condition, one))))


_ABSENT = _Leaf(false(), false(), false(), false(), false(), null())


def search(text: str) -> Truth:
    """Return a condition for runs with a text in their name, title, notes, group or tags."""
    wanted = lowered(text).encode("utf-8", "replace").decode()
    columns = (run.c.name, run.c.display_name, run.c.notes, run.c.group)
    inside = [func.lower(column).contains(wanted, autoescape=True) for column in columns]
    tag = func.json_each(run.c.tags).table_valued("value")
    tagged = func.lower(tag.c.value).contains(wanted, autoescape=True)
    return or_(*inside, exists(select(literal(1)).select_from(tag).where(tagged)))


@dataclass(frozen=True, slots=True)
class SortColumn:
    """One column to sort by."""

    value: ColumnElement[Any]
    falls: bool


def sort_columns(order: tuple[Order, ...]) -> list[SortColumn]:
    """Return rank, number and text for each key of an order, then the id (`stores.matching`)."""
    columns: list[SortColumn] = []
    for one in order:
        at = leaf(one.field)
        rank = case((at.is_number, 0), (at.is_text, 1), (at.is_boolean, 2), else_=3)
        number = case((or_(at.is_number, at.is_boolean), at.value), else_=0)
        text = case((at.is_text, at.value), else_="")
        columns += [
            SortColumn(rank, False),
            SortColumn(number, one.descending),
            SortColumn(text, one.descending),
        ]
    return [*columns, SortColumn(run.c.id, columns[1].falls)]


def follows(columns: list[SortColumn], key: list[Any]) -> Truth:
    """Return a condition for what comes after a sort key."""
    after: list[Truth] = []
    same: list[Truth] = []
    for column, value in zip(columns, key, strict=True):
        at = literal(_bindable(value))
        beyond = column.value < at if column.falls else column.value > at
        after.append(and_(*same, beyond))
        same.append(column.value == at)
    return or_(*after)
