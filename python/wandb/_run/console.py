"""Capture of what a run prints: `sys.stdout.write` and `sys.stderr.write` are wrapped.

The stream objects stay what they are; only their `write` is replaced, once per stream however
many runs are active, and put back when the last run ends. Every active run keeps everything.
"""

import sys
import threading
from collections.abc import Callable, Iterable
from typing import Any

Keep = Callable[[str, str], Any]

STREAMS = ("stdout", "stderr")
_MISSING = object()


class _Tap:
    """One stream whose `write` is wrapped."""

    def __init__(self, name: str, stream: Any) -> None:
        self.name = name
        self.stream = stream
        self.keepers: tuple[Keep, ...] = ()
        # pytest and others may have replaced `write` before us: then theirs is put back.
        self._replaced = vars(stream).get("write", _MISSING)
        self._write = self._wrapper(stream.write)
        stream.write = self._write

    def _wrapper(self, write: Callable[[str], Any]) -> Callable[[str], Any]:
        name = self.name
        within = threading.local()

        def tapped(text: str, /) -> Any:
            written = write(text)
            # Whatever a keeper prints in turn is not kept, or it would never end.
            if self.keepers and not getattr(within, "keeping", False):
                within.keeping = True
                try:
                    if not isinstance(text, str):
                        text = _decoded(text)
                    for keep in self.keepers:
                        keep(name, text)
                except RuntimeError:
                    # Another thread finished the run between two lines; printing goes on.
                    pass
                finally:
                    within.keeping = False
            return written

        return tapped

    def remove(self) -> None:
        """Put the stream's own `write` back, unless somebody wrapped ours since."""
        if vars(self.stream).get("write") is not self._write:
            return
        if self._replaced is _MISSING:
            del self.stream.write
        else:
            self.stream.write = self._replaced


def _decoded(written: Any) -> str:
    """Return what a stream took that takes bytes; whatever else it takes has no text."""
    try:
        return bytes(memoryview(written)).decode(errors="replace")
    except TypeError:
        return ""


class Console:
    """The taps of this process, and the runs that listen."""

    def __init__(self) -> None:
        self._taps: list[_Tap] = []

    def start(self, keep: Keep, streams: Iterable[str] = STREAMS) -> None:
        """Let `keep(stream name, text)` see everything that is printed from now on.

        It must neither block nor raise.
        """
        for name in streams:
            tap = self._tap(name, getattr(sys, name, None))
            if tap is not None and keep not in tap.keepers:
                tap.keepers = (*tap.keepers, keep)

    def _tap(self, name: str, stream: Any) -> _Tap | None:
        for tap in self._taps:
            if tap.stream is stream:
                return tap
        try:
            tap = _Tap(name, stream)
        except (AttributeError, TypeError):  # no stream at all, or one whose `write` is fixed
            return None
        self._taps.append(tap)
        return tap

    def stop(self, keep: Keep) -> None:
        """Let `keep` see nothing more; the last one to go puts the streams back."""
        for tap in list(self._taps):
            tap.keepers = tuple(keeper for keeper in tap.keepers if keeper != keep)
            if not tap.keepers:
                tap.remove()
                self._taps.remove(tap)

    def stop_all(self) -> None:
        """Put all streams back, as in the child of a fork."""
        for tap in self._taps:
            tap.keepers = ()
            tap.remove()
        self._taps.clear()
