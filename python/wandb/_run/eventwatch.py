"""The rows of TensorBoard's event files, taken over while a run goes on."""

from __future__ import annotations

import logging
import os
import shutil
import socket
import threading
import weakref
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from wandb._base.terminal import termwarn
from wandb._run.forks import close_at_child_exit
from wandb._run.placing import place
from wandb._service.eventfiles import EventFile, event_files_at, is_of_process, namespace_of
from wandb._service.logic.eventrows import left_out_sentence, live_row
from wandb._wire.journal import files_record

if TYPE_CHECKING:
    from wandb._run.run import Run

__all__ = ("EventWatch",)

_LOGGER = logging.getLogger(__name__)
_LOOK_SECS = 1.0
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
        # Folder by what goes before its tags.
        self._folders: dict[str, str] = {}
        self._files: dict[str, EventFile] = {}
        self._saved: set[str] = set()
        # Files that can't be linked are copied when they are whole.
        self._to_copy: list[tuple[str, str]] = []  # the path, and the name in the run
        self._writers: list[weakref.ref[Any]] = []
        self._root = ""
        self._left_out: dict[str, int] = {}
        # Whoever reads holds it, so that the last look comes after all others.
        self._reading = threading.Lock()
        self._ended = threading.Event()
        run._log_row = self._stepless
        close_at_child_exit(self.end, priority=_EXIT_PRIORITY)
        threading.Thread(target=self._follow, name="wandb-tensorboard", daemon=True).start()

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
        namespace = (
            namespace_of(path, self._root) if inside else folder.strip("./").replace(os.sep, "/")
        )
        with self._reading:
            self._folders[path] = namespace
            if save:
                self._saved.add(path)

    def remember(self, writer: Any) -> None:
        """Keep in mind a writer whose events are wanted at the run's end, flushed or not."""
        self._writers.append(weakref.ref(writer))

    def end(self) -> None:
        """Take over what is there, and stop."""
        if self._ended.is_set():
            return
        self._ended.set()
        for writer in filter(None, (one() for one in self._writers)):
            _flush(writer)
        self._look()
        for path, name in self._to_copy:
            self._keep(shutil.copyfile, path, name)
        self._tell()

    # --- reading ------------------------------------------------------------------------------

    def _follow(self) -> None:
        while not self._ended.wait(_LOOK_SECS):
            self._look()

    def _look(self) -> None:
        with self._reading:
            for folder, namespace in list(self._folders.items()):
                for path in event_files_at(folder):
                    if path in self._files or self._is_ours(path):
                        self._take(path, folder, namespace)

    def _is_ours(self, path: str) -> bool:
        return is_of_process(path, host=self._host, since=self._run._start_time)

    def _take(self, path: str, folder: str, namespace: str) -> None:
        file = self._files.get(path)
        if file is None:
            file = self._files[path] = EventFile(path)
            if folder in self._saved:
                self._save(path, namespace)
        for event in file.events():
            for kind in event.left_out:
                self._left_out[kind] = self._left_out.get(kind, 0) + 1
            if row := live_row(namespace, event):
                self._log(row)

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
        if self._run._settings.symlink:
            self._keep(os.symlink, path, name)
        else:
            self._to_copy.append((path, name))
        self._run._append(files_record(name, policy="END"))

    def _keep(self, make: Callable[[str, str], Any], path: str, name: str) -> None:
        try:
            place(partial(make, path), os.path.join(self._run._folder, "files"), name)
        except OSError as err:
            termwarn(f"An event file is not kept with the run ({err.strerror}): {path}")

    def _tell(self) -> None:
        if self._left_out:
            termwarn(left_out_sentence(self._left_out))
        for file in self._files.values():
            if file.trouble:
                termwarn(f"TensorBoard's event file: {file.trouble}: {file.path}")

    def _stepless(self, data: Any, step: int | None = None, commit: bool | None = None) -> bool:
        if step is not None:
            termwarn(
                "`step` has no effect while TensorBoard's events are taken over: rows come in "
                "between. Log a value of your own as the axis, and name it with define_metric.",
                repeat=False,
            )
        return self._run._writer.log(data, None, commit)


def _flush(writer: Any) -> None:
    try:
        writer.flush()
    except Exception as err:  # noqa: BLE001 - another library's, closed perhaps
        _LOGGER.info("a writer of events was not flushed: %r", err)
