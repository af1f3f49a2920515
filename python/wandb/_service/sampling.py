"""Which runs the machine is sampled for."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from anyio.abc import TaskGroup

from wandb._service.stats.options import StatsOptions
from wandb._wire.frames import Message

if TYPE_CHECKING:
    from wandb._service.stats.sampler import StatsSampler

__all__ = ("Sampling",)

_LOGGER = logging.getLogger(__name__)


class Sampling:
    """One sampler for each run that asks for it."""

    def __init__(self) -> None:
        self._samplers: dict[str, StatsSampler] = {}

    def begin(self, group: TaskGroup, request: Message) -> None:
        """Sample for a run, unless that is done already; nothing is waited for.

        Args:
            group: Where the sampler lives.
            request: `folder`, `run_id`, and, as `stats`, the fields of `StatsOptions`.
        """
        # A service that samples for nobody does without what looks at machines.
        from wandb._service.stats.sampler import StatsSampler

        folder = request["folder"]
        if folder in self._samplers:
            return
        try:
            options = StatsOptions.of(request["stats"])
            sampler = StatsSampler(folder, request["run_id"], options)
        except Exception:  # a delivery must not end for this
            _LOGGER.exception("the machine is not sampled for %s", folder)
            return
        self._samplers[folder] = sampler
        group.start_soon(self._run, folder, sampler)

    async def _run(self, folder: str, sampler: StatsSampler) -> None:
        try:
            await sampler.run()
        finally:
            if self._samplers.get(folder) is sampler:
                del self._samplers[folder]

    def stop_all(self, folders: Iterable[str]) -> None:
        """Stop sampling for some runs, whose owner is gone."""
        for folder in folders:
            if sampler := self._samplers.get(folder):
                sampler.stop()

    async def end(self, folder: str) -> None:
        """Stop sampling for a run, and wait until its journal is closed."""
        if sampler := self._samplers.get(folder):
            sampler.stop()
            await sampler.ended.wait()

    def kept(self, folder: str) -> dict[str, Any]:
        """Return the samples that were kept for the script."""
        sampler = self._samplers.get(folder)
        return {} if sampler is None else sampler.kept()
