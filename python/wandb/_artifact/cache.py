"""The cache of files that were downloaded: by their content, for all artifacts and programs."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable

from wandb._settings.variables import get_cache_dir

__all__ = ("FileCache", "file_cache")


class FileCache:
    """Files by the MD5 of their content.

    Several programs may use it at once: a file appears whole, by one rename, and whoever finds
    one looks at its size, so that what a full disk cut off is not taken for it.

    Args:
        folder: Where it is; made when something is kept.
    """

    def __init__(self, folder: str) -> None:
        self.folder = folder

    def path(self, md5: str) -> str:
        """Return where the file of an MD5 in hexadecimal lies, if it is there."""
        return os.path.join(self.folder, "obj", "md5", md5[:2], md5[2:])

    def find(self, md5: str, size: int) -> str | None:
        """Return the path of a file that is there whole, else None."""
        path = self.path(md5)
        try:
            return path if os.path.getsize(path) == size else None
        except OSError:
            return None

    def keep(self, md5: str, make: Callable[[str], object]) -> str:
        """Have a file made, and keep it.

        Args:
            md5: What it is.
            make: Makes the file of the path that it is given, and raises if it is not right.

        Returns:
            Where it lies.

        Raises:
            OSError: It can't be written.
        """
        target = self.path(md5)
        made = self.temporary()
        try:
            make(made)
            os.makedirs(os.path.dirname(target), exist_ok=True)
            os.replace(made, target)
        except BaseException:
            _remove(made)
            raise
        return target

    def temporary(self) -> str:
        """Return the path of a new, empty file beside those that are kept."""
        folder = os.path.join(self.folder, "tmp")
        os.makedirs(folder, exist_ok=True)
        handle, path = tempfile.mkstemp(dir=folder)
        os.close(handle)
        return path

    def copy_to(self, md5: str, size: int, target: str) -> bool:
        """Copy a file, if it is there whole, to a place of the user's; return whether it was."""
        found = self.find(md5, size)
        if found is None:
            return False
        try:
            shutil.copyfile(found, target)
        except FileNotFoundError:
            return False  # somebody tidied up meanwhile
        return os.path.getsize(target) == size


def file_cache() -> FileCache:
    """Return this user's cache."""
    return FileCache(os.path.join(str(get_cache_dir()), "artifacts"))


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        return
