"""Every test has a home and a folder of its own, no settings of the machine and no network."""

import os
import socket

import pytest


@pytest.fixture(autouse=True)
def own_surroundings(tmp_path_factory, monkeypatch):
    """Hide the user's home, environment and working folder from the test."""
    home = tmp_path_factory.mktemp("home")
    for name in list(os.environ):
        if name.startswith(("WANDB_", "FERRULE_")) and name != "FERRULE_TEST_CACHE":
            monkeypatch.delenv(name)
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(home))
    monkeypatch.delenv("NETRC", raising=False)
    monkeypatch.chdir(tmp_path_factory.mktemp("work"))


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    """Fail a test that would leave this machine; sockets of the machine itself are fine."""
    connect = socket.socket.connect

    def local_only(self, address):
        if self.family in (socket.AF_INET, socket.AF_INET6):
            host = address[0]
            assert host in ("localhost", "127.0.0.1", "::1"), f"connection to {host}"
        return connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", local_only)


@pytest.fixture(autouse=True)
def no_run_left(own_surroundings):
    """End what a test leaves active, so that the next one starts afresh."""
    yield
    from wandb._run.session import session

    if session.globals.run is not None:
        session.globals.run.finish()
    session.tear_down()
