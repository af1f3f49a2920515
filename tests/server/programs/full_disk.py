"""Fills the small disk that a history store lies on, and frees it again.

Run in a mount namespace of its own; the argument is an empty folder. Says on stdout, as JSON, what
was seen.
"""

import json
import os
import select
import subprocess
import sys
from pathlib import Path

from wandb._native import HistoryStore

RUN = 1
SCOPE = [(RUN, 0, 2**63 - 1)]
DISK = "4m"
BACKLOG_BYTES = 1 << 20


def body(number):
    line = json.dumps({"_step": number, "text": "x" * 50_000})
    return json.dumps(
        {"files": {"wandb-history.jsonl": {"offset": number, "content": [line]}}}
    ).encode()


def wait(store, happened):
    while not happened():
        if select.select([store.durable_fd()], [], [], 0.05)[0]:
            os.read(store.durable_fd(), 8)


def main(folder):
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK}", "none", str(folder)], check=True)
    ballast = folder / "ballast"
    ballast.write_bytes(bytes(3 << 20))
    store = HistoryStore(str(folder), sync_ms=0, backlog_bytes=BACKLOG_BYTES)
    store.open_run(RUN, 1)
    accepted, durable, told = 0, 0, None
    while told is None:
        try:
            receipt = store.accept(RUN, 0, "", body(accepted), 1.0)
        except BlockingIOError as err:
            told = str(err)
        else:
            accepted += 1
            wait(store, lambda seq=receipt["seq"]: store.durable_seq() >= seq or store.failing())
        durable = store.durable_seq()
    seen = {"accepted": accepted, "durable_when_full": durable, "told": told}
    seen["failing"] = store.failing()
    seen["readable_when_full"] = store.row_count(SCOPE, 0)
    ballast.unlink()
    wait(store, lambda: store.durable_seq() >= accepted)
    seen["failing_later"] = store.failing()
    store.close()
    again = HistoryStore(str(folder))
    again.open_run(RUN, 1)
    seen["rows"] = again.row_count(SCOPE, 0)
    seen["files"] = len(list((folder / "wal").glob("*.wal")))
    print(json.dumps(seen))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
