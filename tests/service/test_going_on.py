"""Runs that go on from earlier ones: a script, a service of its own, and a stand-in server."""

import json
import os
import threading

import pytest

import wandb
from service.fake_server import KEY, status
from service.test_online import folder_of, kill, service_of_this_process, serving, until
from wandb._run.service_address import SERVICE_VARIABLE
from wandb._run.session import session
from wandb._service.folderlock import FolderLock
from wandb._service.syncstate import SyncState

pytestmark = pytest.mark.timeout(120)
AWAY = 1000


@pytest.fixture
def begin(monkeypatch):
    """Start runs of project `p` at a server, with a service that ends with the test."""
    monkeypatch.delenv(SERVICE_VARIABLE, raising=False)

    def run(server, *, finish_secs=30.0, more=None, **arguments):
        settings = wandb.Settings(
            base_url=server.url,
            api_key=KEY,
            x_disable_stats=True,
            x_service_linger=0.2,
            finish_timeout=finish_secs,
            **(more or {}),
        )
        return wandb.init(**{"project": "p", "id": "abc", **arguments, "settings": settings})

    yield run
    service = session.link and session.link._service
    session.tear_down()
    os.environ.pop(SERVICE_VARIABLE, None)
    if service:
        until(lambda: service.ended)


def end_abruptly(run):
    """Finish without a wait, and take the service away before it delivers the rest."""
    service = service_of_this_process()
    run.finish(exit_code=1)
    kill(service)


def end_with_service(run):
    """Finish, so that the next run starts a service of its own."""
    service = service_of_this_process()
    run.finish()
    until(lambda: service.ended)


def log(run, *values):
    for value in values:
        run.log({"a": value})


def curve(server):
    assert server.conflicts == []
    return [(row["_step"], row["a"]) for row in server.history if "a" in row]


def test_resumed_run_goes_on_with_all_that_it_had(begin):
    with serving() as server:
        first = begin(server, config={"lr": 1, "deep": {"x": 1}}, tags=["t"], notes="n")
        log(first, 10, 11, 12)
        first.finish()
        run = begin(server, resume="allow", config={"deep": {"y": 2}})
        found = (run.resumed, run.step, run.starting_step, run.tags, run.notes)
        known = (dict(run.config), run.summary["a"], run.summary["_step"])
        log(run, 13)
        run.finish()

    assert found == (True, 3, 3, ("t",), "n")
    assert known == ({"lr": 1, "deep": {"y": 2}}, 12, 2)
    assert curve(server) == [(0, 10), (1, 11), (2, 12), (3, 13)]
    config = json.loads(server.upserts[-1]["config"])
    assert (config["lr"], config["deep"]) == ({"value": 1}, {"value": {"y": 2}})
    assert server.summary["_step"] == 3
    assert len(server.runs) == 1


def test_run_time_and_console_lines_go_on(begin):
    with serving() as server:
        first = begin(server)
        log(first, 1)
        print("before")
        first.finish()
        server.summary["_wandb"]["runtime"] = 1000
        run = begin(server, resume="must")
        log(run, 2)
        print("after")
        run.finish()

    assert server.history[-1]["_runtime"] > 1000
    assert server.summary["_wandb"]["runtime"] >= 1000
    console = server.console
    assert console.index("before") < console.index("after")


def test_tags_and_notes_that_are_given_replace_the_old_ones(begin):
    with serving() as server:
        begin(server, tags=["t"], notes="n").finish()
        run = begin(server, resume="must", tags=["u"], notes="m")
        found = (run.tags, run.notes)
        run.finish()

    assert found == (("u",), "m")
    assert (server._latest("tags"), server._latest("notes")) == (["u"], "m")


@pytest.mark.parametrize("resume", ["allow", "auto"])
def test_missing_run_is_started(begin, resume):
    with serving() as server:
        run = begin(server, resume=resume)
        found = (run.resumed, run.step)
        log(run, 1)
        run.finish()

    assert found == (False, 0)
    assert curve(server) == [(0, 1)]


def test_must_on_a_missing_run_names_it_and_starts_none(begin):
    with serving() as server, pytest.raises(wandb.UsageError, match=r"no such run.*'allow'"):
        begin(server, resume="must")

    assert (session.runs, server.upserts) == ([], [])


def test_never_on_a_run_that_is_there_names_it_and_leaves_it_alone(begin):
    with serving() as server:
        begin(server).finish()
        upserts = len(server.upserts)
        with pytest.raises(wandb.UsageError, match=r"abc.*another id"):
            begin(server, resume="never")

    assert (len(server.upserts), server.endings) == (upserts, [0])


def test_never_starts_a_run_that_is_missing(begin):
    with serving() as server:
        log(run := begin(server, resume="never"), 1)
        run.finish()

    assert curve(server) == [(0, 1)]


# --- without the server's word ------------------------------------------------------------------


def test_rows_without_an_answer_get_their_steps_when_it_comes(begin, capsys):
    with serving() as server:
        log(first := begin(server, config={"lr": 1}), 10, 11)
        first.finish()
        server.answers["resume"] = [status(503)] * AWAY
        run = begin(server, resume="allow")
        found = (run.resumed, run.step)
        log(run, 12, 13)
        server.answers.clear()
        run.finish()

    assert "has not answered yet" in capsys.readouterr().err
    assert found == (False, 0)
    assert curve(server) == [(0, 10), (1, 11), (2, 12), (3, 13)]
    assert json.loads(server.upserts[-1]["config"])["lr"] == {"value": 1}
    assert (server.summary["_step"], server.endings) == (3, [0, 0])


def test_rows_without_an_answer_are_placed_by_the_next_run(begin):
    with serving() as server:
        log(first := begin(server), 10, 11)
        first.finish()
        server.answers["resume"] = [status(503)] * AWAY
        log(run := begin(server, resume="allow", finish_secs=0.0), 12, 13)
        run.finish()
        server.answers.clear()
        log(last := begin(server, resume="must"), 14)
        last.finish()

    assert last.starting_step == 4
    assert curve(server) == [(0, 10), (1, 11), (2, 12), (3, 13), (4, 14)]
    assert server.summary["a"] == 14


@pytest.mark.parametrize("resume", ["must", "never"])
def test_without_an_answer_there_is_no_run_where_it_matters(begin, resume, tmp_path):
    with serving(answers={"resume": [status(503)] * AWAY}) as server:
        with pytest.raises(wandb.CommError, match="no run was started"):
            begin(server, resume=resume, dir=tmp_path)
        server.answers.clear()
        begin(server, id="other", dir=tmp_path).finish()

    (folder,) = (tmp_path / "wandb").glob("run-*-abc")
    assert not SyncState.load(str(folder)).is_due()
    assert [names[2] for names in server.runs.values()] == ["other"]


# --- after a death ------------------------------------------------------------------------------


def test_what_the_process_before_left_is_delivered_first(begin):
    with serving() as server:
        first = begin(server, finish_secs=0.0)
        server.answers["stream"] = [status(503)] * AWAY
        log(first, 10, 11, 12)
        first.finish(exit_code=1)
        server.answers.clear()
        run = begin(server, resume="must")
        log(run, 13)
        run.finish()

    assert run.starting_step == 3
    assert curve(server) == [(0, 10), (1, 11), (2, 12), (3, 13)]


def test_resumed_run_survives_kills_of_the_service(begin):
    with serving() as server:
        log(first := begin(server), 10)
        end_with_service(first)
        run = begin(server, resume="must")
        for value in (11, 12, 13):
            log(run, value)
            until(lambda value=value: curve(server)[-1:] == [(value - 10, value)])
            kill(service_of_this_process())
        log(run, 14)
        run.finish()

    assert curve(server) == [(step, step + 10) for step in range(5)]
    assert server.summary["a"] == 14


def test_auto_goes_on_with_the_run_that_did_not_end_well(begin, tmp_path):
    word = tmp_path / "wandb" / "wandb-resume.json"
    with serving() as server:
        log(first := begin(server, id=None, resume="auto", dir=tmp_path), 1)
        assert json.loads(word.read_text()) == {"run_id": first.id}
        first.finish(exit_code=1)
        log(second := begin(server, id=None, resume="auto", dir=tmp_path), 2)
        second.finish()

    assert (second.id, second.starting_step) == (first.id, 1)
    assert not word.exists()
    assert curve(server) == [(0, 1), (1, 2)]


# --- from a step --------------------------------------------------------------------------------


def test_rewound_run_goes_on_after_the_step(begin):
    with serving() as server:
        log(first := begin(server, config={"lr": 1}), *range(5))
        first.finish()
        run = begin(server, id=None, resume_from="abc?_step=2")
        found = (run.id, run.step, run.resumed, dict(run.config))
        log(run, 30, 40)
        run.finish()

    assert found == ("abc", 3, False, {"lr": 1})
    assert server.rewinds == [("abc", 2)]
    assert curve(server) == [(0, 0), (1, 1), (2, 2), (3, 30), (4, 40)]


def test_rewind_is_asked_for_once_however_often_the_service_dies(begin):
    with serving() as server:
        log(first := begin(server), *range(3))
        end_with_service(first)
        run = begin(server, id=None, resume_from="abc?_step=0")
        log(run, 10)
        until(lambda: curve(server)[-1:] == [(1, 10)])
        kill(service_of_this_process())
        log(run, 20)
        run.finish()

    assert server.rewinds == [("abc", 0)]
    assert curve(server) == [(0, 0), (1, 10), (2, 20)]


def test_rewind_of_a_missing_run_says_so(begin):
    with serving() as server, pytest.raises(wandb.CommError, match="no such run"):
        begin(server, id=None, resume_from="abc?_step=2")

    assert server.upserts == []


def test_fork_names_its_branch_point(begin):
    with serving() as server:
        run = begin(server, id="new", fork_from="abc?_step=2")
        found = (run.step, run.starting_step, run.resumed)
        log(run, 30)
        run.finish()

    assert found == (3, 3, False)
    noted = json.loads(server.upserts[0]["config"])["_wandb"]["value"]
    assert noted["branch_point"] == {"run_id": "abc", "step": 2}
    assert curve(server) == [(3, 30)]


def test_run_that_goes_on_in_two_places_is_warned_of(begin, capsys):
    with serving() as server:
        first = begin(server)
        log(first, 1)
        until(lambda: server.history)
        second = begin(server, resume="allow", reinit="create_new")
        said = capsys.readouterr().err
        found = (second.resumed, second.step)
        second.finish()
        first.finish()

    assert "goes on in another process, too" in said
    assert "mode='shared'" in said
    assert found == (True, 1)


def test_rows_of_many_processes_without_an_answer_are_placed_in_their_order(begin):
    with serving() as server:
        log(first := begin(server), 10)
        first.finish()
        server.answers["resume"] = [status(503)] * AWAY
        for value in (11, 12):
            log(run := begin(server, resume="allow", finish_secs=0.0), value)
            run.finish()
        server.answers.clear()
        log(last := begin(server, resume="must"), 13)
        last.finish()

    assert curve(server) == [(step, step + 10) for step in range(4)]


def test_run_that_another_service_is_still_delivering_is_waited_for(begin, tmp_path):
    with serving() as server:
        first = begin(server, finish_secs=0.0, dir=tmp_path)
        log(first, 10, 11)
        lock = FolderLock(folder_of(first))
        server.answers["stream"] = [status(503)] * AWAY
        end_abruptly(first)
        until(lock.take)
        freed = threading.Timer(4.0, lock.release, kwargs={"for_good": False})
        server.answers.clear()
        freed.start()
        log(run := begin(server, resume="must", dir=tmp_path), 12)
        run.finish()
        freed.join()

    assert curve(server) == [(0, 10), (1, 11), (2, 12)]
