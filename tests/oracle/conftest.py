"""Clients to compare, each by a fixture; released ones carry the marker `released`."""

import importlib.util
import os
import subprocess
import sys
from functools import cache, partial
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from oracle.compare import declared
from oracle.decode import REPOSITORY
from oracle.harness import Client, Drivers, our_client, run_script

ORACLE = "0.21.3"
VERSIONS = (ORACLE, "0.31.0")


@cache
def released_client(version: str = ORACLE) -> Client:
    """Return a released client, its environment made first if need be."""
    path = REPOSITORY / "tools" / "released_clients.py"
    spec = importlib.util.spec_from_file_location("released_clients", path)
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    try:
        return Client(f"released-{version}", tool.ensure(version))
    except subprocess.CalledProcessError:
        missing = f"wandb=={version} is missing: run `python tools/released_clients.py` online"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)


@pytest.fixture(scope="session")
def drivers(tmp_path_factory):
    made = Drivers(tmp_path_factory.mktemp("oracle"))
    yield made
    made.close()


@pytest.fixture(
    scope="session",
    params=["ours", pytest.param(f"released-{ORACLE}", marks=pytest.mark.released)],
)
def client(request):
    return our_client() if request.param == "ours" else released_client()


@pytest.fixture(scope="session")
def ours():
    return our_client()


@pytest.fixture(scope="session")
def released():
    return released_client()


@pytest.fixture(scope="session", params=VERSIONS)
def any_released(request):
    """Each released client that a run folder may come from."""
    return released_client(request.param)


@pytest.fixture
def either(client):
    """Return what this client should give where the clients differ, by a declared case."""

    def choose(case, *, original, ours):
        declared(case)
        return ours if client.ours else original

    return choose


@pytest.fixture
def script(client, tmp_path):
    """Run a script in a process of its own."""
    return partial(run_script, client, tmp_path)


@pytest.fixture
def play(client, drivers):
    return drivers.of(client).play
