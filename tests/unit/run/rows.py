"""What a run has kept, read from its journal once it is finished."""

from pathlib import Path

from wandb import _native

QUIET = {"console": "off", "x_disable_stats": True, "x_disable_meta": True}


def records_of(run):
    run.finish()
    (journal,) = Path(run.dir).parent.glob("run-*.wandb")
    return _native.read_journal(str(journal))


def rows_of(run):
    """Finish a run, and return its rows without what every row has."""
    return [
        {key: value for key, value in row.items() if not key.startswith("_")}
        for row in records_of(run).history()
    ]
