"""Files of runs: what is known of them; their bytes are blobs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ferrule.ports.pages import Page


@dataclass(frozen=True, slots=True)
class RunFile:
    """A file that was uploaded whole.

    `name` is the path below the run, `blob` the name of its bytes in the blob store. `md5` is
    base64 (the wire's form), `sha256` hex. `id` and `run_id` are given by the store.
    """

    name: str
    size: int
    md5: str
    sha256: str
    mimetype: str
    updated_at: int
    blob: str
    id: int = 0
    run_id: int = 0


class Files(Protocol):
    """Files of runs.

    Unique: (run, name). Lists come in the order of names, by code point.
    """

    async def put(self, run_id: int, file: RunFile) -> RunFile:
        """Note a file; one of the same name is replaced and keeps its id. Again is harmless."""

    async def get(self, run_id: int, name: str) -> RunFile | None:
        """Return a file, None if there is none."""

    async def by_ids(self, ids: Sequence[int]) -> tuple[RunFile, ...]:
        """Return those of the files that exist, in the order of their ids."""

    async def find(
        self,
        run_id: int,
        *,
        names: Sequence[str] = (),
        pattern: str | None = None,
        after: str | None = None,
        limit: int = 50,
    ) -> Page[RunFile]:
        """List a run's files.

        Args:
            run_id: Whose.
            names: Only these, where given.
            pattern: Only names like this: `%` is any text, `_` any character, a backslash
                takes the meaning from the next character; letters count as they are.
            after: A cursor of this list.
            limit: How many at most.
        """

    async def count(
        self, run_id: int, *, names: Sequence[str] = (), pattern: str | None = None
    ) -> int:
        """Count what `find` would list."""

    async def delete(self, ids: Sequence[int]) -> int:
        """Forget files; return how many there were. Their blobs are someone else's to remove."""
