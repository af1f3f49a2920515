"""Judge what was found against what was promised. Pure: values in, findings out."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from chaos.programs import Program

Row = dict[str, Any]
SHOWN = 5


@dataclass(frozen=True, slots=True)
class Promise:
    """One writer's calls: all that returned must be found; all that began may be.

    A loose promise is what is left when a file itself was damaged: whatever is found must be
    a row that was begun, up to some call of it. Rows of a live writer are not `sealed`: the
    open one may still be out of sight, and its number of parts is that of some earlier instant.
    """

    writer: int
    program: Program
    returned: int
    begun: int
    loose: bool = False
    sealed: bool = True

    def expected(self, row: int) -> list[Row]:
        """Return what a row may hold: the calls that returned, and those that began."""
        calls: Iterable[int] = (self.returned, self.begun)
        if self.loose or not self.sealed:
            first = row * self.program.parts
            calls = range(first + 1, min(first + self.program.parts, self.begun) + 1)
        return [self.program.row(self.writer, row, count) for count in calls]

    def rows_wanted(self) -> int:
        """Return how many rows must be found."""
        if self.loose:
            return 0
        return self.program.rows(self.returned) if self.sealed else self._whole_rows()

    def _whole_rows(self) -> int:
        return self.returned // self.program.parts


@dataclass
class Findings:
    """How many rows are as promised, and what is wrong with the others."""

    promised: int = 0
    found: int = 0
    lost: int = 0
    doubled: int = 0
    damaged: int = 0
    invented: int = 0
    misplaced: int = 0
    notes: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        return not self.notes

    def note(self, text: str) -> None:
        self.notes.append(text)


def judge(rows: Sequence[Row], promises: Iterable[Promise], *, source: str) -> Findings:
    """Compare rows in file order with every writer's promise."""
    findings = Findings(found=len(rows))
    promises = list(promises)
    by_writer: dict[Any, list[Row]] = {promise.writer: [] for promise in promises}
    strangers = 0
    for row in rows:
        if row.get("w") in by_writer and "n" in row:
            by_writer[row["w"]].append(row)
        else:
            strangers += 1
    for promise in promises:
        _judge_writer(findings, promise, by_writer[promise.writer])
    findings.invented += strangers
    _summarise(findings, source, rows)
    return findings


def _judge_writer(findings: Findings, promise: Promise, rows: list[Row]) -> None:
    wanted = promise.rows_wanted()
    possible = promise.program.rows(promise.begun)
    numbers = [row["n"] for row in rows]
    counts = Counter(numbers)
    findings.promised += wanted
    findings.lost += sum(1 for number in range(wanted) if number not in counts)
    findings.doubled += sum(count - 1 for count in counts.values())
    findings.invented += sum(1 for number in counts if not 0 <= number < possible)
    findings.misplaced += sum(1 for one, other in pairwise(numbers) if other < one)
    findings.damaged += sum(
        1 for row in rows if row["n"] < possible and not _intact(row, promise.expected(row["n"]))
    )


def _intact(row: Row, allowed: list[Row]) -> bool:
    shown = {key: value for key, value in row.items() if not key.startswith("_")}
    return shown in allowed


def _summarise(findings: Findings, source: str, rows: Sequence[Row]) -> None:
    for kind in ("lost", "doubled", "damaged", "invented", "misplaced"):
        count = getattr(findings, kind)
        if count:
            findings.note(f"{source}: {count} rows {kind} of {findings.promised} promised")


def judge_steps(rows: Sequence[Row], promises: Sequence[Promise], *, source: str) -> list[str]:
    """Check the numbers of the steps: as given, or one shared numbering without repeats."""
    program = promises[0].program
    if program.step is not None:
        wrong = [row["n"] for row in rows if row.get("_step") != program.step(row["n"])]
        return [f"{source}: wrong _step in rows {wrong[:SHOWN]}"] if wrong else []
    repeated = [step for step, n in Counter(row.get("_step") for row in rows).items() if n > 1]
    return [f"{source}: _step repeated: {repeated[:SHOWN]}"] if repeated else []


def judge_clock(rows: Sequence[Row], promises: Sequence[Promise], *, source: str) -> list[str]:
    """Check that `_runtime` never goes back within a writer, whatever the wall clock did."""
    wrong = []
    for promise in promises:
        times = [row.get("_runtime", 0.0) for row in rows if row.get("w") == promise.writer]
        if any(later < earlier for earlier, later in pairwise(times)):
            wrong.append(f"{source}: _runtime of writer {promise.writer} went back")
    return wrong
