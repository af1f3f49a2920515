"""Appending to a journal that no process writes to any more, whole batches at a time."""

from __future__ import annotations

import os
import zlib
from collections.abc import Mapping
from typing import Any

from wandb._native import encode_record

__all__ = ("JournalFile",)

_HEADER = b":W&B\xe1\xbe\x00"
_BLOCK_BYTES = 32 << 10
_CHUNK_HEAD_BYTES = 7
_FULL, _FIRST, _MIDDLE, _LAST = 1, 2, 3, 4
_BUFFER_BYTES = 1 << 20


class JournalFile:
    """Writes records behind a known end; what lies beyond it, of a writer that died, is cut.

    Args:
        path: The journal; it is made if it is not there.
        end: Where the last batch ended; 0 begins anew.

    Attributes:
        end: Where the next record goes.
    """

    def __init__(self, path: str, end: int = 0) -> None:
        self._file = open(path, "r+b" if os.path.exists(path) else "x+b")  # noqa: SIM115
        if os.fstat(self._file.fileno()).st_size != end:
            self._file.truncate(end)
        self._file.seek(end)
        self._waiting = bytearray(b"" if end else _HEADER)
        self.end = end or len(_HEADER)

    def append(self, record: Mapping[str, Any]) -> None:
        """Write one record.

        Raises:
            OSError: The file can't be written.
        """
        payload, begun = encode_record(record), False
        while True:
            room = _BLOCK_BYTES - self.end % _BLOCK_BYTES
            if room < _CHUNK_HEAD_BYTES:
                self._put(bytes(room))
                continue
            part, payload = payload[: room - _CHUNK_HEAD_BYTES], payload[room - _CHUNK_HEAD_BYTES :]
            self._put_chunk(part, _KINDS[begun, not payload])
            begun = True
            if not payload:
                break
        if len(self._waiting) >= _BUFFER_BYTES:
            self._write()

    def sync(self) -> int:
        """Put everything on the disk; return where it ends."""
        self._write()
        self._file.flush()
        os.fsync(self._file.fileno())
        return self.end

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def _put_chunk(self, part: bytes, kind: int) -> None:
        checksum = zlib.crc32(bytes((kind,)) + part)
        head = checksum.to_bytes(4, "little") + len(part).to_bytes(2, "little") + bytes((kind,))
        self._put(head + part)

    def _put(self, content: bytes) -> None:
        self._waiting += content
        self.end += len(content)

    def _write(self) -> None:
        self._file.write(self._waiting)
        self._waiting.clear()


# By whether a record was begun before, and whether it ends with this chunk.
_KINDS = {
    (False, True): _FULL,
    (False, False): _FIRST,
    (True, False): _MIDDLE,
    (True, True): _LAST,
}
