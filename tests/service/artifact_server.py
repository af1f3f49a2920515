"""A server that keeps artifacts, as far as saving them goes."""

import base64
import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from service.fake_server import FakeServer


def b64_md5(content: bytes) -> str:
    return base64.b64encode(hashlib.md5(content).digest()).decode()


@dataclass
class ArtifactServer(FakeServer):
    """What was saved, and in which order it was asked for.

    `answers` may hold, by the name of an operation, what is answered before all is well; None
    takes the request in first and then closes the connection.
    """

    artifacts: list[dict[str, Any]] = field(default_factory=list)
    manifests: dict[str, dict[str, Any]] = field(default_factory=dict)
    used: list[dict[str, Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    batches: list[int] = field(default_factory=list)

    async def graphql(self, request: web.Request) -> web.StreamResponse:
        content = await request.json()
        name = content["operationName"]
        self.asked.append(name)
        waiting = self.answers.get(name)
        answer = waiting.pop(0) if waiting else _WELL
        if answer is not _WELL and answer is not None:
            return answer()
        done = await super().graphql(request)
        if answer is None:
            request.transport.abort()
        return done

    def saved(self, name: str) -> list[dict[str, Any]]:
        """Return the committed versions of a name, in order."""
        return [one for one in self.artifacts if one["name"] == name and one["committed"]]

    def files_of(self, artifact: dict[str, Any]) -> dict[str, bytes]:
        """Return the content of the files of a version, as its manifest has them."""
        contents = artifact["manifest"]["contents"]
        found = {}
        for path, entry in contents.items():
            if "ref" not in entry:
                content = self.uploads[f"{entry['birthArtifactID']}/{entry['digest']}"]
                assert (b64_md5(content), len(content)) == (entry["digest"], entry["size"])
                found[path] = content
        return found

    async def _CreateArtifact(self, variables):  # noqa: N802
        wanted = variables["input"]
        name, digest = wanted["artifactCollectionName"], wanted["digest"]
        of_name = [one for one in self.artifacts if one["name"] == name]
        found = next((one for one in of_name if one["input"]["digest"] == digest), None)
        if found is None:
            number = len(self.artifacts) + 1
            found = {
                "id": base64.b64encode(f"Artifact:{number}".encode()).decode(),
                "name": name,
                "input": wanted,
                "committed": False,
                "manifest": None,
            }
            self.artifacts.append(found)
        latest = next((one for one in reversed(of_name) if one["committed"]), None)
        sequence = {"id": "s", "latestArtifact": latest and {"id": latest["id"]}}
        state = "COMMITTED" if found["committed"] else "PENDING"
        artifact = {"id": found["id"], "state": state, "artifactSequence": sequence}
        return _data(createArtifact={"artifact": artifact})

    async def _CreateArtifactManifest(self, variables):  # noqa: N802
        number = str(len(self.manifests) + 1)
        self.manifests[number] = variables
        return _data(createArtifactManifest={"artifactManifest": self._manifest(number)})

    async def _UpdateArtifactManifest(self, variables):  # noqa: N802
        number = variables["manifest"]
        self.manifests[number]["digest"] = variables["digest"]
        return _data(updateArtifactManifest={"artifactManifest": self._manifest(number)})

    def _manifest(self, number: str) -> dict[str, Any]:
        url = f"{self.url}/storage/manifests/{number}"
        return {"id": number, "file": {"id": "f", "uploadUrl": url, "uploadHeaders": ["X-Up:yes"]}}

    async def _CreateArtifactFiles(self, variables):  # noqa: N802
        self.batches.append(len(variables["files"]))
        return _data(
            createArtifactFiles={"files": {"edges": [self._edge(f) for f in variables["files"]]}}
        )

    def _edge(self, file: dict[str, Any]) -> dict[str, Any]:
        known = [name for name in self.uploads if name.endswith(f"/{file['md5']}")]
        birth = known[0].partition("/")[0] if known else file["artifactID"]
        url = None if known else f"{self.url}/storage/{birth}/{file['md5']}"
        node = {"uploadUrl": url, "uploadHeaders": ["X-Up:yes"], "artifact": {"id": birth}}
        return {"node": node}

    async def _ClientIDMapping(self, variables):  # noqa: N802
        found = [
            one["id"] for one in self.artifacts if one["input"]["clientID"] == variables["client"]
        ]
        return _data(clientIDMapping={"serverID": found[0]} if found else None)

    async def _CommitArtifact(self, variables):  # noqa: N802
        found = next(one for one in self.artifacts if one["id"] == variables["artifact"])
        body, digest = self._last_manifest(variables["artifact"])
        assert b64_md5(body) == digest
        found["committed"], found["manifest"] = True, json.loads(body)
        answer = {"id": found["id"], "digest": found["input"]["digest"]}
        return _data(commitArtifact={"artifact": answer})

    def _last_manifest(self, artifact_id: str) -> tuple[bytes, str]:
        number, told = next(
            (number, told)
            for number, told in reversed(self.manifests.items())
            if told["artifact"] == artifact_id and told["digest"]
        )
        return self.uploads[f"manifests/{number}"], told["digest"]

    async def _UseArtifact(self, variables):  # noqa: N802
        self.used.append(variables)
        return _data(useArtifact={"artifact": {"id": variables["artifact"]}})


def _WELL() -> web.StreamResponse:  # noqa: N802
    """Stands for taking the request in."""
    return web.Response()


def _data(**data: Any) -> web.Response:
    return web.json_response({"data": data})
