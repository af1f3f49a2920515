"""A stand-in for the server: the read endpoints over made-up runs, for work on the page.

Run it as `python web/tools/fake_server.py --port 8137`. Projects: `demo/mnist` is full,
`demo/empty` has no runs, `demo/slow` takes seconds to answer, `demo/broken` fails,
`demo/wide` has a thousand runs with hundreds of columns. `POST /fake/log?run=ID&points=N` lets a
run grow at once, `POST /fake/end?run=ID&state=S` ends it, `POST /fake/drop?on=1` cuts the event
stream, `POST /fake/fail?path=/api/v1/series&times=3` makes the next requests fail.
"""

import argparse
import asyncio
import json
import socket
import struct
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import numpy as np
from aiohttp import web
from fake_data import HOSTILE, KEYS, SYSTEM_KEYS, FakeRun, Floats, make_runs

STATIC = Path(__file__).resolve().parents[2] / "python" / "ferrule" / "static"
KEY = "f" * 40
COOKIE = "ferrule-fake"
PING_SECS = 15
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
PROJECTS = ("mnist", "wide", "slow", "broken", "empty")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def iso(at: float) -> str:
    """Write a time as the wire has it."""
    return datetime.fromtimestamp(at, timezone.utc).isoformat().replace("+00:00", "Z")


def error(status: int, sentence: str) -> web.Response:
    """Answer with a failure as the server does."""
    return web.json_response({"error": sentence, "request_id": "req-7f3a91"}, status=status)


def wide_runs() -> list[FakeRun]:
    """Make a thousand runs with five hundred columns, for the table."""
    made = []
    for at in range(1000):
        config = {f"group_{key % 9}/option_{key}": (at * key) % 17 for key in range(480)}
        made.append(
            FakeRun(f"wide{at:04d}", f"trial-{at:04d}", at, 0, config=config, tags=("sweep",))
        )
    return made


class Fake:
    """The state of the fake server and its handlers."""

    def __init__(self, *, growing: bool, login: bool) -> None:
        self.growing = growing
        self.login = login
        self.runs = {"mnist": make_runs(), "wide": wide_runs(), "empty": []}
        self.runs["slow"] = self.runs["broken"] = self.runs["mnist"]
        self.listeners: set[asyncio.Queue[dict[str, Any] | None]] = set()
        self.dropping = False
        self.failing: dict[str, int] = {}
        self.sessions: set[str] = set()

    def find(self, project: str, name: str) -> FakeRun | None:
        """Look up a run."""
        return next((run for run in self.runs.get(project, []) if run.name == name), None)

    def shown(self, run: FakeRun) -> dict[str, Any]:
        """Write a run as RUN of the contract."""
        secs = run.steps * run.secs_per_step
        return {
            "id": run.name,
            "display_name": run.display_name,
            "state": run.state,
            "created_at": iso(run.created),
            "heartbeat_at": iso(time.time() if run.state == "running" else run.created + secs),
            "duration": secs,
            "user": "ada",
            "tags": list(run.tags),
            "group": "night-sweep" if run.seed % 5 == 0 else None,
            "job_type": "train",
            "notes": run.notes or None,
            "host": "node-03",
            "exit_code": {"finished": 0, "failed": 1, "crashed": None}.get(run.state),
            "last_step": run.steps - 1,
            "rows": run.steps,
            "config": run.config,
            "summary": run.summary(),
        }

    async def me(self, request: web.Request) -> web.Response:
        """Say who asks."""
        server = {"id": "fake", "version": "0.3.0", "local": not self.login}
        who = {"name": "ada", "entity": "demo", "admin": True, "entities": ["demo"]}
        return web.json_response({**who, "server": server})

    async def projects(self, request: web.Request) -> web.Response:
        """List projects."""
        found = [
            {
                "entity": "demo",
                "name": name,
                "created_at": iso(time.time() - 86400 * (at + 2)),
                "updated_at": iso(time.time() - 40 - 90000 * at),
                "runs": len(self.runs[name]),
                "running": sum(run.state == "running" for run in self.runs[name]),
            }
            for at, name in enumerate(PROJECTS)
        ]
        return web.json_response({"projects": found})

    async def query(self, request: web.Request) -> web.Response:
        """Answer with a page of runs."""
        body = await request.json()
        if body["project"] not in self.runs or body["entity"] != "demo":
            return error(404, "There is no project of that name here, or you may not see it.")
        found = self.runs[body["project"]]
        word = body.get("search", "").lower()
        found = [
            run for run in found if word in f"{run.display_name} {run.name} {run.tags}".lower()
        ]
        wanted = body.get("filters", {}).get("name", {}).get("$in")
        found = [run for run in found if wanted is None or run.name in wanted]
        order = body.get("order") or "-created_at"
        field = order.lstrip("+-")
        found = sorted(found, key=lambda run: sortable(self.shown(run), field))
        if order.startswith("-"):
            found.reverse()
        first = int(body.get("after") or 0)
        last = first + min(body.get("limit", 50), 200)
        page = {"total": len(found), "next": str(last) if last < len(found) else None}
        return web.json_response({**page, "runs": [self.shown(run) for run in found[first:last]]})

    async def run(self, request: web.Request) -> web.Response:
        """Answer with one run."""
        run = self.find(request.match_info["project"], request.match_info["run"])
        if run is None:
            return error(404, "There is no run of that name here, or you may not see it.")
        more = {
            "metadata": {
                "os": "Linux-6.8.0-x86_64-with-glibc2.39",
                "python": "CPython 3.12.4",
                "host": "node-03",
                "cpu_count": 64,
                "gpu": "NVIDIA H100",
                "gpu_count": 2,
                "args": ["--lr", str(run.config.get("lr")), "--epochs", "24"],
                "program": "train.py",
                "codePath": "experiments/train.py",
                "git": {"remote": "git@example.com:ada/experiments.git", "commit": "9f1afe9" * 5},
            },
            "config_internal": {"cli_version": "0.21.3"},
            "files": 7,
            "console_lines": len(run.console),
            "warnings": ["42 steps came out of order; they are kept."] if run.diverges else [],
            "commit": "9f1afe9" * 5,
            "program": "train.py",
            "description": None,
        }
        return web.json_response({**self.shown(run), **more})

    async def keys(self, request: web.Request) -> web.Response:
        """List keys of the runs asked for."""
        body = await request.json()
        if body["stream"] == "events":
            names: tuple[str, ...] = SYSTEM_KEYS
        else:
            names = (*KEYS, "_runtime", "_timestamp", "_step")
        wanted = body.get("runs")
        runs = [run for run in self.runs.get(body["project"], []) if run.steps]
        runs = [run for run in runs if wanted is None or run.name in wanted]
        found = [
            {
                "name": name,
                "numbers": sum(len(run.steps_of(name)) for run in runs),
                "others": 0,
                "kinds": [],
                "last_value": None,
                "min": None,
                "max": None,
                "last_step": max(run.steps for run in runs) - 1,
                "runs": [run.name for run in runs],
            }
            for name in names
            if runs
        ]
        if runs and body["stream"] == "history":
            picture = {"name": "samples/images", "others": 40, "kinds": ["image-file"]}
            found.append({**found[0], **picture, "numbers": 0})
        metrics = [{"name": "val/*", "step_metric": "epoch", "hidden": False, "goal": None}]
        return web.json_response({"keys": found, "metrics": metrics})

    async def series(self, request: web.Request) -> web.Response:
        """Answer with lines in the binary form."""
        body = await request.json()
        head, columns, offset = [], [], 0
        for asked in body["series"]:
            run = self.find(body["project"], asked["run"])
            if run is None:
                continue
            names, made, points = block(run, asked, body)
            data = b"".join(np.ascontiguousarray(column, "<f8").tobytes() for column in made)
            length = len(made[0])
            more = {"columns": names, "length": length, "points": points, "offset": offset}
            head.append({**asked, **more, "last_step": run.steps - 1})
            columns.append(data)
            offset += len(data)
        text = json.dumps({"series": head}).encode()
        text += b" " * (-len(text) % 8)
        whole = b"FSR1" + struct.pack("<I", len(text)) + text + b"".join(columns)
        return web.Response(body=whole, content_type="application/octet-stream")

    async def charts(self, request: web.Request) -> web.Response:
        """None of the runs here has logged a custom chart."""
        return web.json_response({"charts": []})

    async def logs(self, request: web.Request) -> web.Response:
        """Answer with console lines."""
        run = self.find(request.match_info["project"], request.match_info["run"])
        if run is None:
            return error(404, "There is no run of that name here, or you may not see it.")
        first, limit = int(request.query.get("first", 0)), int(request.query.get("limit", 1000))
        lines = [
            {
                "number": first + at,
                "text": text,
                "level": "error" if "Traceback" in text or "Error" in text else None,
                "timestamp": iso(run.created + (first + at) * run.secs_per_step),
                "label": None,
            }
            for at, text in enumerate(run.console[first : first + limit])
        ]
        return web.json_response({"total": len(run.console), "lines": lines})

    async def files(self, request: web.Request) -> web.Response:
        """List files."""
        run = self.find(request.match_info["project"], request.match_info["run"])
        if run is None:
            return error(404, "There is no run of that name here, or you may not see it.")
        sizes = {
            "config.yaml": 812,
            "requirements.txt": 2210,
            "wandb-metadata.json": 1204,
            "wandb-summary.json": 640,
            "output.log": 420_113,
            "code/train.py": 8_204,
            "checkpoints/last.safetensors": 1_480_000_000,
        }
        found = [
            {
                "name": name,
                "size": size,
                "updated_at": iso(run.created + 60),
                "url": f"/storage/{run.name}/{name}?signature=0",
            }
            for name, size in sizes.items()
        ]
        return web.json_response({"files": found if run.steps else []})

    async def stored(self, request: web.Request) -> web.Response:
        """Answer with a file's text."""
        text = f"# {request.path}\nlr:\n  value: 0.0003\nnote:\n  value: '{HOSTILE}'\n"
        return web.Response(text=text, headers={"X-Content-Type-Options": "nosniff"})

    async def session(self, request: web.Request) -> web.Response:
        """Log a browser in or out."""
        answer = web.json_response({})
        if request.method == "DELETE":
            answer.del_cookie(COOKIE)
            return answer
        if (await request.json()).get("api_key") != KEY:
            return error(401, "That key is not known here.")
        answer.set_cookie(COOKIE, "yes", httponly=True, samesite="Strict")
        return answer

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """Send events for as long as the page listens."""
        if self.dropping:
            return error(503, "The event stream is switched off.")
        answer = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        inbox: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()
        self.listeners.add(inbox)
        try:
            await answer.prepare(request)
            await answer.write(b"id: 1\nevent: hello\ndata: {}\n\n")
            while True:
                try:
                    event = await asyncio.wait_for(inbox.get(), PING_SECS)
                except TimeoutError:
                    await answer.write(b"event: ping\ndata: {}\n\n")
                    continue
                if event is None:
                    break
                await answer.write(f"event: run\ndata: {json.dumps(event)}\n\n".encode())
        except ConnectionResetError:
            pass
        finally:
            self.listeners.discard(inbox)
        return answer

    def tell(self, project: str, run: FakeRun) -> None:
        """Tell every page that a run has news."""
        event = {
            "run": run.name,
            "entity": "demo",
            "project": project,
            "last_step": run.steps - 1,
            "rows": run.steps,
            "console_lines": len(run.console),
            "state": run.state,
            "summary_changed": True,
        }
        for inbox in self.listeners:
            inbox.put_nowait(event)

    def log(self, run: FakeRun, points: int) -> None:
        """Let a run grow."""
        for _ in range(points):
            run.steps += 1
            run.console.append(f"step {run.steps:>6}  loss {run.curve('train/loss')[-1]:.4f}")
        self.tell("mnist", run)

    async def control(self, request: web.Request) -> web.Response:
        """Do what a test asks for."""
        what, query = request.match_info["what"], request.query
        run = self.find("mnist", query.get("run", "")) or self.runs["mnist"][0]
        if what == "log":
            self.log(run, int(query.get("points", 1)))
        elif what == "end":
            run.state = query.get("state", "finished")
            self.tell("mnist", run)
        elif what == "drop":
            self.dropping = query.get("on", "1") == "1"
            for inbox in self.listeners if self.dropping else ():
                inbox.put_nowait(None)
        elif what == "fail":
            self.failing[query["path"]] = int(query.get("times", 1))
        return web.json_response({"run": run.name, "steps": run.steps})

    async def grow(self) -> None:
        """Log a point twice a second, as a training script would."""
        while True:
            await asyncio.sleep(0.5)
            self.log(self.runs["mnist"][0], 1)

    @web.middleware
    async def guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Log in, fail and be slow where asked to."""
        path = request.path
        if self.failing.get(path, 0) > 0:
            self.failing[path] -= 1
            return error(500, "Something went wrong inside the server, id req-7f3a91.")
        if path.startswith("/api/") and path != "/api/v1/session":
            if self.login and COOKIE not in request.cookies:
                return error(401, "Log in first.")
            text = path + (await request.text() if request.method == "POST" else "")
            if '"slow"' in text or "/slow/" in text:
                await asyncio.sleep(2.5)
            if '"broken"' in text or "/broken/" in text:
                return error(500, "Something went wrong inside the server, id req-7f3a91.")
        return await handler(request)


def sortable(shown: dict[str, Any], field: str) -> tuple[bool, bool, Any]:
    """Read a field such as `summary_metrics.val/loss` in a way that sorts."""
    room, _, rest = field.partition(".")
    value: Any = shown.get(field)
    if room in ("config", "summary_metrics"):
        value = shown["config" if room == "config" else "summary"]
        for part in [rest] if rest in value else rest.split("."):
            value = value.get(part) if isinstance(value, dict) else None
    text = not isinstance(value, (int, float))
    return value is not None, text, str(value) if text else value


def block(
    run: FakeRun, asked: dict[str, Any], body: dict[str, Any]
) -> tuple[list[str], list[Floats], int]:
    """Cut a run's key down to buckets, as the server does."""
    steps = run.steps_of(asked["key"])
    x = run.x_of(asked["x"], steps)
    y = run.curve(asked["key"])[steps.astype(np.int64)]
    low = -np.inf if body["x_min"] is None else body["x_min"]
    high = np.inf if body["x_max"] is None else body["x_max"]
    inside = (x >= low) & (x <= high)
    x, y = x[inside], y[inside]
    buckets = int(body["buckets"])
    if len(x) <= 2 * buckets:
        return ["x", "y"], [x, y], len(x)
    at = np.minimum((x - x[0]) / max(x[-1] - x[0], 1e-12) * buckets, buckets - 1).astype(int)
    starts = np.flatnonzero(np.r_[True, np.diff(at) > 0])
    ends = np.r_[starts[1:], len(x)] - 1
    calm = np.where(np.isnan(y), np.inf, y), np.where(np.isnan(y), -np.inf, y)
    least, most = np.minimum.reduceat(calm[0], starts), np.maximum.reduceat(calm[1], starts)
    least[np.isinf(least)] = most[np.isinf(most)] = np.nan
    mean = np.add.reduceat(np.nan_to_num(y), starts) / (ends - starts + 1)
    made = [x[ends], y[ends], y[starts], least, x[starts], most, x[ends], mean]
    names = ["x", "last", "first", "min", "x_min", "max", "x_max", "mean", "count"]
    return names, [*made, (ends - starts + 1).astype(np.float64)], len(x)


async def page(request: web.Request) -> web.StreamResponse:
    """Serve the built page on every path that is not an endpoint."""
    headers = {"Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff"}
    if request.path.startswith("/assets/"):
        return web.FileResponse(STATIC / request.path[1:], headers=headers)
    return web.FileResponse(STATIC / "index.html", headers=headers)


def application(*, growing: bool = True, login: bool = False) -> web.Application:
    """Build the fake server."""
    fake = Fake(growing=growing, login=login)
    app = web.Application(middlewares=[fake.guard])
    one = "{entity}/{project}/{run}"
    app.router.add_get("/api/v1/me", fake.me)
    app.router.add_get("/api/v1/projects", fake.projects)
    app.router.add_post("/api/v1/runs/query", fake.query)
    app.router.add_get(f"/api/v1/runs/{one}", fake.run)
    app.router.add_post("/api/v1/keys", fake.keys)
    app.router.add_post("/api/v1/series", fake.series)
    app.router.add_post("/api/v1/media/charts", fake.charts)
    app.router.add_get(f"/api/v1/logs/{one}", fake.logs)
    app.router.add_get(f"/api/v1/files/{one}", fake.files)
    app.router.add_get("/api/v1/stream", fake.stream)
    app.router.add_route("*", "/api/v1/session", fake.session)
    app.router.add_get("/storage/{rest:.*}", fake.stored)
    app.router.add_post("/fake/{what}", fake.control)
    app.router.add_get("/{rest:.*}", page)

    async def growth(app: web.Application) -> Any:
        task = asyncio.create_task(fake.grow()) if growing else None
        yield
        if task:
            task.cancel()

    app.cleanup_ctx.append(growth)
    return app


def main() -> None:
    """Read the command line and serve."""
    told = argparse.ArgumentParser(description=__doc__)
    told.add_argument("--port", type=int, default=8137, help="0 for any that is free")
    told.add_argument("--still", action="store_true", help="no run grows by itself")
    told.add_argument("--login", action="store_true", help=f"ask for the key {KEY}")
    asked = told.parse_args()
    app = application(growing=not asked.still, login=asked.login)
    listener = socket.create_server(("127.0.0.1", asked.port))
    sys.stdout.write(f"http://127.0.0.1:{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    web.run_app(app, sock=listener, print=None, shutdown_timeout=0.1)


if __name__ == "__main__":
    main()
