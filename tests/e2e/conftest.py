"""A server, a proxy before it, and the clients that talk to it."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from e2e.ferrule_server import serving
from e2e.proxy import proxied
from oracle.harness import our_client, released_client

VERSIONS = ("0.21.3", "0.31.0")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A server with nothing in it yet."""
    with serving(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture(scope="module")
def key(server):
    """The API key of the user `alice`."""
    return server.add_user("alice")


@pytest.fixture
def proxy(server):
    """What clients are given as the server's address; it remembers what passes."""
    with proxied(server.url) as passing:
        yield passing


@pytest.fixture(
    params=["ours", *(pytest.param(v, marks=pytest.mark.released) for v in VERSIONS)],
)
def client(request):
    """Each client: ours, and the released ones."""
    return our_client() if request.param == "ours" else released_client(request.param)


@pytest.fixture(params=VERSIONS)
def released(request):
    """Each released client."""
    return released_client(request.param)
