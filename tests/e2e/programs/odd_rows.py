"""Log, offline, what is hard to keep exact; the rows are known to the test."""

import wandb

NAN, INF = float("nan"), float("inf")
ROWS = [
    {"loss": 0.1 + 0.2, "nested": {"a": {"b": 1}, "list": [1, [2.5, None]]}},
    {"loss": NAN, "up": INF, "down": -INF},
    {"whole": 2**53 + 1, "huge": 2**63 - 1, "negative": -(2**62) - 1, "tiny": 5e-324},
    {"text": "snow ☃ \N{GRINNING FACE}\n", "schlüssel/ключ": "ä", "flag": True, "none": None},
    {"loss": -0.0, "count": 7},
]


def main() -> None:
    """Log five rows, then forty more."""
    config = {"lr": 1e-3, "big": 2**60 + 1, "model": {"depth": 2, "names": ["ä", "☃"]}}
    with wandb.init(
        project="odd",
        id="odd1",
        name="odd one",
        tags=["b", "a"],
        group="g",
        job_type="j",
        notes="n ☃",
        config=config,
        mode="offline",
    ) as run:
        for row in ROWS:
            run.log(row)
        for step in range(40):
            run.log({"step_only": step, "far": step / 3}, step=1000 + 10 * step)
        run.summary["best"] = {"loss": NAN, "at": 2**60 + 1}
        print("printed ☃")


if __name__ == "__main__":
    main()
