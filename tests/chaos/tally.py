"""Totals over rounds, and the table that is printed of them."""

from collections.abc import Iterable
from dataclasses import dataclass

from chaos.rounds import Result

COLUMNS = ("lost", "doubled", "damaged", "invented", "misplaced")


@dataclass
class Tally:
    """The sums of some rounds."""

    rounds: int = 0
    clean: int = 0
    lossy: int = 0
    promised: int = 0
    lost: int = 0
    doubled: int = 0
    damaged: int = 0
    invented: int = 0
    misplaced: int = 0
    longest_log_secs: float = 0.0
    longest_end_secs: float = 0.0

    def add(self, result: Result) -> None:
        self.rounds += 1
        self.clean += result.clean
        self.lossy += result.findings.lost > 0
        self.promised += result.findings.promised
        for name in COLUMNS:
            setattr(self, name, getattr(self, name) + getattr(result.findings, name))
        self.longest_log_secs = max(self.longest_log_secs, result.longest_log_secs)
        self.longest_end_secs = max(self.longest_end_secs, result.end_secs)


def by_scenario(results: Iterable[Result]) -> dict[str, Tally]:
    """Return one tally per scenario, in order of name, and one of all."""
    tallies: dict[str, Tally] = {}
    total = Tally()
    for result in sorted(results, key=lambda result: result.plan.scenario.name):
        tallies.setdefault(result.plan.scenario.name, Tally()).add(result)
        total.add(result)
    return {**tallies, "all": total}


def table(ours: dict[str, Tally], released: dict[str, Tally]) -> str:
    """Return the table per scenario, the released client's losses beside if there are any."""
    head = ["scenario", "rounds", "clean", "rows promised", *COLUMNS, "log max s", "end max s"]
    if released:
        head += ["released: rounds", "with loss", "promised", "lost"]
    lines = [head]
    for name, tally in ours.items():
        beside = released.get(name)
        lines.append([name, *_cells(tally), *(_beside(beside) if released else [])])
    return _aligned(lines)


def _cells(tally: Tally) -> list[str]:
    sums = [tally.rounds, tally.clean, tally.promised, *(getattr(tally, n) for n in COLUMNS)]
    return [
        *(f"{number:,}" for number in sums),
        f"{tally.longest_log_secs:.3f}",
        f"{tally.longest_end_secs:.2f}",
    ]


def _beside(tally: Tally | None) -> list[str]:
    if tally is None:
        return ["-"] * 4
    return [f"{n:,}" for n in (tally.rounds, tally.lossy, tally.promised, tally.lost)]


def _aligned(lines: list[list[str]]) -> str:
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    rows = ["| " + " | ".join(map(str.ljust, line, widths)) + " |" for line in lines]
    rows.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(rows)
