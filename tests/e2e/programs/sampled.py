"""Log until the machine was sampled some times; survive the service's death on the way."""

import json
import os
import signal
import sys
import time
from pathlib import Path

import wandb

target, kill = sys.argv[1], sys.argv[2] == "kill"
settings = wandb.Settings(
    x_stats_sampling_interval=0.1, x_stats_buffer_size=1000, x_service_linger=1, console="off"
)


def samples():
    return len(run._system_metrics.get("memory_percent", ()))


def wait_for(count):
    until = time.monotonic() + 60
    while samples() < count and time.monotonic() < until:
        time.sleep(0.02)


with wandb.init(project="sampled", settings=settings) as run:
    run.log({"a": 1})
    wait_for(3)
    if kill:
        os.kill(wandb.setup().link._service.pid, signal.SIGKILL)
        run.log({"a": 2})
        until = time.monotonic() + 60
        while not Path(run.settings.sync_dir, "writers", "service-2.wandb").exists():
            assert time.monotonic() < until
            time.sleep(0.02)
        wait_for(3)
    run.log({"a": 3})

folder = Path(run.settings.sync_dir)
facts = {
    "id": run.id,
    "folder": str(folder),
    "left": sorted(one.name for one in folder.iterdir()),
}
Path(target).write_text(json.dumps(facts))
