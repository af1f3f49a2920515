"""Files of a run on a server."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wandb.apis.public.server import Server
from wandb.errors import CommError


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """One file; a `StoredFile`."""

    server: Server
    project_id: int | None
    node: dict[str, Any]

    @property
    def name(self) -> str:
        """The path below the run's files."""
        return str(self.node["name"])

    @property
    def id(self) -> str:
        """The server's own id."""
        return str(self.node["id"])

    @property
    def size_bytes(self) -> int:
        """Size in bytes; some servers spell it as text."""
        return int(self.node.get("sizeBytes") or 0)

    @property
    def mimetype(self) -> str:
        """The media type."""
        return self.node.get("mimetype") or "application/octet-stream"

    @property
    def updated_at(self) -> str:
        """When it last changed."""
        return self.node.get("updatedAt") or ""

    @property
    def url(self) -> str | None:
        """Where to get it, with the key."""
        return self.node.get("url")

    @property
    def direct_url(self) -> str | None:
        """Where its bytes lie."""
        return self.node.get("directUrl")

    @property
    def md5(self) -> str:
        """MD5 of the content, base64."""
        return self.node.get("md5") or ""

    def save_to(self, target: Path) -> None:
        """Download to a file."""
        if not self.url:
            raise CommError(f"The server has no content for the file {self.name!r} (yet).")
        self.server.save(self.url, target)

    def delete(self) -> None:
        """Remove the file from the run."""
        answer = self.server.ask("RemoveFiles", files=[self.id], project=self.project_id)
        if not (answer.get("deleteFiles") or {}).get("success"):
            raise CommError(f"The server did not delete the file {self.name!r}.")
