"""A sink in memory, like a run's or an artifact's, and a source that reads from it."""

import os

import pytest


class MemorySink:
    """Keeps files by their paths, named as a run or an artifact names them."""

    def __init__(self, folder, *, in_artifact):
        self.in_artifact = in_artifact
        self.files = {}
        self._folder = folder

    def keep(self, content, *, kind, name):
        path = f"media/{kind}/{self._named(content, name)}"
        place = self._folder / "one-file"
        content.write_to(place)
        self.files[path] = place.read_bytes()
        size = {} if self.in_artifact else {"size": content.size}
        return {"sha256": content.sha256, "path": path, **size}

    def fetch(self, path):
        place = self._folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(self.files[path])
        return str(place)

    def _named(self, content, name):
        if not self.in_artifact:
            return f"{name}_{content.sha256[:20]}{content.extension}"
        if content.is_made:
            return f"{content.md5[:20]}{content.extension}"
        return f"{content.sha256[:20]}/{os.path.basename(content.path)}"


@pytest.fixture
def run_sink(tmp_path):
    (tmp_path / "run").mkdir()
    return MemorySink(tmp_path / "run", in_artifact=False)


@pytest.fixture
def artifact_sink(tmp_path):
    (tmp_path / "artifact").mkdir()
    return MemorySink(tmp_path / "artifact", in_artifact=True)


@pytest.fixture
def kept(run_sink):
    """Keep a value in a run, and return its JSON and its only file."""

    def keep(value):
        wire = value.to_wire(run_sink, name="key_0")
        return wire, run_sink.files[wire["path"]]

    return keep


@pytest.fixture
def again(artifact_sink):
    """Keep a value in an artifact, and make it again of its JSON there."""

    def make(value):
        wire = value.to_wire(artifact_sink, name="key_0")
        return type(value).from_wire(wire, artifact_sink)

    return make
