"""Read the images of a run back, and compare the pixels of some with those that were logged.

python images_back.py PATH TARGET
"""

import json
import sys
from pathlib import Path

import numpy as np
from PIL import Image

import wandb
from images import pixels

EVERY = 50


def main(path, target):
    run = wandb.Api().run(path)
    rows = list(run.scan_history(keys=["_step", "image"]))
    wrong = []
    for row in rows[::EVERY]:
        run.file(row["image"]["path"]).download(root="back", replace=True).close()
        with Image.open(Path("back", row["image"]["path"])) as picture:
            if not np.array_equal(np.asarray(picture), pixels(row["_step"])):
                wrong.append(row["_step"])
    told = {
        "steps": [row["_step"] for row in rows],
        "paths": [row["image"]["path"] for row in rows],
        "wrong": wrong,
    }
    Path(target).write_text(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:])
