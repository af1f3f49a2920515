"""Several processes of one machine that write a shared run: children of one process.

    python shared_tree.py FIRST COUNT ROWS

Writer 0 is the primary; it ends the run when its standard input does, after all others.
"""

import os
import subprocess
import sys

import wandb

RUN = "shared"


def write(number, rows):
    label, primary = f"w{number}", number == 0
    settings = wandb.Settings(
        mode="shared", x_label=label, x_primary=primary, x_update_finish_state=primary
    )
    run = wandb.init(project="crowd", id=RUN, settings=settings)
    for row in range(rows):
        run.log({f"{label}/x": row})
    print(f"this is {label}")
    if primary:
        sys.stdin.read()
    run.finish()


def main(first, count, rows):
    wandb.setup()
    command = [sys.executable, __file__, "write"]
    writers = [
        subprocess.Popen([*command, str(first + number), str(rows)], env=os.environ)
        for number in range(count)
    ]
    sys.exit(max(abs(writer.wait()) for writer in writers))


if __name__ == "__main__":
    if sys.argv[1] == "write":
        write(int(sys.argv[2]), int(sys.argv[3]))
    else:
        main(*map(int, sys.argv[1:]))
