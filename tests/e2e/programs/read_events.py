"""Read a run's rows and its machine's metrics: `PATH TARGET [FOLDER]`."""

import json
import sys
from pathlib import Path

import wandb

path, target, *folder = sys.argv[1:]
run = wandb.Api({"base_url": folder[0]} if folder else None).run(path)
facts = {
    "rows": [row["a"] for row in run.scan_history()],
    "events": run.history(samples=10_000, stream="system", pandas=False),
    "latest": dict(run.system_metrics),
    "metadata": run.metadata,
}
Path(target).write_text(json.dumps(facts))
