"""Files that a run makes in its own folder: whole ones, and never by way of a user's link.

`Run.save` puts links to the user's files and folders there. Whatever is written takes the place
of such a link, and leaves what it leads to as it is.
"""

import os
import threading
from collections.abc import Callable
from pathlib import PurePath

__all__ = ("place",)


def place(make: Callable[[str], object], folder: str, name: str) -> bool:
    """Make a file of the run, and put it in its place in one step.

    Args:
        make: Makes a file or a link of the path that it is given; False where there is none.
        folder: The run's files.
        name: The file's path below.

    Returns:
        Whether something was put there.

    Raises:
        OSError: It can't be written; what was there is as it was.
    """
    target = os.path.join(folder, name)
    above = _folders(folder, PurePath(name).parts[:-1])
    made = os.path.join(above, f".{os.getpid()}-{threading.get_ident()}.new")
    try:
        _remove(made)
        if make(made) is False:
            return False
        os.replace(made, target)
    finally:
        _remove(made)
    return True


def _folders(folder: str, parts: tuple[str, ...]) -> str:
    """Make the folders above a file, as folders: one that is a link leads to the user's own."""
    os.makedirs(folder, exist_ok=True)
    for part in parts:
        folder = os.path.join(folder, part)
        if os.path.islink(folder):
            _remove(folder)
        os.makedirs(folder, exist_ok=True)
    return folder


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except FileNotFoundError:
        return  # as wished
