"""The printed result: one headline table over all subjects, with gates and verdicts."""

from collections.abc import Iterable

from clients import OURS
from harness import Figure, Outcome


def number(value: float | None) -> str:
    """Return three significant digits, without an exponent."""
    if value is None:
        return "-"
    if abs(value) >= 1e6:
        return f"{value / 1e6:.3g}M"
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def verdict(figure: Figure, ours: float | None) -> str:
    """Say whether the moonshot or the gate is met, or by how much the gate is missed."""
    if figure.gate is None:
        return ""
    if ours is None:
        return "not measured"
    if figure.moonshot is not None and figure.holds(ours, figure.moonshot):
        return "moonshot met"
    if figure.holds(ours, figure.gate):
        return "met"
    gap = figure.gate / ours if figure.more_is_better else ours / figure.gate
    return f"short x{gap:.2f}" if ours else "short"


def headline(outcomes: Iterable[Outcome], clients: list[str]) -> str:
    """Return the table of all figures: medians, ratios, gates, verdicts."""
    others = [name for name in clients if name != OURS]
    head = ["row", "figure", "unit", *others, OURS, *(f"x {name}" for name in others)]
    lines = [[*head, "gate", "moonshot", "verdict"]]
    for outcome in outcomes:
        lines += [_line(outcome, figure, others) for figure in outcome.subject.figures]
    return aligned(lines)


def _line(outcome: Outcome, figure: Figure, others: list[str]) -> list[str]:
    ours = outcome.median(figure, OURS)
    sign = ">= " if figure.more_is_better else "<= "
    limits = [sign + number(x) if x is not None else "" for x in (figure.gate, figure.moonshot)]
    return [
        figure.row,
        figure.title,
        figure.unit,
        *(number(outcome.median(figure, name)) for name in others),
        number(ours),
        *(number(outcome.ratio(figure, name)) for name in others),
        *limits,
        verdict(figure, ours),
    ]


def aligned(lines: list[list[str]]) -> str:
    """Return a Markdown table whose columns line up in a terminal too."""
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    rows = ["| " + " | ".join(map(str.ljust, line, widths)) + " |" for line in lines]
    rows.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(rows)
