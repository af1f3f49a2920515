"""One online round of every kind, with a fixed seed; `make chaos` plays hundreds.

The plans are fixed, the instants are not: a failure here is a defect even if the next run
passes. Its message holds the command that plays the round again.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from chaos.online_kinds import KINDS

SEED = 3
RUN = Path(__file__).resolve().parent / "online.py"

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(600)]


@pytest.fixture(scope="session")
def results(tmp_path_factory):
    """Play all kinds in one process, which gives itself mounts of its own."""
    target = tmp_path_factory.mktemp("online") / "results.json"
    command = [sys.executable, str(RUN), "--seed", str(SEED), "--rounds", str(len(KINDS))]
    done = subprocess.run(
        [*command, "--json", str(target)], capture_output=True, text=True, check=False
    )
    assert target.exists(), done.stderr
    return {round["kind"]: round for round in json.loads(target.read_text())}


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_everything_logged_arrives_once(results, kind):
    if kind not in results:
        assert os.environ.get("CI") != "true", "the machine offers no mounts of its own"
        pytest.skip("needs mounts of its own")

    result = results[kind]

    again = f"python tests/chaos/online.py --replay {result['seed']} --kind {kind}"
    assert not result["notes"], "\n".join([*result["notes"], again])


def test_harm_was_done(results):
    harmed = {kind for kind, round in results.items() if round["kills"] or round["faults"]}
    harmless = {"quiet", "full_disk", "absent_at_start"}
    assert harmed >= set(results) - harmless
