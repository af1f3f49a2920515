"""The rows of TensorBoard's event files, taken over while a run goes on."""

from __future__ import annotations

import logging
import os
import shutil
import socket
import threading
import time
import weakref
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from wandb._base.placing import place
from wandb._base.terminal import termwarn
from wandb._run.forks import close_at_child_exit
from wandb._service.eventfiles import EventFile, event_files_at, is_of_process, namespace_of
from wandb._service.logic.eventrows import left_out_sentence, live_row
from wandb._wire.journal import files_record

if TYPE_CHECKING:
    from wandb._run.run import Run

__all__ = ("EventWatch",)

_LOGGER = logging.getLogger(__name__)
_LOOK_SECS = 1.0
# How long a run's end waits for what was written until then.
_LAST_SECS = 60.0
_MOST_NAMED = 3
# Before the journal's own: rows need it open.
_EXIT_PRIORITY = 11


class EventWatch:
    """Follows the folders into which this process writes events, until the run ends.

    Rows go through the run's own journal, like those of `run.log`, one for each event. As in the
    original their step is the next one, and so is that of rows that the script logs itself: it
    can't know how many events come between.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._host = socket.gethostname()
        # What goes before the tags, by folder. The lock is held for moments only: the other things
        # are the reading thread's.
        self._folders: dict[str, str] = {}
        self._adding = threading.Lock()
        self._files: dict[str, EventFile] = {}
        self._saved: set[str] = set()
        # Files that can't be linked are copied when they are whole.
        self._to_copy: list[tuple[str, str]] = []  # the path, and the name in the run
        self._writers: list[weakref.ref[Any]] = []
        self._root = ""
        self._left_out: dict[str, int] = {}
        self._cut_off: set[str] = set()
        self._ended = threading.Event()
        self._deadline = float("inf")
        close_at_child_exit(self.end, priority=_EXIT_PRIORITY)
        self._thread = threading.Thread(target=self._follow, name="wandb-tensorboard", daemon=True)
        self._thread.start()

    def add(self, folder: str, *, root: str = "", save: bool = True) -> None:
        """Follow one more folder.

        Args:
            folder: Where event files appear.
            root: Where names begin: tags of folders below it go by their path from there. The
                first folder's own tags have nothing before them unless it is given.
            save: Keep the event files with the run.
        """
        path = os.path.realpath(folder)
        self._root = self._root or os.path.realpath(root or folder)
        inside = path == self._root or path.startswith(self._root + os.sep)
        namespace = namespace_of(path, self._root) if inside else _plain(folder, path)
        with self._adding:
            self._folders[path] = namespace
            if save:
                self._saved.add(path)

    def remember(self, writer: Any) -> None:
        """Keep in mind a writer whose events are wanted at the run's end, flushed or not."""
        self._writers.append(weakref.ref(writer))

    def end(self) -> None:
        """Take over what is there, and stop; after a minute without what is not read by then."""
        if self._ended.is_set():
            return
        self._deadline = time.monotonic() + _LAST_SECS
        self._ended.set()
        # What may hang, on a dead file system or in another library, hangs there and not here.
        self._thread.join(_LAST_SECS)
        self._tell(in_time=not self._thread.is_alive())

    def log(self, data: Any, step: int | None = None, commit: bool | None = None) -> bool:
        """Keep a row of the script's own, in place of the writer's `log`: at the next step."""
        if step is not None:
            termwarn(
                "`step` has no effect while TensorBoard's events are taken over: rows come in "
                "between. Log a value of your own as the axis, and name it with define_metric.",
                repeat=False,
            )
        return self._run._writer.log(data, None, commit)

    # --- reading ------------------------------------------------------------------------------

    def _follow(self) -> None:
        while not self._ended.wait(_LOOK_SECS):
            self._look()
        for writer in filter(None, (one() for one in self._writers)):
            _flush(writer)
        self._look()
        for path, name in self._to_copy:
            self._keep(shutil.copyfile, path, name)

    def _look(self) -> None:
        with self._adding:
            folders = list(self._folders.items())
        for folder, namespace in folders:
            for path in event_files_at(folder):
                if path in self._files or self._is_ours(path):
                    self._take(path, folder, namespace)

    def _is_ours(self, path: str) -> bool:
        return is_of_process(path, host=self._host, since=self._run._start_time)

    def _take(self, path: str, folder: str, namespace: str) -> None:
        if self._is_late(path):
            return
        file = self._files.get(path)
        if file is None:
            file = self._files[path] = EventFile(path)
            if folder in self._saved:
                self._save(path, namespace)
        for event in file.events():
            if self._is_late(path):
                return
            for kind in event.left_out:
                self._left_out[kind] = self._left_out.get(kind, 0) + 1
            if row := live_row(namespace, event):
                self._log(row)

    def _is_late(self, path: str) -> bool:
        """Whether the run has gone on without what a file still has."""
        if time.monotonic() <= self._deadline:
            return False
        self._cut_off.add(path)
        return True

    def _log(self, row: dict[str, Any]) -> None:
        try:
            if self._run._writer.log(row):
                self._run._writer.tell()
        except Exception:
            # One row that can't be kept is no reason to lose the next.
            _LOGGER.exception("a row of TensorBoard's was not kept")

    def _save(self, path: str, namespace: str) -> None:
        """Keep a file with the run, to be sent at its end."""
        name = "/".join(filter(None, (namespace, os.path.basename(path))))
        kept = os.path.normpath(os.path.join(self._run.dir, *name.split("/")))
        if not kept.startswith(os.path.normpath(self._run.dir) + os.sep):
            return
        if self._run._settings.symlink:
            self._keep(os.symlink, path, name)
        else:
            self._to_copy.append((path, name))
        self._run._append(files_record(name, policy="END"))

    def _keep(self, make: Callable[[str, str], Any], path: str, name: str) -> None:
        if _are_same(path, os.path.join(self._run.dir, name)):
            return  # the script writes there, or another process kept it
        try:
            place(partial(make, path), self._run.dir, name)
        except OSError as err:
            termwarn(f"An event file is not kept with the run ({err.strerror}): {path}")

    def _tell(self, *, in_time: bool) -> None:
        if self._left_out:
            termwarn(left_out_sentence(dict(self._left_out)))
        if not in_time or self._cut_off:
            folders = ", ".join(list(self._folders)[:_MOST_NAMED])
            termwarn(
                "TensorBoard's events were not all taken over within "
                f"{_LAST_SECS:g} seconds of the run's end: rows are missing, and files may not be "
                f"kept. They are in {folders}."
            )
        for file in list(self._files.values()):
            if file.trouble:
                termwarn(f"TensorBoard's event file: {file.trouble}: {file.path}")


def _plain(folder: str, path: str) -> str:
    """Return a folder's name as it was given, or from the root of all where that goes upwards."""
    given = os.path.normpath(folder)
    upwards = os.pardir in (*given.split(os.sep), *folder.split(os.sep))
    return (path if upwards else given).strip("./").replace(os.sep, "/")


def _are_same(path: str, kept: str) -> bool:
    try:
        return os.path.samefile(path, kept)
    except OSError:
        return False


def _flush(writer: Any) -> None:
    try:
        writer.flush()
    except Exception as err:  # noqa: BLE001 - another library's, closed perhaps
        _LOGGER.info("a writer of events was not flushed: %r", err)
