"""Read all that was sent of a run, by our client.

python read_all.py PATH TARGET
"""

import json
import sys

import wandb

# What the time of the sending decides, and what tells the two runs apart.
OWN = {"output.log"}


def plain(value):
    """Turn the API's own mappings into dicts."""
    if hasattr(value, "items"):
        return {key: plain(inner) for key, inner in value.items()}
    return [plain(one) for one in value] if isinstance(value, (list, tuple)) else value


def main(path: str, target: str) -> None:
    """Read everything and write it down."""
    run = wandb.Api().run(path)
    found = {
        "state": run.state,
        "name": run.name,
        "tags": sorted(run.tags),
        "config": plain(run.config),
        "summary": plain(run.summary._json_dict),
        "rows": list(run.scan_history()),
        "events": run.history(stream="system", samples=10_000, pandas=False),
        "console": [str(line) for line in run.console_logs()],
        "files": {file.name: [file.size, file.md5] for file in run.files()},
    }
    with open(target, "w") as file:
        json.dump(found, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
