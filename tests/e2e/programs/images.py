"""Log many images to a server, and tell what that took: memory, and files that are left.

python images.py TARGET COUNT
"""

import json
import sys
from pathlib import Path

import numpy as np

import wandb

WARM_UP = 100


def resident_mib():
    """Return the memory that this process has in place."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def pixels(number):
    """Make the image of a number, which is like no other's."""
    return np.random.default_rng(number).integers(0, 256, (32, 32, 3), dtype=np.uint8)


def main(target, count):
    with wandb.init(project="images", settings={"finish_timeout": 600}) as run:
        for number in range(count):
            if number == WARM_UP:
                before = resident_mib()
            run.log({"image": wandb.Image(pixels(number))})
        grown = resident_mib() - before
    left = [path for path in Path(run.dir).parent.rglob("*") if path.is_file()]
    told = {"path": run.path, "grown_mib": grown, "left": len(left)}
    Path(target).write_text(json.dumps(told))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
