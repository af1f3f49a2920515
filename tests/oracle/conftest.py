"""Clients to compare, each by a fixture; released ones carry the marker `released`."""

import sys
from functools import partial
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from oracle.compare import declared
from oracle.harness import ORACLE, Drivers, our_client, released_client, run_script

VERSIONS = (ORACLE, "0.31.0")


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
