"""Files of a run."""

import hashlib
import mimetypes
import re
from base64 import b64encode
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, TextIO, overload

from wandb.apis.public.source import StoredFile
from wandb.errors import CommError, UnsupportedError


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
        """The same as `name`: names are unique in a folder."""
        return self._stored.name

    @property
    def size(self) -> int:
        """Size in bytes."""
        return self._stored.size_bytes

    @property
    def mimetype(self) -> str:
        """The media type, guessed by the name."""
        return mimetypes.guess_type(self.name)[0] or "application/octet-stream"

    @property
    def updated_at(self) -> str:
        """When it last changed: ISO 8601, UTC."""
        moment = datetime.fromtimestamp(self._stored.modified_at, timezone.utc)
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ")

    @property
    def md5(self) -> str:
        """MD5 of the content, base64."""
        digest = hashlib.md5(self._stored.read(), usedforsecurity=False).digest()
        return b64encode(digest).decode()

    @property
    def url(self) -> str | None:
        """A `file:` address, None for a file that is made from the journal."""
        return self._stored.path.resolve().as_uri() if self._stored.path else None

    @property
    def direct_url(self) -> str | None:
        """The same as `url`."""
        return self.url

    @property
    def path_uri(self) -> str:
        """The address in an object store; empty, since the file is in a folder."""
        return ""

    def download(
        self, root: str = ".", replace: bool = False, exist_ok: bool = False, api: Any = None
    ) -> TextIO:
        """Copy the file below `root` and open the copy.

        Args:
            root: The folder that the file's name is relative to.
            replace: Write over a file that is there.
            exist_ok: Leave a file that is there, and open it.
            api: Not used; other sources need it.

        Returns:
            The copy, opened for reading as text.

        Raises:
            CommError: There is a file, and neither `replace` nor `exist_ok` is given.
        """
        target = Path(root) / self.name
        if target.exists() and not replace:
            if not exist_ok:
                raise CommError(
                    "The file exists already and was left as it is. Give replace=True to write "
                    f"over it or exist_ok=True to keep it: {target}"
                )
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(self._stored.read())
        return target.open(encoding="utf-8")

    def delete(self) -> None:
        """Refuse: a run is read here, not changed."""
        raise UnsupportedError(
            f"Files of a run in a folder are read-only: {self.name} was not deleted."
        )

    def __repr__(self) -> str:
        return f"<File {self.name} ({self.mimetype}) {self.size}B>"


class Files:
    """The files of a run that were there when it was asked for, by name."""

    def __init__(self, run_path: str, stored: list[StoredFile]) -> None:
        self._run_path = run_path
        self._files = [File(one) for one in stored]

    def __iter__(self) -> Iterator[File]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)

    @overload
    def __getitem__(self, index: int) -> File: ...
    @overload
    def __getitem__(self, index: slice) -> list[File]: ...
    def __getitem__(self, index: int | slice) -> File | list[File]:
        return self._files[index]

    @property
    def length(self) -> int:
        """How many there are; `len(files)` tells the same."""
        return len(self)

    def __repr__(self) -> str:
        return f"<Files {self._run_path} ({len(self)})>"


def matching(
    stored: list[StoredFile], names: list[str] | None, pattern: str | None
) -> list[StoredFile]:
    """Keep the files with one of these names, or whose name fits a SQL LIKE pattern.

    Raises:
        CommError: Both were given.
    """
    if names and pattern:
        raise CommError("Give `names` or `pattern`, not both: no files were listed.")
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
