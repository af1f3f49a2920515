"""Values with files of their own, as rows hold them: which files a value names."""

from collections.abc import Iterator
from typing import Any

# What a run's media lies under; other paths of a value are not the run's files.
FOLDER = "media/"
MAX_FILES = 2000
# Values nest a few levels: a list of images, each with masks, each with a path.
DEEPEST = 8
# What a list of values with types of their own is called among the kinds of a key.
MEDIA_LIST = "media-list"


def is_media_list(value: Any) -> bool:
    """Tell whether a value is a list in which there is something with a type of its own."""
    return isinstance(value, list) and any(
        isinstance(one, dict) and isinstance(one.get("_type"), str) for one in value
    )


def files_of(value: Any) -> list[str]:
    """Return the run's files that a value names, each once, in the order they are named."""
    found: dict[str, None] = {}
    for path in _paths(value, 0):
        found[path] = None
        if len(found) >= MAX_FILES:
            break
    return list(found)


def _paths(value: Any, depth: int) -> Iterator[str]:
    if depth > DEEPEST:
        return
    if isinstance(value, dict):
        for name, inner in value.items():
            if name == "path":
                yield from _texts([inner])
            elif name == "filenames" and isinstance(inner, list):
                yield from _texts(inner)
            else:
                yield from _paths(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            yield from _paths(inner, depth + 1)


def _texts(values: list[Any]) -> Iterator[str]:
    for value in values:
        if isinstance(value, str) and value.startswith(FOLDER) and not _leads_out(value):
            yield value


def _leads_out(path: str) -> bool:
    """Tell whether a browser would make another address of a path: it takes dots out of it."""
    return any(part in (".", "..") for part in path.replace("\\", "/").split("/"))
