"""Recover and read run folders with our client: `examine.py HOW TARGET FOLDER...`.

A process of its own, so that a crash of the reader is a finding and not the harness's end.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

from wandb import _native


def examine(folder: str, *, recover: bool) -> dict[str, Any]:
    """Return what the client makes of a folder; an exception is part of the answer."""
    found: dict[str, Any] = {"recovered": None, "error": None, "history": []}
    started = time.monotonic()
    try:
        if recover:
            found["recovered"] = _native.recover_folder(folder)
        snapshot = _native.read_folder(folder)
        found["state"], found["exit_code"] = snapshot.state, snapshot.exit_code
        found["warnings"], found["rows"] = snapshot.warnings, snapshot.rows
        found["history"] = snapshot.history()
    except Exception as err:  # noqa: BLE001 - whatever it is, it is the answer
        found["error"] = f"{type(err).__name__}: {err}"
    found["secs"] = time.monotonic() - started
    return found


def main() -> None:
    how, target, folders = sys.argv[1], sys.argv[2], sys.argv[3:]
    answer = {folder: examine(folder, recover=how == "recover") for folder in folders}
    Path(target).write_text(json.dumps(answer))


if __name__ == "__main__":
    main()
