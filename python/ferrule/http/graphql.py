"""`POST /graphql`: all that clients ask and change, by the schema of `wandb._wire.graphql`.

The body is `{"query": text, "variables": object or null, "operationName": text, null or ""}`.
"""

from typing import Any

from aiohttp import web

from ferrule.errors import BadInput, PublicError
from ferrule.graphql.context import Context
from ferrule.graphql.schema import execute
from ferrule.http.answers import json_answer
from ferrule.http.bodies import read_json
from ferrule.http.file_stream import writer_of
from ferrule.http.identity import Caller
from ferrule.http.links import links_of
from ferrule.http.services import Services, services
from ferrule.ports.feed import RunAdvanced
from ferrule.ports.runs import Run
from wandb._wire.graphql import EXACT_NUMBERS


async def graphql(request: web.Request) -> web.Response:
    """Carry out one document."""
    at_hand = services(request)
    try:
        caller = await at_hand.callers.of(request)
        fields = await read_json(request, at_hand.budget, max_bytes=at_hand.settings.request_bytes)
        document, variables, name = _parts(fields)
        # Answers tell of every post that was acknowledged before the question.
        await at_hand.book.settle()
        context = _context(request, at_hand, caller)
        status, answer = await execute(document, variables, name, context)
    except PublicError as err:
        return _error(err)
    name, value = EXACT_NUMBERS
    return json_answer(answer, status=status, exact=request.headers.get(name) == value)


def _parts(fields: dict[str, Any]) -> tuple[str, dict[str, Any], str | None]:
    document, variables, name = (
        fields.get("query"),
        fields.get("variables") or {},
        fields.get("operationName") or None,
    )
    if not isinstance(document, str) or not isinstance(variables, dict):
        raise BadInput("`query` must be text, and `variables` an object.")
    if name is not None and not isinstance(name, str):
        raise BadInput("`operationName` must be text.")
    return document, variables, name


def _context(request: web.Request, at_hand: Services, caller: Caller) -> Context:
    def followed(run: Run) -> None:
        at_hand.cache.forget(run)
        at_hand.feed.publish(RunAdvanced.of(run))

    return Context(
        viewer=caller.viewer.person if caller.viewer else None,
        stores=at_hand.stores,
        history=at_hand.history,
        links=links_of(request),
        api_key=caller.api_key,
        async_writer=writer_of(request) or None,
        on_change=followed,
    )


def _error(err: PublicError) -> web.Response:
    shown = {"message": err.message, "extensions": {"code": err.code}}
    response = json_answer({"errors": [shown], "data": None}, status=err.status)
    if err.retry_after_secs is not None:
        response.headers["Retry-After"] = str(max(1, round(err.retry_after_secs)))
    return response


def add_routes(app: web.Application) -> None:
    """Put this family's routes in."""
    app.router.add_post("/graphql", graphql)
