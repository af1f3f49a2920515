"""Reads on where a process with redirected streams died: a program of its own.

The process may end, or be killed, right after it has printed; its children may print for longer
than it lives. What they write goes to a pipe that the process read: this one, which has waited
for nothing else, reads it to its end, so that the terminal shows all of it and nobody who writes
is killed for it. What the process itself had written is kept in its runs.

It runs without site packages and imports nothing of `wandb` but the extension, by its path.
"""

import codecs
import os
import re
import select
import sys
from collections.abc import Iterable
from contextlib import suppress
from importlib.machinery import ExtensionFileLoader, ModuleSpec
from importlib.util import module_from_spec
from typing import Any

# What the tee sends through the streams to know that something has passed.
_MARKER = re.compile(rb"\0ferrule:[0-9a-f]{16}\0")
# After so long a silence, what comes is of others than the dead process.
_SILENCE_MS = 100
_RING_BYTES = 1 << 16


class Runs:
    """The runs that are to have what is read; their journals are opened when something is."""

    def __init__(self, extension: str, folders: dict[str, str]) -> None:
        self._extension, self._folders = extension, folders
        self._writers: list[Any] | None = None
        self.over = not folders

    def print(self, stream: str, text: str) -> None:
        """Keep text."""
        if self.over:
            return
        if self._writers is None:
            self._writers = self._open()
        for writer in self._writers:
            writer.print(stream, text)

    def close(self) -> None:
        """Keep nothing more."""
        self.over = True
        for writer in self._writers or ():
            with suppress(Exception):
                writer.close(None)

    def _open(self) -> list[Any]:
        loader = ExtensionFileLoader("_native", self._extension)
        native = module_from_spec(ModuleSpec("_native", loader, origin=self._extension))
        loader.exec_module(native)
        writers = []
        for folder, run_id in self._folders.items():
            # A run that was recovered meanwhile takes nothing more.
            with suppress(Exception):
                writers.append(
                    native.Writer(
                        folder,
                        run_id,
                        f"{os.getpid()}-heir",
                        ring_bytes=_RING_BYTES,
                        console_ring_bytes=_RING_BYTES,
                    )
                )
        return writers


def wait_for_death(control: int, sources: Iterable[int]) -> "dict[str, str] | None":
    """Follow what the process says; return its runs when it is gone, None if all is done."""
    folders: dict[str, str] = {}
    said = b""
    still_open = set(sources)
    while comes_a_word(control, still_open):
        chunk = os.read(control, 4096)
        if not chunk:
            return folders
        *words, said = (said + chunk).split(b"\0\n")
        for word in words:
            sign, folder, run_id = os.fsdecode(word).split("\0")
            if sign == "q":
                return None
            if sign == "+":
                folders[folder] = run_id
            else:
                folders.pop(folder, None)
    return None


def comes_a_word(control: int, sources: "set[int]") -> bool:
    """Wait for what the process says, or for its end; False where neither matters any more.

    That is when nobody can write to the sources, which are taken out one by one, and all is read.
    """
    while sources:
        ready = _events({control: select.POLLIN, **dict.fromkeys(sources, 0)})
        if control in ready:
            return True
        seen = _events(dict.fromkeys(ready, select.POLLIN), 0)
        unread = {source for source in ready if seen.get(source, 0) & select.POLLIN}
        sources -= ready.keys() - unread
        # The process will read it; or it is just dying, and its end comes in a moment.
        if unread and _events({control: select.POLLIN}, _SILENCE_MS):
            return True
    return False


def _events(asked: "dict[int, int]", timeout_ms: "int | None" = None) -> "dict[int, int]":
    poller = select.poll()
    for descriptor, events in asked.items():
        poller.register(descriptor, events)
    return dict(poller.poll(timeout_ms))


def drain(streams: "dict[int, tuple[str, int]]", runs: Runs) -> None:
    """Read all streams to their ends."""
    poller = select.poll()
    decoders = {source: codecs.getincrementaldecoder("utf-8")("replace") for source in streams}
    for source in streams:
        poller.register(source, select.POLLIN)
    while streams:
        ready = poller.poll(None if runs.over else _SILENCE_MS)
        if not ready:
            runs.close()
        for source, _ in ready:
            name, target = streams[source]
            data = _read(source)
            if not data:
                poller.unregister(source)
                del streams[source]
                continue
            data = _MARKER.sub(b"", data)
            with suppress(Exception):
                runs.print(name, decoders[source].decode(data))
            _write(target, data)
    runs.close()


def _read(source: int) -> bytes:
    try:
        return os.read(source, 1 << 16)
    except OSError:  # what a pseudo-terminal says at its end
        return b""


def _write(target: int, data: bytes) -> None:
    with suppress(OSError):
        while data:
            data = data[os.write(target, data) :]


def main(extension: str, control: str, *streams: str) -> None:
    """Wait, then read what is left.

    Args:
        extension: The path of `wandb._native`.
        control: Where the process says what to do; its end is the process's.
        streams: Name, source and target of each stream, with colons between.
    """
    parts = [stream.split(":") for stream in streams]
    named = {int(source): (name, int(target)) for name, source, target in parts}
    folders = wait_for_death(int(control), named)
    if folders is not None:
        drain(named, Runs(extension, folders))


if __name__ == "__main__":
    main(*sys.argv[1:])
