"""`wandb.Histogram`: its attributes, its place in a row, and what it refuses."""

import pytest

from oracle.compare import same

MADE = [
    "wandb.Histogram([1, 2, 3])",
    "wandb.Histogram([])",
    "wandb.Histogram(5)",
    "wandb.Histogram([[0.1, 0.2], [0.3, -0.4]], num_bins=7)",
    "wandb.Histogram(np.random.default_rng(0).standard_normal(10_000))",
    "wandb.Histogram(np.random.default_rng(0).standard_normal(10_000).astype('f4'), num_bins=512)",
    "wandb.Histogram(np.arange(100, dtype='u1') // 3)",
    "wandb.Histogram([2**62, -2**62, 2**63 - 1])",
    "wandb.Histogram([7.5] * 9, num_bins=3)",
    "wandb.Histogram(np.zeros(40) - 0.0)",
    "wandb.Histogram(range(10), None, 4)",
    "wandb.Histogram(np_histogram=np.histogram([1, 2, 2], bins=3))",
    "wandb.Histogram(np_histogram=([1, 2], [0, 0.5, 2]))",
    "wandb.Histogram([9, 9], np_histogram=((1, 2), (0, 1, 2)))",
]


@pytest.mark.parametrize("made", MADE)
def test_what_is_logged_is_what_it_holds(play, made):
    line = f"(h := {made}).to_json()"
    played = play("run = init()", line, "run.log({'k': h, 'other': 1})", "[h.histogram, h.bins]")

    (row,) = played.log.rows
    counts, edges = played["[h.histogram, h.bins]"].value
    assert same(played[line].value, {"_type": "histogram", "values": counts, "bins": edges})
    assert same(row["k"], played[line].value)
    assert same(played.log.summary["k"], row["k"])
    assert not played.errors


@pytest.mark.parametrize("made", MADE)
def test_both_clients_make_the_same(drivers, ours, released, made):
    line = f"{made}.to_json()"
    one, other = (drivers.of(client).play(line)[line] for client in (ours, released))

    # To the last bit, and of the same types.
    assert repr(one.value) == repr(other.value)
    assert not one.error


@pytest.mark.parametrize(
    ("made", "error"),
    [
        ("wandb.Histogram()", "TypeError"),
        ("wandb.Histogram(['a', 'b'])", "UFuncTypeError"),
        ("wandb.Histogram([1.0, float('nan')])", "ValueError"),
        ("wandb.Histogram([1.0, float('inf')])", "ValueError"),
        ("wandb.Histogram([[1, 2], [3]])", "ValueError"),
        ("wandb.Histogram([1, 2], num_bins=0)", "ValueError"),
        ("wandb.Histogram([1, 2], num_bins=513)", "ValueError"),
        ("wandb.Histogram([1, 2], num_bins=2.5)", "TypeError"),
        ("wandb.Histogram(np_histogram=([1, 2], [0, 1]))", "ValueError"),
        ("wandb.Histogram(np_histogram=([1, 2],))", "ValueError"),
        ("wandb.Histogram(np_histogram=([1] * 513, range(514)))", "ValueError"),
    ],
)
def test_what_can_be_no_histogram_is_refused(play, made, error):
    played = play(made)

    assert played[made].error[:1] == (error,)


def test_numpy_says_that_truths_are_counted_as_numbers(play):
    played = play(
        "import warnings",
        "caught = warnings.catch_warnings(record=True)",
        "seen = caught.__enter__()",
        "warnings.simplefilter('always')",
        "wandb.Histogram([True, False]).histogram[-1]",
        "[(one.category.__name__, 'from bool' in str(one.message)) for one in seen]",
        "caught.__exit__()",
    )

    values = [outcome.value for outcome in played.outcomes]
    assert values[4:6] == [1, [("RuntimeWarning", True)]]


def test_512_bins_are_taken(play):
    played = play("len(wandb.Histogram([1, 2], num_bins=512).histogram)")

    assert played.outcomes[0].value == 512


@pytest.mark.parametrize("where", ["wandb", "wandb.data_types", "wandb.sdk.data_types.histogram"])
def test_it_is_found_where_people_look(play, where):
    line = f"__import__('importlib').import_module({where!r}).Histogram is wandb.Histogram"
    played = play(line, "wandb.Histogram.MAX_LENGTH", "wandb.Histogram._log_type")

    assert [outcome.value for outcome in played.outcomes] == [True, 512, "histogram"]


def test_lists_and_dicts_may_hold_them(play):
    played = play(
        "run = init()",
        "h = wandb.Histogram([1, 2])",
        "run.log({'d': {'x': h}, 's': {'y': {'z': h}}})",
    )

    (row,) = played.log.rows
    assert row["d"]["x"]["_type"] == row["s"]["y"]["z"]["_type"] == "histogram"
