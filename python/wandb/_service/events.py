"""What actors of one run tell each other; it never leaves this process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

__all__ = ("AlertRaised", "ArtifactLogged", "FileReady", "LinesReady", "StreamEnd")


@dataclass(frozen=True, slots=True)
class LinesReady:
    """Lines of one journal, ready for the server, and where the journal stands after them.

    Attributes:
        journal: Its name in the run's folder.
        end: The offset just past what these lines came from.
        history: Rows.
        events: System metrics.
        console: Lines by number.
        console_state: Where the numbering of console lines stands; None if it did not move.
        top_step: The highest step of the journal, for servers that don't take one that went back.
        preempting: The run says that its machine is about to be taken away.
    """

    journal: str
    end: int
    history: Sequence[str] = ()
    events: Sequence[str] = ()
    console: Mapping[int, str] = field(default_factory=dict)
    console_state: dict[str, Any] | None = None
    top_step: int | None = None
    preempting: bool = False


@dataclass(frozen=True, slots=True)
class FileReady:
    """A file of the run is to be uploaded.

    Attributes:
        name: Its path below the run's `files`.
        at_end: At the end of the run, when it is whole, and no sooner.
        live: Again whenever it has changed.
    """

    name: str
    at_end: bool = False
    live: bool = False


@dataclass(frozen=True, slots=True)
class AlertRaised:
    """People are to be told something.

    Attributes:
        journal: The journal that says so.
        end: The offset just past the record.
        content: The record's fields.
    """

    journal: str
    end: int
    content: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ArtifactLogged:
    """A version of an artifact is to be saved.

    Attributes:
        key: Names this save; the same words said again have the same.
        content: The record's fields.
        step: The step that the run had reached; None where nobody knows.
    """

    key: str
    content: Mapping[str, Any]
    step: int | None = None

    @property
    def name(self) -> str:
        """The artifact's name."""
        return str(self.content.get("name", ""))

    @property
    def client_id(self) -> str:
        """What the client calls the version until it has an id of the server's."""
        return str(self.content.get("client_id", ""))


@dataclass(frozen=True, slots=True)
class StreamEnd:
    """How a run ended.

    Attributes:
        exit_code: What the owner said; None if it died without a word.
        announce: Tell the server that the run is over.
    """

    exit_code: int | None
    announce: bool = True
