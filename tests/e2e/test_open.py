"""`ferrule open PATH`: runs of every client seen where they lie, live, and left as they were."""

import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from contextlib import contextmanager

import pytest

from e2e.growing import stop_local_server
from e2e.opening import contents, is_alive, opened, wait_for
from e2e.running import PROGRAMS, run_program
from oracle.harness import group, our_client

pytestmark = pytest.mark.timeout(240)
ROWS = 120
# Released clients write a journal by whole blocks of its format, but for its head.
BLOCK_BYTES = 32 * 1024


@contextmanager
def logging_run(client, folder, run_id, rows, end):
    """Run the script that is looked at, offline; gives its process."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = {"WANDB_MODE": "offline", "WANDB_X_DISABLE_STATS": "true"}
    with (
        (folder / "said.txt").open("a") as said,
        group(
            [client.interpreter, PROGRAMS / "looked_at.py", run_id, str(rows), end],
            env=client.environment(folder, **settings),
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=said,
            text=True,
        ) as process,
    ):
        try:
            yield process
        finally:
            process.stdin.close()


def logged(client, folder, run_id, end="finish", rows=ROWS):
    """Have the script log; return the run's folder when nobody writes to it any more."""
    with logging_run(client, folder, run_id, rows, end) as process:
        process.stdin.close()
        process.wait(120)
    return next(folder.glob(f"wandb/*-{run_id}"))


def read_back(folder, command, run_id):
    path = f"{command.entity}/looked/{run_id}"
    arguments = {"url": command.url, "key": command.key}
    return run_program(our_client(), folder, "read_back", path, "TARGET", **arguments)


def settled(folder):
    """Return what is in a folder, None as long as that changes."""
    before = contents(folder)
    time.sleep(2)
    return before if contents(folder) == before else None


def written_bytes(folder):
    return sum(path.stat().st_size for path in folder.glob("wandb/*/run-*.wandb"))


def numbers(found):
    return [row["number"] for row in found["scan"] if "number" in row]


def test_run_that_ended_is_shown_whole(client, tmp_path):
    folder = logged(client, tmp_path / "run", "ended1")
    before = contents(tmp_path / "run")

    with opened(tmp_path / "run", tmp_path / "tmp") as command:
        command.run("ended1", "finished")
        # Files come when the rows of all runs are there.
        shown = wait_for(
            lambda: (run := command.run("ended1"))["metadata"] and run, "what describes the machine"
        )
        found = read_back(tmp_path / "read", command, "ended1")
        listed = list(command.runs())
        assert command.stop() == 0

    assert numbers(found) == list(range(ROWS))
    assert found["config"]["rows"] == ROWS
    assert shown["tags"] == ["seen"]
    assert shown["display_name"] == "ended1"
    assert shown["console_lines"] >= 1
    assert shown["metadata"]["program"].endswith("looked_at.py")
    # As long as it ran, not as long ago.
    assert shown["duration"] < 120
    assert listed == ["ended1"]
    assert contents(tmp_path / "run") == before
    assert folder.exists()


def test_killed_run_is_shown_to_its_last_row(tmp_path):
    folder = logged(our_client(), tmp_path / "run", "killed1", "kill")
    assert (folder / "ring-owner").exists()
    before = contents(tmp_path / "run")

    with opened(folder, tmp_path / "tmp") as command:
        command.run("killed1", "crashed")
        found = wait_for(
            lambda: (
                (read := read_back(tmp_path / "read", command, "killed1"))
                and len(numbers(read)) == ROWS
                and read
            ),
            "the rows that lay in the ring",
        )

    assert numbers(found) == list(range(ROWS))
    assert contents(tmp_path / "run") == before


@pytest.mark.released
def test_killed_run_of_a_released_client_is_shown_as_far_as_it_was_written(released, tmp_path):
    with logging_run(released, tmp_path / "run", "killed2", ROWS, "follow") as script:
        # What it hasn't written when it is killed, nobody can show.
        wait_for(
            lambda: written_bytes(tmp_path / "run") >= BLOCK_BYTES, "the first of what it writes"
        )
        script.kill()
        script.wait(60)
    # Its own service notices a little later that nobody is there any more.
    before = wait_for(lambda: settled(tmp_path / "run"), "the end of its service")

    with opened(tmp_path / "run", tmp_path / "tmp") as command:
        command.run("killed2")
        found = read_back(tmp_path / "read", command, "killed2")

    assert numbers(found) == list(range(len(numbers(found))))
    assert numbers(found)
    assert contents(tmp_path / "run") == before


def test_run_that_begins_and_grows_is_followed(client, tmp_path):
    (tmp_path / "run" / "wandb").mkdir(parents=True)
    with opened(tmp_path / "run", tmp_path / "tmp") as command:
        assert command.link.split("?")[0] == f"{command.url}/"
        with logging_run(client, tmp_path / "run", "grows1", ROWS, "follow") as script:
            shown = command.run("grows1", "running")
            first = wait_for(lambda: command.run("grows1")["last_step"] + 1, "the first rows")
            assert first <= ROWS
            for _ in range(ROWS):
                script.stdin.write("\n")
            script.stdin.flush()
            wait_for(lambda: command.run("grows1")["last_step"] >= ROWS, "rows that came later")
            assert command.run("grows1")["state"] == "running"
            script.stdin.close()
            script.wait(60)
        shown = command.run("grows1", "finished")
        found = read_back(tmp_path / "read", command, "grows1")

    assert numbers(found) == list(range(2 * ROWS))
    assert shown["last_step"] == 2 * ROWS - 1


def test_run_that_is_killed_while_it_is_watched_has_crashed(tmp_path):
    with (
        opened(tmp_path, tmp_path / "tmp") as command,
        logging_run(our_client(), tmp_path, "dies1", 5, "follow") as script,
    ):
        command.run("dies1", "running")
        script.stdout.readline()
        script.kill()
        script.wait(30)
        before = contents(next(tmp_path.glob("wandb/*-dies1")))

        command.run("dies1", "crashed")
        wait_for(lambda: command.run("dies1")["last_step"] == 4, "the last row")
        wait_for(lambda: command.run("dies1")["state"] == "crashed", "the end")

        assert contents(next(tmp_path.glob("wandb/*-dies1"))) == before


def test_processes_of_one_run_are_shown_before_and_after_their_journals_are_joined(tmp_path):
    def rows(command, read):
        found = read_back(tmp_path / f"read{read}", command, "fork1")
        return numbers(found), [row["child"] for row in found["scan"] if "child" in row]

    with (
        opened(tmp_path, tmp_path / "tmp") as command,
        logging_run(our_client(), tmp_path, "fork1", 20, "fork") as script,
    ):
        wait_for(lambda: "ready" in script.stdout.readline(), "the child's end")
        command.run("fork1", "running")
        wait_for(lambda: rows(command, 1) == (list(range(20)), list(range(20))), "both writers")
        script.stdin.close()
        script.wait(60)

        command.run("fork1", "finished")
        wait_for(lambda: rows(command, 2) == (list(range(20)), list(range(20))), "the same rows")


def test_nothing_stays_when_it_is_stopped(tmp_path):
    logged(our_client(), tmp_path / "run", "stays1")
    with opened(tmp_path / "run", tmp_path / "tmp") as command:
        command.run("stays1", "finished")
        processes = command.descendants()
        assert len(processes) == 1

        assert command.stop(signal.SIGINT) == 0

        assert not any(map(is_alive, processes))
        assert list((tmp_path / "tmp").iterdir()) == []


def test_nothing_stays_when_it_is_killed(tmp_path):
    logged(our_client(), tmp_path / "run", "stays2")
    with opened(tmp_path / "run", tmp_path / "tmp") as command:
        command.run("stays2", "finished")
        (reader,) = command.descendants()

        command.stop(signal.SIGKILL)

        wait_for(lambda: not is_alive(reader), "the reader's end")
        assert list((tmp_path / "tmp").iterdir()) == []


def test_what_can_not_be_shown_is_told_once_and_the_rest_is_shown(tmp_path):
    wandb = tmp_path / "run" / "wandb"
    logged(our_client(), tmp_path / "run", "good1")
    logged(our_client(), tmp_path / "other", "good1")
    shutil.copytree(tmp_path / "other" / "wandb", wandb / "again", symlinks=True)
    for name, content in {
        "text": b"no journal at all",
        "empty": b"",
        "torn": b"\0" * 70_000,
    }.items():
        (wandb / f"offline-run-x-{name}").mkdir()
        (wandb / f"offline-run-x-{name}" / f"run-{name}.wandb").write_bytes(content)
    os.mkfifo(wandb / "offline-run-x-text" / "run-a.wandb")
    (wandb / "loop").symlink_to(wandb)
    (tmp_path / "run" / "elsewhere").symlink_to(tmp_path / "run")
    logged(our_client(), tmp_path / "third", "linked1")
    (tmp_path / "run" / "sub").mkdir()
    (tmp_path / "run" / "sub" / "wandb").symlink_to(tmp_path / "third" / "wandb")

    with opened(tmp_path / "run", tmp_path / "tmp") as command:
        for run_id in ("good1", "good1-2", "linked1"):
            assert command.run(run_id, "finished")["last_step"] == ROWS - 1
        assert sorted(command.runs()) == ["good1", "good1-2", "linked1"]
        wait_for(lambda: "run-x-text" in command.said, "a word on what is no journal")
        assert command.stop() == 0

    assert command.said.count("both hold a run good1") == 1
    assert command.said.count("run-x-text can't be shown") == 1


def test_run_that_is_deleted_leaves_the_page(tmp_path):
    folder = logged(our_client(), tmp_path / "run", "gone1")
    logged(our_client(), tmp_path / "run", "stays3")
    with opened(tmp_path / "run", tmp_path / "tmp") as command:
        command.run("gone1", "finished")

        shutil.rmtree(folder)

        wait_for(lambda: list(command.runs()) == ["stays3"], "its end on the page")
        wait_for(lambda: f"{folder} is gone" in command.said, "a word on it")
        folder = logged(our_client(), tmp_path / "run", "gone1", rows=7)
        assert command.run("gone1", "finished")["last_step"] == 6


def test_newest_comes_first_and_one_run_has_its_own_page(tmp_path):
    for number in range(3):
        logged(our_client(), tmp_path / "run", f"many{number}", rows=2)
    with opened(tmp_path / "run", tmp_path / "tmp") as command:
        for number in range(3):
            command.run(f"many{number}", "finished")
        assert list(command.runs()) == ["many2", "many1", "many0"]
        assert f"/{command.entity}/looked?" in command.link

    with opened(next(tmp_path.glob("run/wandb/*-many1")), tmp_path / "tmp2") as command:
        assert f"/{command.entity}/looked/runs/many1?" in command.link


def test_without_a_folder_it_is_the_users_own_server(tmp_path):
    """Nothing is named and there is no `./wandb`: the link goes to the server of `wandb.init`."""
    data = tmp_path / "data"
    variables = {"FERRULE_DATA_DIR": str(data), "HOME": str(tmp_path)}
    try:
        with opened(None, tmp_path / "tmp", **variables) as command:
            link = command.link
            assert command.process.wait(60) == 0
        jar = urllib.request.HTTPCookieProcessor()
        with urllib.request.build_opener(jar).open(link) as page:
            assert page.status == 200
        assert [cookie.name.startswith("ferrule-") for cookie in jar.cookiejar] == [True]
        assert list((tmp_path / "tmp").iterdir()) == []
    finally:
        stop_local_server(data)


def test_port_that_is_taken_is_said_to_be_so(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        with opened(tmp_path, tmp_path / "tmp", "--port", port) as command:
            assert command.process.wait(60) == 1

    assert "can't be shown" in command.said
    assert "Traceback" not in command.said
    assert list((tmp_path / "tmp").iterdir()) == []


def test_folder_that_is_not_there_is_said_to_be_so(tmp_path):
    with opened(tmp_path / "none", tmp_path / "tmp") as command:
        assert command.process.wait(60) == 2

    assert "There is no folder" in command.said
