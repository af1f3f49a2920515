"""Log a row for each line on standard input: the value of `loss` is the line; ends with it.

Each row is logged right after its line came; the moment is printed, as seconds since the epoch.
"""

import sys
import time

import wandb


def main() -> None:
    """Log until the input ends."""
    with wandb.init(project="growing", id=sys.argv[1]) as run:
        for line in sys.stdin:
            moment = time.time()
            run.log({"loss": float(line)})
            print(f"logged {moment!r}", flush=True)


if __name__ == "__main__":
    main()
