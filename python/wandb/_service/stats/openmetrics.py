"""OpenMetrics endpoints that the user named, as Prometheus would read them."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from wandb._http.fetch import fetch
from wandb._native import Pattern
from wandb._service.stats.options import StatsOptions
from wandb._service.stats.source import Facts, Metrics, number

__all__ = ("OpenMetrics", "Sample", "probes", "samples_in")

_LOGGER = logging.getLogger(__name__)
# One series is one chart: nobody looks at more, and labels that are new each time have no end.
_MOST_SERIES = 1000
# What is counted and what is measured; sums over time, such as histograms, are left out.
_KINDS = frozenset(("counter", "gauge"))
_TYPE = re.compile(r"#\s*TYPE\s+(\S+)\s+(\S+)")
_SAMPLE = re.compile(
    r"([a-zA-Z_:][\w:]*)"  # its name
    r'(?:\s*\{((?:[^"}]|"(?:[^"\\]|\\.)*")*)\})?'  # its labels
    r"\s+(\S+)(?:\s+[^\s#]\S*)?(?:\s+#.*)?$"  # its value; when, and an example, are not kept
)
_LABEL = re.compile(r'\s*([a-zA-Z_]\w*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*,?')
# A longer line is no sample that is worth reading.
_LONGEST_LINE = 8 << 10
_ESCAPED = {r"\\": "\\", r"\"": '"', r"\n": "\n"}
Labels = tuple[tuple[str, str], ...]
Rule = tuple[Pattern, dict[str, Pattern]]


@dataclass(frozen=True, slots=True)
class Sample:
    """One line of an endpoint's answer."""

    name: str
    labels: Labels
    value: float


class OpenMetrics:
    """One endpoint.

    Args:
        name: What the user calls it.
        url: Its address.
        options: Which metrics to keep, and what to send along.
        get: Fetches an address.
    """

    def __init__(
        self,
        name: str,
        url: str,
        options: StatsOptions,
        get: Callable[[str, Mapping[str, str]], bytes] = fetch,
    ) -> None:
        self._name, self._url, self._headers, self._get = name, url, options.headers, get
        self._rules = None if options.filters is None else _rules(options.filters)
        # Series of one name are numbered in the order in which they come up.
        self._numbers: dict[str, dict[Labels, int]] = {}
        self._room, self._is_full_said = _MOST_SERIES, False

    def read(self) -> Metrics:
        """Take a sample."""
        text = self._get(self._url, self._headers).decode(errors="replace")
        metrics: Metrics = {}
        for one in samples_in(text):
            if self._keeps(one) and (at := self._number(one)) is not None:
                metrics[f"openmetrics.{self._name}.{one.name}.{at}"] = one.value
        return metrics

    def _number(self, sample: Sample) -> int | None:
        """Return the number of a series; None for a new one if there are too many."""
        numbers = self._numbers.get(sample.name, {})
        known = numbers.get(sample.labels)
        if known is not None:
            return known
        if not self._room:
            self._say_that_it_is_full()
            return None
        self._room -= 1
        self._numbers[sample.name] = numbers
        numbers[sample.labels] = len(numbers)
        return len(numbers) - 1

    def _say_that_it_is_full(self) -> None:
        if not self._is_full_said:
            self._is_full_said = True
            _LOGGER.warning(
                "system metrics: openmetrics %s has more than %d series: further ones are left "
                "out; x_stats_open_metrics_filters chooses among them",
                self._name,
                _MOST_SERIES,
            )

    def _keeps(self, sample: Sample) -> bool:
        if self._rules is None:
            return True
        full, labels = f"{self._name}.{sample.name}", dict(sample.labels)
        return any(
            pattern.search(full)
            and all(label in labels and want.search(labels[label]) for label, want in more.items())
            for pattern, more in self._rules
        )

    def facts(self) -> Facts:
        """Describe nothing: it may be another machine's."""
        return {}

    def close(self) -> None:
        """Do nothing: no connection is kept."""


def _rules(filters: Mapping[str, Mapping[str, str]] | Sequence[str]) -> list[Rule]:
    if isinstance(filters, Mapping):
        return [
            (Pattern(metric), {label: Pattern(value) for label, value in labels.items()})
            for metric, labels in filters.items()
        ]
    return [(Pattern(metric), {}) for metric in filters]


def samples_in(text: str) -> Iterator[Sample]:
    """Yield the counters and gauges of an endpoint's answer."""
    kinds: dict[str, str] = {}
    for line in text.splitlines():
        if len(line) > _LONGEST_LINE:
            continue
        if line.startswith("#"):
            if declared := _TYPE.match(line):
                kinds[declared[1]] = declared[2].lower()
            continue
        found = _SAMPLE.match(line.strip())
        if found is None:
            continue
        name, labels, value = found[1], found[2] or "", number(found[3])
        # OpenMetrics declares a counter without the ending that its samples have.
        kind = kinds.get(name) or kinds.get(name.removesuffix("_total"))
        if kind in _KINDS and value is not None:
            yield Sample(name, _labels(labels), value)


def _labels(text: str) -> Labels:
    return tuple(sorted((found[1], _unescaped(found[2])) for found in _one_after_another(text)))


def _one_after_another(text: str) -> Iterator[re.Match[str]]:
    """Yield the labels up to where the text has none; a search would begin at each character."""
    found = _LABEL.match(text)
    while found is not None:
        yield found
        found = _LABEL.match(text, found.end())


def _unescaped(text: str) -> str:
    return re.sub(r"\\.", lambda found: _ESCAPED.get(found[0], found[0]), text)


def probes(options: StatsOptions) -> dict[str, Callable[[StatsOptions], OpenMetrics]]:
    """Return a probe for each endpoint that the user named: one that is slow holds up none."""

    def of(name: str, url: str) -> Callable[[StatsOptions], OpenMetrics]:
        return lambda chosen: OpenMetrics(name, url, chosen)

    return {f"openmetrics {name}": of(name, url) for name, url in options.endpoints.items()}
