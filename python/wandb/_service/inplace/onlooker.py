"""Onlooker: all runs below a path, shown on a server while it lasts."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import anyio
from anyio.abc import TaskGroup

from wandb._http.policy import RequestFailure
from wandb._service.inplace.finding import Finder
from wandb._service.inplace.shown import Names, Place, ShownRun, Step

__all__ = ("Onlooker",)

# Runs that are over are given so many at a time; the server and this process share a machine.
_AT_ONCE = 6
_LOOK_SECS = 0.7
# A look over very many folders takes a tenth of the time at most.
_REST = 9
_READY_SECS = 3.0
# Whoever is shown a project's page should not miss the others.
_MORE_SECS = 0.7

Report = Callable[[dict[str, Any]], None]


class Onlooker:
    """Shows what is there, the newest first, and then what comes.

    Args:
        root: The path.
        place: Where to show it.
        report: Gets `{"say": sentence}`, `{"ready": path}` once, when there is something to see at
            that path of the page, and `{"shown": number, "found": number}` as it goes on.
    """

    def __init__(self, root: str, place: Place, report: Report) -> None:
        self._place, self._report = place, report
        self._told: set[str] = set()
        self._finder = Finder(root, self._tell)
        self._names = Names(self._tell)
        self._runs: dict[str, ShownRun] = {}
        self._turn = anyio.Semaphore(_AT_ONCE)
        # Files come after the rows of all.
        self._caught_up = anyio.Event()
        self._group: TaskGroup
        self._progress: tuple[int, int] | None = None

    async def run(self) -> None:
        """Look until cancelled."""
        async with anyio.create_task_group() as self._group:
            self._group.start_soon(self._say_when_ready)
            while True:
                began = anyio.current_time()
                await self._look()
                self._tell_progress()
                await anyio.sleep(max(_LOOK_SECS, _REST * (anyio.current_time() - began)))

    async def _look(self) -> None:
        for found in await anyio.to_thread.run_sync(self._finder.look):
            self._runs[found.folder] = ShownRun(found, self._tell)
        for run, step in await anyio.to_thread.run_sync(self._steps):
            if step.end:
                run.end()
            elif not run.busy:
                run.busy = True
                self._group.start_soon(self._do, run, step)
        for run in self._runs.values():
            if run.trouble is not None:
                self._tell(f"{run.found.folder} waits to be shown: {run.trouble}")

    def _steps(self) -> list[tuple[ShownRun, Step]]:
        looks = [(run, run.look()) for run in list(self._runs.values())]
        return [(run, step) for run, step in looks if step is not None]

    async def _do(self, run: ShownRun, step: Step) -> None:
        try:
            if step.gone:
                await self._drop(run)
            elif step.follow:
                # It may go on for weeks, and takes no other's turn.
                await run.do(step, self._place, self._names)
            else:
                async with self._turn:
                    await run.do(step, self._place, self._names)
                if run.has_files:
                    await self._caught_up.wait()
                    async with self._turn:
                        await run.give_files(self._place)
        finally:
            run.busy = False

    async def _drop(self, run: ShownRun) -> None:
        folder = run.found.folder
        self._tell(f"{folder} is gone, and so is its run on the page")
        with suppress(RequestFailure):
            await run.withdraw(self._place)
        self._names.release(folder)
        self._finder.forget(folder)
        self._runs.pop(folder, None)

    # --- what is said -------------------------------------------------------------------------

    def _tell(self, sentence: str) -> None:
        """Say something once."""
        if sentence not in self._told:
            self._told.add(sentence)
            self._report({"say": sentence})

    def _tell_progress(self) -> None:
        shown = sum(run.was_shown or run.identity is not None for run in self._runs.values())
        progress = shown, len(self._runs)
        if progress != self._progress:
            self._progress = progress
            self._report({"shown": progress[0], "found": progress[1]})
        if shown == len(self._runs):
            self._caught_up.set()

    async def _say_when_ready(self) -> None:
        """Say where to look, once the first run is there, or none is soon."""
        with anyio.move_on_after(_READY_SECS):
            while not self._known():  # noqa: ASYNC110 - many set it, one waits, once
                await anyio.sleep(0.02)
            with anyio.move_on_after(_MORE_SECS):
                while len(self._known()) < len(self._runs):  # noqa: ASYNC110 - likewise
                    await anyio.sleep(0.02)
        self._report({"ready": self._page(), "found": len(self._runs)})

    def _known(self) -> list[ShownRun]:
        return [run for run in self._runs.values() if run.identity is not None]

    def _page(self) -> str:
        """Return the path of the page that shows all there is, as far as that is known."""
        identities = [run.identity for run in self._known() if run.identity is not None]
        projects = {f"/{one.entity}/{one.project}" for one in identities}
        if len(projects) != 1:
            return "/"
        (project,) = projects
        return f"{project}/runs/{identities[0].run}" if len(self._runs) == 1 else project
