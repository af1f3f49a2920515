"""Staging: copies of what was added, as it was then, until it is uploaded."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass

from wandb._base.digests import hex_to_b64_id
from wandb._native import digest_files
from wandb._settings.variables import DATA_DIR, get_data_dir

__all__ = ("Staged", "get_staging_dir", "in_place", "stage", "stage_made")

_THREADS = 8


@dataclass(frozen=True, slots=True)
class Staged:
    """A file that is ready to be uploaded.

    Attributes:
        path: Where it lies.
        digest: Its MD5, in base64.
        size: Bytes.
    """

    path: str
    digest: str
    size: int


def get_staging_dir() -> str:
    """Return the folder of staged files, made if need be.

    Raises:
        PermissionError: It can't be made.
    """
    folder = os.path.abspath(os.path.expanduser(os.path.join(get_data_dir(), "artifacts/staging")))
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError as err:
        raise PermissionError(
            f"Files for artifacts can't be kept, since the folder can't be made ({err.strerror}). "
            f"Set {DATA_DIR} to a folder that can be written: {folder}"
        ) from err
    return folder


def stage(paths: Sequence[str]) -> list[Staged]:
    """Copy files as they are now; in their order.

    Raises:
        OSError: One can't be read or copied; nothing is left of the others.
    """
    folder = get_staging_dir()
    if len(paths) == 1:
        return _digested([_copy(paths[0], folder)], ours=True)
    copies: list[str] = []
    try:
        with ThreadPoolExecutor(min(_THREADS, max(1, len(paths)))) as pool:
            copies.extend(pool.map(lambda path: _copy(path, folder), paths))
    except BaseException:
        _remove(copies)
        raise
    return _digested(copies, ours=True)


def stage_made(write: Callable[[str], object]) -> Staged:
    """Let somebody write a file, and stage that.

    Args:
        write: Writes the file of the path that it is given.

    Raises:
        OSError: It can't be written.
    """
    made = _fresh(get_staging_dir())
    try:
        write(made)
        os.chmod(made, stat.S_IRUSR)
    except BaseException:
        _remove([made])
        raise
    return _digested([made], ours=True)[0]


def in_place(paths: Sequence[str]) -> list[Staged]:
    """Take files where they lie: their owner promised not to change them.

    Raises:
        OSError: One can't be read.
    """
    return _digested([os.path.abspath(path) for path in paths], ours=False)


def _copy(path: str, folder: str) -> str:
    copy = _fresh(folder)
    try:
        shutil.copyfile(path, copy)
        # Nobody changes it by mistake.
        os.chmod(copy, stat.S_IRUSR)
    except BaseException:
        _remove([copy])
        raise
    return copy


def _fresh(folder: str) -> str:
    handle, path = tempfile.mkstemp(dir=folder)
    os.close(handle)
    return path


def _digested(paths: list[str], *, ours: bool) -> list[Staged]:
    try:
        digests = digest_files(paths)
    except BaseException:
        if ours:
            _remove(paths)
        raise
    return [
        Staged(path, hex_to_b64_id(md5), size)
        for path, (md5, _, size) in zip(paths, digests, strict=True)
    ]


def _remove(paths: Sequence[str]) -> None:
    for path in paths:
        with suppress(OSError):
            os.unlink(path)
