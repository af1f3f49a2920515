"""Resolvers, one file per feature; together one for each field of the schema."""

from ferrule.graphql.resolvers import (
    artifact_changes,
    artifacts,
    collections,
    files,
    history,
    people,
    projects,
    run_changes,
    runs,
)
from ferrule.graphql.resolvers import server_info as server
from ferrule.graphql.resolvers.binding import Resolver
from ferrule.ports.collections import Collection
from ferrule.ports.people import Person
from ferrule.ports.runs import Run

RESOLVERS: dict[str, dict[str, Resolver]] = {
    "Query": {
        **people.QUERY,
        **projects.QUERY,
        **artifacts.QUERY,
        **collections.QUERY,
        **server.QUERY,
    },
    "Mutation": {
        **run_changes.MUTATION,
        **files.MUTATION,
        **projects.MUTATION,
        **people.MUTATION,
        **artifact_changes.MUTATION,
    },
    "User": people.USER,
    "Entity": people.ENTITY,
    "Project": {**projects.PROJECT, **collections.PROJECT},
    "Run": {**runs.RUN, **history.RUN, **files.RUN, **artifacts.RUN},
    "File": files.FILE,
    "Artifact": artifacts.ARTIFACT,
    "ArtifactManifest": artifacts.MANIFEST,
    "ArtifactType": collections.TYPE,
    "ArtifactSequence": collections.SEQUENCE,
    "ArtifactCollectionMembership": collections.MEMBERSHIP,
    "ArtifactAlias": collections.ALIAS,
    "Tag": artifacts.TAG,
}
"""For each type all of its fields."""

PLAIN = frozenset(
    (
        *("ApiKey", "ApiKeyConnection", "ApiKeyEdge", "EntityConnection", "EntityEdge"),
        *("Organization", "GenerateApiKeyPayload", "SuccessPayload"),
        *("ServerInfo", "LocalVersionInfo", "ServerFeature", "ServerSettings", "ServerMessage"),
        *("ProjectConnection", "ProjectEdge", "PageInfo", "UpsertModelPayload"),
        *("RunConnection", "RunEdge", "ParquetHistory"),
        *("RunLogLine", "LogLineConnection", "LogLineEdge"),
        *("UpsertBucketPayload", "RewindRunPayload", "DeleteRunPayload", "StopRunPayload"),
        *("FileConnection", "FileEdge", "CreateRunFilesPayload"),
        *("UploadMultipartUrls", "UploadUrlPart", "ClientIDMapping", "TagConnection", "TagEdge"),
        *("ArtifactConnection", "ArtifactEdge", "ArtifactTypeConnection", "ArtifactTypeEdge"),
        *("VersionedArtifactConnection", "VersionedArtifactEdge"),
        *("ArtifactCollectionConnection", "ArtifactCollectionEdge"),
        *("ArtifactCollectionMembershipConnection", "ArtifactCollectionMembershipEdge"),
        *("ArtifactAliasConnection", "ArtifactAliasEdge"),
        *("CreateArtifactPayload", "ArtifactManifestPayload", "CreateArtifactFilesPayload"),
        *("ArtifactPayload",),
    )
)
"""Types whose values are dictionaries with the fields' names."""

KINDS: dict[type, str] = {Run: "Run", Person: "User", Collection: "ArtifactSequence"}
"""Of which type a value is where several may stand."""
