"""Saving artifacts as a client does: GraphQL for what is said, PUT for the bytes."""

import base64
import hashlib
import json

from yarl import URL

from ferrule.graphql import ids

CREATE = """
mutation CreateArtifact($input: CreateArtifactInput!) { createArtifact(input: $input) {
  artifact { id state artifactSequence { id latestArtifact { id versionIndex } } }
} }
"""
MANIFEST = """
mutation($artifactID: ID!, $baseArtifactID: ID, $name: String!, $digest: String!,
         $entityName: String!, $projectName: String!, $runName: String!,
         $manifestType: ArtifactManifestType!, $includeUpload: Boolean!) {
  createArtifactManifest(input: {artifactID: $artifactID, baseArtifactID: $baseArtifactID,
      name: $name, digest: $digest, entityName: $entityName, projectName: $projectName,
      runName: $runName, type: $manifestType}) {
    artifactManifest { id file {
      id uploadUrl @include(if: $includeUpload) uploadHeaders @include(if: $includeUpload)
    } }
  }
}
"""
UPDATE_MANIFEST = """
mutation($id: ID!, $digest: String, $base: ID) {
  updateArtifactManifest(input: {artifactManifestID: $id, digest: $digest, baseArtifactID: $base}) {
    artifactManifest { id file { id uploadUrl uploadHeaders } }
  }
}
"""
FILES = """
mutation($input: CreateArtifactFilesInput!) { createArtifactFiles(input: $input) { files { edges {
  node { storagePath uploadUrl uploadHeaders uploadMultipartUrls { uploadID } artifact { id } }
} } } }
"""
COMMIT = """
mutation($artifactID: ID!) {
  commitArtifact(input: {artifactID: $artifactID}) { artifact { id digest state versionIndex } }
}
"""
READ = """
query($id: ID!) { artifact(id: $id) {
  id state digest versionIndex size fileCount commitHash description metadata historyStep
  ttlDurationSeconds ttlIsInherited tags { name } createdAt updatedAt
  artifactSequence { name project { name entityName } } artifactType { name }
  aliases { alias artifactCollection { __typename name project { entityName name } } }
  currentManifest { file { directUrl } }
  createdBy { __typename ... on Run { name } ... on User { username } }
  usedBy { edges { node { name } } }
  files(first: 100) { totalCount pageInfo { hasNextPage endCursor }
    edges { cursor node { id name directUrl sizeBytes md5 digest mimetype storagePath } } }
} }
"""
MUTATIONS = {
    "use": """mutation($input: UseArtifactInput!) {
        useArtifact(input: $input) { artifact { id } } }""",
    "update": """mutation($input: UpdateArtifactInput!) {
        updateArtifact(input: $input) { artifact { id } } }""",
    "add": "mutation($input: AddAliasesInput!) { addAliases(input: $input) { success } }",
    "drop": "mutation($input: DeleteAliasesInput!) { deleteAliases(input: $input) { success } }",
    "delete": """mutation($input: DeleteArtifactInput!) {
        deleteArtifact(input: $input) { artifact { id state } } }""",
}
ARTIFACT_HEAD = b"wandb-artifact-manifest-v1\n"


def md5_of(content):
    return base64.b64encode(hashlib.md5(content).digest()).decode()


def hexed(content):
    return hashlib.md5(content).hexdigest()


def number(artifact):
    return ids.number("Artifact", artifact["id"])


def place(alias, name="ds"):
    return {
        "alias": alias,
        "entityName": "alice",
        "projectName": "cats",
        "artifactCollectionName": name,
    }


def stored(content, **more):
    return {"digest": md5_of(content), "size": len(content), **more}


def manifest_of(entries):
    return {
        "version": 1,
        "storagePolicy": "wandb-storage-policy-v1",
        "storagePolicyConfig": {"storageLayout": "V2"},
        "contents": entries,
    }


def digest_of(entries):
    lines = "".join(f"{path}:{entries[path]['digest']}\n" for path in sorted(entries))
    return hashlib.md5(ARTIFACT_HEAD + lines.encode()).hexdigest()


def local(url):
    """Return an address as a path of the server under test."""
    found = URL(url, encoded=True)
    return found.relative() if found.absolute else found


class Saver:
    """One person's client, saving to `alice/cats`."""

    def __init__(self, house, role="member", *, entity="alice", project="cats", run="run1"):
        self.house = house
        self.role = role
        self.place = {"entityName": entity, "projectName": project}
        self.run = run

    async def answer(self, document, **variables):
        return await self.house.ask(
            "POST", "/graphql", role=self.role, json={"query": document, "variables": variables}
        )

    async def data(self, document, **variables):
        answer = await self.answer(document, **variables)
        assert (answer.status, answer.body.get("errors")) == (200, None), answer
        return answer.body["data"]

    def said(self, digest, name="ds", **more):
        """Return what a core says of a new artifact: nulls for all that it does not say."""
        return {
            **self.place,
            "artifactTypeName": "dataset",
            "artifactCollectionName": name,
            "artifactCollectionNames": None,
            "runName": self.run,
            "digest": digest,
            "digestAlgorithm": "MANIFEST_MD5",
            "description": None,
            "labels": None,
            "aliases": [{"artifactCollectionName": name, "alias": "latest"}],
            "metadata": None,
            "ttlDurationSeconds": None,
            "historyStep": None,
            "enableDigestDeduplication": True,
            "distributedID": None,
            "clientID": None,
            "sequenceClientID": None,
            "clientMutationId": None,
            "storageRegion": None,
            **more,
        }

    async def create(self, digest="0" * 32, name="ds", **more):
        made = await self.data(CREATE, input=self.said(digest, name, **more))
        return made["createArtifact"]["artifact"]

    async def manifest(self, artifact_id, digest="", *, kind="FULL", base=None):
        made = await self.data(
            MANIFEST,
            artifactID=artifact_id,
            baseArtifactID=base,
            name="wandb_manifest.json",
            digest=digest,
            runName=self.run or "",
            manifestType=kind,
            includeUpload=bool(digest),
            **self.place,
        )
        return made["createArtifactManifest"]["artifactManifest"]

    async def places(self, artifact_id, files):
        specs = [
            {
                "artifactID": artifact_id,
                "name": name,
                "md5": md5_of(content),
                "mimetype": None,
                "artifactManifestID": None,
                "uploadPartsInput": None,
            }
            for name, content in files.items()
        ]
        said = {"artifactFiles": specs, "storageLayout": "V2", "cloudRegionID": None}
        made = await self.data(FILES, input=said)
        return [edge["node"] for edge in made["createArtifactFiles"]["files"]["edges"]]

    async def put(self, url, content, headers=()):
        pairs = dict(text.split(":", 1) for text in headers)
        return await self.house.ask("PUT", local(url), role=None, data=content, headers=pairs)

    async def get(self, url, *, role=None, **more):
        return await self.house.ask("GET", local(url), role=role, **more)

    async def bring(self, artifact_id, files):
        """Upload files that the server lacks; return their names."""
        brought = []
        for (name, content), place in zip(
            files.items(), await self.places(artifact_id, files), strict=True
        ):
            if place["uploadUrl"] is None:
                continue
            done = await self.put(place["uploadUrl"], content, place["uploadHeaders"])
            assert done.status == 200, done
            brought.append(name)
        return brought

    async def bring_manifest(self, artifact_id, entries, *, kind="FULL", base=None):
        raw = json.dumps(manifest_of(entries)).encode()
        if kind == "FULL":
            made = await self.manifest(artifact_id, md5_of(raw))
        else:
            begun = await self.manifest(artifact_id, kind=kind, base=base)
            changed = await self.data(UPDATE_MANIFEST, id=begun["id"], digest=md5_of(raw))
            made = changed["updateArtifactManifest"]["artifactManifest"]
        done = await self.put(made["file"]["uploadUrl"], raw, made["file"]["uploadHeaders"])
        assert done.status == 200, done

    async def save(self, files=None, *, name="ds", references=None, **more):
        """Save an artifact whole; return what the commit, or the creation, says of it."""
        files = {"a.txt": b"a"} if files is None else files
        entries = {path: stored(content) for path, content in files.items()}
        entries |= references or {}
        made = await self.create(digest_of(entries), name, **more)
        if made["state"] == "COMMITTED":
            return made
        await self.bring(made["id"], files)
        await self.bring_manifest(made["id"], entries)
        return await self.commit(made["id"])

    async def commit(self, artifact_id):
        done = await self.data(COMMIT, artifactID=artifact_id)
        return done["commitArtifact"]["artifact"]

    async def read(self, artifact_id):
        return (await self.data(READ, id=artifact_id))["artifact"]

    async def entries(self, artifact_id):
        """Return the contents of the manifest that is handed out."""
        artifact = await self.read(artifact_id)
        answer = await self.get(artifact["currentManifest"]["file"]["directUrl"])
        assert answer.status == 200
        body = answer.body
        return (body if isinstance(body, dict) else json.loads(body))["contents"]

    async def aliases(self, artifact_id):
        return [one["alias"] for one in (await self.read(artifact_id))["aliases"]]
