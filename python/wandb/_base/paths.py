"""File names and links in a run's folder."""

import os
from collections.abc import Iterator
from typing import Any, TypeAlias

StrPath: TypeAlias = "str | os.PathLike[str]"


def replace_symlink(link: str, target: str) -> None:
    """Point a link at a target, relative to the link's folder, in one step.

    Several processes may do so at once, and a reader never sees the link missing.
    """
    relative = os.path.relpath(target, os.path.dirname(link))
    made = f"{link}.{os.getpid()}"
    try:
        os.symlink(relative, made)
        os.replace(made, link)
    except OSError:
        # A link is a convenience: file systems without links, and folders that stand in the
        # way under its name, are no reason to fail.
        _remove_quietly(made)


def _remove_quietly(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        return


def size_bytes(path: str) -> int:
    """Return how long a file is; 0 for one that is not there or can't be looked at."""
    try:
        return os.stat(path).st_size
    except OSError:
        return 0


def is_writable(folder: str) -> bool:
    """Whether a folder exists, or can be made, and takes files."""
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK | os.X_OK)


class LogicalPath(str):
    """A path with forward slashes on every system, as it appears inside a run or artifact."""

    def __new__(cls, path: StrPath) -> "LogicalPath":
        """Rewrite a path of this system."""
        as_posix = getattr(path, "as_posix", None)
        text = as_posix() if as_posix is not None else os.fspath(path).replace(os.sep, "/")
        return super().__new__(cls, text)

    def to_path(self) -> Any:
        """Return it as a `pathlib.PurePosixPath`."""
        from pathlib import PurePosixPath

        return PurePosixPath(self)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        found = getattr(self.to_path(), name)
        return found if not callable(found) else _as_logical(found)


def _as_logical(method: Any) -> Any:
    from pathlib import PurePath

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        found = method(*args, **kwargs)
        return LogicalPath(found) if isinstance(found, PurePath) else found

    return wrapped


def mkdir_exists_ok(dir_name: StrPath) -> None:
    """Make a folder and those above it, if they are not there.

    Raises:
        FileExistsError: Something else stands there.
        OSError: It can't be made.
    """
    try:
        os.makedirs(dir_name, exist_ok=True)
    except FileExistsError as err:
        raise FileExistsError(f"{dir_name} exists and is no folder; move it away") from err


def files_in(path: StrPath) -> Iterator["os.DirEntry[str]"]:
    """Yield the files below a folder, at any depth."""
    with os.scandir(path) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from files_in(entry.path)
            else:
                yield entry


def check_exists(path: StrPath) -> "StrPath | None":
    """Return a path if something is there, else None."""
    return path if os.path.exists(path) else None
