"""Save files in every way, tell people something, and see a live file's change arrive."""

import contextlib
import json
import os
import sys
import time
from pathlib import Path

import wandb

target, version = sys.argv[1], sys.argv[2]
NAMES = ["d/a.txt", "d/sub/b.txt", "empty.txt", "odd/ü ö#?%25&+=;[x].txt", "odd/'quotes\".txt"]


def made(name, content):
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def at_server(path, name):
    """Return a file's content as the server has it, by the client's own reading."""
    with open_of(path, name) as file:
        return file.read()


def open_of(path, name):
    run = wandb.Api().run(path)
    return run.file(name).download(root="read", replace=True)


def awaited(path, name, content):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with contextlib.suppress(Exception):  # not there yet: each client says so in its own way
            if at_server(path, name) == content:
                return True
        time.sleep(0.05)
    return False


for name in NAMES:
    made(name, b"" if name.startswith("empty") else name.encode())
made("big.bin", os.urandom(3_000_000))
made("config.yaml", b"mine: 1\n")
made("live.txt", b"first")
made("end.txt", b"early")
for number in range(300):
    made(f"many/{number}.txt", str(number).encode())

facts = {}
with wandb.init(project="files") as run:
    saved = [
        path for name in NAMES for path in run.save(name.replace("[x]", "[[]x]"), policy="now")
    ]
    facts["saved"] = sorted(os.path.relpath(path, run.dir) for path in saved)
    run.save("big.bin", policy="now")
    run.save("config.yaml", policy="now")
    run.save("many/*", policy="now")
    run.save("end.txt", policy="end")
    run.save("live.txt")
    run.alert("low accuracy", f"it is {version}", level=wandb.AlertLevel.WARN, wait_duration=5)
    run.log({"a": 1})
    if version == "ours":
        facts["first"] = awaited(run.path, "live.txt", "first")
        made("live.txt", b"second")
        facts["second"] = awaited(run.path, "live.txt", "second")
    made("end.txt", b"late")
    run.mark_preempting()
    facts |= {"id": run.id, "path": run.path}
facts["config"] = Path("config.yaml").read_text()
Path(target).write_text(json.dumps(facts))
