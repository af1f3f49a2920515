"""Log what the page's viewers are tried on; write down the run's id."""

import json
import math
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np

import wandb

CLASSES = {1: "road", 2: "car", 3: "tree"}
STEPS = (0, 10, 20)
KEYS = 65


def box(left, top, right, bottom, class_id, score):
    position = {"minX": left, "maxX": right, "minY": top, "maxY": bottom}
    return {"position": position, "class_id": class_id, "scores": {"sure": score}}


def picture(step, number):
    """A gradient that brightens with the step, over it a mask, a sure box and a doubtful one."""
    y, x = np.mgrid[0:48, 0:64]
    pixels = np.stack([x * 3, y * 4, (x + y) + step * 4 + number * 10], -1).astype(np.uint8)
    mask = np.zeros((48, 64), np.uint8)
    mask[30:] = 1
    boxes = [box(0.1, 0.1, 0.4, 0.5, 2, 0.9), box(0.6, 0.2, 0.9, 0.6, 3, 0.3)]
    return wandb.Image(
        pixels,
        caption=f"picture {number} at {step}",
        masks={"truth": {"mask_data": mask, "class_labels": CLASSES}},
        boxes={"guess": {"box_data": boxes, "class_labels": CLASSES}},
    )


def sound(number, seconds=2):
    """A tone that rises, louder and louder."""
    times = np.linspace(0, seconds, 8000 * seconds)
    tone = np.sin(2 * math.pi * (300 + 300 * number + 300 * times) * times)
    return wandb.Audio(tone * times / seconds, sample_rate=8000, caption=f"tone {number}")


def cloud(rng):
    """Points of three categories, each around a middle of its own."""
    parts = [rng.normal(2 * kind, 0.5, (200, 3)) for kind in range(3)]
    rows = [np.column_stack([part, np.full(200, kind + 1)]) for kind, part in enumerate(parts)]
    return wandb.Object3D(np.concatenate(rows))


def graph():
    drawn = wandb.Graph()
    nodes = [
        drawn.add_node(id=name, name=name, class_name=kind, num_parameters=size, output_shape=[8])
        for name, kind, size in (("in", "Input", 0), ("mid", "Dense", 72), ("out", "Dense", 9))
    ]
    for first, second in pairwise(nodes):
        drawn.add_edge(first, second)
    return drawn


def figure():
    from bokeh.plotting import figure as new_figure

    drawn = new_figure(title="Bokeh's own", width=400, height=300)
    drawn.line([1, 2, 3], [2, 5, 3])
    return drawn


def tables(run):
    """Log a joined table and one in parts, each in an artifact."""
    left = wandb.Table(columns=["id", "guess"], data=[[n, n * 2] for n in range(4)])
    right = wandb.Table(columns=["id", "truth"], data=[[n, n * n] for n in range(2, 6)])
    artifact = wandb.Artifact("made-of-others", type="tables")
    joined = wandb.JoinedTable(left, right, "id")
    artifact.add(joined, "both")
    for part in range(3):
        rows = [[part, n] for n in range(5)]
        artifact.add(wandb.Table(columns=["part", "n"], data=rows), f"parts/{part}")
    parted = wandb.data_types.PartitionedTable("parts")
    artifact.add(parted, "whole")
    run.log_artifact(artifact).wait()
    cell = wandb.Image(
        np.zeros((40, 60, 3), np.uint8),
        boxes={"guess": {"box_data": [box(0.1, 0.2, 0.5, 0.6, 2, 0.4)], "class_labels": CLASSES}},
    )
    cells = wandb.Table(columns=["picture"], data=[[cell]])
    run.log({"joined": joined, "parted": parted, "cells": cells})


def main(target):
    rng = np.random.default_rng(0)
    here = Path(__file__).parent
    with wandb.init(project="viewers", name="all viewers") as run:
        for step in STEPS:
            row = {
                "pictures": [picture(step, number) for number in range(3)],
                "one": picture(step, 0),
            }
            run.log(row, step=step)
        run.log({"late": wandb.Html("<p>late</p>")}, step=25)
        run.log(
            {
                "sounds": [sound(0), sound(1)],
                "film": wandb.Video(str(here / "clip.webm"), caption="film", format="webm"),
                "clouds": [cloud(rng), cloud(rng)],
                "graph": graph(),
                "bokeh": figure(),
            },
            step=30,
        )
        tables(run)
        # More keys than a page of them has.
        run.log({f"many/{n}": wandb.Html(f"<p>{n}</p>") for n in range(KEYS)})
        Path(target).write_text(json.dumps(run.id))


main(sys.argv[1])
