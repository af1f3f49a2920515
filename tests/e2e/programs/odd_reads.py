"""Read what `odd_rows.py` logged, through any client's `wandb.Api`.

    python odd_reads.py TARGET

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


def attempt(read):
    """Return what a read gives, or its error in words: one failure must not hide the others."""
    try:
        return plain(read())
    except Exception as error:  # noqa: BLE001 - told to whoever runs this
        return f"{type(error).__name__}: {error}"


def main(target: str) -> None:
    """Read everything and write it down."""
    api = wandb.Api()
    path = f"{api.default_entity}/odd"
    run = api.run(f"{path}/odd1")

    def content(name):
        with run.file(name).download("copy", replace=True) as file:
            return file.read()

    reads = {
        "viewer": lambda: [api.viewer.username, api.default_entity],
        "projects": lambda: [project.name for project in api.projects(api.default_entity)],
        "path": lambda: [run.id, run.name, run.entity, run.project, *run.path],
        "facts": lambda: [run.state, sorted(run.tags), run.group, run.job_type, run.notes],
        "url": lambda: run.url,
        "user": lambda: run.user.username,
        "config": lambda: run.config,
        "internal": lambda: sorted(run.rawconfig),
        "summary": lambda: run.summary._json_dict,
        "metadata": lambda: run.metadata["host"] is not None,
        "last_step": lambda: run.lastHistoryStep,
        "scan": lambda: list(run.scan_history(page_size=100)),
        "scan_small": lambda: list(run.scan_history(page_size=3)),
        "scan_part": lambda: list(run.scan_history(min_step=1000, max_step=1031)),
        "scan_keys": lambda: list(run.scan_history(keys=["huge", "tiny"])),
        "scan_step": lambda: list(run.scan_history(keys=["_step", "far"], page_size=7)),
        "scan_nan": lambda: list(run.scan_history(keys=["up", "down"])),
        "scan_nested": lambda: list(run.scan_history(keys=["nested.a.b"])),
        "history": lambda: run.history(pandas=False),
        "history_few": lambda: run.history(samples=10, pandas=False),
        "history_keys": lambda: run.history(keys=["loss"], pandas=False),
        "files": lambda: sorted(file.name for file in run.files()),
        "config_file": lambda: "depth" in content("config.yaml"),
        "output": lambda: content("output.log"),
        "runs": lambda: [one.id for one in api.runs(path)],
        "count": lambda: len(api.runs(path)),
        "none": lambda: [one.id for one in api.runs(path, {"state": "running"})],
        "by_config": lambda: [one.id for one in api.runs(path, {"config.lr": {"$lt": 0.5}})],
        "by_tag": lambda: [one.id for one in api.runs(path, {"tags": "a"})],
        "by_summary": lambda: [
            one.id for one in api.runs(path, {"summary_metrics.count": 7}, order="-created_at")
        ],
        "missing": lambda: api.run(f"{path}/nowhere").id,
        "missing_project": lambda: len(api.runs(f"{api.default_entity}/nowhere")),
    }
    with open(target, "w") as file:
        json.dump({name: attempt(read) for name, read in reads.items()}, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
