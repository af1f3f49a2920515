"""The artifacts of a server, as `_artifact` asks for them; a `Catalog`."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote

from wandb._artifact.entry import ArtifactManifestEntry
from wandb._artifact.facts import ArtifactFacts, artifact_facts
from wandb._base.digests import b64_to_hex_id
from wandb._settings.variables import get_artifact_fetch_file_url_batch_size
from wandb.apis.public.artifacts import ArtifactFiles
from wandb.apis.public.paginator import Page
from wandb.apis.public.remote import NotFound, RemoteRun, next_page
from wandb.apis.public.runs import Run
from wandb.apis.public.server import Server
from wandb.errors import CommError

__all__ = ("RemoteCatalog",)

_BY_MEMBERSHIP = "PROJECT_ARTIFACT_COLLECTION_MEMBERSHIP"
_MEMBERSHIP_FILES = "ARTIFACT_COLLECTION_MEMBERSHIP_FILES"
_MEMBERSHIP_DOWNLOADS = "ARTIFACT_COLLECTION_MEMBERSHIP_FILE_DOWNLOAD_HANDLER"
_LATEST = "latest"

Node = dict[str, Any]


class RemoteCatalog:
    """Artifacts on one server.

    What a server can do is told by its features: older ones find artifacts by their name alone,
    newer ones by the collection that they are reached through.
    """

    def __init__(self, server: Server) -> None:
        self._server = server
        self._features: frozenset[str] | None = None

    def _has(self, feature: str) -> bool:
        if self._features is None:
            listed = (self._server.ask("ServerFeaturesQuery")["serverInfo"] or {}).get("features")
            self._features = frozenset(one["name"] for one in listed or () if one["isEnabled"])
        return feature in self._features

    def named(self, entity: str, project: str, name: str) -> ArtifactFacts:
        """Return a version by its name.

        Args:
            name: Collection and alias or version, as `digits:latest`.

        Raises:
            NotFound: There is none.
            CommError: The server can't be asked.
        """
        collection, _, alias = name.partition(":")
        asked = {"entity": entity, "project": project, "name": f"{collection}:{alias or _LATEST}"}
        if not self._has(_BY_MEMBERSHIP):
            found = self._server.ask("ReadArtifactNamed", **asked)["project"] or {}
            node = found.get("artifact")
        else:
            found = self._server.ask("ReadArtifactMembership", **asked)["project"] or {}
            membership = found.get("artifactCollectionMembership") or {}
            node = membership.get("artifact")
            held = membership.get("artifactCollection") or {}
            # A server may have moved the collection, and say where.
            at = held.get("project") or {}
            entity, project = at.get("entityName") or entity, at.get("name") or project
        if node is None:
            raise NotFound(
                f"There is no artifact {asked['entity']}/{asked['project']}/{asked['name']}, or "
                f"your key may not see it. Server: {self._server.base_url}"
            )
        return artifact_facts(
            node, entity=entity, project=project, collection=collection, alias=alias or None
        )

    def by_id(self, artifact_id: str) -> ArtifactFacts | None:
        """Return a version by its id; None if there is none."""
        node = self._server.ask("ReadArtifact", id=artifact_id)["artifact"]
        return None if node is None else artifact_facts(node)

    def manifest(self, facts: ArtifactFacts) -> Node:
        """Return the content of a version's manifest."""
        if facts.manifest_url is not None:
            try:
                return self._json(facts.manifest_url)
            except CommError:
                pass  # such an address is good for a time only: ask for another one
        node = self._server.ask("ReadArtifactManifest", id=facts.id)["artifact"] or {}
        url = ((node.get("currentManifest") or {}).get("file") or {}).get("directUrl")
        if not url:
            raise CommError(f"The server gives no manifest of {facts.name} ({facts.state}).")
        return self._json(url)

    def _json(self, url: str) -> Node:
        with TemporaryDirectory(prefix="wandb-") as folder:
            path = Path(folder, "manifest.json")
            self._server.save(url, path)
            try:
                content: Node = json.loads(path.read_bytes())
            except ValueError as err:
                raise CommError("The manifest that the server gave is no JSON.") from err
        return content

    # --- files --------------------------------------------------------------------------------

    def urls(self, facts: ArtifactFacts) -> Iterator[tuple[str, str]]:
        """Yield the paths of a version's files, and where each can be had without a key."""
        after: str | None = None
        while True:
            files = self._page_of_urls(facts, after)
            for edge in files["edges"]:
                node = edge.get("node") or {}
                if node.get("name") and node.get("directUrl"):
                    yield node["name"], node["directUrl"]
            before, after = after, next_page(files)
            if after is None or after == before:
                return

    def _page_of_urls(self, facts: ArtifactFacts, after: str | None) -> Node:
        paged = {"first": get_artifact_fetch_file_url_batch_size(), "after": after}
        if not self._has(_MEMBERSHIP_FILES):
            found = self._server.ask("FindArtifactUrls", id=facts.id, **paged)["artifact"] or {}
        else:
            project = self._server.ask(
                "FindMembershipUrls",
                entity=facts.entity,
                project=facts.project,
                collection=facts.collection,
                version=facts.version,
                **paged,
            )["project"]
            collection = (project or {}).get("artifactCollection") or {}
            found = collection.get("artifactMembership") or {}
        files: Node | None = found.get("files")
        if files is None:
            raise CommError(f"The server lists no files of {facts.name} ({facts.state}).")
        return files

    def fetch(
        self,
        facts: ArtifactFacts,
        entry: ArtifactManifestEntry,
        url: str | None,
        target: Path,
        *,
        layout: str,
        region: str,
    ) -> None:
        """Download the content of a file of a version."""
        if url is not None:
            try:
                self._server.save(url, target)
                return
            except CommError:
                pass  # storage may be out of reach, and the server not
        self._server.save(self._own_address(facts, entry, layout, region), target)

    def _own_address(
        self, facts: ArtifactFacts, entry: ArtifactManifestEntry, layout: str, region: str
    ) -> str:
        """Return where the server itself gives the file, for whoever has the key."""
        md5, birth = b64_to_hex_id(entry.digest), entry.birth_artifact_id or ""
        if layout == "V1":
            return _path("artifacts", facts.entity, md5)
        if not self._has(_MEMBERSHIP_DOWNLOADS):
            return _path("artifactsV2", region, facts.entity, birth, md5)
        place = (facts.entity, facts.project, facts.collection)
        return _path("artifactsV2", region, *place, birth, md5, os.path.basename(entry.path))

    def files(
        self, facts: ArtifactFacts, names: Sequence[str] | None, per_page: int
    ) -> ArtifactFiles:
        """Return the files as the public API shows them, lazily."""

        def fetch(after: str | None, limit: int) -> Page[Node]:
            asked = {"id": facts.id, "names": names and list(names), "first": limit, "after": after}
            node = self._server.ask("FindArtifactFiles", **asked)["artifact"] or {}
            found = node.get("files") or {"edges": []}
            total = node.get("fileCount") if names is None else None
            return Page([edge["node"] for edge in found["edges"]], next_page(found), total)

        return ArtifactFiles(self._server, facts, fetch, per_page=per_page)

    # --- runs ---------------------------------------------------------------------------------

    def logged_by(self, facts: ArtifactFacts) -> Run | None:
        """Return the run that made a version; None if none did."""
        node = self._server.ask("ReadArtifactCreator", id=facts.id)["artifact"] or {}
        creator = node.get("createdBy") or {}
        return self._run(creator) if creator.get("name") else None

    def used_by(self, facts: ArtifactFacts) -> list[Run]:
        """Return the runs that used a version."""
        node = self._server.ask("FindArtifactUsers", id=facts.id)["artifact"] or {}
        found = node.get("usedBy") or {"edges": []}
        return [self._run(edge["node"]) for edge in found["edges"]]

    def _run(self, node: Node) -> Run:
        project = node.get("project") or {}
        return Run(RemoteRun(self._server, project["entityName"], project["name"], node["name"]))

    def use(self, facts: ArtifactFacts, *, entity: str, project: str, run: str) -> None:
        """Say that a run uses a version.

        Raises:
            CommError: The server refused.
        """
        self._server.ask(
            "UseArtifact",
            entity=entity,
            project=project,
            run=run,
            artifact=facts.id,
            usedAs=facts.name,
        )

    def url(self, facts: ArtifactFacts) -> str:
        """Return the address of a version's page."""
        place = f"{facts.entity}/{facts.project}/artifacts"
        parts = map(_quoted, (facts.type, facts.collection, facts.version))
        return "/".join((self._server.app_url, place, *parts))


_quoted: Callable[[str], str] = lambda part: quote(part, safe="")  # noqa: E731


def _path(*parts: str) -> str:
    return "/" + "/".join(map(_quoted, parts))
