"""Absolute, signed addresses that a client may use without a key."""

from typing import Protocol

from ferrule.ports.files import RunFile
from ferrule.ports.runs import Run


class Links(Protocol):
    """Makes links for one request, on the host that the request came to."""

    def upload_url(self, run: Run, name: str) -> str:
        """Return where to PUT a file of a run. `name` was checked by `domain.names.file_name`."""

    def download_url(self, run: Run, file: RunFile) -> str:
        """Return where to GET a file of a run."""

    def content_upload_url(self, artifact_id: int, md5: str) -> str:
        """Return where to PUT bytes of an artifact; `md5` is theirs, in base64."""

    def manifest_upload_url(self, artifact_id: int, manifest_id: int) -> str:
        """Return where to PUT a manifest of an artifact."""

    def entry_url(self, artifact_id: int, path: str) -> str:
        """Return where to GET a file of an artifact."""

    def manifest_url(self, artifact_id: int) -> str:
        """Return where to GET an artifact's manifest."""
