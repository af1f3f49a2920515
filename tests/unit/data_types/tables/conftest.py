"""A run and an artifact in memory, which tables are logged to and read from."""

import json
from types import SimpleNamespace

import pytest

from wandb.data_types.registry import value_of


class MemoryRun:
    """A run's media folder; a log adds its row."""

    in_artifact = False

    def __init__(self):
        self.files = {}
        self.rows = []

    def keep(self, content, *, kind, name):
        path = f"media/{kind}/{name}_{content.sha256[:20]}{content.extension}"
        self.files[path] = content.data
        return {"sha256": content.sha256, "size": content.size, "path": path}

    def log(self, key, table):
        """Log a table as a run does once artifacts are there; return its row."""
        if table.wants_artifact(self):
            plan = table.artifact_plan("r1", key)
            table.keep_artifact(f"wandb-client-artifact://c{len(self.rows)}/{plan.entry}")
        self.rows.append(table.to_wire(self, name=f"{key}_{len(self.rows)}"))
        return self.rows[-1]

    def file(self, row):
        return json.loads(self.files[row["path"]])


class MemoryArtifact:
    """An artifact's files by their paths, as a sink and as a source."""

    in_artifact = True
    aliases = ("latest",)

    def __init__(self, folder):
        self.files = {}
        self._folder = folder

    def keep(self, content, *, kind, name):
        path = f"media/{kind}/{content.md5[:20]}{content.extension}"
        self.files[path] = content.data
        return {"sha256": content.sha256, "path": path}

    def add(self, value, name):
        """Add a value under a name, as `Artifact.add` does."""
        path = value.with_suffix(name)
        if hasattr(value, "to_content"):
            self.files[path] = value.to_content(self, name=name).data
        else:
            self.files[path] = json.dumps(value.to_wire(self, name=name), sort_keys=True).encode()
        return SimpleNamespace(path=path)

    def paths(self):
        return list(self.files)

    def fetch(self, path):
        place = self._folder / path.replace("/", "-")
        place.write_bytes(self.files[path])
        return str(place)

    def get(self, path):
        """Return the value at a path, or None."""
        if path not in self.files:
            return None
        return value_of(json.loads(self.files[path]), self)

    def json(self, path):
        return json.loads(self.files[path])

    def roundtrip(self, value, name="t"):
        return self.get(self.add(value, name).path)


@pytest.fixture
def run():
    return MemoryRun()


@pytest.fixture
def artifact(tmp_path):
    return MemoryArtifact(tmp_path)
