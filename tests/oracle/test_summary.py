"""Semantics §2: what the summary holds, and how it is read and written."""

from math import inf, nan

import pytest

from oracle.compare import same, user_summary

PROTOCOLS = "hasattr(run.summary, 'x') for a missing key; x in summary; len(summary)"
READ = "plain(run.summary)"


@pytest.fixture
def summarised(play):
    """Play lines; return the summary as written in the end."""

    def run(*lines):
        played = play("run = init()", *lines, "run.finish()")
        assert not played.errors, played
        return user_summary(played.log.summary)

    return run


def test_last_value_of_each_key_is_kept_whatever_its_kind(summarised):
    found = summarised(
        "run.log({'a': 1, 'text': 'x', 'flag': True, 'list': [1], 'n': {'x': 1, 'y': 1}})",
        "run.log({'a': 2, 'n': {'y': 2}, 'text': 'y'})",
    )

    assert found == {
        "a": 2,
        "text": "y",
        "flag": True,
        "list": [1],
        "n": {"x": 1, "y": 2},
        "_step": 1,
    }


def test_internal_keys_are_there(play):
    played = play("run = init()", "run.log({'a': 1})", READ)

    for summary in (played.log.summary, played[READ].value):
        assert summary["_step"] == 0
        assert summary["_timestamp"] > 1.6e9
        assert summary["_runtime"] >= 0
    assert isinstance(played.log.summary["_wandb"]["runtime"], int)


def test_open_row_counts_at_finish_only(play):
    played = play("run = init()", "run.log({'a': 1}, commit=False)", READ)

    assert played[READ].value == {}
    assert user_summary(played.log.summary) == {"a": 1, "_step": 0}


def test_nan_that_was_logged_stays_nan(summarised):
    found = summarised("run.log({'a': nan, 'b': -inf, 'l': [nan]})")

    assert same(found, {"a": nan, "b": -inf, "l": [nan], "_step": 0})


WRITES = [
    ("run.summary['k'] = 5", 5),
    ("run.summary.k = 5", 5),
    ("run.summary.update({'k': 5})", 5),
    ("run.summary.update(k=5)", "TypeError"),
    ("wandb.summary['k'] = 5", 5),
    ("wandb.run.summary['k'] = 5", 5),
    ("run.summary['k'] = {'x': {'y': [1]}}", {"x": {"y": [1]}}),
    ("run.summary['k'] = {}", {}),
    ("run.summary['k'] = [1, {'a': nan}]", [1, {"a": nan}]),
    ("run.summary['k'] = {'a': nan}", {"a": None}),
    ("run.summary['k'] = inf", inf),
    ("run.summary['k'] = 'text'", "text"),
    ("run.summary['k'] = (1, 2)", [1, 2]),
    ("run.summary['k'] = 2**63 - 1", 2**63 - 1),
    ("run.summary['k'] = 2**70", float(2**70)),
    ("run.summary['k'] = np.float32(1.1)", 1.100000023841858),
    ("run.summary['k'] = np.arange(3)", [0, 1, 2]),
    ("run.summary['k'] = np.arange(6).reshape(2, 3)", [[0, 1, 2], [3, 4, 5]]),
    ("run.summary['k'] = {'x': np.arange(3)}", {"x": [0, 1, 2]}),
    (
        "run.summary['k'] = np.arange(33)",
        {
            "_type": "numpy.ndarray",
            "var": 90.66666666666667,
            "mean": 16.0,
            "min": 0,
            "max": 32,
            "10%": 3.2,
            "25%": 8.0,
            "75%": 24.0,
            "90%": 28.8,
            "size": 33,
        },
    ),
]


@pytest.mark.parametrize(("line", "stored"), WRITES, ids=[row[0] for row in WRITES])
def test_explicit_write(play, line, stored):
    played = play("run = init()", line, READ, "run.finish()")

    if stored == "TypeError":
        assert "TypeError" in played[line].error
        return
    assert same(user_summary(played.log.summary), {"k": stored})
    assert same(played[READ].value["k"], stored)


@pytest.mark.parametrize("value", ["None", "nan", "np.float32(nan)", "np.float64(nan)"])
def test_explicit_nan_is_null_and_reads_as_missing(play, value):
    played = play(
        "run = init()", f"run.summary['k'] = {value}", READ, "run.summary.get('k', 'none')"
    )

    assert played.log.summary["k"] is None
    assert played[READ].value == {}
    assert played["run.summary.get('k', 'none')"].value == "none"


@pytest.mark.parametrize("key", ["", "a.b", "a/b", "é 😀\n", "_own"])
def test_any_text_is_a_key_of_a_write(play, key):
    played = play("run = init()", f"run.summary[{key!r}] = 1", f"run.summary[{key!r}]")

    assert played.log.summary[key] == 1
    assert played.outcomes[-1].value == 1


def test_later_log_overwrites_an_explicit_value(summarised):
    assert summarised("run.summary['k'] = 5", "run.log({'k': 1})")["k"] == 1


def test_explicit_value_overwrites_an_earlier_row(summarised):
    assert (
        summarised("run.log({'k': 1})", "run.summary['k'] = 5", "run.log({'other': 1})")["k"] == 5
    )


def test_open_row_is_later_than_an_explicit_value(summarised):
    lines = ("run.log({'k': 1}, commit=False)", "run.summary['k'] = 5", "run.log({})")

    assert summarised(*lines)["k"] == 1


def test_nested_write_adds_to_what_was_logged(play):
    played = play(
        "run = init()",
        "run.log({'c': {'x': 1}})",
        "run.summary['c']['d'] = 5",
        READ,
        "run.finish()",
    )

    assert played[READ].value["c"] == {"x": 1, "d": 5}
    assert played.log.summary["c"] == {"x": 1, "d": 5}
    paths = [
        x["nested_key"]
        for r in played.log.of_kind("summary")
        for x in r.get("update", ())
        if "nested_key" in x
    ]
    assert ["c", "d"] in paths


def test_scalar_and_dict_replace_each_other(summarised):
    found = summarised(
        "run.log({'a': 1, 'b': {'x': 1}})", "run.log({'a': {'y': 2}, 'b': 3})", "run.log({'c': 1})"
    )

    assert (found["a"], found["b"]) == ({"y": 2}, 3)


def test_deletes_are_recorded_and_read_back(play):
    played = play(
        "run = init()",
        "run.log({'a': 1, 'c': {'x': 1, 'y': 2}})",
        "run.summary['b'] = 2",
        "del run.summary['a']",
        "del run.summary['b']",
        "del run.summary['c']['x']",
        "del run.summary['missing']",
        READ,
    )

    assert not played.errors, played
    assert user_summary(played[READ].value) == {"c": {"y": 2}, "_step": 0}
    assert user_summary(played.log.summary) == {"c": {"y": 2}, "_step": 0}


def test_deleted_key_comes_back_with_its_next_row(summarised):
    assert summarised("run.log({'a': 1})", "del run.summary['a']", "run.log({'a': 2})")["a"] == 2


def test_reads_see_logged_values_at_once(play):
    lines = [line for n in range(50) for line in (f"run.log({{'a': {n}}})", "run.summary['a']")]
    played = play("run = init()", *lines)

    assert played.values("run.summary['a']") == list(range(50))


def test_nested_reads_are_wrapped(play):
    played = play(
        "run = init()",
        "run.log({'c': {'x': {'y': 1}}})",
        "type(run.summary['c']).__name__",
        "run.summary['c']['x']['y']",
        "run.summary.c.x.y",
        "list(run.summary['c'].keys())",
        "sorted(key for key in run.summary.keys() if key[0] != '_')",
        "run.summary.get('c')['x']['y']",
        "sorted(dict(run.summary))[-1]",
    )

    assert [outcome.value for outcome in played.outcomes[2:]] == [
        "SummarySubDict",
        1,
        1,
        ["x"],
        ["c"],
        1,
        "c",
    ]


def test_missing_keys(play, either):
    played = play(
        "run = init()",
        "run.summary['x']",
        "run.summary.x",
        "run.summary.get('x')",
        "run.summary.get('x', 3)",
    )

    assert "KeyError" in played["run.summary['x']"].error
    assert "KeyError" in played["run.summary.x"].error
    attribute = "AttributeError" in played["run.summary.x"].error
    assert attribute == either(PROTOCOLS, original=False, ours=True)
    assert [outcome.value for outcome in played.outcomes[3:]] == [None, 3]


@pytest.mark.parametrize(
    ("expression", "original", "ours"),
    [
        ("hasattr(run.summary, 'x')", "KeyError", False),
        ("hasattr(run.summary, 'a')", None, True),
        ("'x' in run.summary", "KeyError", False),
        ("'a' in run.summary", "KeyError", True),
        ("len(run.summary) > 0", "TypeError", True),
    ],
)
def test_protocols_of_the_summary(play, either, expression, original, ours):
    played = play("run = init()", "run.log({'a': 1})", expression)

    outcome = played[expression]
    if original is None:
        assert outcome.value == ours
    else:
        expected = either(PROTOCOLS, original=(None, original), ours=(ours, None))
        assert (outcome.value, outcome.error[0] if outcome.error else None) == expected


def test_assigning_run_summary_records_nothing(play):
    played = play("run = init()", "run.summary = {'a': 1}", "run.finish()")

    assert not played.errors, played
    assert user_summary(played.log.summary) == {}


def test_explicit_write_resets_metric_kinds_to_last(summarised):
    found = summarised(
        "run.define_metric('a', summary='max')",
        "run.log({'a': 5})",
        "run.summary['a'] = 1",
        "run.log({'a': 3})",
        "run.log({'a': 2})",
    )

    assert found["a"] == 2


def test_reads_after_finish_warn_and_know_nothing_and_writes_are_refused(play):
    played = play(
        "run = init()",
        "run.log({'a': 1})",
        "run.finish()",
        "run.summary.get('zz', 'none')",
        "run.summary['k'] = 1",
        "run.summary.update({'k': 1})",
        "del run.summary['a']",
    )

    assert played["run.summary.get('zz', 'none')"].value == "none"
    for line in ("run.summary['k'] = 1", "run.summary.update({'k': 1})", "del run.summary['a']"):
        assert "UsageError" in played[line].error, played
    assert "k" not in played.log.summary


UNENCODABLE = ["object()", "1+2j", "range(3)", "(x for x in [1])"]


@pytest.mark.parametrize("value", UNENCODABLE)
def test_value_that_cannot_be_encoded_is_told(play, value):
    played = play(
        "run = init()", "run.summary['a'] = 1", f"run.summary['k'] = {value}", "run.log({'b': 2})"
    )

    found = user_summary(played.log.summary)
    assert found["a"] == 1
    assert found["b"] == 2
