"""A history engine under test, and a client's way of talking to it."""

import json

from ferrule.ports.history import FOREVER, Post, Span, Stream

RUN = 7
PROJECT = 3
FILES = {
    "history": "wandb-history.jsonl",
    "events": "wandb-events.jsonl",
    "console": "output.log",
    "summary": "wandb-summary.json",
}


class MemoryEngine:
    """The engine in memory: what it holds is gone when it is closed."""

    name = "memory"
    keeps = False

    async def open(self):
        from ferrule.stores.history.memory import MemoryHistory

        return MemoryHistory()


class NativeEngine:
    """The engine on disk, with what a metadata store would keep of its checkpoints."""

    name = "native"
    keeps = True

    def __init__(self, folder):
        self.folder = folder
        self.manifest = None
        self.states = {}

    async def open(self):
        from ferrule.stores.history.native import NativeHistory

        return await NativeHistory.open(self.folder, manifest=self.manifest, sync_ms=0.5)


class Bench:
    """One engine with one run in it, or several."""

    def __init__(self, engine):
        self.engine = engine
        self.history = None

    async def open(self, *runs):
        self.history = await self.engine.open()
        for run in runs or (RUN,):
            state = getattr(self.engine, "states", {}).get(run)
            await self.history.open_run(run, PROJECT, state)

    async def close(self):
        if self.history is not None:
            await self.history.close()

    async def reopen(self, *runs):
        """Close and open again; an engine in memory only carries on."""
        if self.engine.keeps:
            await self.history.close()
            await self.open(*runs)

    async def compact(self):
        """Compact, and commit as a metadata store would; tell whether there was something."""
        checkpoint = await self.history.compact()
        if checkpoint is None:
            return False
        self.engine.manifest = checkpoint.manifest
        self.engine.states |= checkpoint.runs
        await self.history.committed(checkpoint)
        return True

    async def post(self, *, run=RUN, attempt=0, writer="", at=100.0, more=None, **files):
        """Post lines: `history=(offset, [row or text, …])`."""
        body = {
            "files": {
                FILES.get(name, name): {
                    "offset": offset,
                    "content": [line if isinstance(line, str) else as_line(line) for line in lines],
                }
                for name, (offset, lines) in files.items()
            },
            **(more or {}),
        }
        raw = json.dumps(body).encode()
        return await self.history.accept(Post(run, raw, at, attempt, writer))

    async def raw(self, body, *, run=RUN, attempt=0, writer=""):
        return await self.history.accept(Post(run, body, 100.0, attempt, writer))

    async def rows(self, scope=None, stream=Stream.HISTORY, **query):
        texts = await self.history.rows(scope or whole(), stream, **query)
        return [json.loads(text) for text in texts]

    async def steps(self, scope=None, **query):
        return [row["_step"] for row in await self.rows(scope, **query)]

    async def console(self, first=0, limit=1000, scope=None):
        return await self.history.console(scope or whole(), first, limit)


def as_line(row):
    return json.dumps(row, ensure_ascii=False)


def whole(run=RUN, attempt=0, last_step=FOREVER):
    return (Span(run, attempt, last_step),)


def ramp(first, count, **more):
    return [
        {"_step": step, "loss": 1.0 / (step + 1), **more} for step in range(first, first + count)
    ]
