"""A whole server over engines in memory, and people of every role."""

import base64
import json
from contextlib import asynccontextmanager

import pytest
from aiohttp.test_utils import TestClient, TestServer

from ferrule.app import Engines, make_app, make_services
from ferrule.auth.keys import hashed, hint
from ferrule.ports.runs import RunChange
from ferrule.settings import ServerSettings
from ferrule.stores.blobs.memory import MemoryBlobs
from ferrule.stores.history.memory import MemoryHistory
from ferrule.stores.memory import memory_stores

NOW = 1_800_000_000.0
KEYS = {
    "member": "a" * 40,
    "stranger": "b" * 40,
    "admin": "c" * 40,
}
NAMES = {"member": "alice", "stranger": "bob", "admin": "root"}
STREAM = "/files/alice/cats/run1/file_stream"


class Clock:
    now = NOW

    def __call__(self):
        return self.now


class House:
    """The server under test."""

    def __init__(self, services, client, clock):
        self.services = services
        self.client = client
        self.clock = clock
        self.stores = services.stores
        self.history = services.history

    async def ask(self, method, path, *, role="member", headers=None, **more):
        """Send a request; JSON is read, other bodies stay bytes."""
        given = dict(headers or {})
        if role is not None and "Authorization" not in given:
            given["Authorization"] = basic(KEYS[role])
        more.setdefault("allow_redirects", False)
        async with self.client.request(method, path, headers=given, **more) as response:
            body = await response.read()
            if response.content_type == "application/json":
                body = json.loads(body)
            return Answer(response.status, body, response.headers, response.cookies)

    async def post_lines(self, *, role="member", path=STREAM, more=None, **files):
        names = {"history": "wandb-history.jsonl", "console": "output.log"}
        body = {
            "files": {
                names.get(name, f"wandb-{name}.json"): {
                    "offset": offset,
                    "content": [
                        text if isinstance(text, str) else json.dumps(text) for text in lines
                    ],
                }
                for name, (offset, lines) in files.items()
            },
            **(more or {}),
        }
        return await self.ask("POST", path, role=role, data=json.dumps(body))

    async def run(self, name="run1"):
        return await self.stores.runs.get("alice", "cats", name)


class Answer:
    def __init__(self, status, body, headers, cookies):
        self.status = status
        self.body = body
        self.headers = headers
        self.cookies = cookies

    def __repr__(self):
        return f"{self.status} {self.body!r}"


def basic(key):
    return "Basic " + base64.b64encode(f"api:{key}".encode()).decode()


@asynccontextmanager
async def opened(tmp_path, *, static=None, **settings):
    clock = Clock()
    stores = memory_stores()
    for role, name in NAMES.items():
        person = await stores.people.add(name, admin=role == "admin")
        await stores.people.add_key(person.id, hashed(KEYS[role]), hint(KEYS[role]))
    project = await stores.projects.ensure("alice", "cats")
    await stores.runs.upsert(
        RunChange(project.id, "run1", at=int(NOW * 1e6), user="alice", config="{}")
    )
    services = make_services(
        ServerSettings(tmp_path, **settings),
        Engines(stores, MemoryHistory(), MemoryBlobs()),
        b"s" * 32,
        clock=clock,
    )
    app = make_app(services, static=static or tmp_path / "static")
    server = TestServer(app)
    await server.start_server(auto_decompress=False)
    async with TestClient(server) as client:
        yield House(services, client, clock)


@pytest.fixture
async def house(tmp_path):
    async with opened(tmp_path) as house:
        yield house


@pytest.fixture
def saver(house):
    """The member's client, saving artifacts."""
    from server.http.saving import Saver

    return Saver(house)
