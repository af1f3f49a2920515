"""Trace trees: what a chain of calls to models and tools did, span by span."""

import dataclasses
import datetime
import hashlib
import json
from collections.abc import Callable
from enum import Enum
from typing import Any, ClassVar

from wandb._base.jsonable import Converters
from wandb._base.terminal import termwarn
from wandb.data_types.base import Media, MediaSink, MediaSource


class StatusCode(str, Enum):
    """How a span ended."""

    SUCCESS = "SUCCESS"
    ERROR = "ERROR"

    def __str__(self) -> str:
        return str(self.value)


class SpanKind(str, Enum):
    """What did the work of a span."""

    LLM = "LLM"
    CHAIN = "CHAIN"
    AGENT = "AGENT"
    TOOL = "TOOL"

    def __str__(self) -> str:
        return str(self.value)


@dataclasses.dataclass
class Result:
    """What went into a call, and what came out, by name."""

    inputs: dict[str, Any] | None = None
    outputs: dict[str, Any] | None = None


@dataclasses.dataclass
class Span:
    """A piece of work, and the pieces that it is made of."""

    span_id: str | None = None
    name: str | None = None
    start_time_ms: int | None = None
    end_time_ms: int | None = None
    status_code: StatusCode | None = None
    status_message: str | None = None
    attributes: dict[str, Any] | None = None
    results: list[Result] | None = None
    child_spans: list["Span"] | None = None
    span_kind: SpanKind | None = None

    def add_attribute(self, key: str, value: Any) -> None:
        """Set one of the span's attributes."""
        self.attributes = self.attributes or {}
        self.attributes[key] = value

    def add_named_result(self, inputs: dict[str, Any], outputs: dict[str, Any]) -> None:
        """Add what went into a call and what came out."""
        self.results = self.results or []
        self.results.append(Result(inputs, outputs))

    def add_child_span(self, span: "Span") -> None:
        """Add a piece of work that this one is made of."""
        self.child_spans = self.child_spans or []
        self.child_spans.append(span)


class WBTraceTree(Media):
    """A tree of spans, kept in the row itself.

    Args:
        root_span: The span that all others are below.
        model_dict: What the model is made of, as the page shows it; a dict with a `_kind` is
            shown by that.
    """

    _log_type: ClassVar[str | None] = "wb_trace_tree"
    kind = "wb_trace_tree"

    def __init__(self, root_span: Span, model_dict: dict[str, Any] | None = None) -> None:
        super().__init__()
        self._root_span = root_span
        self._model_dict = model_dict

    def to_wire(self, sink: MediaSink, *, name: str) -> dict[str, Any]:
        """Return what stands for the tree in JSON; it needs no file."""
        model = {}
        if self._model_dict is not None:
            text = _text(self._model_dict)
            digest = hashlib.md5(text.encode("utf-8"), usedforsecurity=False).hexdigest()
            model = {"model_hash": digest[:16], "model_dict_dumps": text}
        spans = _text(dataclasses.asdict(self._root_span))
        return {"_type": self._log_type, **model, "root_span_dumps": spans}

    @classmethod
    def from_wire(cls, wire: dict[str, Any], source: MediaSource) -> "WBTraceTree":
        """Make the tree again of what stands for it."""
        model = "model_dict_dumps"
        model_dict = _parsed(wire, model) if model in wire else None
        return cls(_span(_parsed(wire, "root_span_dumps")), model_dict)


# --- reading ------------------------------------------------------------------------------


def _parsed(wire: dict[str, Any], key: str) -> dict[str, Any]:
    text = wire.get(key)
    try:
        found = json.loads(text) if isinstance(text, str) else None
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise ValueError(f"a trace tree has a JSON object as `{key}`; this has {text!r:.80}")
    return found


def _span(fields: dict[str, Any]) -> Span:
    known = {field.name for field in dataclasses.fields(Span)}
    span = Span(**{name: value for name, value in fields.items() if name in known})
    span.results = _each(_result, span.results)
    span.child_spans = _each(_span, span.child_spans)
    span.status_code = StatusCode(span.status_code) if span.status_code else None
    span.span_kind = SpanKind(span.span_kind) if span.span_kind else None
    return span


def _result(fields: dict[str, Any]) -> Result:
    return Result(fields.get("inputs"), fields.get("outputs"))


def _each(make: Callable[[Any], Any], items: list[Any] | None) -> list[Any] | None:
    return None if items is None else [make(item) for item in items]


# --- writing ------------------------------------------------------------------------------


def _text(tree: dict[str, Any]) -> str:
    """Write a tree as JSON; what has no form there is named where it stood."""
    try:
        return json.dumps(_plain(tree), skipkeys=True, default=_stand_in)
    except Exception as err:  # noqa: BLE001  # users' objects are in it, and fail in any way
        termwarn(f"A trace could not be written as JSON, so a part of it is empty: {err!r}")
        return "{}"


def _stand_in(value: Any) -> str:
    return f"<<non-serializable: {type(value).__qualname__}>>"


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if hasattr(value, "tolist"):
        return _plain_array(value)
    if hasattr(value, "item"):
        return _plain(value.item())
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    convert = _known.find(type(value))
    return value if convert is None else convert(value)


def _plain_array(array: Any) -> Any:
    listed = array.tolist()
    # A datetime64 of nanoseconds gives a bare number of them.
    is_time = type(array).__name__ == "datetime64" and isinstance(listed, int)
    return listed / 1_000_000 if is_time else _plain(listed)


def _milliseconds(moment: datetime.date) -> int:
    """Count the milliseconds since 1970; a moment without a time zone is in UTC."""
    if not isinstance(moment, datetime.datetime):
        moment = datetime.datetime(moment.year, moment.month, moment.day)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=datetime.timezone.utc)
    return int(moment.timestamp() * 1000)


def _dotted(function: Any) -> str:
    return f"{function.__module__}.{function.__qualname__}"


_known = Converters(
    {
        "builtins.bytes": lambda value: value.decode("utf-8"),
        "builtins.float": lambda value: None if value != value else value,
        "builtins.function": _dotted,
        "builtins.builtin_function_or_method": _dotted,
        "builtins.set": list,
        "builtins.type": _dotted,
        "datetime.date": _milliseconds,
        "decimal.Decimal": float,
        "enum.Enum": lambda member: member.name,
        "wandb.WBValue": lambda value: type(value).__name__,
    }
)
