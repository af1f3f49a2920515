"""Images of 256x256x3 bytes, made of arrays and logged (row 17)."""

import time
from pathlib import Path
from typing import Any

import meter

SIDE = 256
WARM_UP_IMAGES = 5


def measure(params: dict[str, Any]) -> meter.Metrics:
    import wandb

    run = wandb.init(project="bench", mode="offline")
    pictures = made(params["kind"], WARM_UP_IMAGES + params["images"])
    for pixels in pictures[:WARM_UP_IMAGES]:
        run.log({"image": wandb.Image(pixels)})
    took = []
    cpu, started = time.process_time(), time.perf_counter()
    for pixels in pictures[WARM_UP_IMAGES:]:
        began = time.perf_counter()
        run.log({"image": wandb.Image(pixels)})
        took.append((time.perf_counter() - began) * 1e6)
    cpu = time.process_time() - cpu
    run.finish()
    whole = time.perf_counter() - started
    files = list(Path().glob("wandb/*run-*/files/media/images/*.png"))
    if len(files) != len(pictures):
        raise SystemExit(f"{len(pictures)} images were logged and {len(files)} files are there")
    ordered = sorted(took)
    return {
        "images_per_s": params["images"] / whole,
        "call_p50_us": meter.percentile(ordered, 50),
        "call_p99_us": meter.percentile(ordered, 99),
        "cpu_us_per_image": cpu / params["images"] * 1e6,
        "file_bytes": sum(file.stat().st_size for file in files) / len(files),
    }


def made(kind: str, count: int) -> list[Any]:
    """Make images that differ: random ones, or slopes, as in most pictures."""
    import numpy as np

    random = np.random.default_rng(0)
    if kind == "noise":
        return [random.integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8) for _ in range(count)]
    rows, columns = np.mgrid[0:SIDE, 0:SIDE]
    slopes = (rows, columns, (rows + columns) // 2)
    return [
        np.stack([(slope + number) % 256 for slope in slopes], axis=-1).astype(np.uint8)
        for number in range(count)
    ]


if __name__ == "__main__":
    meter.main(measure)
