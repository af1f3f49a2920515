"""The executable schema: the SDL of `wandb._wire` with a resolver for each of its fields.

`execute` is the way in. A field without a resolver, or a resolver without a field, ends the
server's start, so that the two can't drift apart.
"""

import logging
import re
import secrets
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from graphql import (
    ExecutionResult,
    GraphQLError,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
    get_operation_ast,
    is_abstract_type,
)
from graphql import execute as run_document

import wandb._wire as wire
from ferrule.errors import BadInput, PublicError
from ferrule.graphql import scalars
from ferrule.graphql.context import Context
from ferrule.graphql.documents import Documents
from ferrule.graphql.resolvers import KINDS, PLAIN, RESOLVERS

log = logging.getLogger(__name__)

SDL = Path(wire.__file__).parent / "graphql" / "schema.graphql"


async def execute(
    document: str,
    variables: Mapping[str, Any] | None,
    operation_name: str | None,
    context: Context,
) -> tuple[int, dict[str, Any]]:
    """Carry out an operation of a document.

    Args:
        document: The GraphQL text.
        variables: Values of its variables; those that it does not declare are passed over.
        operation_name: Which operation; None or "" if there is one.
        context: Who asks, over what.

    Returns:
        The HTTP status, and the answer with `data`, `errors` or both. A thing that does not exist
        is null, with status 200; a document that can't be carried out is 400; where a resolver
        failed, the status is that of its `PublicError`, and 500 for anything else.
    """
    try:
        checked = _documents().get(document, known=context.viewer is not None)
        name = operation_name or None
        if get_operation_ast(checked, name) is None:
            raise BadInput("Name the operation to carry out: the document has none or several.")
        result = run_document(
            _schema(),
            checked,
            context_value=context,
            variable_values=dict(variables or {}),
            operation_name=name,
            hide_suggestions=True,
        )
        if not isinstance(result, ExecutionResult):
            result = await result
    except PublicError as err:
        return err.status, {"data": None, "errors": [_shown(err.message, err.code)]}
    return _answer(result)


def _answer(result: ExecutionResult) -> tuple[int, dict[str, Any]]:
    if not result.errors:
        return 200, {"data": result.data}
    shown, statuses = zip(*(_explained(error) for error in result.errors), strict=True)
    return max(statuses), {"data": result.data, "errors": list(shown)}


def _explained(error: GraphQLError) -> tuple[dict[str, Any], int]:
    """Return what a client is told of an error, and the status it is worth."""
    cause = error.original_error
    if isinstance(cause, PublicError):
        return _shown(cause.message, cause.code, error), cause.status
    if cause is None or isinstance(cause, GraphQLError):
        # Of the values: a variable of a wrong type, say.
        return _shown(error.message, BadInput.code, error), BadInput.status
    number = secrets.token_hex(6)
    log.error("A resolver failed at %s, error %s.", error.path, number, exc_info=cause)
    return _shown(f"Internal error, id {number}.", "INTERNAL", error), 500


def _shown(message: str, code: str, error: GraphQLError | None = None) -> dict[str, Any]:
    shown: dict[str, Any] = {"message": message, "extensions": {"code": code}}
    if error is not None and error.path:
        shown["path"] = error.path
    return shown


@cache
def _documents() -> Documents:
    return Documents(_schema())


@cache
def _schema() -> GraphQLSchema:
    return bound(SDL.read_text(encoding="utf-8"))


def bound(sdl: str) -> GraphQLSchema:
    """Build a schema with its resolvers.

    Raises:
        ValueError: A field has no resolver, or a resolver no field.
    """
    schema = build_schema(sdl)
    scalars.bind(schema)
    for name, fields in RESOLVERS.items():
        kind = schema.type_map.get(name)
        if not isinstance(kind, GraphQLObjectType):
            raise ValueError(f"Resolvers are for {name}, which the schema does not have.")
        unlike = set(kind.fields) ^ set(fields)
        if unlike:
            raise ValueError(f"{name}: without a resolver or without a field: {sorted(unlike)}.")
        for field, resolver in fields.items():
            kind.fields[field].resolve = resolver
            for argument, facts in kind.fields[field].args.items():
                facts.out_name = _snake(argument)
    for kind in schema.type_map.values():
        if is_abstract_type(kind):
            kind.resolve_type = _kind_of
    objects = {name for name, kind in schema.type_map.items() if _is_own_object(name, kind)}
    if objects != {*RESOLVERS, *PLAIN}:
        raise ValueError(f"Nobody resolves {sorted(objects ^ {*RESOLVERS, *PLAIN})}.")
    return schema


def _kind_of(value: Any, _info: object, _kind: object) -> str | None:
    return KINDS.get(type(value))


def _snake(name: str) -> str:
    return re.sub("([A-Z]+)", lambda letters: "_" + letters[1].lower(), name)


def _is_own_object(name: str, kind: object) -> bool:
    return isinstance(kind, GraphQLObjectType) and not name.startswith("__")
