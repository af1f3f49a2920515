"""Define metrics in every way, and log some of them: `metric_rules.py RUN`."""

import sys

import wandb

with wandb.init(project="rules", id=sys.argv[1]) as run:
    run.define_metric("epoch")
    run.define_metric("loss", step_metric="epoch", summary="min,max")
    run.define_metric("train/*", step_metric="tick")
    run.define_metric("secret", hidden=True)
    run.define_metric("last", summary="last", step_metric="epoch", step_sync=False)
    run.define_metric("none", summary="none")
    run.log({"epoch": 1, "loss": 0.5, "secret": 1, "last": 2, "none": 3})
