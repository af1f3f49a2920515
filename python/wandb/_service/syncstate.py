"""What a server has of a run: one small file in the run's folder, replaced atomically.

The file is there from `init` on, so whoever finds it knows that the run is to be delivered. A
batch is written down before it is sent (`begin`) and struck out once the server has it
(`commit`): after any death the very same lines go to the very same line numbers again.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any

import orjson

from wandb._base.paths import size_bytes

__all__ = ("STATE_FILE", "Identity", "Progress", "SyncState")

STATE_FILE = "sync-state"
_BATCH_FILE = "sync-batch"
_VERSION = 1


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the run is for the server, as its answer to the first upsert said.

    Attributes:
        ours: The server is Ferrule.
    """

    entity: str
    project: str
    run: str
    storage_id: str | None
    display_name: str | None
    sweep: str | None = None
    ours: bool = False


@dataclass(slots=True)
class Progress:
    """How far the server has come.

    Attributes:
        journals: Bytes of each journal, by its name in the folder.
        lines: The next line's number, by the name of the file for the server.
        steps: The highest step of each journal, for servers that don't take one that went back.
        console: The state of the numbering of console lines.
    """

    journals: dict[str, int] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    steps: dict[str, int] = field(default_factory=dict)
    console: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class SyncState:
    """The file's content.

    Attributes:
        folder: The run's folder; not in the file.
        source: Where the run's journals and files lie, and nothing is written, if it is sent from a
            folder of somebody else; empty where all is in one. Then nothing of this is written
            down either: it lasts as long as the process.
        run_id: The run.
        server: The server's address, or empty for the user's own.
        options: What the run asked of the service, without secrets.
        identity: None until the server has answered.
        told: What the run's process said of the run, its config apart, as the server knows it.
        progress: What was acknowledged.
        standing: Where the run went on from an earlier one, once the server has said so.
        intent: What the batch in flight leads to, and the facts to know it by.
        uploaded: Run files that the server has.
        stamps: When those had changed last, in nanoseconds, and their sizes, as they were sent.
        alerts: How far alerts were delivered, as bytes of each journal.
        alerts_left: How many could not be; the next sync tries again.
        unsent: Run files whose upload failed; the next sync tries again.
        ledger: The name of the ledger of artifacts that the server has; empty before the first.
        artifacts_left: How many artifacts could not be saved; the next sync tries again.
        refused: Why the server takes no more, if it said so for good.
        finished: Everything was delivered.
        stop_passed_on: The run's process was told that it is to stop; it is told once.
    """

    folder: str
    run_id: str
    server: str = ""
    options: dict[str, Any] = field(default_factory=dict)
    identity: Identity | None = None
    told: dict[str, Any] = field(default_factory=dict)
    progress: Progress = field(default_factory=Progress)
    standing: dict[str, Any] | None = None
    intent: dict[str, Any] | None = None
    uploaded: list[str] = field(default_factory=list)
    stamps: dict[str, list[int]] = field(default_factory=dict)
    alerts: dict[str, int] = field(default_factory=dict)
    alerts_left: int = 0
    unsent: list[str] = field(default_factory=list)
    ledger: str = ""
    artifacts_left: int = 0
    refused: str | None = None
    finished: bool = False
    stop_passed_on: bool = False
    source: str = ""

    @property
    def run_folder(self) -> str:
        """Where the run's journals lie."""
        return self.source or self.folder

    @classmethod
    def load(cls, folder: str) -> SyncState | None:
        """Read a run's state; None where there is none that can be understood."""
        try:
            with open(os.path.join(folder, STATE_FILE), encoding="utf-8") as file:
                content = json.load(file)
                if os.fstat(file.fileno()).st_uid != os.getuid():
                    # Nobody else says which of this user's files belong to a run.
                    content["options"].pop("files_dir", None)
            if content.pop("version") != _VERSION:
                return None
            identity, progress = content.pop("identity"), content.pop("progress")
            known = {one.name for one in fields(cls)} & content.keys()
            return cls(
                folder=folder,
                identity=identity and Identity(**identity),
                progress=Progress(**progress),
                **{name: content[name] for name in known},
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None

    def note_unsent(self, names: Iterable[str]) -> None:
        """Note in memory that files could not be uploaded."""
        self.unsent = [*dict.fromkeys((*self.unsent, *names))]

    def forget_unsent(self, name: str) -> None:
        """Note in memory that a file was uploaded after all, or at once."""
        if name in self.unsent:
            self.unsent.remove(name)

    def save(self) -> None:
        """Replace the file.

        Raises:
            OSError: It can't be written; the old one is whole.
        """
        if self.source:
            return
        # Not by `asdict`, which copies every name of a run of very many files, twice a batch.
        content = {name: getattr(self, name) for name in _KEPT} | {"version": _VERSION}
        content |= {"progress": asdict(self.progress)}
        content |= {"identity": self.identity and asdict(self.identity)}
        self._replace(STATE_FILE, _as_json(content))

    # --- batches ------------------------------------------------------------------------------

    def begin(self, bodies: Sequence[bytes], after: Progress) -> None:
        """Write down a batch that is about to be sent, and what it leads to.

        Where nothing is written down, a batch that was cut off is read from the journal again.

        Raises:
            OSError: It can't be written; nothing may be sent then.
        """
        if self.source:
            return
        batch = b"\n".join(bodies)
        self._replace(_BATCH_FILE, batch)
        self.intent = {"bytes": len(batch), "crc": zlib.crc32(batch), "after": asdict(after)}
        self.save()

    def in_flight(self) -> tuple[list[bytes], Progress] | None:
        """Return the batch that was written down and not struck out.

        Raises:
            OSError: It can't be read at the moment; without it nothing may be sent.
        """
        if self.intent is None:
            return None
        try:
            with open(os.path.join(self.folder, _BATCH_FILE), "rb") as file:
                batch = file.read()
        except FileNotFoundError:
            return None
        if (len(batch), zlib.crc32(batch)) != (self.intent["bytes"], self.intent["crc"]):
            return None  # only a loss of power: then the journal is read again from before it
        return batch.split(b"\n"), Progress(**self.intent["after"])

    def settled(self) -> Progress:
        """Return what need not be read from the journals: what was acknowledged or is in flight.

        The batch in flight goes out again as it was written down, before anything else.
        """
        flight = self.in_flight()
        return self.progress if flight is None else flight[1]

    def commit(self, after: Progress) -> None:
        """Note that the server has everything up to here."""
        self.progress, self.intent = after, None
        self.save()

    def begin_anew(self, identity: Identity) -> None:
        """Note that the server has nothing of the run, which it made anew under an identity.

        Raises:
            OSError: It can't be written.
        """
        self.identity, self.told = identity, {}
        self.progress, self.intent, self.uploaded, self.alerts = Progress(), None, [], {}
        self.stamps, self.unsent, self.alerts_left, self.finished = {}, [], 0, False
        self.ledger, self.artifacts_left = "", 0
        self.save()

    def note_stop(self) -> None:
        """Note that the run's process was told that it is to stop.

        Raises:
            OSError: It can't be written.
        """
        self.stop_passed_on = True
        self.save()

    def refuse(self, reason: str) -> None:
        """Note that nothing more of the run is to be sent.

        Raises:
            OSError: It can't be written.
        """
        self.refused = reason
        self.save()

    def finish(self, sizes: Mapping[str, int] | None = None) -> None:
        """Note that everything was delivered, and tidy up.

        Args:
            sizes: Bytes of journals that hold no more records, torn ends included.
        """
        for name, size in (sizes or {}).items():
            self.progress.journals[name] = max(size, self.progress.journals.get(name, 0))
        self.finished = True
        self.save()
        self._remove(_BATCH_FILE)

    # --- the journals -------------------------------------------------------------------------

    def journals(self) -> list[str]:
        """List the run's journals that exist, the owner's first."""
        return [f"run-{self.run_id}.wandb", *_writers(self.run_folder)]

    def left_bytes(self) -> int:
        """Bytes of the journals that the server does not have."""
        known = self.progress.journals
        return sum(
            max(0, size_bytes(os.path.join(self.run_folder, name)) - known.get(name, 0))
            for name in self.journals()
        )

    def is_ownerless(self) -> bool:
        """Whether nobody writes to the run any more."""
        return not os.path.exists(os.path.join(self.folder, "control"))

    def is_complete(self) -> bool:
        """Whether a server has all that is in the folder, files included."""
        everything = self.finished and not (self.left_bytes() or self.alerts_left)
        left = self.unsent or self.artifacts_left
        return everything and self.identity is not None and not left

    def is_due(self) -> bool:
        """Whether there is something to deliver and the server has not refused it."""
        return self.refused is None and not (self.finished and not self.left_bytes())

    def _replace(self, name: str, content: bytes) -> None:
        path = os.path.join(self.folder, name)
        made = f"{path}.{os.getpid()}"
        try:
            with open(made, "wb") as file:
                file.write(content)
            os.replace(made, path)
        except OSError:
            _unlink(made)
            raise

    def _remove(self, name: str) -> None:
        _unlink(os.path.join(self.folder, name))


# What is in the file.
_KEPT = tuple(one.name for one in fields(SyncState) if one.name != "folder")


def _as_json(content: dict[str, Any]) -> bytes:
    try:
        return orjson.dumps(content)
    except TypeError:  # a file's name is no Unicode
        return json.dumps(content).encode()


def _writers(folder: str) -> list[str]:
    try:
        names = sorted(os.listdir(os.path.join(folder, "writers")))
    except OSError:
        return []
    return [f"writers/{name}" for name in names if name.endswith(".wandb")]


def _unlink(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        return
