"""A script's process, a service of its own, and a server: real processes, real sockets."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import anyio
import pytest
from anyio.from_thread import start_blocking_portal

import wandb
import wandb._run.online as online_module
from service.fake_server import KEY, fake_server, status
from wandb._run.link import Link
from wandb._run.online import Delivery
from wandb._run.service_address import SERVICE_VARIABLE
from wandb._run.session import session
from wandb._service.syncstate import SyncState

SOURCES = Path(__file__).resolve().parents[2] / "python"
PATIENCE_SECS = 40

pytestmark = pytest.mark.timeout(120)


@contextmanager
def serving(**facts):
    """A fake server beside this thread."""
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(fake_server(**facts)) as server,
    ):
        yield server


@pytest.fixture
def online(monkeypatch):
    """What `wandb.init` is given here: a service that leaves at once, and ends with the test."""
    monkeypatch.delenv(SERVICE_VARIABLE, raising=False)

    def settings(server, **more):
        return wandb.Settings(
            base_url=server.url,
            api_key=KEY,
            x_disable_stats=True,
            x_service_linger=0.2,
            **more,
        )

    yield settings
    service = session.link and session.link._service
    session.tear_down()
    os.environ.pop(SERVICE_VARIABLE, None)
    if service:
        until(lambda: service.ended)


def folder_of(run):
    return run.settings.sync_dir


def until(happened):
    """Wait for what another process does."""
    last = time.monotonic() + PATIENCE_SECS
    while not happened():
        assert time.monotonic() < last
        time.sleep(0.02)


def service_of_this_process():
    return session.link._service


def kill(service):
    os.kill(service.pid, signal.SIGKILL)
    until(lambda: service.ended)


def test_run_is_online_from_init_to_finish(online, capsys):
    with serving() as server:
        run = wandb.init(project="p", config={"lr": 1}, settings=online(server))
        named = (run.entity, run.name, run.url)
        run.log({"loss": 0.5})
        run.finish()

    assert named == ("me", "calm-reef-1", f"{server.url}/me/p/runs/{run.id}")
    assert [row["loss"] for row in server.history] == [0.5]
    assert server.endings == [0]
    assert "requirements.txt" in server.uploads
    assert named[2] in capsys.readouterr().err
    assert os.path.basename(folder_of(run)).startswith("run-")


def test_folder_is_to_be_delivered_only_once_it_has_an_owner(online, monkeypatch):
    save, owned = SyncState.save, []

    def watched(state):
        owned.append(os.path.exists(os.path.join(state.folder, "control")))
        save(state)

    monkeypatch.setattr(SyncState, "save", watched)
    with serving() as server:
        wandb.init(settings=online(server)).finish()

    assert owned == [True]


def test_run_that_cannot_be_prepared_leaves_nothing(online, monkeypatch, tmp_path):
    def refuse(state):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(SyncState, "save", refuse)
    with serving() as server, pytest.raises(wandb.Error, match="No space"):
        wandb.init(dir=tmp_path, settings=online(server))

    assert [name for name in os.listdir(tmp_path / "wandb") if name.startswith("run-")] == []


def test_status_tells_what_is_still_to_be_sent(online):
    with serving(answers={"stream": [status(503)] * 1000}) as server:
        run = wandb.init(settings=online(server, finish_timeout=0.0))
        run.log({"a": 1})
        run.log({"a": 2})
        until(lambda: run.status().sync_items_pending > 0)
        told = run.status()
        run.finish()

    assert told.sync_items_total >= told.sync_items_pending


def test_html_of_a_run_leads_to_its_page(online):
    with serving() as server:
        run = wandb.init(settings=online(server))
        shown = run.to_html()
        run.finish()

    assert f'href="{run.url}"' in shown


def test_service_leaves_after_its_linger(online):
    with serving() as server:
        run = wandb.init(settings=online(server))
        service = service_of_this_process()
        runtime = os.path.dirname(os.environ[SERVICE_VARIABLE].partition(":")[2])
        run.finish()

        until(lambda: service.ended)
    assert not os.path.exists(runtime)


def test_runs_of_one_process_share_a_service(online):
    with serving() as server:
        first = wandb.init(settings=online(server))
        service = service_of_this_process()
        second = wandb.init(settings=online(server), reinit="create_new")
        assert service_of_this_process() is service
        first.log({"a": 1})
        second.log({"a": 2})
        first.finish()
        second.finish()

    assert server.endings == [0, 0]


def test_link_is_not_closed_under_a_run_that_begins(online, monkeypatch):
    """Another thread ends its run after this one took the link, before the service hears of it."""
    attach = Link.attach
    with serving() as server:
        first = wandb.init(settings=online(server))

        def late(link, **options):
            monkeypatch.undo()
            first.finish()
            attach(link, **options)

        monkeypatch.setattr(Link, "attach", late)
        second = wandb.init(settings=online(server), reinit="create_new")
        second.log({"a": 1})
        second.finish()

    assert (server.endings, len(server.history)) == ([0, 0], 1)


def test_refusal_raises_and_starts_no_run(online):
    with (
        serving(answers={"upsert": [status(404, "no such entity")]}) as server,
        pytest.raises(wandb.CommError, match="no such entity"),
    ):
        wandb.init(settings=online(server))

    assert wandb.run is None
    assert session.runs == []
    assert session.link is None  # or the service would stay as long as this process


def test_unknown_key_raises_an_authentication_error(online):
    with (
        serving(answers={"upsert": [status(401, "unknown key")]}) as server,
        pytest.raises(wandb.errors.AuthenticationError, match="unknown key"),
    ):
        wandb.init(settings=online(server))


def test_server_without_a_key_is_a_usage_error(online):
    with pytest.raises(wandb.UsageError, match="no API key"):
        wandb.init(settings=wandb.Settings(base_url="http://127.0.0.1:9"))


def test_run_goes_on_without_an_answer_and_is_delivered_by_the_next(online, capsys):
    with serving(answers={"upsert": [status(503)] * 1000}) as server:
        lost = wandb.init(id="lost", settings=online(server, init_timeout=0.2, finish_timeout=0.2))
        lost.log({"a": 1})
        lost.finish()
        said = capsys.readouterr().err
        assert "has not answered yet" in said
        assert "is not delivered yet" in said
        assert SyncState.load(folder_of(lost)).is_due()

        server.answers.clear()
        found = wandb.init(settings=online(server))
        until(lambda: not SyncState.load(folder_of(lost)).is_due())
        found.finish()

    assert [row.get("a") for row in server.history] == [1]


def left_over(wandb_dir, name):
    """A folder that says it is to be delivered."""
    folder = wandb_dir / name
    folder.mkdir(parents=True)
    SyncState(str(folder), "x", server="s").save()
    return str(folder)


def test_leftovers_are_this_users_and_no_links(tmp_path, monkeypatch):
    own, other = left_over(tmp_path, "run-1"), left_over(tmp_path, "run-2")
    (tmp_path / "run-3").symlink_to(other)
    assert list(online_module._due_folders(str(tmp_path), own, "s")) == [other]

    monkeypatch.setattr(os, "getuid", lambda: os.geteuid() + 1)

    assert list(online_module._due_folders(str(tmp_path), own, "s")) == []


def test_runs_that_go_on_starve_no_leftover(online, monkeypatch):
    with serving() as server:
        run = wandb.init(settings=online(server))
        folders = [f"run-{number}" for number in range(20)]
        monkeypatch.setattr(online_module, "_due_folders", lambda *_: iter(folders))
        asked = []

        def ask(message, **_):
            asked.append(message["folder"])
            return {"error": "the run's owner lives"} if len(asked) <= 3 else {}

        monkeypatch.setattr(run._delivery._link, "ask", ask)
        run._delivery._deliver_leftovers()
        monkeypatch.undo()
        run.finish()

    assert asked == folders[:19]


def test_finish_waits_no_longer_than_it_may(online, capsys):
    with serving(answers={"stream": [status(503)] * 1000}) as server:
        run = wandb.init(settings=online(server, finish_timeout=0.2))
        run.log({"a": 1})
        run.finish()

    assert "is not delivered yet" in capsys.readouterr().err
    assert SyncState.load(folder_of(run)).is_due()


def interrupt(monkeypatch):
    """Press Ctrl-C as soon as somebody waits for the delivery."""
    asked = Delivery._ask

    def ask(self, what, *arguments, **options):
        if what == "wait":
            raise KeyboardInterrupt
        return asked(self, what, *arguments, **options)

    monkeypatch.setattr(Delivery, "_ask", ask)


def test_ctrl_c_at_the_end_closes_the_run_and_stops_the_script(online, capsys, monkeypatch):
    with serving(answers={"stream": [status(503)] * 1000}) as server:
        run = wandb.init(settings=online(server))
        interrupt(monkeypatch)

        with pytest.raises(KeyboardInterrupt):
            run.finish()

    assert "is not delivered yet" in capsys.readouterr().err
    assert (wandb.run, session.runs, session.link) == (None, [], None)


def test_ctrl_c_at_the_end_of_the_process_goes_on_to_the_next_run(online, capsys, monkeypatch):
    with serving(answers={"stream": [status(503)] * 1000}) as server:
        wandb.init(settings=online(server))
        wandb.init(settings=online(server), reinit="create_new")
        interrupt(monkeypatch)

        session.exit._at_exit()

    assert capsys.readouterr().err.count("is not delivered yet") == 2
    assert session.runs == []


def test_killed_service_is_not_noticed(online):
    with serving() as server:
        run = wandb.init(settings=online(server))
        run.log({"a": 1})
        until(lambda: server.history)
        kill(service_of_this_process())
        run.log({"a": 2})
        run.finish()

    assert [row["a"] for row in server.history] == [1, 2]
    assert (server.conflicts, server.endings) == ([], [0])


def test_rows_go_on_to_the_server_after_a_kill_without_being_asked(online):
    with serving() as server:
        run = wandb.init(settings=online(server))
        kill(service_of_this_process())
        run.log({"a": 1})
        until(lambda: server.history)
        run.finish()


def test_wish_that_the_run_stop_is_ctrl_c(online):
    with serving() as server:
        run = wandb.init(settings=online(server))
        server.stop = True
        run.log({"a": 1})
        with pytest.raises(KeyboardInterrupt):
            until(lambda: False)
        run.finish(exit_code=255)

    assert server.endings == [255]


def test_processes_forked_after_setup_share_a_service(tmp_path):
    with serving() as server, started(server, SIBLINGS, tmp_path) as owner:
        told, _ = owner.communicate(timeout=PATIENCE_SECS)

    assert owner.returncode == 0
    assert len(server.endings) == 4
    assert len(set(told.split())) == 1


def test_later_changes_are_told(online):
    with serving() as server:
        run = wandb.init(settings=online(server), tags=["a"])
        run.config.late = 7
        run.name = "renamed"
        run.tags = ("b",)
        run.finish()

    told = {}
    for upsert in server.upserts:
        told |= {name: value for name, value in upsert.items() if value is not None}
    assert json.loads(told["config"])["late"] == {"value": 7}
    assert (told["displayName"], told["tags"]) == ("renamed", ["b"])


OWNER = """
import os, sys, time, wandb
run = wandb.init(id="dead", settings={"x_service_linger": 0.2})
for number in range(20):
    run.log({"a": number})
print("logged", flush=True)
time.sleep(60)
"""

FORKS = """
import os, wandb
run = wandb.init(id="family", settings={"x_service_linger": 0.2})
run.log({"owner": 1})
for number in range(3):
    if os.fork() == 0:
        run.log({"child": number})
        run.finish()
        os._exit(0)
for _ in range(3):
    os.wait()
run.finish()
"""

SIBLINGS = """
import os, wandb
wandb.setup(wandb.Settings(x_service_linger=0.2))
for number in range(4):
    if os.fork() == 0:
        run = wandb.init()
        os.write(1, os.environ["FERRULE_SERVICE"].encode() + b"\\n")
        run.finish()
        os._exit(0)
for _ in range(4):
    os.wait()
"""


def started(server, source, tmp_path):
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "PYTHONPATH": str(SOURCES),
        "WANDB_BASE_URL": server.url,
        "WANDB_API_KEY": KEY,
        "WANDB_SILENT": "true",
    }
    return subprocess.Popen(
        [sys.executable, "-c", source],
        env=environment,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_killed_owner_loses_no_row_and_its_run_has_crashed(tmp_path):
    with serving() as server:
        with started(server, OWNER, tmp_path) as owner:
            assert owner.stdout.readline() == "logged\n"
            owner.send_signal(signal.SIGKILL)
        until(lambda: server.upserts[-1]["state"] == "crashed")

    assert [row["a"] for row in server.history] == list(range(20))
    assert server.endings == []


def test_rows_of_forked_children_arrive(tmp_path):
    with serving() as server, started(server, FORKS, tmp_path) as owner:
        assert owner.wait(PATIENCE_SECS) == 0

    assert sorted(row["child"] for row in server.history if "child" in row) == [0, 1, 2]
    assert server.endings == [0]


def test_nothing_is_imported_for_a_server_by_an_offline_run(tmp_path):
    source = (
        "import sys, wandb\n"
        "wandb.init(mode='offline').finish()\n"
        "print(sorted(m for m in sys.modules if 'service' in m or 'online' in m))"
    )
    done = subprocess.run(
        [sys.executable, "-c", source],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(SOURCES), "WANDB_SILENT": "true"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == "[]\n"


def test_event_loops_of_the_script_are_left_alone(online):
    with serving() as server:

        async def train():
            run = wandb.init(settings=online(server))
            run.log({"a": 1})
            run.finish()

        anyio.run(train)

    assert server.endings == [0]
