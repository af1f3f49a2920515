"""What all values with a form of their own have in common."""

from typing import Any, Protocol


class MediaSink(Protocol):
    """Where the bytes of a value go."""

    def put(self, content: bytes, *, kind: str, name: str, extension: str) -> dict[str, Any]:
        """Keep the content as a file.

        Args:
            content: The file, whole.
            kind: The folder of its kind of values, such as `graph`.
            name: What its name begins with; a slash in it makes a folder.
            extension: What its name ends with, the dot included.

        Returns:
            `sha256`, `size` in bytes, and `path` as a reader of the run finds it.

        Raises:
            OSError: It can't be written.
        """


class WBValue:
    """A value that says itself how it is kept."""


class Media(WBValue):
    """A value that is kept as a file."""

    def to_wire(self, sink: MediaSink, *, name: str) -> dict[str, Any]:
        """Put the file into a sink, and return what stands for the value in JSON.

        Args:
            sink: Where the file goes.
            name: What the file's name begins with.

        Raises:
            OSError: The file can't be written.
        """
        raise NotImplementedError
