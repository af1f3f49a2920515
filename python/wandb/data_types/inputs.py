"""What users hand to media types: files, streams, and libraries of their own."""

import errno
import os
from importlib import import_module
from typing import Any

from wandb.data_types.base import Content, MediaSource
from wandb.errors import Error


def file_content(
    owner: str, path: str | os.PathLike[str], *, extension: str | None = None
) -> Content:
    """Return the content of a user's file.

    Args:
        owner: The type that takes it, as messages name it.
        path: The file; where it lies is remembered, whatever becomes of the working directory.
        extension: What its name ends with, where that is more than what follows the last dot.

    Raises:
        OSError: There is no such file, or it is a folder or can't be read.
        ValueError: The path holds a NUL, which no path has.
    """
    found = os.path.abspath(os.fspath(path))
    try:
        os.stat(found)
    except FileNotFoundError as err:
        reason = f"wandb.{owner}: there is no such file; check the path"
        raise FileNotFoundError(errno.ENOENT, reason, os.fspath(path)) from err
    except OSError as err:
        reason = f"wandb.{owner}: the file can't be looked at ({err.strerror}); check the path"
        raise OSError(err.errno, reason, os.fspath(path)) from err
    except ValueError as err:
        raise ValueError(f"wandb.{owner}: no path holds a NUL, as {path!r} does") from err
    if not os.path.isfile(found):
        reason = f"wandb.{owner} takes a file, and this is none"
        raise IsADirectoryError(errno.EISDIR, reason, os.fspath(path))
    with open(found, "rb"):  # what can't be read is told here, not when it is logged
        return Content(extension or os.path.splitext(found)[1], path=found)


def path_of(value: Any) -> str | None:
    """Return the path that a value is, or that the file behind a stream has, or None."""
    if isinstance(value, (str, os.PathLike)):
        path: str | bytes = os.fspath(value)
        return path if isinstance(path, str) else os.fsdecode(path)
    named = getattr(value, "name", None)
    # A temporary file without a name has a number in its place.
    return named if isinstance(named, str) and hasattr(value, "read") else None


def read_stream(owner: str, stream: Any) -> str | bytes:
    """Return all that a stream holds, from its beginning where it can go back.

    Raises:
        TypeError: It gives neither text nor bytes.
    """
    if hasattr(stream, "seek"):
        stream.seek(0)
    found = stream.read()
    if not isinstance(found, (str, bytes)):
        raise TypeError(
            f"wandb.{owner}: reading {type(stream).__name__} gives {type(found).__name__}; "
            "pass a stream of text or bytes"
        )
    return found


def as_bytes(text: str | bytes) -> bytes:
    """Return text as UTF-8, and bytes as they are."""
    return text.encode("utf-8") if isinstance(text, str) else text


def library(name: str, *, purpose: str, install: str) -> Any:
    """Load a library that may not be installed.

    Args:
        name: Its module.
        purpose: What needs it, as the beginning of a sentence.
        install: What pip is to install.

    Raises:
        Error: It is missing.
    """
    try:
        return import_module(name)
    except ImportError as err:
        top = name.partition(".")[0]
        raise Error(
            f"{purpose} needs {top}, which can't be imported ({err}): pip install {install}"
        ) from err


def fetched(owner: str, wire: dict[str, Any], source: MediaSource) -> str:
    """Return where the file of a value that is read lies on this machine.

    Raises:
        ValueError: The value names no file.
        OSError: It can't be fetched.
    """
    path = wire.get("path")
    if not isinstance(path, str):
        raise ValueError(f"wandb.{owner}: `path` names no file but {path!r}; nothing was read")
    return source.fetch(path)


def listed_captions(values: Any) -> list[str | None] | bool:
    """Return the captions of a list of values, or False if the first has none."""
    if values[0]._caption is None:
        return False
    return [value._caption for value in values]
