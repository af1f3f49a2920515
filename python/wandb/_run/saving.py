"""`Run.save`: which files are meant, where they lie in the run, and the links to them.

A file keeps its place below `base_path`. The run's `files` folder gets a link to it, or a copy
where links are switched off or impossible; nothing of the user's is moved or written to.
"""

import glob
import logging
import os
import shutil
import stat
from functools import partial
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from wandb._base.placing import place
from wandb._base.terminal import termlog, termwarn
from wandb._wire.journal import files_record

if TYPE_CHECKING:
    from wandb._run.run import Run

_LOGGER = logging.getLogger(__name__)
_POLICIES = ("live", "now", "end")
_CLOUDS = ("gs://", "s3://")
# Files that a run makes itself, in the end.
_OWN = frozenset(("config.yaml", "output.log", "wandb-metadata.json", "wandb-summary.json"))
# A journal's record and a server's request stay of a size that everybody takes.
_FILES_A_RECORD = 1000


def save(run: "Run", asked: Any, base_path: Any, policy: str) -> list[str]:
    """Put files under the care of a run; see `Run.save`."""
    text = os.fsdecode(asked)
    if text.startswith(_CLOUDS):
        termwarn(f"run.save takes files of this machine, so nothing was saved: {text}")
        return []
    pattern = PurePath(os.path.abspath(text))
    base = PurePath(os.path.abspath(_base(text, base_path)))
    if policy not in _POLICIES:
        raise ValueError(
            f"policy is 'live', 'now' or 'end', not {policy!r}; nothing was saved: {text}"
        )
    relative = _below(pattern, base)
    run._telemetry.note("save")
    return _save(run, base, relative, policy)


def _base(text: str, base_path: Any) -> str:
    if base_path is not None:
        return os.fsdecode(base_path)
    if not os.path.isabs(text):
        return os.curdir
    termwarn(
        "run.save was given an absolute path and no base_path, so only the last folder is kept "
        'of where the file lies. For more of it: run.save("/data/a/b.txt", base_path="/data").',
        repeat=False,
    )
    return os.path.dirname(os.path.dirname(os.path.abspath(text)))


def _below(pattern: PurePath, base: PurePath) -> PurePath:
    """Return the pattern as it is below the base."""
    if pattern == base:
        raise ValueError(f"the files to save lie below base_path, and this is base_path: {base}")
    if not pattern.is_relative_to(base):
        raise ValueError(
            f"the files to save lie below base_path, so nothing was saved: {pattern} is not "
            f"below {base}"
        )
    relative = pattern.relative_to(base)
    if relative.parts[0] == "*":
        raise ValueError(
            f"all of base_path is more than a run should hold, so nothing was saved: name what "
            f"is meant before the first `*`: {pattern}"
        )
    return relative


def _save(run: "Run", base: PurePath, relative: PurePath, policy: str) -> list[str]:
    files = Path(run.dir)
    # What is in the run's folder already is meant, too.
    saved = dict.fromkeys(
        (path.relative_to(files).as_posix() for path in sorted(files.glob(str(relative)))), policy
    )
    was_there = bool(saved)
    for source in sorted(glob.glob(str(base / relative))):
        # The base may be a pattern itself: its length tells what is above the files.
        name = PurePath(*PurePath(os.path.abspath(source)).parts[len(base.parts) :]).as_posix()
        if kept := _placed(run, source, files, name, policy):
            saved[name] = kept
    _announce(run, saved)
    if saved and not was_there and glob.has_magic(str(relative)):
        termlog(
            f"run.save: {len(saved)} files fit {relative} now; another call saves those that come "
            "later.",
            repeat=False,
        )
    return [str(files / name) for name in sorted(saved)]


def _announce(run: "Run", saved: dict[str, str]) -> None:
    for policy in _POLICIES:
        names = [name for name, kept in saved.items() if kept == policy and _is_text(name)]
        for first in range(0, len(names), _FILES_A_RECORD):
            some = names[first : first + _FILES_A_RECORD]
            run._append(files_record(*some, policy=policy.upper()))


def _is_text(name: str) -> bool:
    """Whether a name can be written down; one that is no UTF-8 is told to the user."""
    try:
        name.encode()
    except UnicodeEncodeError:
        termwarn(f"a file whose name is no UTF-8 can't be saved; rename it: {name!a}", repeat=False)
        return False
    return True


# --- one file -----------------------------------------------------------------------------------


def _placed(run: "Run", source: str, files: Path, name: str, policy: str) -> str | None:
    """Put a file's link into the run's folder; return the policy that it goes by, or None."""
    target = files / name
    try:
        if os.path.realpath(source) == os.path.realpath(target):
            return policy
        if name in _OWN:
            termwarn(
                f"a run makes a file {name} itself, which takes the place of yours among its "
                "files. Save yours below a folder: pass a base_path that is further up.",
                repeat=False,
            )
        return _linked(run, source, files, name, policy)
    except OSError as err:
        termwarn(f"{source} was not saved ({err.strerror or err}).", repeat=False)
        return None


def _linked(run: "Run", source: str, files: Path, name: str, policy: str) -> str | None:
    mode = os.stat(source).st_mode
    if stat.S_ISDIR(mode):
        termwarn(
            f"run.save takes files, and this is a folder; `{source}/*` means the files in it.",
            repeat=False,
        )
        if _holds_folder(source, files / name):
            return policy
    elif not stat.S_ISREG(mode):
        termwarn(f"{source} was not saved: it is no regular file.", repeat=False)
        return None
    if run._settings.symlink and place(partial(_is_linked, source), str(files), name):
        return policy
    if stat.S_ISDIR(mode):
        return None
    place(partial(shutil.copyfile, source), str(files), name)
    # A copy does not change any more.
    return "now" if policy == "live" else policy


def _holds_folder(source: str, target: Path) -> bool:
    """Whether a link to a folder is out of place: files were saved there, or it led to itself."""
    is_folder = target.is_dir() and not target.is_symlink()
    return is_folder or target.resolve().is_relative_to(os.path.realpath(source))


def _is_linked(source: str, made: str) -> bool:
    """Make a link; return whether the file system has links."""
    try:
        os.symlink(os.path.abspath(source), made)
    except OSError as err:
        _LOGGER.info("%s is copied, since it can't be linked: %s", source, err)
        return False
    return True
