"""A server on the loopback that takes what clients send, and misbehaves when told to."""

import base64
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from aiohttp import web
from aiohttp.test_utils import TestServer

KEY = "local-" + "0123456789abcdef" * 2 + "01234567"
AUTHORIZED = "Basic " + base64.b64encode(f"api:{KEY}".encode()).decode()

Answer = Callable[[], web.StreamResponse]


def status(code: int, text: str = "no", **headers: str) -> Answer:
    """Answer with a status and a message."""
    return lambda: web.json_response({"error": text}, status=code, headers=headers)


def page(code: int = 200, text: str = "<html>sign in</html>") -> Answer:
    """Answer as a login page of some network does."""
    return lambda: web.Response(text=text, status=code, content_type="text/html")


def torn(text: str = '{"data": {"ups') -> Answer:
    """Answer with success, and a body that says nothing."""
    return lambda: web.Response(text=text, content_type="application/json")


class Reset(Exception):
    """Close the connection without an answer."""


def reset() -> Answer:
    def answer() -> web.StreamResponse:
        raise Reset

    return answer


def _well() -> web.StreamResponse:
    """Stands for taking the request in."""
    return web.Response()


@dataclass
class FakeServer:
    """What was sent, and what to answer.

    `answers` holds, for "upsert", "resume", "stream", "alert", "files" and "put", what is answered
    before all is well; None takes the request in first and then closes the connection, as a server
    that dies.
    """

    ours: bool = True
    answers: dict[str, list[Answer | None]] = field(default_factory=dict)
    upserts: list[dict[str, Any]] = field(default_factory=list)
    runs: dict[int, tuple[str, ...]] = field(default_factory=dict)
    posts: list[dict[str, Any]] = field(default_factory=list)
    lines: dict[str, dict[int, str]] = field(default_factory=dict)
    summary: dict[str, Any] = field(default_factory=dict)
    uploads: dict[str, bytes] = field(default_factory=dict)
    put_names: list[str] = field(default_factory=list)
    refused_puts: int = 0
    refused_name: str | None = None
    file_requests: int = 0
    alerts: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    unauthorized: list[str] = field(default_factory=list)
    rewinds: list[tuple[str, float]] = field(default_factory=list)
    conflicts: list[tuple[str, int, str, str]] = field(default_factory=list)
    history_lines: int | None = None
    stop: bool = False
    created: dict[str, Any] | None = None
    on_post: Callable[[], None] | None = None
    url: str = ""

    @property
    def history(self) -> list[dict[str, Any]]:
        """The rows, in order of their lines, which must have no gap."""
        known = self.lines.get("wandb-history.jsonl", {})
        first = min(known, default=0)
        assert sorted(known) == list(range(first, first + len(known)))
        return [json.loads(known[number]) for number in sorted(known)]

    @property
    def console(self) -> list[str]:
        """The console's lines without their times."""
        known = self.lines.get("output.log", {})
        assert sorted(known) == list(range(len(known)))
        return [_without_time(known[number]) for number in sorted(known)]

    @property
    def endings(self) -> list[int]:
        return [post["exitcode"] for post in self.posts if post.get("complete")]

    def forget(self) -> None:
        """Be without a trace of any run, as after the loss of a disk; numbers begin anew."""
        for known in (self.runs, self.upserts, self.posts, self.lines, self.summary):
            known.clear()

    # --- routes -------------------------------------------------------------------------------

    async def graphql(self, request: web.Request) -> web.StreamResponse:
        self._check(request)
        asked = await request.json()
        return await getattr(self, f"_{asked['operationName']}")(asked["variables"])

    async def _ServerFeaturesQuery(self, variables):  # noqa: N802
        features = [{"name": "FERRULE", "isEnabled": True}] if self.ours else []
        return _data(serverInfo={"features": features})

    async def _UpsertBucket(self, variables):  # noqa: N802
        if (answer := self._next("upsert")) is not None:
            return answer()
        asked = (variables["entity"] or "me", variables["project"], variables["name"])
        number = _number(variables["id"]) or next(
            (one for one, names in self.runs.items() if names == asked), None
        )
        inserted = number is None
        if number is None:
            number = len(self.runs) + 1
            self.runs[number] = asked
        if number not in self.runs:
            return web.json_response({"errors": [{"message": "There is no such run."}]})
        self.upserts.append(variables)
        entity, project, name = self.runs[number]
        project = {"name": project, "entity": {"name": entity}}
        bucket = {
            "id": _storage_id(number),
            "name": name,
            "displayName": variables["displayName"] or "calm-reef-1",
            "sweepName": None,
            "historyLineCount": self.history_lines,
            "project": project,
        }
        return _data(upsertBucket={"bucket": bucket, "inserted": inserted})

    async def _RunStoppedStatus(self, variables):  # noqa: N802
        return _data(project={"run": {"stopped": self.stop}})

    async def _ReadRunState(self, variables):  # noqa: N802
        return _data(project={"run": {"state": "finished"} if self.runs else None})

    async def _RunResumeStatus(self, variables):  # noqa: N802
        if (answer := self._next("resume")) is not None:
            return answer()
        count = self.history_lines or len(self.lines.get("wandb-history.jsonl", ()))
        if not self.runs and not count:
            return _data(model={"bucket": None})
        bucket = {
            **self._kept(),
            "summaryMetrics": json.dumps(self.summary),
            "historyLineCount": count,
            "eventsLineCount": len(self.lines.get("wandb-events.jsonl", ())),
            "logLineCount": len(self.lines.get("output.log", ())),
            "historyTail": self._tail("wandb-history.jsonl"),
            "eventsTail": self._tail("wandb-events.jsonl"),
            "tags": self._latest("tags"),
            "notes": self._latest("notes"),
        }
        return _data(model={"bucket": bucket})

    async def _NotifyScriptableRunAlert(self, variables):  # noqa: N802
        if (answer := self._next("alert")) is not None:
            return answer()
        self.alerts.append(variables)
        return _data(notifyScriptableRunAlert={"success": True})

    async def _RewindRun(self, variables):  # noqa: N802
        self.rewinds.append((variables["runName"], variables["metricValue"]))
        if not self.runs:
            return _data(rewindRun={"rewoundRun": None})
        rows = [row for row in self.history if row["_step"] <= variables["metricValue"]]
        self.lines["wandb-history.jsonl"] = dict(enumerate(map(json.dumps, rows)))
        return _data(
            rewindRun={"rewoundRun": {**self._kept(), "historyLineCount": len(rows)}},
        )

    def _kept(self) -> dict[str, Any]:
        number = max(self.runs, default=0)
        config = self._latest("config")
        telemetry = json.loads(config)["_wandb"]["value"] if config else {}
        return {
            "id": _storage_id(number) if number else None,
            "config": config or "{}",
            "wandbConfig": json.dumps({name: telemetry[name] for name in telemetry if name == "t"}),
        }

    def _latest(self, name: str) -> Any:
        told = [variables[name] for variables in self.upserts if variables[name] is not None]
        return told[-1] if told else None

    def _tail(self, name: str) -> str:
        return json.dumps([row for _, row in sorted(self.lines.get(name, {}).items())][-1:])

    async def _CreateRunFiles(self, variables):  # noqa: N802
        self.file_requests += 1
        if self.refused_name in variables["files"]:
            return web.json_response({"errors": [{"message": f"no {self.refused_name}"}]})
        if (answer := self._next("files")) is not None:
            return answer()
        if self.created is not None:
            return _data(createRunFiles=self.created)
        files = [
            {"name": name, "uploadUrl": f"{self.url}/storage/{name}"} for name in variables["files"]
        ]
        return _data(createRunFiles={"runID": "1", "uploadHeaders": ["X-Up:yes"], "files": files})

    async def stream(self, request: web.Request) -> web.StreamResponse:
        self._check(request)
        body = await request.json()
        waiting = self.answers.get("stream", [])
        answer = waiting.pop(0) if waiting else _well
        if answer is not None and answer is not _well:
            return answer()
        self.headers.append(dict(request.headers))
        self._take(body)
        if self.on_post is not None:
            self.on_post()
        if answer is None:
            raise Reset
        return web.json_response({"exitcode": None, "limits": {}, "stopped": self.stop})

    def _take(self, body: dict[str, Any]) -> None:
        self.posts.append(body)
        for name, part in body.get("files", {}).items():
            if name == "wandb-summary.json":
                self.summary = json.loads(part["content"][0])
                continue
            known = self.lines.setdefault(name, {})
            for number, line in enumerate(part["content"], start=part["offset"]):
                old = known.get(number, line)
                if old != line and name != "output.log":
                    self.conflicts.append((name, number, old, line))
                known[number] = line

    async def put(self, request: web.Request) -> web.StreamResponse:
        if (answer := self._next("put")) is not None:
            self.refused_puts += 1
            return answer()
        assert "Authorization" not in request.headers
        assert request.headers["X-Up"] == "yes"
        self.uploads[request.match_info["name"]] = await request.read()
        self.put_names.append(request.match_info["name"])
        return web.Response()

    def _next(self, kind: str) -> Answer | None:
        waiting = self.answers.get(kind)
        return waiting.pop(0) if waiting else None

    def _check(self, request: web.Request) -> None:
        if request.headers.get("Authorization") != AUTHORIZED:
            self.unauthorized.append(request.path)


def _storage_id(number: int) -> str:
    return base64.b64encode(f"Run:{number}".encode()).decode()


def _number(storage_id: str | None) -> int | None:
    return int(base64.b64decode(storage_id).partition(b":")[2]) if storage_id else None


def _data(**data: Any) -> web.Response:
    return web.json_response({"data": data})


def _without_time(line: str) -> str:
    prefix = "ERROR " if line.startswith("ERROR ") else ""
    return prefix + line.removeprefix(prefix).partition(" ")[2]


@web.middleware
async def _resets(request, handler):
    try:
        return await handler(request)
    except Reset:
        request.transport.abort()
        return web.Response()


Fake = TypeVar("Fake", bound=FakeServer)


@asynccontextmanager
async def fake_server(kind: type[Fake] = FakeServer, **facts: Any) -> AsyncIterator[Fake]:
    """Serve while the block lasts."""
    fake = kind(**facts)
    app = web.Application(middlewares=[_resets], client_max_size=1 << 26)
    app.router.add_post("/graphql", fake.graphql)
    app.router.add_post("/files/{entity}/{project}/{run}/file_stream", fake.stream)
    app.router.add_put("/storage/{name:.*}", fake.put)
    server = TestServer(app, host="127.0.0.1")
    await server.start_server()
    fake.url = str(server.make_url("")).rstrip("/")
    try:
        yield fake
    finally:
        await server.close()
