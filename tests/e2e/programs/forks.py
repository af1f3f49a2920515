"""Fork again and again while threads log; each child collects garbage and ends in its own way.

    python forks.py TARGET FORKS

TARGET gets the rows of the parent, those of the children, and what went wrong with a child.
"""

import gc
import json
import os
import signal
import sys
import threading
import time

import wandb

THREADS = 2
AT_ONCE = 4
# A child does nothing that waits: one that takes so long hangs.
HANG_SECS = 25


def leave_at_once(run, number):
    os._exit(0)


def leave_by_exit(run, number):
    sys.exit(0)


def log_and_leave(run, number):
    run.log({"child": number})
    sys.exit(0)


def log_and_finish(run, number):
    run.log({"child": number})
    run.finish()
    os._exit(0)


ENDS = (leave_at_once, leave_by_exit, log_and_leave, log_and_finish)


def live(run, number):
    for _ in range(3):
        gc.collect()
    ENDS[number % len(ENDS)](run, number)


def log_on(run, name, stopped, counts):
    while not stopped.is_set():
        run.log({name: counts[name]})
        counts[name] += 1
        time.sleep(0.002)


def wait_for_one(children, wrong):
    """Wait until a child ended; kill those that hang."""
    while True:
        child, status = os.waitpid(-1, os.WNOHANG)
        if child:
            number, _ = children.pop(child)
            if status:
                wrong.append([number, status])
            return
        for child, (_, began) in children.items():
            if time.monotonic() - began > HANG_SECS:
                os.kill(child, signal.SIGKILL)
        time.sleep(0.001)


def main(target, forks):
    run = wandb.init(project="forks", id="forks")
    counts, stopped = {f"x{number}": 0 for number in range(THREADS)}, threading.Event()
    threads = [
        threading.Thread(target=log_on, args=(run, name, stopped, counts)) for name in counts
    ]
    for thread in threads:
        thread.start()
    children, wrong = {}, []
    for number in range(forks):
        child = os.fork()
        if child == 0:
            live(run, number)
        children[child] = (number, time.monotonic())
        while len(children) >= AT_ONCE:
            wait_for_one(children, wrong)
    while children:
        wait_for_one(children, wrong)
    stopped.set()
    for thread in threads:
        thread.join()
    run.finish()
    logged = [number for number in range(forks) if ENDS[number % len(ENDS)].__name__[:3] == "log"]
    with open(target, "w") as file:
        json.dump({"parent": counts, "children": logged, "wrong": wrong}, file)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
