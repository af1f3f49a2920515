"""One file_stream request: whose, which run, into the log, and what follows from it."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from ferrule.auth.permissions import Action, Viewer, require
from ferrule.errors import NotFound, Unauthenticated
from ferrule.ingest.heartbeat import state_after
from ferrule.ingest.summary import Pending, ProgressBook
from ferrule.ports.feed import Feed, RunAdvanced
from ferrule.ports.history import History, Post, Receipt
from ferrule.ports.runs import LIVE, Run, Runs

MAX_CACHED_RUNS = 10_000
RunPath = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Accepted:
    """What the client is told."""

    receipt: Receipt
    stop_requested: bool


class RunCache:
    """Runs that post, by path, so that a post needs no query.

    Whoever changes a run tells `forget`; nothing else keeps an entry true, so that one process
    owns the metadata store.
    """

    def __init__(self, runs: Runs) -> None:
        self._runs = runs
        self._kept: dict[RunPath, Run] = {}
        self._changes = 0

    async def get(self, path: RunPath) -> Run | None:
        """Return the run, None if there is none."""
        run = self._kept.get(path)
        if run is None:
            before = self._changes
            run = await self._runs.get(*path)
            # What was read while something changed may be older than the change.
            if run is not None and before == self._changes:
                self._keep(path, run)
        return run

    def _keep(self, path: RunPath, run: Run) -> None:
        if len(self._kept) >= MAX_CACHED_RUNS:
            del self._kept[next(iter(self._kept))]
        self._kept[path] = run

    def note_state(self, run: Run, state: str) -> None:
        """Remember a run's new state, unless it has been changed since it was read."""
        path = (run.entity, run.project, run.name)
        if self._kept.get(path) is run and run.state != state:
            self._kept[path] = replace(run, state=state)

    def forget(self, run: Run) -> None:
        """Let go of a run that has changed."""
        self._changes += 1
        self._kept.pop((run.entity, run.project, run.name), None)


class Ingest:
    """Takes in what runs post."""

    def __init__(
        self,
        history: History,
        cache: RunCache,
        book: ProgressBook,
        feed: Feed,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._history = history
        self._cache = cache
        self._book = book
        self._feed = feed
        self._clock = clock

    async def accept(
        self,
        viewer: Viewer | None,
        path: RunPath,
        body: bytes,
        writer: str,
        *,
        at: float | None = None,
    ) -> Accepted:
        """Take in one request; return when it is durable.

        Args:
            viewer: Who posts.
            path: The run.
            body: The request's body, unpacked.
            writer: Which of a shared run's writers posts.
            at: When the run gave this sign of life, in seconds since 1970; now unless given.

        Raises:
            Unauthenticated: Nobody is logged in.
            NotFound: There is no such run, or it is none of the caller's.
            BodyError: The body can't be read at all.
            BusyError: The disk takes nothing at the moment.
        """
        run = await self.writable(viewer, path)
        received_at = self._clock() if at is None else at
        post = Post(run.id, body, received_at, run.attempt, writer)
        receipt = await self._history.accept(post)
        # Others may have posted or changed the run meanwhile: its state is theirs.
        current = await self._cache.get(path)
        if current is None or (current.id, current.attempt) != (post.run, post.attempt):
            # Deleted or rewound: what the post says is of no run that anyone sees.
            return Accepted(receipt, run.stop_requested)
        run = current
        before = self._book.state_of(run.id) or run.state
        state = state_after(before, receipt, shared=bool(writer))
        self._cache.note_state(run, state)
        self._book.note(run.id, _news(post, receipt, before, state))
        self._feed.publish(
            RunAdvanced.of(
                run,
                state=state,
                # What the run had before it was rewound or forked is not in the receipt.
                last_step=max(receipt.last_step, run.last_step),
                summary_changed=receipt.summary is not None or state != before,
            )
        )
        return Accepted(receipt, run.stop_requested)

    async def writable(self, viewer: Viewer | None, path: RunPath) -> Run:
        """Return the run that a caller wants to write to, if they may."""
        if viewer is None:
            raise Unauthenticated("The request carries no API key that this server knows.")
        run = await self._cache.get(path)
        if run is None:
            raise NotFound(f"No run `{'/'.join(path)}` was found.")
        require(viewer, Action.WRITE, run)
        return run


def _news(post: Post, receipt: Receipt, before: str, state: str) -> Pending:
    # How a run ended is not forgotten by what comes after its end and changes nothing.
    over = state == before and state not in LIVE and not receipt.complete
    return Pending(
        post.received_at,
        receipt.summary,
        None if over else state,
        receipt.exit_code if receipt.complete else None,
    )
