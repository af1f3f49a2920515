"""What resolvers have in common: their form, and the ones that only read a value."""

from collections.abc import Callable
from typing import Any

from graphql import GraphQLResolveInfo

Resolver = Callable[..., Any]
Info = GraphQLResolveInfo


def of(read: Callable[[Any], Any]) -> Resolver:
    """Return a resolver that needs the object alone."""

    def resolve(thing: Any, _info: Info, **_arguments: Any) -> Any:
        return read(thing)

    return resolve


def always(value: Any) -> Resolver:
    """Return a resolver that gives the same for every object."""

    def resolve(_thing: Any, _info: Info, **_arguments: Any) -> Any:
        return value

    return resolve
