"""Media of our client at our server: all there, and little left behind."""

import sqlite3
from contextlib import closing

import pytest

from e2e.running import run_program
from oracle.harness import our_client

pytestmark = pytest.mark.timeout(600)

IMAGES = 1000
MOST_LEFT = 100
MOST_GROWN_MIB = 100


@pytest.fixture(scope="module")
def told(tmp_path_factory, server, key):
    return run_program(
        our_client(),
        tmp_path_factory.mktemp("images"),
        "images",
        *("TARGET", str(IMAGES)),
        url=server.url,
        key=key,
        patience_secs=500,
    )


def test_images_go_from_the_disk_as_they_reach_the_server(told):
    assert told["left"] <= MOST_LEFT
    assert told["grown_mib"] <= MOST_GROWN_MIB


def test_every_image_is_at_the_server_as_its_row_says(told, server, key, tmp_path):
    found = run_program(
        our_client(), tmp_path, "images_back", told["path"], "TARGET", url=server.url, key=key
    )

    assert found["steps"] == list(range(IMAGES))
    assert found["wrong"] == []
    with closing(sqlite3.connect(server.folder / "data" / "meta.db")) as database:
        names = {name for (name,) in database.execute("SELECT name FROM run_file")}
    assert names >= set(found["paths"])
