"""A server of artifacts in memory, and folders of a test's own."""

import base64
import hashlib

import pytest

from wandb._artifact.facts import ArtifactFacts
from wandb._wire.manifest import manifest_json
from wandb.errors import CommError


def b64_md5(content):
    return base64.b64encode(hashlib.md5(content).digest()).decode()


class FakeCatalog:
    """A `Catalog` over dicts; what it hands out can be made wrong."""

    def __init__(self):
        self.stored = {}
        self.contents = {}
        self.bodies = {}
        self.fetched = []
        self.listed = None

    def add(self, number, name, files, references=None):
        """Have a version with files; return what the server would say of it."""
        artifact_id = base64.b64encode(f"Artifact:{number}".encode()).decode()
        entries = {
            path: {"digest": b64_md5(body), "size": len(body), "birthArtifactID": artifact_id}
            for path, body in files.items()
        }
        entries.update(references or {})
        self.contents[artifact_id] = manifest_json(entries)
        self.bodies |= {(artifact_id, path): body for path, body in files.items()}
        facts = ArtifactFacts(
            id=artifact_id,
            entity="me",
            project="p",
            name=f"{name}:v0",
            version="v0",
            source_entity="me",
            source_project="p",
            source_name=f"{name}:v0",
            source_version="v0",
            type="dataset",
            state="COMMITTED",
            aliases=("latest",),
            file_count=len(entries),
        )
        self.stored[artifact_id] = facts
        return facts

    def by_id(self, artifact_id):
        return self.stored.get(artifact_id)

    def manifest(self, facts):
        return self.contents[facts.id]

    def urls(self, facts):
        listed = self.contents[facts.id]["contents"] if self.listed is None else self.listed
        yield from ((name, f"url:{name}") for name in listed)

    def fetch(self, facts, entry, url, target, *, layout, region):
        self.fetched.append((entry.path, url))
        if (facts.id, entry.path) not in self.bodies:
            raise CommError("no such file")
        target.write_bytes(self.bodies[facts.id, entry.path])


@pytest.fixture
def catalog():
    return FakeCatalog()


@pytest.fixture(autouse=True)
def folders(tmp_path, monkeypatch):
    for name in ("DATA", "CACHE", "ARTIFACT"):
        monkeypatch.setenv(f"WANDB_{name}_DIR", str(tmp_path / name.lower()))
    return tmp_path
