"""Making artifacts of what clients have brought."""

from collections.abc import Collection
from typing import Protocol

from ferrule.ports.artifacts import Artifact


class Committer(Protocol):
    """Reads, checks and joins what was brought for an artifact, and commits it."""

    async def commit(
        self, artifact: Artifact, *, entities: Collection[str] | None, at: int
    ) -> Artifact:
        """Make an artifact the next version of its collection.

        Args:
            artifact: Which; it is pending.
            entities: Whose contents the caller may read; None for everyone's.
            at: When, in microseconds.

        Raises:
            ferrule.errors.BadInput: There is no manifest, it can't be taken, or a file of it was
                never uploaded.
            ferrule.errors.TooLarge: It has more files than the server takes.
        """
