"""Semantics §4: what a config takes, refuses, shows and stores."""

from math import inf

import pytest

from oracle.compare import same, user_config

NESTED = "config.update of a nested dict"
DENIED = ("ConfigError", "Error")


@pytest.fixture
def configured(play):
    """Play lines; return the config as stored in the end."""

    def run(*lines):
        played = play(*lines, "run.finish()")
        assert not played.errors, played
        return user_config(played.log)

    return run


VALUES = [
    ("1", 1),
    ("1.5", 1.5),
    ("'é😀'", "é😀"),
    ("True", True),
    ("None", None),
    ("nan", None),
    ("inf", inf),
    ("np.float32(nan)", None),
    ("[nan, {'x': nan}]", [None, {"x": None}]),
    ("2**70", 2**70),
    ("(1, 2)", [1, 2]),
    ("{1}", [1]),
    ("range(3)", [0, 1, 2]),
    ("b'bytes'", "bytes"),
    ("np.float32(1.1)", 1.100000023841858),
    ("np.int8(-3)", -3),
    ("np.bool_(True)", True),
    ("np.arange(3)", [0, 1, 2]),
    ("np.arange(6).reshape(2, 3)", [[0, 1, 2], [3, 4, 5]]),
    ("np.array([5])", "5"),
    (
        "np.arange(33)",
        f"[{' '.join(f'{n:2}' for n in range(24))}\n {' '.join(map(str, range(24, 33)))}]",
    ),
    ("{'x': {'y': [1]}}", {"x": {"y": [1]}}),
    ("{}", {}),
    ("{1: 2, None: 3, True: 4, 1.5: 5}", {"1": 4, "null": 3, "1.5": 5}),
    ("Point()", {"x": 1}),
    ("[Point()]", [{"x": 1}]),
    ("Colour.RED", "RED"),
    ("len", "builtins.len"),
    ("Point", "builtins.Point"),
    ("slice(1, 2)", {"slice_start": 1, "slice_step": None, "slice_stop": 2}),
    ("decimal.Decimal('1.5')", "1.5"),
    ("datetime.timedelta(seconds=3)", "0:00:03"),
    ("datetime.date(2020, 1, 2)", "2020-01-02"),
    ("datetime.datetime(2020, 1, 2, 3)", "2020-01-02T03:00:00"),
    ("pathlib.Path('/x')", "/x"),
    ("uuid.UUID(int=5)", "00000000-0000-0000-0000-000000000005"),
    ("types.SimpleNamespace(a=1)", "namespace(a=1)"),
    ("collections.OrderedDict(a=1)", {"a": 1}),
]

TYPES = """
import collections, dataclasses, datetime, decimal, enum, pathlib, types, uuid
class Colour(enum.Enum):
    RED = 'r'
@dataclasses.dataclass
class Point:
    x: int = 1
"""


@pytest.mark.parametrize(("expression", "stored"), VALUES, ids=[row[0] for row in VALUES])
def test_value_is_stored_as(configured, expression, stored):
    assigned = configured(TYPES, "run = init()", f"run.config['k'] = {expression}")

    assert same(assigned, {"k": stored})


@pytest.mark.parametrize(("expression", "stored"), VALUES, ids=[row[0] for row in VALUES])
def test_value_given_to_init_is_stored_as(configured, expression, stored):
    given = configured(TYPES, f"run = init(config={{'k': {expression}}})")

    assert same(given, {"k": stored})


@pytest.mark.parametrize(
    "value",
    ["1+2j", "object()", "(x for x in [1])", "frozenset({1})"],
)
def test_value_that_cannot_be_stored_is_a_type_error(play, value):
    line = f"run.config['k'] = {value}"
    played = play("run = init(config={'a': 1})", line, "run.config['b'] = 2")

    assert "TypeError" in played[line].error, played
    stored = user_config(played.log)
    assert (stored["a"], stored["b"]) == (1, 2)
    assert "k" not in stored


SOURCES = [
    ("run = init(config={'a': 1})", {"a": 1}),
    ("run = init(); run.config.a = 1", {"a": 1}),
    ("run = init(); run.config['a'] = 1", {"a": 1}),
    ("run = init(); run.config.update({'a': 1})", {"a": 1}),
    ("run = init(); wandb.config.update({'a': 1})", {"a": 1}),
    ("run = init(); run.config.setdefaults({'a': 1})", {"a": 1}),
    ("import argparse; run = init(config=argparse.Namespace(a=1, _b=2))", {"a": 1, "_b": 2}),
    (TYPES + "run = init(config=Point())", {"x": 1}),
    (TYPES + "run = init(); run.config.update(Point())", {"x": 1}),
    (
        "class Own:\n    def __init__(self): self.a = 1; self._b = 2\nrun = init(config=Own())",
        {"a": 1, "_b": 2},
    ),
    ("import collections; run = init(config=collections.OrderedDict(a=1))", {"a": 1}),
    (
        "run = init(config={'-lead': 1, 'trail--': 2, 'in-ner': 3, '--both-': 4})",
        {"lead": 1, "trail": 2, "in-ner": 3, "both": 4},
    ),
    (
        "run = init(config={'_x': 1, 'a.b': 2, 'a/b': 3, 'é \\n': 4})",
        {"_x": 1, "a.b": 2, "a/b": 3, "é \n": 4},
    ),
    ("run = init(config=None)", {}),
    ("run = init(config={})", {}),
]


@pytest.mark.parametrize(("source", "stored"), SOURCES, ids=range(len(SOURCES)))
def test_config_comes_from(configured, source, stored):
    assert configured(source) == stored


@pytest.mark.parametrize("given", ["5", "[1]", "[('a', 1)]", "{1, 2}"])
def test_config_of_a_wrong_kind_is_a_type_error(play, given):
    played = play(f"init(config={given})", "run = init()", f"run.config.update({given})")

    assert "TypeError" in played.outcomes[0].error
    assert "TypeError" in played.outcomes[2].error


def test_keys_must_be_text(play):
    played = play(
        "init(config={5: 1})", "run = init()", "run.config[5] = 1", "run.config.update({5: 1})"
    )

    for line in (0, 2, 3):
        assert played.outcomes[line].error, played
        assert {"AttributeError", "TypeError"} & set(played.outcomes[line].error)


CHANGES = [
    "run.config.a = 2",
    "run.config['a'] = 2",
    "run.config.update({'new': 1, 'a': 2})",
    "run.config.update({'a': 2}, allow_val_change=False)",
    "run.config.a = 'x'",
    "run.config.a = None",
    "run.config.a = [1]",
]


@pytest.mark.parametrize("change", CHANGES)
def test_changing_a_value_is_refused_whole(play, change):
    played = play("run = init(config={'a': 1})", change, "run.config.as_dict()")

    assert played[change].error[:2] == DENIED
    assert "allow_val_change" in played[change].message
    assert "a" in played[change].message
    assert played["run.config.as_dict()"].value == {"a": 1}
    assert user_config(played.log) == {"a": 1}


@pytest.mark.parametrize(
    "permission", ["allow_val_change=True", "settings={'allow_val_change': True}"]
)
def test_permission_given_to_init_is_not_for_later_changes(play, permission):
    played = play(f"run = init(config={{'a': 1}}, {permission})", "run.config.a = 2")

    assert played["run.config.a = 2"].error[:2] == DENIED


def test_config_error_is_the_documented_class(play):
    played = play(
        "from wandb.sdk.lib.config_util import ConfigError",
        "run = init(config={'a': 1})",
        "try:\n    run.config.a = 2\nexcept ConfigError as err:\n"
        "    caught = isinstance(err, wandb.Error)",
        "caught",
    )

    assert played["caught"].value is True


def test_equal_values_pass(configured):
    lines = (
        "run.config.a = 1.0",
        "run.config.update({'a': True})",
        "run.config.t = (1, 2)",
        "run.config.t = [1, 2]",
    )
    stored = configured("run = init(config={'a': 1})", *lines)

    assert stored["t"] == [1, 2]
    assert stored["a"] == 1


def test_update_with_permission_changes(configured):
    lines = ("run.config.update({'a': 2, 'b': 3}, allow_val_change=True)",)

    assert configured("run = init(config={'a': 1})", *lines) == {"a": 2, "b": 3}


def test_update_takes_no_keywords_of_its_own(play):
    played = play("run = init()", "run.config.update(a=1)")

    assert "TypeError" in played["run.config.update(a=1)"].error


def test_nested_update_is_stored_merged(play, either):
    played = play(
        "run = init(config={'n': {'x': 1, 'd': {'p': 1}}})",
        "run.config.update({'n': {'w': 2, 'd': {'q': 2}}}, allow_val_change=True)",
        "run.config['n']",
    )

    merged = {"x": 1, "w": 2, "d": {"p": 1, "q": 2}}
    assert user_config(played.log) == {"n": merged}
    shallow = {"w": 2, "d": {"q": 2}}
    assert played["run.config['n']"].value == either(NESTED, original=shallow, ours=merged)


def test_scalar_replaces_a_dict_and_a_dict_a_scalar(configured):
    stored = configured(
        "run = init(config={'a': {'x': 1}, 'b': 1})",
        "run.config.update({'a': 2, 'b': {'y': 2}}, allow_val_change=True)",
    )

    assert stored == {"a": 2, "b": {"y": 2}}


def test_mutation_in_place_is_local(play):
    played = play(
        "run = init(config={'n': {'x': 1}})",
        "run.config['n']['x'] = 5",
        "run.config['n']",
        "run.config.b = 1",
    )

    assert played["run.config['n']"].value == {"x": 5}
    assert user_config(played.log) == {"n": {"x": 1}, "b": 1}


def test_setdefaults_sets_what_is_missing(configured):
    stored = configured("run = init(config={'a': 1})", "run.config.setdefaults({'a': 9, 'z': 2})")

    assert stored == {"a": 1, "z": 2}


READS = [
    ("run.config.a", 1),
    ("run.config['a']", 1),
    ("run.config.get('a')", 1),
    ("run.config.get('missing')", None),
    ("run.config.get('missing', 3)", 3),
    ("'a' in run.config", True),
    ("'missing' in run.config", False),
    ("'_x' in run.config", True),
    ("hasattr(run.config, 'missing')", False),
    ("run.config.as_dict()", {"a": 1, "n": {"x": 1}}),
    ("dict(run.config)", {"a": 1, "n": {"x": 1}}),
    ("dict(**run.config)", {"a": 1, "n": {"x": 1}}),
    ("sorted(run.config.keys())", ["a", "n"]),
    ("sorted(key for key, _ in run.config.items())", ["a", "n"]),
    ("sorted(run.config)", ["_wandb", "_x", "a", "n"]),
    ("run.config['_x']", 2),
    ("run.config._x", 2),
    ("wandb.config is run.config", True),
    ("type(run.config).__name__", "Config"),
]


@pytest.mark.parametrize(("expression", "value"), READS, ids=[row[0] for row in READS])
def test_reads(play, expression, value):
    played = play("run = init(config={'a': 1, '_x': 2, 'n': {'x': 1}})", expression)

    assert not played.errors, played
    assert same(played[expression].value, value)


RAISED = [
    ("run.config.missing", "AttributeError"),
    ("run.config['missing']", "KeyError"),
    ("del run.config['a']", "AttributeError"),
    ("run.config = {'a': 5}", "AttributeError"),
    ("run.config_static.a = 4", "AttributeError"),
    ("run.config_static['a'] = 4", "AttributeError"),
    ("run.config.update(None)", "TypeError"),
    ("run.config.update('missing.yaml')", "ConfigError"),
]


@pytest.mark.parametrize(("line", "error"), RAISED, ids=[row[0] for row in RAISED])
def test_wrong_use_raises(play, line, error):
    played = play("run = init(config={'a': 1})", line, "run.config.as_dict()")

    assert error in played[line].error, played
    assert played["run.config.as_dict()"].value == {"a": 1}


def test_static_config_is_a_snapshot(play):
    played = play(
        "run = init(config={'a': 1})",
        "static = run.config_static",
        "(static.a, static['a'], dict(static))",
    )

    assert played["(static.a, static['a'], dict(static))"].value == (1, 1, {"a": 1})


def test_locked_keys_ignore_updates_and_say_who_locked_them(script):
    ended = script(
        "import wandb\n"
        "run = wandb.init()\n"
        "run.config.update_locked({'a_b': 1}, user='sweep')\n"
        "run.config.update({'a_b': 2, 'free': 3})\n"
        "print(run.config.a_b, run.config.free)\n"
        "run.finish()\n"
    )

    assert "1 3" in ended.stdout
    assert user_config(ended.log) == {"a_b": 1, "free": 3}
    # No run's id has an underscore.
    (line,) = [line for line in ended.stderr.splitlines() if "a_b" in line]
    assert "sweep" in line
    assert "lock" in line


def test_persist_sends_all_again(configured):
    assert configured(
        "run = init(config={'a': 1})", "run.config.b = 2", "run.config.persist()"
    ) == {"a": 1, "b": 2}


YAML = "open('c.yaml', 'w').write({text!r})"


@pytest.mark.parametrize("name", ["c.yaml", "config-defaults.yaml"])
def test_yaml_in_the_value_form_is_read(play, name):
    text = "a:\n  desc: x\n  value: 1\nb:\n  value: [1, 2]\nwandb_version: 1\n"
    argument = "config='c.yaml'" if name == "c.yaml" else ""
    played = play(f"open({name!r}, 'w').write({text!r})", f"run = init({argument})")

    assert user_config(played.log) == {"a": 1, "b": [1, 2]}


def test_argument_beats_the_defaults_file(play):
    text = "a:\n  value: 1\nb:\n  value: 2\n"
    played = play(
        f"open('config-defaults.yaml', 'w').write({text!r})", "run = init(config={'b': 3})"
    )

    assert user_config(played.log) == {"a": 1, "b": 3}


@pytest.mark.parametrize("argument", ["config='c.yaml'", "config={'b': 3}"])
@pytest.mark.parametrize(("text", "error"), [("a: 1\n", "TypeError"), ("a: [\n", "ConfigError")])
def test_yaml_of_another_form_is_refused(play, argument, text, error):
    name = "c.yaml" if "yaml" in argument else "config-defaults.yaml"
    played = play(f"open({name!r}, 'w').write({text!r})", f"init({argument})", "wandb.run")

    assert error in played.outcomes[1].error, played
    assert played["wandb.run"].value is None


def test_missing_yaml_is_a_config_error(play):
    played = play("init(config='missing.yaml')")

    assert "ConfigError" in played.outcomes[0].error
    assert "missing.yaml" in played.outcomes[0].message


def test_empty_defaults_file_warns(script, tmp_path):
    (tmp_path / "config-defaults.yaml").write_text("")
    ended = script("import wandb\nwandb.init(config={'b': 3}).finish()\n")

    assert "config-defaults.yaml" in ended.stderr
    assert user_config(ended.log) == {"b": 3}


@pytest.mark.parametrize(
    ("argument", "stored"),
    [("config_exclude_keys=['a']", {"b": 2, "c": 3}), ("config_include_keys=['a']", {"a": 1})],
)
def test_include_and_exclude_still_work(configured, argument, stored):
    assert configured(f"run = init(config={{'a': 1, 'b': 2, 'c': 3}}, {argument})") == stored


def test_include_and_exclude_together_are_refused(play):
    played = play("init(config={'a': 1}, config_include_keys=['a'], config_exclude_keys=['b'])")

    assert "UsageError" in played.outcomes[0].error


def test_writes_after_finish_are_refused_and_reads_are_not(play):
    played = play(
        "run = init(config={'a': 1})",
        "run.finish()",
        "run.config.a",
        "run.config.b = 1",
        "run.config.update({'c': 1})",
    )

    assert played["run.config.a"].value == 1
    for line in ("run.config.b = 1", "run.config.update({'c': 1})"):
        assert "UsageError" in played[line].error
    assert user_config(played.log) == {"a": 1}
