"""What `termlog` and its kin write, byte for byte what the released client writes."""

import pytest

CALLS = [
    "wandb.termlog('a')",
    "wandb.termlog('a\\nb')",
    "wandb.termlog('')",
    "wandb.termlog('a', newline=False)",
    "wandb.termlog('a', prefix=False)",
    "wandb.termlog('a\\nb', prefix=False)",
    "[wandb.termlog('once', repeat=False) for _ in range(3)]",
    "[wandb.termlog('always') for _ in range(2)]",
    "wandb.termwarn('a')",
    "wandb.termwarn('a\\nb')",
    "wandb.termwarn('a', newline=False)",
    "wandb.termwarn('a', prefix=False)",
    "[wandb.termwarn('once more', repeat=False) for _ in range(3)]",
    "wandb.termerror('a')",
    "wandb.termerror('a', prefix=False)",
    "[wandb.termerror('once again', repeat=False) for _ in range(3)]",
]


@pytest.mark.parametrize("call", CALLS)
def test_lines_are_the_same(drivers, ours, released, call):
    # Drivers of their own: in the others, runs that were to be silent have been.
    mine, theirs = (drivers.of(one, WANDB_SILENT="false").play(call) for one in (ours, released))

    assert not mine.errors, mine
    assert mine.terminal == theirs.terminal


@pytest.mark.parametrize(
    ("variable", "said"),
    [
        ("WANDB_SILENT", []),
        ("WANDB_QUIET", ["info", "warning", "error"]),
        ("WANDB_SHOW_INFO", ["warning", "error"]),
        ("WANDB_SHOW_WARNINGS", ["info", "error"]),
        ("WANDB_SHOW_ERRORS", ["info", "warning"]),
    ],
)
def test_switches(script, variable, said):
    ended = script(
        "import wandb\n"
        "wandb.setup()\n"
        "wandb.termlog('info')\nwandb.termwarn('warning')\nwandb.termerror('error')\n",
        environment={variable: "false" if "SHOW" in variable else "true"},
    )

    assert [line.split()[-1] for line in ended.stderr.splitlines()] == said
