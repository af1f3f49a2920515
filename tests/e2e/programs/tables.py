"""Save tables as files of others, log lists of several types and a chart of many rows."""

import json
import shutil
import sys

import numpy as np

import wandb

POINTS = 12_345

with wandb.init(project="tables", id="files") as run:
    for source in sys.argv[2:]:
        shutil.copy(source, ".")
    with open("rows.csv", "w") as file:
        file.write("name,score\nfirst,1.5\nsecond,2.5\n")
    with open("broken.parquet", "w") as file:
        file.write("PAR1 is all there is of it PAR1")
    run.save("*.parquet")
    run.save("rows.csv")
    artifact = wandb.Artifact("rows", "dataset")
    artifact.add_file("rows.csv")
    run.log_artifact(artifact).wait()
    pixels = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
    pairs = wandb.Table(columns=["a", "b"], data=[[1, "one"], [2, "two"]])
    single = wandb.Table(columns=["c"], data=[["alone"]])
    heights = wandb.Histogram(np_histogram=([3, 5, 2], [0, 1, 2, 3]))
    run.log(
        {
            "mixed": [
                wandb.Image(pixels, caption="a gradient"),
                wandb.Html("<h2>A heading</h2>"),
                heights,
                5,
            ],
            "pair of tables": [pairs, single],
            "numbers": [1, 2, 3],
        }
    )
    points = wandb.Table(columns=["x", "y"], data=[[n, n % 97] for n in range(POINTS)])
    run.log({"cloud": wandb.plot.scatter(points, "x", "y", title="Many points")})
    with open(sys.argv[1], "w") as file:
        json.dump(run.id, file)
