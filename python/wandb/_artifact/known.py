"""Artifacts of this process, by their ids: what a reference may mean without asking a server."""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

if TYPE_CHECKING:
    from wandb._artifact.artifact import Artifact

__all__ = ("known", "note")

# By client id, and by the server's once that is known. What nobody holds is not kept.
_KNOWN: WeakValueDictionary[str, Artifact] = WeakValueDictionary()


def note(name: str, artifact: Artifact) -> None:
    """Remember an artifact under an id as long as somebody has it."""
    _KNOWN[name] = artifact


def known(name: str) -> Artifact | None:
    """Return the artifact of an id, if this process has it."""
    return _KNOWN.get(name)
