"""What the server is and can do. The only field that is answered without a key."""

from typing import Any

from ferrule.graphql.resolvers.binding import Info, Resolver
from wandb._wire.graphql import OWN_FEATURE
from wandb._wire.journal import PRODUCER

# What both clients compare themselves with; a low number makes them leave things out.
_CLIENTS = {"min_cli_version": "0.8.0", "max_cli_version": "0.99.0"}

FEATURES = (
    "LARGE_FILENAMES",
    "ARTIFACT_TAGS",
    "CLIENT_IDS",
    "PROJECT_ARTIFACT_COLLECTION_MEMBERSHIP",
    "ARTIFACT_COLLECTION_MEMBERSHIP_FILES",
    "ARTIFACT_COLLECTION_MEMBERSHIP_FILE_DOWNLOAD_HANDLER",
    "ARTIFACT_V2_DOWNLOAD_HANDLER_SUPPORTS_ARTIFACT_ID",
    "USE_ARTIFACT_WITH_ENTITY_AND_PROJECT_INFORMATION",
    "TOTAL_COUNT_IN_FILE_CONNECTION",
    "MARK_RUN_FILES_UPLOADED",
    "FILESTREAM_GZIP",
    OWN_FEATURE,
)
"""What is implemented, by the clients' names."""


def _server_info(_root: Any, _info: Info) -> dict[str, Any]:
    return {
        "cliVersionInfo": _CLIENTS,
        "latestLocalVersionInfo": {
            "outOfDate": False,
            "latestVersionString": PRODUCER,
            "versionOnThisInstanceString": PRODUCER,
        },
        "features": [{"name": name, "isEnabled": True} for name in FEATURES],
    }


QUERY: dict[str, Resolver] = {"serverInfo": _server_info}
