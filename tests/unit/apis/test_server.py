"""`wandb.Api` over a server."""

import json
import math
from datetime import datetime, timezone

import pytest
from tests.unit.apis.fake_server import KEY, FakeRun, FakeServer

import wandb.apis.public.server as asking
from wandb._base.portal import stop_portal
from wandb._base.retry import Backoff
from wandb.apis.public import Api
from wandb.errors import AuthenticationError, CommError, UnsupportedError, UsageError

ODD = {
    "nan": math.nan,
    "inf": math.inf,
    "minus": -math.inf,
    "big": 2**53 + 1,
    "huge": -(2**80) - 1,
    "text": "snow ☃ \N{SMILING FACE WITH SUNGLASSES} \x00",
    "nested": {"a": {"b": 1}, "list": [1, [2.5, None]]},
}


def same(one, other):
    return repr(one) == repr(other)


@pytest.fixture
def server(monkeypatch):
    # No test waits between tries.
    monkeypatch.setattr(asking, "_IMPATIENT", Backoff(0.0, 0.0, 3))
    fake = FakeServer()
    yield fake
    stop_portal()
    fake.stop()


@pytest.fixture
def api(server):
    return Api({"base_url": server.url}, api_key=KEY)


def asked(server, name):
    return [variables for operation, variables in server.requests if operation == name]


def test_run_tells_what_the_server_knows(server, api):
    server.add(
        FakeRun(
            "r1",
            tags=["a"],
            group="g",
            jobType="train",
            notes="n",
            config='{"lr": {"value": 0.1, "desc": null}, "_wandb": {"value": {"t": 1}}}',
            summaryMetrics='{"loss": {"min": 1}, "_runtime": 7.5}',
        )
    )

    run = api.run("ann/digits/r1")

    assert (run.id, run.name, run.path) == ("r1", "title of r1", ["ann", "digits", "r1"])
    assert (run.state, run.tags, run.group, run.job_type) == ("finished", ["a"], "g", "train")
    assert (run.notes, run.user.username, run.user.name) == ("n", "ann", "Ann")
    assert (run.created_at, run.createdAt) == ("2026-01-02T03:04:05Z",) * 2
    assert (run.heartbeat_at, run.duration) == ("2026-01-02T03:05:05.5Z", 7.5)
    assert (run.config, run.rawconfig["_wandb"]) == ({"lr": 0.1}, {"t": 1})
    assert run.summary.loss.min == 1
    assert run.url == f"{server.url}/ann/digits/runs/r1"
    assert (run.storage_id, run.read_only) == ("run-r1", False)


@pytest.mark.parametrize("path", ["digits/r1", "/ann/digits/runs/r1", "r1"])
def test_names_left_out_are_the_viewers_and_the_settings(server, path):
    server.add(FakeRun("r1"))

    api = Api({"base_url": server.url, "project": "digits"}, api_key=KEY)

    assert api.run(path).path == ["ann", "digits", "r1"]


def test_numbers_and_text_come_back_exact(server, api):
    run = FakeRun("r1", summaryMetrics=json.dumps(ODD), config=json.dumps({"c": {"value": ODD}}))
    run.rows = [{"_step": 0, **ODD}]
    server.add(run)

    read = api.run("ann/digits/r1")

    assert same(read.summary._json_dict, ODD)
    assert same(read.config["c"], ODD)
    assert same(list(read.scan_history()), run.rows)
    assert same(
        list(read.scan_history(keys=["huge", "nan"])), [{k: ODD[k] for k in ("huge", "nan")}]
    )
    assert same(read.history(pandas=False), run.rows)
    assert same(read.history(keys=["big"], pandas=False), [{"_step": 0, "big": ODD["big"]}])


@pytest.mark.parametrize("keys", [None, ["loss", "_step"]])
@pytest.mark.parametrize(
    "steps",
    [
        list(range(250)),
        [0] * 90 + [1, 1, 1],
        [n * 10**9 for n in range(30)],
        [0, 1, 2**62],
        [],
    ],
    ids=["dense", "repeated", "sparse", "huge", "none"],
)
def test_scan_gives_every_row_whatever_the_steps(server, api, steps, keys):
    run = server.add(FakeRun("r1"))
    run.rows = [{"_step": step, "loss": n} for n, step in enumerate(steps)]

    scanned = list(api.run("ann/digits/r1").scan_history(keys, page_size=10))

    assert scanned == run.rows
    assert len(server.requests) < 150


def test_scan_begins_and_stops_where_asked(server, api):
    run = server.add(FakeRun("r1"))
    run.rows = [{"_step": step} for step in range(100)]

    scan = api.run("ann/digits/r1").scan_history(min_step=7, max_step=31, page_size=5)

    assert [row["_step"] for row in scan] == list(range(7, 31))


def test_history_is_thinned_by_the_server(server, api):
    run = server.add(FakeRun("r1"))
    run.rows = [{"_step": step, "loss": step} for step in range(100)]
    run.events_rows = [{"system.cpu": n} for n in range(3)]
    read = api.run("ann/digits/r1")

    assert len(read.history(samples=10, pandas=False)) == 10
    assert read.history(samples=10, keys=["loss"], pandas=False)[1] == {"_step": 10, "loss": 10}
    assert len(read.history(stream="system", pandas=False)) == 3
    assert read.lastHistoryStep == 99
    assert read.history_keys["lastStep"] == 99


def test_missing_run_and_project_are_named(server, api):
    server.add(FakeRun("r1"))

    with pytest.raises(CommError, match=r"no run 'zz' in the project ann/digits"):
        api.run("ann/digits/zz")
    with pytest.raises(CommError, match=r"no project ann/nowhere"):
        api.run("ann/nowhere/r1")
    with pytest.raises(ValueError, match=r"no project ann/nowhere"):
        len(api.runs("ann/nowhere"))


def test_path_with_too_many_parts_is_refused_here(server, api):
    with pytest.raises(UsageError, match="entity/project/id"):
        api.run("a/b/c/d")

    assert server.requests == []


def test_runs_are_fetched_page_by_page_as_far_as_needed(server, api):
    for number in range(25):
        server.add(FakeRun(f"r{number}"))

    runs = api.runs("ann/digits", per_page=10)
    assert server.requests == []
    assert runs[3].id == "r3"
    assert len(asked(server, "FindRuns")) == 1
    assert (len(runs), runs.more) == (25, True)
    assert [run.id for run in runs[8:12]] == ["r8", "r9", "r10", "r11"]
    assert len(asked(server, "FindRuns")) == 2
    assert [run.id for run in runs] == [f"r{number}" for number in range(25)]
    assert (runs[-1].id, runs.more) == ("r24", False)
    assert len(asked(server, "FindRuns")) == 3
    assert next(runs).id == "r0"
    with pytest.raises(IndexError):
        _ = runs[25]


def test_filters_and_order_go_to_the_server_as_given(server, api):
    server.add(FakeRun("r1"))

    next(api.runs("ann/digits", {"config.lr": {"$lt": 0.5}}, order="-summary_metrics.loss"))

    (variables,) = asked(server, "FindRuns")
    assert variables["filters"] == '{"config.lr": {"$lt": 0.5}}'
    assert variables["order"] == "-summary_metrics.loss"


@pytest.mark.parametrize("order", ["+updated_at", "+anything", None])
def test_what_is_not_known_here_goes_to_the_server_too(server, api, order):
    server.add(FakeRun("r1"))

    next(api.runs("ann/digits", {"tags": {"$all": ["a"]}}, order=order))

    (variables,) = asked(server, "FindRuns")
    assert variables["filters"] == '{"tags": {"$all": ["a"]}}'
    assert variables["order"] == order


def test_settings_of_requests_hold_for_api_as_for_runs(server, monkeypatch):
    monkeypatch.setenv("WANDB_X_EXTRA_HTTP_HEADERS", '{"X-Gate": "open"}')
    server.add(FakeRun("r1"))

    Api({"base_url": server.url}, api_key=KEY).run("ann/digits/r1")

    assert server.headers[0]["X-Gate"] == "open"
    assert server.headers[0]["User-Agent"] == asking.USER_AGENT


def test_histories_of_runs_name_their_run(server, api):
    for name in ("r1", "r2"):
        server.add(FakeRun(name)).rows = [{"_step": 0, "loss": 1.0}]

    rows = api.runs("ann/digits").histories()

    assert [(row["run_id"], row["loss"]) for row in rows] == [("r1", 1.0), ("r2", 1.0)]


def test_update_writes_what_was_changed(server, api):
    stored = server.add(FakeRun("r1", config='{"_wandb": {"value": {"t": 1}}}'))
    run = api.run("ann/digits/r1")

    run.name, run.notes, run.config["lr"], run.summary["best"] = "better", "n", math.inf, 2**70
    run.tags.append("new")
    run.group, run.job_type = "g", "j"
    run.update()
    read = api.run("ann/digits/r1")

    assert (read.name, read.notes, read.tags) == ("better", "n", ["new"])
    assert (read.group, read.job_type) == ("g", "j")
    assert (read.config, read.summary["best"]) == ({"lr": math.inf}, 2**70)
    assert read.rawconfig["_wandb"] == {"t": 1}
    assert '"value"' in stored["config"]


def test_load_forgets_changes_that_were_not_written(server, api):
    server.add(FakeRun("r1"))
    run = api.run("ann/digits/r1")

    run.name = "other"
    run.load(force=True)

    assert run.name == "title of r1"


def test_summary_is_written_by_itself(server, api):
    server.add(FakeRun("r1", summaryMetrics='{"a": 1, "b": {"c": 2}}'))
    run = api.run("ann/digits/r1")

    run.summary["b"]["c"] = 3
    run.summary.update({"d": 4, "a": 5}, overwrite=False)
    del run.summary["d"]

    assert api.run("ann/digits/r1").summary._json_dict == {"a": 1, "b": {"c": 3}, "d": 4}
    assert "d" not in run.summary


def test_deleted_run_is_gone(server, api):
    server.add(FakeRun("r1"))

    api.run("ann/digits/r1").delete()

    assert list(api.runs("ann/digits")) == []


def test_wait_until_finished_looks_until_the_run_has_ended(server, api, monkeypatch):
    stored = server.add(FakeRun("r1", state="running"))
    monkeypatch.setattr(
        "wandb.apis.public.runs.time.sleep", lambda _: stored.update(state="failed")
    )
    run = api.run("ann/digits/r1")

    run.wait_until_finished()

    assert run.state == "failed"


def test_files_are_listed_downloaded_and_deleted(server, api, tmp_path):
    stored = server.add(FakeRun("r1"))
    stored.contents = {f"f{n}.txt": b"x" * n for n in range(5)} | {"media/a.txt": b"deep"}
    run = api.run("ann/digits/r1")

    files = run.files(per_page=2)
    assert (len(files), [file.name for file in files][-1]) == (6, "media/a.txt")
    file = run.file("media/a.txt")
    with file.download(tmp_path) as copy:
        assert copy.read() == "deep"
    assert (file.size, file.mimetype, file.md5) == (
        4,
        "text/plain",
        "ZidBXoB+4zxzApFyFufaaA==",
    )
    with pytest.raises(CommError, match="exists already"):
        file.download(tmp_path)
    file.download(tmp_path, exist_ok=True).close()
    file.delete()
    assert "media/a.txt" not in stored.contents


def test_failed_download_leaves_nothing_and_keeps_what_was_there(server, api, tmp_path):
    server.add(FakeRun("r1")).contents = {"a.txt": b"new"}
    file = api.run("ann/digits/r1").file("a.txt")
    (tmp_path / "a.txt").write_text("old")
    file._stored.node["url"] = f"{server.url}/nowhere"

    with pytest.raises(CommError, match="404"):
        file.download(tmp_path, replace=True)

    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("a.txt", "old")]


def test_name_of_a_file_does_not_lead_out_of_the_folder(server, api, tmp_path):
    server.add(FakeRun("r1")).contents = {"../evil": b"x"}

    with pytest.raises(CommError, match="leads out"):
        api.run("ann/digits/r1").files()[0].download(tmp_path)


def test_uploaded_file_is_the_runs(server, api, tmp_path):
    stored = server.add(FakeRun("r1"))
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.txt").write_text("content")

    file = api.run("ann/digits/r1").upload_file(str(tmp_path / "sub" / "a.txt"), str(tmp_path))

    assert (file.name, stored.contents["sub/a.txt"]) == ("sub/a.txt", b"content")


def test_file_outside_of_the_root_is_not_uploaded(server, api, tmp_path):
    server.add(FakeRun("r1"))
    (tmp_path / "sub").mkdir()
    (tmp_path / "a.txt").write_text("content")

    with pytest.raises(UsageError, match="outside of `root`"):
        api.run("ann/digits/r1").upload_file(str(tmp_path / "a.txt"), str(tmp_path / "sub"))


def test_metadata_is_read_from_its_file(server, api):
    server.add(FakeRun("r1")).contents = {"wandb-metadata.json": b'{"os": "Linux"}'}
    server.add(FakeRun("r2"))

    assert api.run("ann/digits/r1").metadata == {"os": "Linux"}
    assert api.run("ann/digits/r2").metadata is None


def test_projects_and_the_viewer_are_told(server, api):
    server.add(FakeRun("r1"))
    server.add(FakeRun("r2"), "ann/other")
    server.add(FakeRun("r3"), "lab/hidden")

    assert [project.name for project in api.projects()] == ["digits", "other"]
    assert [project.path for project in api.projects("lab")] == [["lab", "hidden"]]
    assert (api.viewer.username, api.viewer.teams, api.default_entity) == ("ann", ["lab"], "ann")
    assert api.project("digits").id == "project-digits"
    assert api.create_project("fresh", "ann").url == f"{server.url}/ann/fresh/workspace"
    assert len(api.projects()) == 3
    with pytest.raises(CommError, match="no project ann/nowhere"):
        _ = api.project("nowhere").id


def test_key_that_is_not_accepted_is_an_error_with_the_way_out(server):
    api = Api({"base_url": server.url}, api_key="0" * 40)

    with pytest.raises(AuthenticationError, match=r"unknown key.*wandb login"):
        api.run("ann/digits/r1")


def test_passing_trouble_is_waited_out(server, api):
    server.add(FakeRun("r1"))
    server.answers = [500, 503, 429]

    assert api.run("ann/digits/r1").id == "r1"


def test_refusal_tells_the_servers_sentence_at_once(server, api):
    server.answers = [409]

    with pytest.raises(CommError, match="trouble 409"):
        api.run("ann/digits/r1")
    assert len(server.requests) == 1


def test_server_that_stays_away_is_given_up(server, api):
    server.answers = [500] * 100

    with pytest.raises(CommError, match="trouble 500"):
        api.run("ann/digits/r1")


@pytest.mark.parametrize("name", ["artifact_type", "sweep", "reports", "create_run", "users"])
def test_what_comes_later_says_so(api, name):
    with pytest.raises(UnsupportedError, match=f"Api.{name} is not in this version"):
        getattr(api, name)("x")


@pytest.mark.parametrize("row", [{"a.b": 1}, {"a": {"b": 1}}])
def test_dotted_keys_are_flat_whatever_the_server_makes_of_them(server, api, row):
    run = server.add(FakeRun("r1"))
    run.rows = [{"_step": 0, **row}]
    run._sampled = lambda spec: [{"_step": 0, **row}]
    read = api.run("ann/digits/r1")

    assert list(read.scan_history(keys=["a.b"])) == [{"a.b": 1}]
    assert read.history(keys=["a.b"], pandas=False) == [{"_step": 0, "a.b": 1}]


def test_console_comes_line_by_line_while_the_run_goes_on(server, api, monkeypatch):
    monkeypatch.setattr("wandb.apis.public.remote.PAGE_LINES", 2)
    server.add(FakeRun("r1")).lines = [
        {"number": n, "line": f"line {n}", "level": level, "timestamp": moment}
        for n, (level, moment) in enumerate(
            [("error", "2026-01-02T03:04:05.5Z"), (None, None), (None, "nonsense")]
        )
    ]

    lines = list(api.run("ann/digits/r1").console_logs())

    assert [line.content for line in lines] == ["line 0", "line 1", "line 2"]
    assert [line.level for line in lines] == ["error", "info", "info"]
    assert lines[0].timestamp == datetime(2026, 1, 2, 3, 4, 5, 500_000, tzinfo=timezone.utc)
    assert [line.timestamp for line in lines[1:]] == [None, None]


def test_console_of_a_server_without_lines_is_the_runs_file(server, api):
    server.add(FakeRun("r1")).contents = {"output.log": b"one\ntwo\n"}

    lines = api.run("ann/digits/r1").console_logs()

    assert [line.content for line in lines] == ["one", "two"]


def test_another_key_in_the_netrc_file_does_not_get_in_the_way(server, api, tmp_path, monkeypatch):
    (tmp_path / "netrc").write_text(f"machine 127.0.0.1 login user password {'0' * 40}\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    server.add(FakeRun("r1")).contents = {"a.txt": b"x"}

    run = api.run("ann/digits/r1")
    run.file("a.txt").download(tmp_path).close()
    run.upload_file(str(tmp_path / "a.txt"), str(tmp_path))

    assert run.id == "r1"
