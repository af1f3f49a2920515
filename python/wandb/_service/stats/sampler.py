"""The StatsSampler: asks every source of system metrics at its times, into a journal of its own."""

from __future__ import annotations

import fcntl
import logging
import os
import time
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from typing import Any

import anyio

from wandb._native import NativeError, Writer
from wandb._service.stats.accelerators import Probe
from wandb._service.stats.options import StatsOptions
from wandb._service.stats.registry import probes
from wandb._service.stats.source import Busy, Facts, Found, Metrics, Patient, Source
from wandb._wire.journal import Record, environment_record, stats_record

__all__ = ("StatsSampler", "owner_lives")

_in_thread = anyio.to_thread.run_sync

_LOGGER = logging.getLogger(__name__)
_NAME = "service"
_MOST_NAMES = 1000
# Some rows a minute: the ring holds hundreds of them.
_RING_BYTES = 256 << 10
_CONSOLE_RING_BYTES = 64 << 10
# Tools that look at hardware for the first time may load drivers.
_PROBE_SECS = 30.0
_READ_SECS = 15.0
_CLOSE_SECS = 3.0
_LOOK_SECS = 5.0


class StatsSampler:
    """Samples the machine for one run, until it is told to stop or the run's owner is gone.

    Nothing of a run depends on it. Its journal is that of one more writer: what it holds when this
    process is killed is found there by whoever ends the run.

    Args:
        folder: The run's folder.
        run_id: The run.
        options: What to sample.
        sources: What to look for, by name.

    Attributes:
        ended: Its journal is closed, or there is none.
    """

    def __init__(
        self,
        folder: str,
        run_id: str,
        options: StatsOptions,
        sources: Mapping[str, Probe] | None = None,
    ) -> None:
        self._folder, self._run_id, self._options = folder, run_id, options
        self._sources = probes(options) if sources is None else sources
        self._stopping, self.ended = anyio.Event(), anyio.Event()
        self._writer: Writer | None = None
        self._said: set[str] = set()
        size = options.buffer_size
        self._kept: dict[str, deque[tuple[float, float]]] = defaultdict(
            lambda: deque(maxlen=size if size >= 0 else None)
        )

    def stop(self) -> None:
        """Take no more samples, and close the journal."""
        self._stopping.set()

    def kept(self) -> dict[str, list[tuple[float, float]]]:
        """Return the latest samples of each metric: when, in seconds since the epoch, and what."""
        return {name: list(samples) for name, samples in self._kept.items() if samples}

    # --- its life -----------------------------------------------------------------------------

    async def run(self) -> None:
        """Sample until it is over; never raises."""
        try:
            async with anyio.create_task_group() as group:
                group.start_soon(self._end_when_told, group.cancel_scope)
                group.start_soon(self._end_with_owner)
                await anyio.sleep(self._options.first_secs)
                if await self._open():
                    for name, probe in self._sources.items():
                        group.start_soon(self._follow, name, probe)
        except Exception:
            _LOGGER.exception("system metrics of run %s end", self._run_id)
        finally:
            with anyio.CancelScope(shield=True):
                await self._close()
            self.ended.set()

    async def _end_when_told(self, scope: anyio.CancelScope) -> None:
        await self._stopping.wait()
        scope.cancel()

    async def _end_with_owner(self) -> None:
        """Stop when the owner is gone: while this writer lives, nobody ends the run for it."""
        while await _in_thread(owner_lives, self._folder):  # noqa: ASYNC110 - it sets no event
            await anyio.sleep(_LOOK_SECS)
        self.stop()

    # --- the journal --------------------------------------------------------------------------

    async def _open(self) -> bool:
        try:
            self._writer = await anyio.to_thread.run_sync(self._opened)
        except (OSError, NativeError) as err:
            _LOGGER.warning("no system metrics of run %s are kept: %s", self._run_id, err)
        return self._writer is not None

    def _opened(self) -> Writer:
        for number in range(1, _MOST_NAMES):
            name = _NAME if number == 1 else f"{_NAME}-{number}"
            try:
                return Writer(
                    self._folder,
                    self._run_id,
                    name,
                    ring_bytes=_RING_BYTES,
                    console_ring_bytes=_CONSOLE_RING_BYTES,
                )
            except FileExistsError:
                continue  # what a service left that was killed
        raise OSError("too many services have died")

    async def _close(self) -> None:
        if self._writer is not None:
            await anyio.to_thread.run_sync(self._closed)

    def _closed(self) -> None:
        assert self._writer is not None
        try:
            self._writer.close(None)
        except Exception:
            _LOGGER.exception("the journal of system metrics of run %s is not closed", self._run_id)

    def _append(self, record: Record) -> None:
        assert self._writer is not None
        try:
            self._writer.append(record)
        except (OSError, NativeError, RuntimeError) as err:
            self._say_once("journal", f"system metrics of run {self._run_id} are lost: {err}")

    # --- one source ---------------------------------------------------------------------------

    async def _follow(self, name: str, probe: Probe) -> None:
        patient, found = Patient(), Found(lambda: probe(self._options))
        try:
            source = await self._asked(name, patient, found.look, _PROBE_SECS)
            if source is not None:
                await self._describe(name, patient, source)
                await self._sample(name, patient, source)
        finally:
            source = found.give_up()
            if source is not None:
                with anyio.CancelScope(shield=True):
                    await self._asked(name, Patient(), source.close, _CLOSE_SECS)

    async def _describe(self, name: str, patient: Patient, source: Source) -> None:
        if not self._options.writer_id:
            return
        facts: Facts = await self._asked(name, patient, source.facts, _PROBE_SECS) or {}
        known_better = {key: self._options.overrides.get(key, fact) for key, fact in facts.items()}
        if any(known_better.values()):
            self._append(environment_record(self._options.writer_id, known_better))

    async def _sample(self, name: str, patient: Patient, source: Source) -> None:
        due = anyio.current_time()
        while True:
            metrics: Metrics | None = await self._asked(name, patient, source.read, _READ_SECS)
            if metrics:
                self._keep(time.time(), metrics)
            # A sample that took longer than the interval is followed by the next one that is due.
            interval_secs = self._options.interval_secs
            due += interval_secs * max(1, -(-(anyio.current_time() - due) // interval_secs))
            await anyio.sleep_until(due)

    async def _asked(
        self, name: str, patient: Patient, call: Callable[[], Any], secs: float
    ) -> Any:
        """Ask a source something; None where it fails, which is said once for each way to fail."""
        try:
            return await patient.call(call, secs=secs)
        except Busy:
            self._say_once(name, f"{name} still has not answered: it is not asked meanwhile")
        except TimeoutError:
            self._say_once(f"{name} late", f"{name} does not answer within {secs:g} s")
        except Exception as err:  # noqa: BLE001 - whatever a vendor's module comes up with
            self._say_once(f"{name} {type(err)}", f"{name} can't be sampled: {err!r}")
        return None

    def _keep(self, taken_at: float, metrics: Metrics) -> None:
        self._append(stats_record(taken_at, metrics))
        if self._options.buffer_size:
            for name, value in metrics.items():
                self._kept[name].append((taken_at, value))

    def _say_once(self, cause: str, text: str) -> None:
        if cause not in self._said:
            self._said.add(cause)
            _LOGGER.warning("system metrics: %s", text)


def owner_lives(folder: str) -> bool:
    """Whether the run's owner holds the lock that proves it alive."""
    try:
        handle = os.open(os.path.join(folder, "control"), os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    else:
        return False
    finally:
        os.close(handle)
