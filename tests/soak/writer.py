"""One writer of a soak: `writer.py RUN SECONDS ROWS_PER_SEC TARGET`.

TARGET gets how many rows were logged, after each thousandth and at the end.
"""

import json
import os
import sys
import time
from pathlib import Path

import wandb

KEYS = 9


def write_down(target, facts):
    """Replace the file, so that whoever reads it never sees half of it."""
    new = target.with_suffix(".new")
    new.write_text(json.dumps(facts))
    os.replace(new, target)


def main(run_id, secs, rate, target):
    run = wandb.init(project="soak", id=run_id)
    begun, number, longest = time.monotonic(), 0, 0.0
    while (now := time.monotonic()) < begun + secs:
        run.log({"n": number, **{f"m{key}": number * 0.001 + key for key in range(KEYS)}})
        longest = max(longest, time.monotonic() - now)
        number += 1
        if number % 50 == 0:
            print(f"{run_id} row {number}")
        if number % 1000 == 0:
            run.config.update({"rows": number}, allow_val_change=True)
            write_down(target, {"rows": number, "longest_log_secs": longest})
        time.sleep(max(0.0, begun + number / rate - time.monotonic()))
    ending = time.monotonic()
    run.finish()
    facts = {"rows": number, "longest_log_secs": longest}
    write_down(target, {**facts, "finish_secs": time.monotonic() - ending, "ended": True})


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), float(sys.argv[3]), Path(sys.argv[4]))
