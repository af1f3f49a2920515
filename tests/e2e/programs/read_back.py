"""Read a run through `wandb.Api`: the same script under every client.

    python read_back.py PATH TARGET

TARGET gets what was read, as JSON with NaN and infinities.
"""

import json
import sys

import wandb


def plain(value):
    """Turn the API's own mappings into dicts."""
    if hasattr(value, "items"):
        return {key: plain(inner) for key, inner in value.items()}
    return [plain(one) for one in value] if isinstance(value, (list, tuple)) else value


def main(path: str, target: str) -> None:
    """Read everything and write it down."""
    api = wandb.Api()
    run = api.run(path)
    found = {
        "state": run.state,
        "name": run.name,
        "tags": sorted(run.tags),
        "group": run.group,
        "notes": run.notes,
        "config": plain(run.config),
        "summary": plain(run.summary._json_dict),
        "last_step": run.lastHistoryStep,
        "scan": list(run.scan_history()),
        "scan_keys": list(run.scan_history(keys=["loss", "count"], page_size=100)),
        "scan_part": list(run.scan_history(min_step=100, max_step=301, page_size=50)),
        "history": run.history(samples=200, pandas=False),
        "history_keys": run.history(keys=["loss"], samples=100, pandas=False),
        "files": sorted(file.name for file in run.files()),
        "sizes": {file.name: file.size for file in run.files()},
        "runs": [one.id for one in api.runs("/".join(path.split("/")[:2]), per_page=2)],
    }
    with open(target, "w") as file:
        json.dump(found, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
