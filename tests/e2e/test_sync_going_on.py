"""Offline runs that go on from each other, sent by our `wandb sync` in their order."""

import pytest

from e2e.ferrule_server import serving
from e2e.running import run_program, run_sync
from oracle.harness import our_client, released_client

pytestmark = pytest.mark.timeout(300)

# 0.21.3 leaves no trace of `resume` in the journal of an offline run.
WAYS = {
    "ours": ("base", "resumed", "forked", "rewound"),
    "0.21.3": ("base", "forked", "rewound"),
    "0.31.0": ("base", "resumed", "forked", "rewound"),
}


def clients(way):
    """Name the clients that can log in this way offline."""
    return [
        pytest.param(name, marks=() if name == "ours" else pytest.mark.released)
        for name, ways in WAYS.items()
        if way in ways
    ]


@pytest.fixture(scope="module", params=clients("base"))
def synced(request, tmp_path_factory):
    """What the server has after each sync, by the way in which the run went on."""
    client = our_client() if request.param == "ours" else released_client(request.param)
    folder = tmp_path_factory.mktemp("offline")
    ways = WAYS[request.param]
    with serving(tmp_path_factory.mktemp("server")) as server:
        key = server.add_user("alice")
        run_program(
            client, folder, "going_on_offline", *ways, url=server.url, key=key, WANDB_MODE="offline"
        )
        told = {}
        for number, way in enumerate(ways):
            send(folder / f"{number}-{way}", server, key)
            run_id = "fork" if way == "forked" else "base"
            told[way] = stored(folder, server, key, run_id)
        yield told


def send(place, server, key):
    (run,) = place.glob("wandb/offline-run-*")
    run_sync(our_client(), place, run, url=server.url, key=key)


def stored(folder, server, key, run_id):
    path = f"alice/offline/{run_id}"
    target = folder / "read_back.json"
    target.unlink(missing_ok=True)
    return run_program(our_client(), folder, "read_back", path, "TARGET", url=server.url, key=key)


def curve(found):
    return [(row["_step"], row["a"]) for row in found["scan"]]


@pytest.mark.parametrize("synced", clients("resumed"), indirect=True)
def test_resumed_rows_come_after_those_of_the_server(synced):
    found = synced["resumed"]

    assert curve(found) == [(0, 0), (1, 1), (2, 2), (3, 3), (4, 4), (5, 50), (6, 60)]
    assert (found["config"]["c"], found["config"]["d"]) == (1, 2)
    assert found["summary"]["a"] == 60


def test_forked_run_has_its_parents_rows(synced):
    assert curve(synced["forked"]) == [(0, 0), (1, 1), (2, 2), (3, 30), (4, 40)]


def test_rewound_run_has_the_rows_of_both_parts(synced):
    assert curve(synced["rewound"]) == [(0, 0), (1, 1), (2, 20), (3, 30)]
    assert synced["rewound"]["summary"]["a"] == 30
    assert synced["rewound"]["config"]["c"] == 1
