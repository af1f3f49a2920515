"""Resume, fork, rewind, edit and share runs; write down what each left on the server."""

import json
import os
import subprocess
import sys

import wandb

target = sys.argv[1]
told = {}


def begin(**facts):
    return wandb.init(project="paths", settings=wandb.Settings(silent=True), **facts)


def state_of(run_id):
    run = wandb.Api().run(f"alice/paths/{run_id}")
    rows = [(row["_step"], row["a"]) for row in run.scan_history()]
    return {
        "rows": rows,
        "state": run.state,
        "config": dict(run.config),
        "tags": list(run.tags),
        "title": run.name,
        "summary": run.summary.get("a"),
    }


def log_and_finish(run, *values):
    for value in values:
        run.log({"a": value})
    run.finish()


def failure_of(**facts):
    try:
        begin(**facts).finish()
    except Exception as err:  # noqa: BLE001 - its text is what the test looks at
        wandb.teardown()
        return f"{type(err).__name__}: {err}"
    return None


def writer(run_id, label):
    """One of the processes that share a run."""
    settings = wandb.Settings(
        silent=True, mode="shared", x_label=label, x_primary=label == "w0",
        x_update_finish_state=label == "w0",
    )  # fmt: skip
    run = wandb.init(project="paths", id=run_id, settings=settings, config={label: 1})
    for value in range(4):
        run.log({f"{label}/a": value})
    # The primary ends the run, after all others.
    sys.stdin.read()
    run.finish()


def share(run_id):
    words = [sys.executable, __file__, target, run_id]
    # Each on a machine of its own, so to say: one service of 0.31.0 takes a run from one process.
    own = {name: value for name, value in os.environ.items() if "WANDB_SERVICE" not in name}
    other, primary = (
        subprocess.Popen([*words, label], env=own, stdin=subprocess.PIPE) for label in ("w1", "w0")
    )
    codes = []
    for one in (other, primary):
        one.stdin.close()
        codes.append(one.wait())
    run = wandb.Api().run(f"alice/paths/{run_id}")
    rows = list(run.scan_history())
    return {
        "codes": codes,
        "state": run.state,
        "config": dict(run.config),
        "values": sorted(row[key] for row in rows for key in ("w0/a", "w1/a") if key in row),
        "summary": [run.summary.get("w0/a"), run.summary.get("w1/a")],
    }


def edit(run_id):
    api = wandb.Api()
    run = api.run(f"alice/paths/{run_id}")
    run.name, run.notes, run.tags = "renamed", "noted", ["x", "y"]
    run.config["lr"] = 0.5
    run.update()
    run.summary.update({"extra": 3})
    again = wandb.Api().run(f"alice/paths/{run_id}")
    return {
        "title": again.name, "notes": again.notes, "tags": list(again.tags),
        "lr": again.config["lr"], "state": again.state, "extra": again.summary.get("extra"),
    }  # fmt: skip


def main():
    log_and_finish(begin(id="base", config={"c": 1}, tags=["t"]), *range(5))
    told["first"] = state_of("base")
    log_and_finish(begin(id="base", resume="allow", config={"d": 2}), 50)
    told["resumed"] = state_of("base")
    told["never"] = failure_of(id="base", resume="never")
    told["must"] = failure_of(id="missing", resume="must")
    log_and_finish(begin(id="fork", fork_from="base?_step=2"), 30, 40)
    told["forked"] = state_of("fork")
    told["no parent"] = failure_of(id="orphan", fork_from="missing?_step=2")
    log_and_finish(begin(resume_from="base?_step=3"), 400)
    told["rewound"] = state_of("base")
    begin(resume_from="base?_step=1").finish()
    log_and_finish(begin(id="base", resume="must"), 20)
    told["rewound again"] = state_of("base")
    told["beyond"] = failure_of(resume_from="base?_step=77")
    log_and_finish(begin(resume_from="base?_step=2"), 3000)
    told["rewound to its last"] = state_of("base")
    log_and_finish(begin(resume_from="base?_step=0"), 1000)
    told["rewound to its first"] = state_of("base")
    log_and_finish(begin(id="grandchild", fork_from="fork?_step=3"), 4000)
    told["fork of a fork"] = state_of("grandchild")
    log_and_finish(begin(id="grandchild", fork_from="fork?_step=3"), 4001)
    told["forked again"] = state_of("grandchild")
    told["fork after"] = state_of("fork")
    told["edited"] = edit("fork")
    told["shared"] = share("shared")
    with open(target, "w") as file:
        json.dump(told, file)


if len(sys.argv) > 2:
    writer(*sys.argv[2:])
else:
    main()
