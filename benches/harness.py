"""Paired, interleaved rounds of one measurement under several clients.

A subject is a script in this folder, and an entry of `subjects.py` that says with which
parameters it runs and which figures it answers. The script runs in a fresh process under
each client's interpreter, in an empty folder, offline. Clients take turns within a round,
so that what else the machine does falls on all of them.
"""

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from clients import Client

FOLDER = Path(__file__).resolve().parent
RESULTS = FOLDER / "results"
WORKER_TIMEOUT_SECS = 900

Metrics = dict[str, float]
Samples = dict[str, list[Metrics]]
"""By client, one dict of metrics per round."""


@dataclass(frozen=True, slots=True)
class Case:
    """One set of parameters of a subject.

    `released` overrides parameters for the released clients, which need minutes for what
    takes us seconds; `scaled` names the parameter that differs and the metrics in which the
    difference is to be made good by the ratio of its values.
    """

    name: str
    params: dict[str, Any]
    quick: dict[str, Any] = field(default_factory=dict)
    released: dict[str, Any] = field(default_factory=dict)
    quick_released: dict[str, Any] = field(default_factory=dict)
    scaled: tuple[str, tuple[str, ...]] | None = None

    def for_client(self, client: Client, *, quick: bool) -> dict[str, Any]:
        """Return the parameters that a client is measured with."""
        params = {**self.params, **(self.quick if quick else {})}
        if not client.ours:
            params.update(self.released)
            params.update(self.quick_released if quick else {})
        return params

    def scale(self, metrics: Metrics, used: dict[str, Any]) -> Metrics:
        """Return the metrics that the full parameters would have given."""
        if self.scaled is None:
            return metrics
        parameter, names = self.scaled
        factor = self.params[parameter] / used[parameter]
        return {**metrics, **{name: metrics[name] * factor for name in names}}


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the headline table: a metric with its gate and its moonshot."""

    row: str
    title: str
    case: str
    metric: str
    unit: str
    gate: float | None = None
    moonshot: float | None = None
    more_is_better: bool = False

    def holds(self, value: float, limit: float) -> bool:
        """Tell whether a value is on the right side of a limit."""
        return value >= limit if self.more_is_better else value <= limit


@dataclass(frozen=True, slots=True)
class Subject:
    """A script of this folder: how to run it and what it answers.

    `most_rounds` bounds what takes its time by doing nothing. `libraries` names what released
    clients need beside them; a client without an environment that has them is left out.
    """

    name: str
    cases: tuple[Case, ...]
    figures: tuple[Figure, ...]
    notes: tuple[str, ...] = ()
    most_rounds: int = 100
    libraries: str = ""


@dataclass(slots=True)
class Outcome:
    """What the rounds of one subject gave."""

    subject: Subject
    samples: dict[str, Samples] = field(default_factory=dict)
    loads: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def median(self, figure: Figure, client: str) -> float | None:
        """Return a client's median over the rounds."""
        values = self._values(figure, client)
        return statistics.median(values) if values else None

    def ratio(self, figure: Figure, client: str, ours: str = "ours") -> float | None:
        """Return how many times better we are, the median over paired rounds."""
        theirs, own = self._values(figure, client), self._values(figure, ours)
        if figure.more_is_better:
            theirs, own = own, theirs
        pairs = [them / us for them, us in zip(theirs, own, strict=False) if us > 0]
        return statistics.median(pairs) if pairs else None

    def _values(self, figure: Figure, client: str) -> list[float]:
        rounds = self.samples.get(figure.case, {}).get(client, [])
        return [metrics[figure.metric] for metrics in rounds if figure.metric in metrics]


def run_subject(
    subject: Subject,
    clients: list[Client],
    *,
    rounds: int,
    quick: bool,
    say: Callable[[str], None],
) -> Outcome:
    """Measure a subject under all clients, `rounds` times in turn."""
    outcome, rounds = Outcome(subject), min(rounds, subject.most_rounds)
    for case in subject.cases:
        outcome.samples[case.name] = {client.name: [] for client in clients}
        for number in range(rounds):
            for client in _rotated(clients, number):
                _add_round(outcome, case, client, quick=quick)
            outcome.loads.append(os.getloadavg()[0])
            say(f"{subject.name} {case.name}: round {number + 1}/{rounds}, load {_load()}")
    return outcome


def _add_round(outcome: Outcome, case: Case, client: Client, *, quick: bool) -> None:
    params = case.for_client(client, quick=quick)
    try:
        metrics = run_worker(outcome.subject.name, client, params)
    except WorkerError as err:
        outcome.failures.append(f"{outcome.subject.name} {case.name} {client.name}: {err}")
        return
    outcome.samples[case.name][client.name].append(case.scale(metrics, params))


def _rotated(clients: list[Client], number: int) -> list[Client]:
    start = number % len(clients)
    return clients[start:] + clients[:start]


class WorkerError(Exception):
    """A measured process failed or hung; the message ends with its last words."""


def run_worker(script: str, client: Client, params: dict[str, Any]) -> Metrics:
    """Run one script under a client in an empty folder and return its metrics.

    Raises:
        WorkerError: It failed, or took longer than `WORKER_TIMEOUT_SECS`.
    """
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        target = Path(folder) / "metrics.json"
        command = [client.python, "-W", "ignore", str(FOLDER / f"{script}.py")]
        command += [json.dumps(params), str(target)]
        _run(command, Path(folder), worker_environment(client, folder))
        return json.loads(target.read_text())


def _run(command: list[str], folder: Path, environment: dict[str, str]) -> None:
    words = folder / "stderr"
    with words.open("wb") as stderr:
        try:
            done = subprocess.run(
                command,
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
                timeout=WORKER_TIMEOUT_SECS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise WorkerError(f"no end after {WORKER_TIMEOUT_SECS} s") from None
    if done.returncode != 0:
        raise WorkerError(f"exit {done.returncode}: {words.read_text()[-500:]}")


def worker_environment(client: Client, home: str) -> dict[str, str]:
    """Return an environment that holds nothing of the user's own configuration."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("WANDB_", "PYTHON"))}
    return {**kept, "HOME": home, "WANDB_MODE": "offline", **client.variables}


def machine_facts() -> dict[str, Any]:
    """Return what a reader needs to know of the machine."""
    return {
        "taken_at": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "cpu": _cpu_name(),
        "cpus": os.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30, 1),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "load_at_start": os.getloadavg()[0],
    }


def _cpu_name() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _load() -> str:
    return f"{os.getloadavg()[0]:.2f}"


def save(outcomes: Iterable[Outcome], facts: dict[str, Any]) -> Path:
    """Write everything measured to a JSON file in `benches/results` and return its path."""
    RESULTS.mkdir(exist_ok=True)
    stamp = facts["taken_at"].replace(":", "").replace("+0000", "Z")
    path = RESULTS / f"bench-{stamp}-{os.getpid()}.json"
    body = {"machine": facts, "argv": sys.argv, "subjects": {}}
    for outcome in outcomes:
        body["subjects"][outcome.subject.name] = {
            "samples": outcome.samples,
            "loads": outcome.loads,
            "failures": outcome.failures,
        }
    path.write_text(json.dumps(body, indent=1))
    return path
