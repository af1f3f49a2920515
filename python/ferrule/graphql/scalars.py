"""The schema's own scalars: what is taken, and what is given out."""

from collections.abc import Callable
from typing import Any

from graphql import GraphQLError, GraphQLScalarType, GraphQLSchema


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    raise GraphQLError("This must be a text.")


def _anything(value: Any) -> Any:
    return value


def _int64(value: Any) -> int:
    if isinstance(value, str) and value.lstrip("-").isdecimal() and len(value) < 21:
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and -(2**63) <= value < 2**63:
        return value
    raise GraphQLError("This must be a whole number of up to 64 bits.")


_SCALARS: dict[str, Callable[[Any], Any]] = {
    "JSONString": _text,
    "JSON": _anything,
    "Int64": _int64,
    "DateTime": _text,
    "Duration": _int64,
    "ArtifactAliasInput": _anything,
}
_BUILT_IN = ("Int", "Float", "String", "Boolean", "ID")


def bind(schema: GraphQLSchema) -> None:
    """Give the scalars of a schema their meaning.

    Raises:
        ValueError: The schema has a scalar that is not known here.
    """
    for name, kind in schema.type_map.items():
        if isinstance(kind, GraphQLScalarType) and name not in _BUILT_IN:
            if name not in _SCALARS:
                raise ValueError(f"The scalar {name} of the schema has no meaning.")
            coerce: Any = _SCALARS[name]
            kind.coerce_output_value = coerce
            kind.coerce_input_value = coerce
