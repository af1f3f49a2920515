"""Files of a run."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any, TextIO

from wandb.apis.public.paginator import Page, Paginator
from wandb.apis.public.source import RunSource, StoredFile
from wandb.errors import CommError


class File:
    """One file of a run."""

    def __init__(self, stored: StoredFile) -> None:
        self._stored = stored

    @property
    def name(self) -> str:
        """The path below the run's files, with forward slashes."""
        return self._stored.name

    @property
    def id(self) -> str:
        """What names the file where it is kept: on a server its own id, in a folder its name."""
        return self._stored.id

    @property
    def size(self) -> int:
        """Size in bytes."""
        return self._stored.size_bytes

    @property
    def sizeBytes(self) -> int:  # noqa: N802
        """The same as `size`, as the wire spells it."""
        return self.size

    @property
    def mimetype(self) -> str:
        """The media type."""
        return self._stored.mimetype

    @property
    def updated_at(self) -> str:
        """When it last changed: ISO 8601, UTC."""
        return self._stored.updated_at

    @property
    def md5(self) -> str:
        """MD5 of the content, base64."""
        return self._stored.md5

    @property
    def url(self) -> str | None:
        """Where to get it; None for a file that is made from a journal when asked for."""
        return self._stored.url

    @property
    def direct_url(self) -> str | None:
        """Where its bytes lie; the same as `url` unless that leads on."""
        return self._stored.direct_url

    @property
    def path_uri(self) -> str:
        """The address in an object store, empty where the file is in none.

        An `s3://` address for a file in Amazon's, else what `direct_url` says.
        """
        return _object_uri(self.direct_url or "")

    def download(
        self, root: str = ".", replace: bool = False, exist_ok: bool = False, api: Any = None
    ) -> TextIO:
        """Copy the file below `root` and open the copy.

        A download that fails leaves nothing behind, and a file that was there as it was.

        Args:
            root: The folder that the file's name is relative to.
            replace: Write over a file that is there.
            exist_ok: Leave a file that is there, and open it.
            api: Not used: the file knows where it came from.

        Returns:
            The copy, opened for reading as text.

        Raises:
            CommError: There is a file, and neither `replace` nor `exist_ok` is given; or the
                server does not give the file.
        """
        target = _inside(Path(root), self.name)
        if target.exists() and not replace:
            if not exist_ok:
                raise CommError(
                    "The file exists already and was left as it is. Give replace=True to write "
                    f"over it or exist_ok=True to keep it: {target}"
                )
        else:
            self._fetch(target)
        return target.open(encoding="utf-8")

    def _fetch(self, target: Path) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".wandb-", dir=target.parent) as folder:
            made = Path(folder) / "file"
            self._stored.save_to(made)
            os.replace(made, target)

    def delete(self) -> None:
        """Remove the file from the run.

        Raises:
            UnsupportedError: The run is in a folder, which is read-only.
            CommError: The server refused.
        """
        self._stored.delete()

    def __repr__(self) -> str:
        return f"<File {self.name} ({self.mimetype}) {self.size}B>"


class Files(Paginator[File]):
    """The files of a run, by name; fetched as far as needed."""

    def __init__(
        self,
        source: RunSource,
        run_path: str,
        *,
        names: list[str] | None = None,
        pattern: str | None = None,
        per_page: int = 50,
    ) -> None:
        def fetch(after: str | None, limit: int) -> Page[File]:
            page = source.files(names or (), pattern, after, limit)
            return Page([File(one) for one in page.items], page.after, page.total)

        super().__init__(fetch, per_page=per_page)
        self._run_path = run_path

    def __repr__(self) -> str:
        return f"<Files {self._run_path}>"


def _inside(root: Path, name: str) -> Path:
    """Join a folder and a file's name; a name chosen elsewhere must not lead out of it."""
    target = root / name
    if not target.resolve().is_relative_to(root.resolve()):
        raise CommError(f"The file's name leads out of the folder, so it was not saved: {name!r}")
    return target


def _object_uri(url: str) -> str:
    from urllib.parse import urlsplit

    parts = urlsplit(url)
    host = parts.hostname or ""
    if not (host.startswith("s3") or ".s3" in host) or not host.endswith(".amazonaws.com"):
        return url if parts.scheme in ("http", "https") else ""
    path = parts.path.lstrip("/")
    bucket, _, rest = host.partition(".s3")
    return f"s3://{bucket}/{path}" if rest else f"s3://{path}"
