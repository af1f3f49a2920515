"""Log one of each kind of media, and what a page must not fall for; write down the run's id."""

import json
import math
import sys

import numpy as np
import plotly.graph_objects as go
from PIL import Image as Picture

import wandb

CLASSES = {1: "road", 2: "car"}
ETHANOL = """9
ethanol
C -0.748 0.015 0.024
C 0.558 0.420 -0.278
O 1.562 -0.381 0.290
H -1.293 -0.202 -0.901
H -1.263 0.754 0.600
H -0.699 -0.934 0.609
H 0.716 1.404 0.137
H 0.653 0.446 -1.362
H 1.479 -0.445 1.250
"""
PDB = "\n".join(
    f"HETATM{i + 1:5d}  C   LIG A   1    {float(line[1]):8.3f}{float(line[2]):8.3f}"
    f"{float(line[3]):8.3f}  1.00  0.00           {line[0]}"
    for i, line in enumerate(row.split() for row in ETHANOL.splitlines()[2:])
)
HOSTILE = """<script>
try { parent.document.title = 'owned'; } catch (e) { document.title = 'refused'; }
fetch('/api/v1/me').then(() => parent.postMessage({failed: 'stolen'}, '*'), () => 0);
const image = new Image(); image.src = 'http://evil.example/x.png'; document.append
top.location = 'http://evil.example/';
</script><p>hostile document</p>"""
ROWS = 12_180
ERRORS = 224


def image(step, number):
    y, x = np.mgrid[0:48, 0:64]
    pixels = np.stack([x * 4, y * 5, (x + y) * 2 + step * 20], -1).astype(np.uint8)
    mask = np.zeros((48, 64), np.uint8)
    mask[30:] = 1
    mask[20:35, 10 + step : 30 + step] = 2
    box = {
        "position": {"minX": 0.2, "maxX": 0.5, "minY": 0.4, "maxY": 0.7},
        "class_id": 2,
        "box_caption": "car",
        "scores": {"sure": 0.9},
    }
    return wandb.Image(
        pixels,
        caption=f"sample {number} at {step}",
        masks={"truth": {"mask_data": mask, "class_labels": CLASSES}},
        boxes={"guess": {"box_data": [box], "class_labels": CLASSES}},
    )


def sound(step):
    times = np.linspace(0, 0.5, 4000)
    return wandb.Audio(np.sin(2 * math.pi * 220 * (step + 1) * times), sample_rate=8000)


def film():
    rng = np.random.default_rng(0)
    first, *rest = [
        Picture.fromarray(rng.integers(0, 255, (24, 32, 3), np.uint8)) for _ in range(4)
    ]
    first.save("film.gif", save_all=True, append_images=rest, duration=100, loop=0)
    return wandb.Video("film.gif", caption="noise", format="gif")


def molecule():
    with open("ethanol.pdb", "w") as file:
        file.write(PDB + "\nEND\n")
    return wandb.Molecule("ethanol.pdb", caption="ethanol")


def predictions():
    rng = np.random.default_rng(1)
    wrong = np.zeros(ROWS, bool)
    wrong[rng.permutation(ROWS)[:ERRORS]] = True
    rows = [
        [n, f"a text of row {n}", "abc"[n % 3], float(rng.normal()), bool(wrong[n])]
        for n in range(ROWS)
    ]
    wandb.Table.MAX_ROWS = 2 * ROWS
    return wandb.Table(columns=["id", "text", "label", "score", "Is Error"], data=rows)


def main(target):
    rng = np.random.default_rng(2)
    with wandb.init(project="media", name="one of each") as run:
        for step in range(4):
            run.log(
                {
                    "loss": 1 / (step + 1),
                    "one": image(step, 0),
                    "eval/examples": [image(step, number) for number in range(3)],
                    "weights": wandb.Histogram(rng.normal(step, 1, 500)),
                    "tone": sound(step),
                    "page": wandb.Html(f"<h1>Step {step}</h1>"),
                }
            )
        points = rng.normal(0, 1, (500, 3))
        run.log(
            {
                "cloud": wandb.Object3D(points),
                "film": film(),
                "ethanol": molecule(),
                "figure": go.Figure(go.Scatter(x=[1, 2, 3], y=[3, 1, 2])),
                "predictions": predictions(),
                "gallery": wandb.Table(
                    columns=["n", "picture", "even"],
                    data=[[n, image(0, n), n % 2 == 0] for n in range(5)],
                ),
                "hostile": wandb.Html(HOSTILE, inject=False),
                "n" * 150 + "/" + "over long " * 6: image(0, 1),
                "<img src=x onerror=window.__owned=1>": wandb.Table(
                    columns=["<b>x</b>", "__proto__"],
                    data=[["<script>window.__owned=1</script>", float("nan")]],
                ),
            }
        )
        line = wandb.Table(columns=["x", "y"], data=[[n, n * n] for n in range(9)])
        run.log({"parabola": wandb.plot.line(line, "x", "y", title="A parabola")})
        with open(target, "w") as file:
            json.dump(run.id, file)


main(sys.argv[1])
