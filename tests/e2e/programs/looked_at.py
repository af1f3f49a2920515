"""A run that somebody looks at in its folder: `python looked_at.py ID ROWS END`.

ROWS rows come at once. Then END says how it goes on: `finish`; `kill`, by SIGKILL within the call
that follows the last `log`; or `follow`: a row for each line on standard input, until it ends.
Rows are wide enough that a released client, which writes 32 KiB at a time, writes soon. Two
processes log with `fork`, ROWS each.
"""

import os
import signal
import sys
import time

import wandb


def row(number):
    return {"number": number, "text": "x" * 1000} | {f"wide/{key}": number for key in range(40)}


def follow(run, number):
    print("ready", flush=True)
    for _ in sys.stdin:
        run.log(row(number))
        number += 1
    run.finish()


def log_in_child(run, rows):
    child = os.fork()
    if not child:
        for number in range(rows):
            run.log({"child": number})
        run.finish()
        os._exit(0)
    os.waitpid(child, 0)
    print("ready", flush=True)
    sys.stdin.read()
    run.finish()


def main(run_id, rows, end):
    run = wandb.init(project="looked", id=run_id, config={"rows": rows}, tags=["seen"])
    print("printed by the script")
    for number in range(rows):
        run.log(row(number))
    if end == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif end == "follow":
        follow(run, rows)
    elif end == "fork":
        log_in_child(run, rows)
    else:
        run.finish()
    time.sleep(0)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
