"""One version of an artifact, from a record to a server. Doing it again changes nothing."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import anyio

from wandb._base.digests import b64_to_hex_id, md5_b64
from wandb._http.client import Client, Trouble
from wandb._http.graphql import execute
from wandb._http.policy import Policy
from wandb._http.transfer import headers_of, upload
from wandb._native import digest_files
from wandb._service.events import ArtifactLogged
from wandb._service.syncstate import Identity
from wandb._wire.artifacts import SERVER_SCHEME, client_id_of, entries_of, reference_parts
from wandb._wire.graphql import operation
from wandb._wire.manifest import FULL, INCREMENTAL, LAYOUT, PATCH, manifest_json

__all__ = ("ArtifactSave", "SaveError")

# So many files are asked for at a time: few at first, so that uploading soon begins.
_FIRST_BATCH, _BATCH = 50, 1000
_GOES_ON = ("PENDING", "DELETED")

Json = dict[str, Any]


class SaveError(Exception):
    """It can't be saved; the message says why."""


class ArtifactSave:
    """Saves one version.

    Args:
        logged: What is to be saved.
        identity: The run.
        client: Whom to send to.
        uploads: How many uploads may go on at once, of all saves together.
        graphql: Which failures of a question are final.
        transfer: Which failures of an upload are.
        watch: Told of tries that failed.
        made: Set once the server knows the artifact, so that others may refer to it.
    """

    def __init__(
        self,
        logged: ArtifactLogged,
        identity: Identity,
        client: Client,
        uploads: anyio.Semaphore,
        *,
        graphql: Policy,
        transfer: Policy,
        watch: Callable[[Trouble | None], None] | None = None,
        made: anyio.Event | None = None,
    ) -> None:
        self._content, self._step = logged.content, logged.step
        self._identity, self._client, self._uploads = identity, client, uploads
        self._graphql, self._transfer, self._watch = graphql, transfer, watch
        self._made = made
        self._entries: dict[str, Json] = {}

    async def run(self) -> str:
        """Save it, and return the server's id.

        Raises:
            RequestFailure: The server refused, or could not be reached long enough.
            SaveError: Something of it is not as it should be.
            OSError: A file can't be read.
            ValueError: The record can't be read.
        """
        self._entries = await anyio.to_thread.run_sync(entries_of, self._content)
        created = await self._create()
        artifact_id, state = str(created["id"]), created.get("state")
        if self._made is not None:
            self._made.set()
        if state in _GOES_ON:
            await self._fill(artifact_id, self._content.get("base_id") or _latest(created))
        elif state != "COMMITTED":
            raise SaveError(f"the server says it is {state!r}, which is not known here")
        if self._content.get("use_after_commit") and self._finalize:
            await self._use(artifact_id)
        return artifact_id

    @property
    def _finalize(self) -> bool:
        return bool(self._content.get("finalize"))

    async def _create(self) -> Json:
        content, name = self._content, self._content.get("name", "")
        wanted = {
            "entityName": self._identity.entity,
            "projectName": self._identity.project,
            "runName": None if content.get("user_created") else self._identity.run,
            "artifactTypeName": content.get("type", ""),
            "artifactCollectionName": name,
            "digest": content.get("digest", ""),
            "digestAlgorithm": "MANIFEST_MD5",
            "description": content.get("description"),
            "aliases": [
                {"artifactCollectionName": name, "alias": alias}
                for alias in content.get("aliases") or ()
            ],
            "metadata": content.get("metadata"),
            "historyStep": self._step or None,
            "enableDigestDeduplication": True,
            "distributedID": content.get("distributed_id"),
            "clientID": content.get("client_id"),
            "sequenceClientID": content.get("sequence_client_id"),
            "ttlDurationSeconds": content.get("ttl_duration_seconds"),
        }
        if tags := content.get("tags"):
            wanted["tags"] = [{"tagName": tag} for tag in tags]
        data = await self._ask("CreateArtifact", input=wanted)
        return _found(data, "createArtifact", "artifact")

    # --- its content --------------------------------------------------------------------------

    async def _fill(self, artifact_id: str, base_id: str | None) -> None:
        kind = self._kind()
        manifest = await self._manifest(artifact_id, base_id, kind, "", upload=False)
        await self._upload_files(artifact_id, manifest["id"])
        await self._resolve()
        await self._upload_manifest(artifact_id, base_id, kind, manifest["id"])
        if self._finalize:
            data = await self._ask("CommitArtifact", artifact=artifact_id)
            _found(data, "commitArtifact", "artifact")

    def _kind(self) -> tuple[str, str]:
        if self._content.get("incremental_beta1"):
            return INCREMENTAL
        return PATCH if self._content.get("distributed_id") else FULL

    async def _manifest(
        self,
        artifact_id: str,
        base_id: str | None,
        kind: tuple[str, str],
        digest: str,
        *,
        upload: bool,
    ) -> Json:
        data = await self._ask(
            "CreateArtifactManifest",
            artifact=artifact_id,
            base=base_id,
            name=kind[1],
            digest=digest,
            entity=self._identity.entity,
            project=self._identity.project,
            run=self._identity.run,
            kind=kind[0],
            upload=upload,
        )
        return _found(data, "createArtifactManifest", "artifactManifest")

    async def _upload_manifest(
        self, artifact_id: str, base_id: str | None, kind: tuple[str, str], manifest_id: str
    ) -> None:
        body = json.dumps(manifest_json(self._entries)).encode()
        digest = md5_b64(body)
        if kind is FULL:
            manifest = await self._manifest(artifact_id, base_id, kind, digest, upload=True)
        else:
            data = await self._ask("UpdateArtifactManifest", manifest=manifest_id, digest=digest)
            manifest = _found(data, "updateArtifactManifest", "artifactManifest")
        file = manifest.get("file") or {}
        if not file.get("uploadUrl"):
            raise SaveError("the server gave no address for the manifest")
        await self._client.request(
            "PUT",
            file["uploadUrl"],
            policy=self._transfer,
            body=body,
            headers={
                **headers_of(file.get("uploadHeaders") or ()),
                "Content-Length": str(len(body)),
            },
            trusted=False,
            watch=self._watch,
        )

    # --- files --------------------------------------------------------------------------------

    async def _upload_files(self, artifact_id: str, manifest_id: str) -> None:
        names = [name for name, one in self._entries.items() if _is_file(one)]
        first, size = 0, _FIRST_BATCH
        while first < len(names):
            await self._upload_some(names[first : first + size], artifact_id, manifest_id)
            first, size = first + size, _BATCH

    async def _upload_some(self, names: list[str], artifact_id: str, manifest_id: str) -> None:
        await self._check(names)
        files = [
            {
                "artifactID": artifact_id,
                "name": name,
                "md5": self._entries[name]["digest"],
                "artifactManifestID": manifest_id,
            }
            for name in names
        ]
        data = await self._ask("CreateArtifactFiles", files=files, layout=LAYOUT)
        edges = ((data.get("createArtifactFiles") or {}).get("files") or {}).get("edges") or ()
        if len(edges) != len(names):
            raise SaveError(f"the server answered to {len(edges)} of {len(names)} files")
        failures: list[Exception] = []
        async with anyio.create_task_group() as group:
            for name, edge in zip(names, edges, strict=True):
                group.start_soon(self._upload, name, edge.get("node") or {}, group, failures)
        if failures:
            raise failures[0]

    async def _check(self, names: list[str]) -> None:
        """See that files are as they were when they were added.

        A journal may come from somebody else: only what it knows the digest of is sent.
        """
        paths = [self._entries[name]["local_path"] for name in names]
        for name, (md5, _, _) in zip(
            names, await anyio.to_thread.run_sync(_digests, paths), strict=True
        ):
            if md5 != _hex(self._entries[name]["digest"]):
                path = self._entries[name]["local_path"]
                raise SaveError(f"a file has changed since it was added: {path}")

    async def _upload(
        self, name: str, node: Json, group: anyio.abc.TaskGroup, failures: list[Exception]
    ) -> None:
        """Upload one file; the first failure of one ends the others."""
        entry = self._entries[name]
        try:
            if url := node.get("uploadUrl"):
                async with self._uploads:
                    await upload(
                        self._client,
                        url,
                        entry["local_path"],
                        headers=node.get("uploadHeaders") or (),
                        policy=self._transfer,
                        watch=self._watch,
                    )
        except Exception as err:  # noqa: BLE001 - raised again as it is, not in a group
            failures.append(err)
            group.cancel_scope.cancel()
            return
        if birth := (node.get("artifact") or {}).get("id"):
            entry["birthArtifactID"] = birth

    # --- references ---------------------------------------------------------------------------

    async def _resolve(self) -> None:
        """Let references to artifacts of this machine name those of the server."""
        known: dict[str, str] = {}
        for entry in self._entries.values():
            client_id = client_id_of(entry.get("ref"))
            if client_id is None:
                continue
            if client_id not in known:
                known[client_id] = await self._server_id(client_id)
            path = reference_parts(entry["ref"])[2]
            entry["ref"] = f"{SERVER_SCHEME}://{_hex(known[client_id])}/{path}"

    async def _server_id(self, client_id: str) -> str:
        data = await self._ask("ClientIDMapping", client=client_id)
        found = (data.get("clientIDMapping") or {}).get("serverID")
        if not found:
            raise SaveError("the server does not have an artifact that this one refers to")
        return str(found)

    async def _use(self, artifact_id: str) -> None:
        data = await self._ask(
            "UseArtifact",
            entity=self._identity.entity,
            project=self._identity.project,
            run=self._identity.run,
            artifact=artifact_id,
        )
        _found(data, "useArtifact", "artifact")

    # --- afterwards ---------------------------------------------------------------------------

    def tidy(self, staging_dir: str | None) -> None:
        """Remove the copies that were made for the upload; files of the user's own stay."""
        if not staging_dir:
            return
        for entry in self._entries.values():
            path = entry.get("local_path") or ""
            if os.path.dirname(path) == staging_dir:
                with suppress(OSError):
                    os.unlink(path)

    async def _ask(self, name: str, /, **variables: Any) -> Json:
        return await execute(
            self._client,
            operation(name),
            variables,
            operation=name,
            policy=self._graphql,
            watch=self._watch,
        )


def _is_file(entry: Mapping[str, Any]) -> bool:
    return bool(entry.get("local_path")) and not entry.get("ref")


def _found(data: Mapping[str, Any], call: str, member: str) -> Json:
    found = (data.get(call) or {}).get(member)
    if not isinstance(found, dict) or not found.get("id"):
        raise SaveError(f"the server's answer to {call} says nothing")
    return found


def _latest(created: Mapping[str, Any]) -> str | None:
    latest = (created.get("artifactSequence") or {}).get("latestArtifact") or {}
    return latest.get("id")


def _digests(paths: Sequence[str]) -> list[tuple[str, str, int]]:
    for path in paths:
        if not os.path.isfile(path):
            raise SaveError(f"a file is not there any more: {path}")
    return digest_files(list(paths))


def _hex(text: str) -> str:
    try:
        return b64_to_hex_id(text)
    except ValueError as err:
        raise SaveError(f"this is no base64: {text!r}") from err
