"""Offline runs that go on from each other, each in a folder of its own: `going_on_offline WAY…`."""

import os
import sys

import wandb

WAYS = {
    "base": ({"id": "base", "config": {"c": 1}, "tags": ["t"]}, range(5)),
    "resumed": ({"id": "base", "resume": "allow", "config": {"d": 2}}, (50, 60)),
    "forked": ({"id": "fork", "fork_from": "base?_step=2"}, (30, 40)),
    "rewound": ({"resume_from": "base?_step=1"}, (20, 30)),
}

for number, way in enumerate(sys.argv[1:]):
    arguments, values = WAYS[way]
    place = f"{number}-{way}"
    os.makedirs(place)
    run = wandb.init(
        project="offline", dir=place, settings=wandb.Settings(silent=True), **arguments
    )
    for value in values:
        run.log({"a": value})
    run.finish()
