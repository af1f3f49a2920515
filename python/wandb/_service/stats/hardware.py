"""The hardware of this machine, by a process of its own: `…stats.hardware PID OVERRIDES TARGET`.

Drivers are not loaded into a user's process, and one that hangs is left behind with this one.
"""

from __future__ import annotations

import json
import logging
import sys

from wandb._service.stats.accelerators import ACCELERATORS
from wandb._service.stats.options import StatsOptions
from wandb._service.stats.source import Facts

__all__ = ("hardware_facts", "main")

_LOGGER = logging.getLogger(__name__)


def hardware_facts(options: StatsOptions) -> Facts:
    """Describe the accelerators that are there, in fields of an environment record."""
    facts: Facts = {}
    for name, probe in ACCELERATORS.items():
        try:
            source = probe(options)
            if source is not None:
                facts |= source.facts()
                source.close()
        except Exception as err:  # noqa: BLE001, PERF203 - whatever a vendor's module comes up with
            _LOGGER.warning("%s can't be described: %r", name, err)
    return {name: options.overrides.get(name, fact) for name, fact in facts.items()}


def main() -> None:
    """Write the facts to a file, as JSON."""
    _, pid, overrides, target = sys.argv
    facts = hardware_facts(StatsOptions(pid=int(pid), overrides=json.loads(overrides)))
    with open(target, "w", encoding="utf-8") as file:
        json.dump(facts, file)


if __name__ == "__main__":
    main()
