import pytest

from wandb._wire.filters import FilterError
from wandb.apis.public import Api


@pytest.fixture
def api(make_run, tmp_path):
    """Three runs, found in another order than that of their starts."""
    make_run("a", started=30.0, project="p1", tags=["x"], config={"lr": 0.1}).log(0, loss=3.0).end()
    make_run("b", started=10.0, project="p1", config={"lr": 0.2, "m": {"d": 4}}).log(
        0, loss=1.0
    ).end(1)
    make_run("c", started=20.0, project="p2", tags=["x", "y"], display_name="Nice").log(0, loss=2.0)
    return Api(tmp_path)


def ids(runs):
    return [run.id for run in runs]


def test_runs_are_sized_indexed_sliced_and_iterated(api):
    runs = api.runs()

    assert len(runs) == runs.length == 3
    assert ids(runs) == ids(runs) == ["b", "c", "a"]
    assert (runs[0].id, runs[-1].id, ids(runs[1:])) == ("b", "a", ["c", "a"])
    with pytest.raises(IndexError):
        runs[3]


def test_runs_are_an_iterator_too(api):
    runs = api.runs()

    assert (next(runs).id, runs.next().id) == ("b", "c")


def test_nothing_is_read_before_the_first_use(make_run, tmp_path):
    runs = Api(tmp_path).runs()
    make_run("late")

    assert ids(runs) == ["late"]


def test_path_limits_the_project(api):
    assert ids(api.runs("p1")) == ["b", "a"]
    assert ids(api.runs("anyone/p2")) == ["c"]
    assert ids(api.runs("p3")) == []


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("+created_at", "bca"),
        ("-created_at", "acb"),
        ("createdAt", "bca"),
        ("+summary_metrics.loss", "bca"),
        ("-summary_metrics.loss", "acb"),
        ("+config.lr.value", "abc"),
        ("-config.lr.value", "bac"),
        ("-display_name", "bac"),
        ("+state,-created_at", "cba"),
    ],
)
def test_order_sorts_and_puts_runs_without_the_value_last(api, order, expected):
    assert ids(api.runs(order=order)) == list(expected)


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, "bca"),
        ({"state": "finished"}, "a"),
        ({"state": {"$in": ["failed", "crashed"]}}, "bc"),
        ({"name": "a"}, "a"),
        ({"display_name": {"$regex": "^Ni"}}, "c"),
        ({"displayName": "Nice"}, "c"),
        ({"tags": "x"}, "ca"),
        ({"tags": {"$in": ["y"]}}, "c"),
        ({"tags": {"$nin": ["x"]}}, "b"),
        ({"config.lr": 0.1}, "a"),
        ({"config.lr.value": {"$gte": 0.1}}, "ba"),
        ({"config.m.d": 4}, "b"),
        ({"config.lr": {"$exists": False}}, "c"),
        ({"config.lr": None}, "c"),
        ({"config.lr": {"$ne": 0.1}}, "bc"),
        ({"summary_metrics.loss": {"$gt": 1, "$lt": 3}}, "c"),
        ({"summary_metrics.loss": {"$not": {"$lt": 3}}}, "a"),
        ({"$or": [{"name": "a"}, {"name": "b"}]}, "ba"),
        ({"$and": [{"tags": "x"}, {"config.lr": 0.1}]}, "a"),
        ({"$nor": [{"tags": "x"}]}, "b"),
        ({"$not": {"tags": "x"}}, "b"),
        ({"created_at": {"$lt": "1970-01-01T00:00:15Z"}}, "b"),
        ({"tags": {"$in": []}}, ""),
        ({"created_at": {"$gt": 15}}, "ca"),
        ({"last_step": 0}, "bca"),
        ({"program": None, "exitcode": 1}, "b"),
    ],
)
def test_filters_follow_mongodbs_notation(api, filters, expected):
    assert ids(api.runs(filters=filters)) == list(expected)


@pytest.mark.parametrize(
    "filters",
    [
        {"state": {"$is": "finished"}},
        {"$or": {"name": "a"}},
        {"state": {"$in": "finished"}},
        {"name": {"$regex": "("}},
        {"$where": "1"},
        {"colour": "red"},
    ],
)
def test_mistake_in_a_filter_is_told_before_anything_is_read(tmp_path, filters):
    with pytest.raises(FilterError):
        Api(tmp_path).runs(filters=filters)


def test_no_order_is_by_age(api):
    assert ids(api.runs(order=None)) == ids(api.runs())


def test_mistake_in_the_order_is_told_before_anything_is_read(tmp_path):
    with pytest.raises(ValueError, match="sorted by `age`"):
        Api(tmp_path).runs(order="+age")


def test_unreadable_run_is_named_and_the_others_are_there(api, make_run, capsys):
    make_run("bad").path.write_bytes(b"this is no journal")

    assert ids(api.runs()) == ["b", "c", "a"]
    assert "bad can't be read" in capsys.readouterr().err


def test_histories_name_the_run_of_each_row(api):
    rows = api.runs().histories(keys=["loss"])

    assert [(row["run_id"], row["loss"]) for row in rows] == [("b", 1.0), ("c", 2.0), ("a", 3.0)]


def test_journal_without_a_byte_is_a_crashed_run(make_run, tmp_path, capsys):
    make_run("r1").path.write_bytes(b"")
    (run,) = Api(tmp_path).runs()

    assert (run.id, run.state, list(run.scan_history())) == ("r1", "crashed", [])
    assert "is empty" in capsys.readouterr().err
