"""`import wandb` is quick: few modules, nothing heavy, nothing started."""

import json
import subprocess
import sys

import pytest

MOST_MODULES = 150
HEAVY = {
    "aiohttp",
    "anyio",
    "asyncio",
    "dataclasses",
    "inspect",
    "multiprocessing",
    "numpy",
    "pydantic",
    "requests",
    "socket",
    "subprocess",
    "yaml",
}

PROBE = """
import json, os, sys, threading
before = set(os.listdir("."))
STATEMENTS
print(json.dumps({
    "modules": sorted(sys.modules),
    "threads": threading.active_count(),
    "files": sorted(set(os.listdir(".")) - before),
}))
"""


def probe(statements):
    # Without site: what other distributions load at start-up is not ours.
    done = subprocess.run(
        [sys.executable, "-S", "-c", PROBE.replace("STATEMENTS", path_of_this() + statements)],
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def path_of_this():
    return f"sys.path[:] = {sys.path!r}\n"


@pytest.fixture(scope="module")
def imported():
    return probe("import wandb")


def test_few_modules_are_loaded(imported):
    assert len(imported["modules"]) <= MOST_MODULES, imported["modules"]


def test_nothing_heavy_is_loaded(imported):
    assert HEAVY & set(imported["modules"]) == set()


def test_nothing_is_started_or_written(imported):
    assert imported["threads"] == 1
    assert imported["files"] == []


def test_nothing_above_the_session_is_loaded(imported):
    rooms = {name for name in imported["modules"] if name.startswith("wandb.")}

    assert "wandb._run.run" not in rooms
    assert not any(name.startswith(("wandb.apis", "wandb._settings")) for name in rooms)


def test_a_run_without_arrays_loads_nothing_heavy():
    started = probe(
        "import wandb\n"
        "with wandb.init(mode='offline', config={'a': 1}, settings={'silent': True}) as run:\n"
        "    run.log({'a': 1.5, 'b': [1], 'c': {'d': 'x'}})\n"
        "    run.summary['e'] = 2"
    )

    assert HEAVY & set(started["modules"]) == set()
