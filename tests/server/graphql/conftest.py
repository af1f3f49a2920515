"""GraphQL over engines in memory, asked by people of every role."""

import json

import pytest

from ferrule.auth.keys import hashed, hint
from ferrule.auth.permissions import Viewer
from ferrule.domain.manifests import Limits
from ferrule.graphql.context import Context
from ferrule.graphql.schema import execute
from ferrule.ingest.artifacts import Ids, ManifestCommitter
from ferrule.ports.history import Post
from ferrule.stores.blobs.memory import MemoryBlobs
from ferrule.stores.history.memory import MemoryHistory
from ferrule.stores.history.opening import OpeningHistory, RunState
from ferrule.stores.memory import memory_stores

KEYS = {"member": "a" * 40, "stranger": "b" * 40, "admin": "c" * 40}
NAMES = {"member": "ann", "stranger": "bob", "admin": "root"}


class PlainLinks:
    def upload_url(self, run, name):
        return f"http://here/put/{run.id}/{name}"

    def download_url(self, run, file):
        return f"http://here/get/{run.id}/{file.name}"

    def content_upload_url(self, artifact_id, md5):
        return f"http://here/put/{artifact_id}/{md5}"

    def manifest_upload_url(self, artifact_id, manifest_id):
        return f"http://here/put/{artifact_id}/manifest/{manifest_id}"

    def entry_url(self, artifact_id, path):
        return f"http://here/get/{artifact_id}/{path}"

    def manifest_url(self, artifact_id):
        return f"http://here/get/{artifact_id}/manifest"


class House:
    """Stores, rows, and a way to ask."""

    def __init__(self, stores):
        self.stores = stores
        self.changed = []
        self.now = 1_000_000_000
        self.history = OpeningHistory(MemoryHistory(), self._state_of)
        self.committer = ManifestCommitter(stores, MemoryBlobs(), Limits(), Ids(str, int))

    async def _state_of(self, run_id):
        run = await self.stores.runs.by_id(run_id, hidden=True)
        return None if run is None else RunState(run.project_id, None)

    async def ask(self, document, *, role="member", operation=None, context=None, **variables):
        """Return status and answer."""
        facts = await self.context(role)
        for field, value in (context or {}).items():
            setattr(facts, field, value)
        return await execute(document, variables, operation, facts)

    async def context(self, role):
        key = KEYS.get(role)
        viewer = await self._viewer(NAMES[role]) if key else None
        return Context(
            viewer=viewer,
            stores=self.stores,
            history=self.history,
            links=PlainLinks(),
            committer=self.committer,
            api_key=key,
            on_change=self.changed.append,
            clock=lambda: self.now,
        )

    async def _viewer(self, name):
        people = self.stores.people
        person = await people.by_name(name)
        return Viewer.of(person, await people.entities_of(person.id))

    async def data(self, document, **more):
        """Return the data of an answer without errors."""
        status, answer = await self.ask(document, **more)
        assert (status, answer.get("errors")) == (200, None), answer
        return answer["data"]

    async def upsert(self, **said):
        """Upsert a run as a client does; return the payload."""
        said = {"name": "r", "modelName": "p", **said}
        context = said.pop("context", None)
        return (await self.data(UPSERT, input=said, context=context))["upsertBucket"]

    async def log(self, *rows, offset=0, name="r", writer="", file="wandb-history.jsonl"):
        """Post lines of a run."""
        run = await self.stores.runs.get("ann", "p", name)
        content = [row if isinstance(row, str) else json.dumps(row) for row in rows]
        body = {"files": {file: {"offset": offset, "content": content}}}
        post = Post(run.id, json.dumps(body).encode(), 1.0, run.attempt, writer)
        return await self.history.accept(post)


UPSERT = """
mutation Upsert($input: UpsertBucketInput!) {
  upsertBucket(input: $input) {
    bucket {
      id name displayName description config sweepName historyLineCount state tags notes
      summaryMetrics heartbeatAt group jobType
      project { id name entity { id name } }
    }
    inserted
    serverSettings { serverMessages { utfText plainText } }
  }
}
"""


@pytest.fixture
async def house():
    stores = memory_stores()
    for role, name in NAMES.items():
        person = await stores.people.add(name, admin=role == "admin")
        await stores.people.add_key(person.id, hashed(KEYS[role]), hint(KEYS[role]))
    return House(stores)
