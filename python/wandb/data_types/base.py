"""What all values with a form of their own have in common.

A value knows its shape (`to_wire`), a sink knows where bytes go: a run's media folder, or an
artifact. Neither hears of the other's insides, and `_run` and `_artifact` are not known here.
"""

import hashlib
import os
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

if TYPE_CHECKING:
    from wandb.data_types.pixels import Pixels

_CHUNK_BYTES = 1 << 20


class Content:
    """The bytes of a value: made in memory, or lying in a file of the user's.

    Args:
        extension: What the file's name ends with, the dot included.
        data: The bytes, where they were made.
        path: The file, where they lie in one.
        pixels: What a PNG file is made of, when its bytes are first asked for.

    """

    def __init__(
        self,
        extension: str,
        *,
        data: bytes | None = None,
        path: str | os.PathLike[str] | None = None,
        pixels: "Pixels | None" = None,
    ) -> None:
        if sum(one is not None for one in (data, path, pixels)) != 1:
            raise ValueError("a content is bytes, a file or pixels")
        self.extension = extension
        self.pixels = pixels
        self.path = None if path is None else os.fspath(path)
        self._data = data

    @property
    def data(self) -> bytes | None:
        """The bytes; None where they lie in a file of the user's. They take the pixels' place."""
        pixels = self.pixels
        if self._data is None and pixels is not None:
            self._data, self.pixels = pixels.encoded("png"), None
        return self._data

    @property
    def is_made(self) -> bool:
        """Whether the bytes were made here; a user's file keeps its name in artifacts."""
        return self.path is None

    @cached_property
    def size(self) -> int:
        """Bytes."""
        data = self.data
        return os.path.getsize(self.path or "") if data is None else len(data)

    @cached_property
    def sha256(self) -> str:
        """The SHA-256 in hexadecimal.

        Raises:
            OSError: The file can't be read.
        """
        return self._digest("sha256")

    @cached_property
    def md5(self) -> str:
        """The MD5 in hexadecimal, by which the wire names content.

        Raises:
            OSError: The file can't be read.
        """
        return self._digest("md5")

    def write_to(self, path: str | os.PathLike[str]) -> None:
        """Write the bytes into a file.

        Raises:
            OSError: They can't be read or written.
        """
        data = self.data
        if data is not None:
            Path(path).write_bytes(data)
            return
        import shutil

        shutil.copyfile(self.path or "", path)

    def _digest(self, algorithm: str) -> str:
        digest = hashlib.new(algorithm, usedforsecurity=False)
        data = self.data
        if data is not None:
            digest.update(data)
            return digest.hexdigest()
        with open(self.path or "", "rb") as file:
            while chunk := file.read(_CHUNK_BYTES):
                digest.update(chunk)
        return digest.hexdigest()


class MediaSink(Protocol):
    """Where the bytes of a value go."""

    in_artifact: bool
    """Whether what stands for a value goes into an artifact's file, not into a run's row."""

    def keep(self, content: Content, *, kind: str, name: str) -> dict[str, Any]:
        """Keep a content as a file.

        Args:
            content: The file, whole.
            kind: The folder of its kind of values below `media`, such as `graph`.
            name: What its name begins with in a run; a slash in it makes a folder.

        Returns:
            `sha256`, `size` in bytes, and `path` as a reader finds it.

        Raises:
            OSError: It can't be read or written.
        """


class ArtifactSink(MediaSink, Protocol):
    """A sink that takes more than files."""

    def add(self, obj: Any, name: str) -> Any:
        """Put a value into a JSON file of its own; return its entry: a path and a digest."""

    def add_reference(self, uri: str, name: str | None = None) -> Any:
        """Note what lies elsewhere under a name."""


class MediaSource(Protocol):
    """Where the bytes of a value that is read come from."""

    def fetch(self, path: str) -> str:
        """Return where a file lies on this machine, fetched if need be.

        Args:
            path: The file, as the value names it.

        Raises:
            OSError: It can't be fetched.
        """


class WBValue:
    """A value that says itself how it is kept."""

    _log_type: ClassVar[str | None] = None
    # Whether it is kept in an artifact of its own, which is made first.
    needs_artifact: ClassVar[bool] = False
    # The folder of the run that has its file already, and what stands for it there, or where that
    # is made later the key and the name of the file that it was first logged under.
    _kept: tuple[str, dict[str, Any] | tuple[str, str]] | None = None
    # The artifact that it was got from, and the one that it was added to; set by `_artifact`.
    _artifact_source: Any = None
    _artifact_target: Any = None

    def to_wire(self, sink: MediaSink, *, name: str) -> dict[str, Any]:
        """Put what the value needs into a sink, and return what stands for it in JSON.

        Args:
            sink: Where files go.
            name: What their names begin with in a run.

        Raises:
            OSError: A file can't be written.
            NotImplementedError: It is a part of other values, and none by itself.
        """
        raise NotImplementedError(f"{type(self).__name__} is no value that can be kept by itself")

    @classmethod
    def from_wire(cls, wire: dict[str, Any], source: MediaSource) -> "WBValue":
        """Make the value again of what stands for it.

        Raises:
            ValueError: It stands for no such value.
            OSError: A file can't be fetched.
        """
        raise NotImplementedError


class Media(WBValue):
    """A value that is kept as a file.

    Two of them are equal when their files hold the same bytes.

    Args:
        caption: Words to show with it.

    Attributes:
        kind: The folder of its kind of values below `media`.
    """

    kind: ClassVar[str]
    _content: Content
    _caption: str | None = None

    def __init__(self, caption: str | None = None) -> None:
        self._caption = caption

    def __eq__(self, other: object) -> bool:
        if self is other or not isinstance(other, type(self)):
            return self is other
        mine, theirs = getattr(self, "_content", None), getattr(other, "_content", None)
        return mine is not None and theirs is not None and mine.sha256 == theirs.sha256

    def __hash__(self) -> int:
        content = getattr(self, "_content", None)
        return object.__hash__(self) if content is None else hash(content.sha256)

    def to_wire(self, sink: MediaSink, *, name: str) -> dict[str, Any]:
        """Keep the file, and return what stands for the value in JSON."""
        caption = {} if self._caption is None else {"caption": self._caption}
        found = sink.keep(self._content, kind=self.kind, name=name)
        return {**caption, "_type": self._log_type, **found}


class BatchableMedia(Media):
    """A value that is kept as a file, and of which a list is kept as one value."""

    @classmethod
    def list_to_wire(cls, values: Sequence[Any], sink: MediaSink, *, name: str) -> dict[str, Any]:
        """Do as `to_wire` for several values of this class.

        Args:
            values: One or more.
            sink: Where files go.
            name: What their names begin with in a run.

        Raises:
            OSError: A file can't be written.
        """
        raise NotImplementedError
