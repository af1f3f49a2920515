"""Files of a run in a folder."""

from __future__ import annotations

import mimetypes
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from wandb._base.digests import md5_b64
from wandb.errors import UnsupportedError


@dataclass(frozen=True, slots=True)
class LocalFile:
    """One file: where its bytes are, or the bytes themselves; a `StoredFile`."""

    name: str
    size_bytes: int
    modified_at: float
    path: Path | None = None
    content: bytes | None = None

    @property
    def id(self) -> str:
        """The same as `name`: names are unique in a folder."""
        return self.name

    @property
    def mimetype(self) -> str:
        """The media type, guessed by the name."""
        return mimetypes.guess_type(self.name)[0] or "application/octet-stream"

    @property
    def updated_at(self) -> str:
        """When it last changed: ISO 8601, UTC."""
        moment = datetime.fromtimestamp(self.modified_at, timezone.utc)
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ")

    @property
    def url(self) -> str | None:
        """A `file:` address, None for a file that is made from the journal."""
        return self.path.resolve().as_uri() if self.path else None

    @property
    def direct_url(self) -> str | None:
        """The same as `url`."""
        return self.url

    @property
    def md5(self) -> str:
        """MD5 of the content, base64."""
        return md5_b64(self._read())

    def save_to(self, target: Path) -> None:
        """Write the whole content to a file."""
        target.write_bytes(self._read())

    def delete(self) -> None:
        """Refuse: a run is read here, not changed."""
        raise UnsupportedError(
            f"Files of a run in a folder are read-only: {self.name} was not deleted."
        )

    def _read(self) -> bytes:
        if self.content is not None:
            return self.content
        return self.path.read_bytes() if self.path else b""


def files_in(root: Path) -> Iterator[LocalFile]:
    """List the files below a folder; links are followed."""
    for folder, _, names in os.walk(root, followlinks=True):
        for name in names:
            path = Path(folder, name)
            try:
                stat = path.stat()
            except OSError:
                # A link whose target has gone, or a file removed since it was listed.
                continue
            relative = path.relative_to(root).as_posix()
            yield LocalFile(relative, stat.st_size, stat.st_mtime, path=path)


def matching(stored: list[LocalFile], names: Sequence[str], pattern: str | None) -> list[LocalFile]:
    """Keep the files with one of these names, or whose name fits a SQL LIKE pattern."""
    if names:
        return [one for one in stored if one.name in set(names)]
    if pattern:
        like = _like(pattern)
        return [one for one in stored if like.fullmatch(one.name)]
    return stored


def _like(pattern: str) -> re.Pattern[str]:
    wild = {"%": ".*", "_": "."}
    body = "".join(wild.get(char, re.escape(char)) for char in pattern)
    return re.compile(body, re.DOTALL | re.IGNORECASE)
