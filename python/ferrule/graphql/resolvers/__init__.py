"""Resolvers, one file per feature; together one for each field of the schema."""

from ferrule.graphql.resolvers import files, history, people, projects, run_changes, runs
from ferrule.graphql.resolvers import server_info as server
from ferrule.graphql.resolvers.binding import Resolver

RESOLVERS: dict[str, dict[str, Resolver]] = {
    "Query": {**people.QUERY, **projects.QUERY, **server.QUERY},
    "Mutation": {
        **run_changes.MUTATION,
        **files.MUTATION,
        **projects.MUTATION,
        **people.MUTATION,
    },
    "User": people.USER,
    "Entity": people.ENTITY,
    "Project": projects.PROJECT,
    "Run": {**runs.RUN, **history.RUN, **files.RUN},
    "File": files.FILE,
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
    )
)
"""Types whose values are dictionaries with the fields' names."""
