"""One round of every scenario, with a fixed seed; `make chaos` plays hundreds.

The plans are fixed, the instants of the kills are not: a failure here is a defect even if the
next run passes. Its message holds the command that plays the round again.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from chaos.scenarios import SCENARIOS

SEED = 2
RUN = Path(__file__).resolve().parent / "run.py"

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(240)]


@pytest.fixture(scope="session")
def results(tmp_path_factory):
    """Play all scenarios in one process, which gives itself mounts of its own."""
    target = tmp_path_factory.mktemp("chaos") / "results.json"
    command = [sys.executable, str(RUN), "--seed", str(SEED), "--rounds", str(len(SCENARIOS))]
    command += ["--beside-rounds", "0", "--json", str(target)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert target.exists(), done.stderr
    return {round["scenario"]: round for round in json.loads(target.read_text())}


@pytest.mark.parametrize("scenario", sorted(SCENARIOS))
def test_every_row_whose_log_returned_is_there_once(results, scenario):
    if scenario not in results:
        needs = ", ".join(SCENARIOS[scenario].needs)
        assert os.environ.get("CI") != "true", f"the machine offers no {needs}"
        pytest.skip(f"needs {needs}")

    result = results[scenario]

    again = f"python tests/chaos/run.py --replay {result['seed']} --scenario {scenario}"
    assert not result["notes"], "\n".join([*result["notes"], again])
