"""Log rows, wait for a line on standard input, log as many again, and exit with a code.

python ends.py RUN ROWS CODE
"""

import os
import sys

import wandb


def main(run_id, rows, code):
    run = wandb.init(project="ends", id=run_id, config={"rows": rows})
    print("begun", os.environ.get("FERRULE_SERVICE", ""), flush=True)
    for number in range(rows):
        run.log({"x": number})
    print("half", flush=True)
    sys.stdin.readline()
    for number in range(rows, 2 * rows):
        run.log({"x": number})
    sys.exit(code)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
