"""One process of a run that is stopped in the middle, again and again: `run first last how`.

It goes on after step `first - 1`, logs one row a step, and is gone after `last`: by a signal, by
its own kill, or by its end.
"""

import os
import signal
import sys

import wandb

run_id, first, last, attempt, how = sys.argv[1], *map(int, sys.argv[2:5]), sys.argv[5]
begins = {"resume_from": f"{run_id}?_step={first - 1}"} if first else {"id": run_id}
run = wandb.init(
    project="preempted", config={"lr": 1}, settings=wandb.Settings(silent=True), **begins
)
assert run.id == run_id
for step in range(first, last + 1):
    run.log({"loss": attempt * 1000 + step, "nested": {"attempt": attempt}})
if how == "killed":
    os.kill(os.getpid(), signal.SIGKILL)
if how == "terminated":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    os.kill(os.getpid(), signal.SIGTERM)
run.finish()
