"""What each client does with a run beside logging to it once."""

from contextlib import ExitStack

import pytest

from e2e.conftest import VERSIONS
from e2e.ferrule_server import serving
from e2e.running import run_program
from oracle.harness import our_client, released_client

pytestmark = pytest.mark.timeout(240)


@pytest.fixture(
    scope="module",
    params=["ours", *(pytest.param(v, marks=pytest.mark.released) for v in VERSIONS)],
)
def told(request, server_of_each, tmp_path_factory):
    """What the program of `run_paths.py` found, under each client."""
    server, key = server_of_each(request.param)
    client = our_client() if request.param == "ours" else released_client(request.param)
    folder = tmp_path_factory.mktemp("paths")
    return run_program(client, folder, "run_paths", "TARGET", url=server.url, key=key)


@pytest.fixture(scope="module")
def server_of_each(tmp_path_factory):
    with ExitStack() as stack:

        def start(version):
            server = stack.enter_context(serving(tmp_path_factory.mktemp(f"server-{version}")))
            return server, server.add_user("alice")

        yield start


def test_a_resumed_run_goes_on_after_its_last_step(told):
    assert told["first"]["rows"] == [[step, step] for step in range(5)]
    assert told["resumed"]["rows"] == [*told["first"]["rows"], [5, 50]]
    assert told["resumed"]["config"] == {"c": 1, "d": 2}
    assert told["resumed"]["tags"] == ["t"]
    assert (told["resumed"]["state"], told["resumed"]["summary"]) == ("finished", 50)
    assert told["resumed"]["title"] == told["first"]["title"]


def test_a_run_that_is_there_or_is_not_is_told_to_a_client_that_minds(told):
    assert told["never"].startswith("UsageError")
    assert told["must"].startswith("UsageError")


def test_a_fork_has_its_parents_rows_up_to_the_step(told):
    assert told["forked"]["rows"] == [[0, 0], [1, 1], [2, 2], [3, 30], [4, 40]]
    assert told["fork after"] == told["forked"]


def test_a_fork_of_nothing_is_told(told):
    assert "`missing` to fork from was not found" in told["no parent"]


def test_a_rewound_run_goes_on_from_the_step(told):
    assert told["rewound"]["rows"] == [[0, 0], [1, 1], [2, 2], [3, 3], [4, 400]]


def test_a_run_rewound_without_a_row_since_resumes_after_the_step(told):
    assert told["rewound again"]["rows"] == [[0, 0], [1, 1], [2, 20]]


def test_an_edited_run_is_changed_and_stays_ended(told):
    assert told["edited"] == {
        "title": "renamed",
        "notes": "noted",
        "tags": ["x", "y"],
        "lr": 0.5,
        "state": "finished",
        "extra": 3,
    }


def test_a_shared_run_has_what_every_writer_logged(told):
    shared = told["shared"]

    assert shared["codes"] == [0, 0]
    assert shared["config"] == {"w0": 1, "w1": 1}
    assert shared["values"] == sorted([*range(4), *range(4)])
    assert shared["summary"] == [3, 3]
    assert shared["state"] == "finished"


def test_a_run_is_rewound_to_its_last_step_and_to_its_first(told):
    assert told["rewound to its last"]["rows"] == [[0, 0], [1, 1], [2, 20], [3, 3000]]
    assert told["rewound to its last"]["summary"] == 3000
    assert told["rewound to its first"]["rows"] == [[0, 0], [1, 1000]]
    assert told["rewound to its first"]["summary"] == 1000


def test_a_run_that_never_came_so_far_is_not_rewound(told):
    assert "can't go back to step 77: its last step is 2" in told["beyond"]


def test_a_fork_of_a_fork_has_the_rows_of_both(told):
    assert told["fork of a fork"]["rows"] == [[0, 0], [1, 1], [2, 2], [3, 30], [4, 4000]]


def test_a_fork_into_a_run_that_is_there_loses_nothing(told):
    assert [4, 4001] in told["forked again"]["rows"]
