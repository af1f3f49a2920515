"""`wandb.Settings` field by field and rule by rule, the released client's answers beside ours.

Nothing of the table is written down here: both clients are asked, and must agree.
"""

import pytest

from oracle.compare import declared

PRELUDE = (
    "import json, os, pathlib",
    "def told(line):\n"
    "    try:\n"
    "        return ['value', eval(line)]\n"
    "    except Exception as err:\n"
    "        return ['error', 'ValueError' if isinstance(err, ValueError) else "
    "'UsageError' if isinstance(err, wandb.UsageError) else type(err).__name__]\n"
    "def plain_value(value):\n"
    "    shown = repr(tuple(value) if isinstance(value, list) else value)\n"
    "    return shown.replace(os.path.expanduser('~'), '~')\n"
    "def built(**values):\n"
    "    return plain_value(getattr(wandb.Settings(**values), list(values)[0]))\n"
    "def read(field, **environ):\n"
    "    settings = wandb.Settings()\n"
    "    settings.update_from_env_vars(environ)\n"
    "    return plain_value(getattr(settings, field))\n"
    "def assigned(field, value):\n"
    "    settings = wandb.Settings()\n"
    "    setattr(settings, field, value)\n"
    "    return plain_value(getattr(settings, field))\n",
    "FIELDS = sorted(wandb.Settings.model_fields)",
)


@pytest.fixture(scope="module")
def asked(drivers, ours, released):
    """Ask both clients the same; return what each said."""

    def ask(*lines):
        pairs = []
        for client in (released, ours):
            played = drivers.of(client).play(*PRELUDE, *lines)
            assert not played.errors, played
            pairs.append([played[line].value for line in lines])
        return pairs

    return ask


OWN = {"finish_timeout", "keep_media", "strict_steps", "x_service_linger"}


def test_fields_are_the_same(asked):
    (theirs,), (own,) = asked("FIELDS")

    assert set(own) - OWN == set(theirs)


# What depends on the process is compared by its type.
DEFAULTS = (
    "[(name, plain_value(value) if name not in ('x_stats_pid', 'root_dir') "
    "else type(value).__name__) for name, value in sorted(dict(wandb.Settings()).items())]"
)


def test_defaults_are_the_same(asked):
    (theirs,), (own,) = asked(DEFAULTS)

    assert [pair for pair in own if pair[0] not in OWN] == theirs


TEXTS = (
    "",
    "0",
    "1",
    "17",
    "-3",
    "1.5",
    "true",
    "Yes",
    "off",
    "T",
    "x",
    " padded ",
    "a, b,,c",
    "auto",
    "offline",
    "never",
    '{"a": "b"}',
    '{"a": {"b": "c"}}',
    "[1, 2]",
    '["a"]',
    "http://host:1/",
    "run?_step=3",
    "/tmp/x",
)
MOMENT = "fork_from or resume_from that is no text"
NO_NUMBER = "NaN for a setting with a least value"
# Where ours answers otherwise on purpose: by field and value, None for any value.
DIFFERENT = {
    ("config_paths", None): "WANDB_CONFIG_PATHS",
    ("fork_from", None): MOMENT,
    ("resume_from", None): MOMENT,
    ("settings_system", "pathlib.Path('/tmp/x')"): "a pathlib.Path for settings_system",
    ("x_service_wait", "float('nan')"): NO_NUMBER,
    ("x_stats_sampling_interval", "float('nan')"): NO_NUMBER,
}


def test_every_variable_is_read_alike(asked):
    spelled = "[(name, text) for name in FIELDS if name not in {own!r} for text in {texts!r}]"
    pairs = spelled.format(own=sorted(OWN), texts=TEXTS)
    line = (
        f"[(name, text, told('read({{!r}}, **{{!r}})'.format(name, "
        f"{{'WANDB_' + name.upper(): text}}))) for name, text in {pairs}]"
    )
    (theirs,), (own,) = asked(line)

    assert not differing(theirs, own), "\n".join(map(repr, differing(theirs, own)))


def differing(theirs, own):
    found = []
    for (name, given, original), (_, _, ours) in zip(theirs, own, strict=True):
        if original[0] == ours[0] == "error":
            assert ours[1] in ("ValueError", original[1]), (name, given, original, ours)
        elif original != ours:
            case = DIFFERENT.get((name, given)) or DIFFERENT.get((name, None))
            if case:
                declared(case)
            else:
                found.append((name, given, original, ours))
    return found


VALUES = (
    "None",
    "True",
    "0",
    "5",
    "-1",
    "1.5",
    "'x'",
    "''",
    "b'bytes'",
    "['a', 'b']",
    "('a',)",
    "{'a'}",
    "[1]",
    "{'a': 'b'}",
    "{1: 2}",
    "pathlib.Path('/tmp/x')",
    "np.int64(3)",
    "float('nan')",
    "'~/x'",
    "'http://host/'",
    "'ftp://host'",
    "'run?_step=3'",
    "'auto'",
    "'offline'",
    "object",
)


@pytest.mark.parametrize("how", ["built(**{{{name!r}: {value}}})", "assigned({name!r}, {value})"])
def test_every_field_takes_the_same_values(asked, how):
    line = (
        f"[(name, value, told({how!r}.format(name=name, value=value))) for name in FIELDS "
        f"if name not in {sorted(OWN)!r} for value in {VALUES!r}]"
    )
    (theirs,), (own,) = asked(line)

    assert not differing(theirs, own), "\n".join(map(repr, differing(theirs, own)))
