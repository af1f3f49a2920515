"""Runs of these tests are sent nowhere unless a test says where."""

import pytest


@pytest.fixture(autouse=True)
def sent_nowhere(own_surroundings, monkeypatch):
    monkeypatch.setenv("WANDB_MODE", "offline")
    # No local server can be started in a folder that can't be made.
    monkeypatch.setenv("FERRULE_DATA_DIR", "/dev/null/ferrule")
