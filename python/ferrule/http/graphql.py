"""`POST /graphql`: all that clients ask and change, by the schema of `wandb._wire.graphql`.

The body is `{"query": text, "variables": object or null, "operationName": text, null or ""}`.
"""

from collections.abc import Awaitable, Callable
from importlib import import_module
from typing import Any

from aiohttp import web
from anyio.to_thread import run_sync

from ferrule.errors import BUSY_RETRY_SECS, BadInput, BusyError, PublicError, TooLarge
from ferrule.graphql.context import Context
from ferrule.http.answers import json_answer, put_retry_after
from ferrule.http.bodies import SMALL_BYTES, read_json
from ferrule.http.file_stream import writer_of
from ferrule.http.identity import Caller
from ferrule.http.links import links_of
from ferrule.http.services import Services, services
from ferrule.http.times import began_at, heard_at
from ferrule.ports.feed import RunAdvanced
from ferrule.ports.runs import Run
from wandb._wire.graphql import EXACT_NUMBERS

SCHEMA = "ferrule.graphql.schema"
MICROS = 1_000_000


Execute = Callable[
    [str, dict[str, Any], str | None, Context], Awaitable[tuple[int, dict[str, Any]]]
]


class GraphqlEngine:
    """What carries documents out.

    Loading it and building the schema takes longer than all the rest of a start: the server
    answers meanwhile, and a document that comes early waits.
    """

    def __init__(self) -> None:
        self._execute: Execute | None = None

    async def load(self) -> Execute:
        """Return it, loaded on first use in a thread."""
        if self._execute is None:
            module = await run_sync(import_module, SCHEMA)
            self._execute = module.execute
        return self._execute

    async def warm_up(self) -> None:
        """Load it before anyone asks."""
        await self.load()


ENGINE = web.AppKey("engine", GraphqlEngine)


async def graphql(request: web.Request) -> web.Response:
    """Carry out one document."""
    at_hand = services(request)
    try:
        caller = await at_hand.callers.of(request)
        fields = await _fields(request, at_hand, caller)
        document, variables, name = _parts(fields)
        execute = await request.app[ENGINE].load()
        # Answers tell of every post that was acknowledged before the question.
        await at_hand.book.settle()
        context = _context(request, at_hand, caller)
        status, answer = await execute(document, variables, name, context)
    except PublicError as err:
        return _error(err)
    response = json_answer(answer, status=status, exact=context.exact_numbers)
    if status == BusyError.status:
        # Of a resolver: several may have failed, each with a time of its own.
        put_retry_after(response, BUSY_RETRY_SECS)
    return response


async def _fields(request: web.Request, at_hand: Services, caller: Caller) -> dict[str, Any]:
    if caller.viewer is not None:
        return await read_json(request, at_hand.budget, max_bytes=at_hand.settings.request_bytes)
    try:
        return await read_json(request, at_hand.budget, max_bytes=SMALL_BYTES)
    except TooLarge:
        # The body would be fine with a key that is known.
        caller.required()
        raise


def _takes_exact(request: web.Request) -> bool:
    """Tell whether a client reads NaN and infinities that are bare in the JSON.

    Ours asks for them. 0.21.3 is Python and reads them; later ones decode by Go, which doesn't.
    """
    name, value = EXACT_NUMBERS
    agent = request.headers.get("User-Agent", "")
    return request.headers.get(name) == value or agent.startswith("W&B Public Client 0.21.")


def _parts(fields: dict[str, Any]) -> tuple[str, dict[str, Any], str | None]:
    document, variables, name = (
        fields.get("query"),
        {} if fields.get("variables") is None else fields["variables"],
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

    heard, began = heard_at(request), began_at(request)
    return Context(
        viewer=caller.viewer,
        stores=at_hand.stores,
        history=at_hand.history,
        links=links_of(request),
        committer=at_hand.committer,
        clock=lambda: int((heard or at_hand.clock()) * MICROS),
        api_key=caller.api_key,
        async_writer=writer_of(request) or None,
        on_change=followed,
        exact_numbers=_takes_exact(request),
        began_at=None if began is None else int(began * MICROS),
        in_place=at_hand.settings.in_place,
    )


def _error(err: PublicError) -> web.Response:
    shown = {"message": err.message, "extensions": {"code": err.code}}
    response = json_answer({"errors": [shown], "data": None}, status=err.status)
    put_retry_after(response, err.retry_after_secs)
    return response


def add_routes(app: web.Application) -> None:
    """Put this family's routes in."""
    app[ENGINE] = GraphqlEngine()
    app.router.add_post("/graphql", graphql)
