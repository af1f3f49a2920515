"""Log names, captions, labels, cells and titles with markup, and a page that attacks."""

import sys
from pathlib import Path

import numpy as np

import wandb

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from hostile_files import HTML, LONG, MARKUP

pixels = np.zeros((30, 40, 3), np.uint8)
mask = np.full((30, 40), 7, np.uint8)
box = {"position": {"minX": 0.1, "maxX": 0.5, "minY": 0.2, "maxY": 0.6}, "class_id": 1}
points = wandb.Table(columns=["x", "y"], data=[[n, n * n] for n in range(5)])
with wandb.init(project="hostile", id="ours", name=MARKUP, notes=MARKUP) as run:
    run.log(
        {
            "loss": 1,
            "picture": wandb.Image(
                pixels,
                caption=MARKUP,
                boxes={MARKUP: {"box_data": [box], "class_labels": {1: MARKUP}}},
                masks={MARKUP: {"mask_data": mask, "class_labels": {7: MARKUP}}},
            ),
            "page": wandb.Html(HTML, inject=False),
            "rows": wandb.Table(columns=[MARKUP, "text"], data=[[MARKUP, LONG]]),
            "line": wandb.plot.line(points, "x", "y", title=MARKUP),
            MARKUP: wandb.Html(MARKUP),
        }
    )
