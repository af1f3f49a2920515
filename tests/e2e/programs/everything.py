"""Log everything a run can hold: the same script under every client.

    python everything.py TARGET [EXIT_CODE]

TARGET gets what was logged, as JSON with NaN and infinities; the run's exit code is the second
argument.
"""

import json
import math
import sys

import wandb

ROWS = 1000
EXACT = 2**53 + 1


def row(number: int) -> dict:
    """Make one row; each kind of value comes at some of the steps."""
    values = {"loss": 1 / (number + 1), "count": number, "größe/日本": number * 0.1}
    if number % 3 == 0:
        values["nested"] = {"a": number, "b": {"c": -number / 7}, "b.c": "dotted"}
    if number % 5 == 0:
        values["odd"] = [math.nan, math.inf, -math.inf, -0.0, 1e-300, 1e300][number // 5 % 6]
    if number % 7 == 0:
        values["exact"] = EXACT + number
        values["least"] = -(2**63) + number
    if number % 11 == 0:
        values |= {"text": f'line {number}\n"quoted" ☃ \U0001f600', "none": None}
        values |= {"flag": number % 2 == 0, "list": [1, 2.5, "three", None], "a.b": number}
    if number % 13 == 0:
        values["val/accuracy"] = math.sin(number)
        values["epoch"] = number // 13
    return values


def main(target: str, exit_code: int) -> None:
    """Log, and write down what was logged."""
    config = {"lr": 0.1, "layers": [1, 2, 3], "nested": {"x": 1, "name": "ünïcode"}, "big": EXACT}
    run = wandb.init(
        project="everything",
        name="all of it",
        notes="first notes",
        tags=["one", "two"],
        group="a group",
        job_type="test",
        config=config,
    )
    run.define_metric("epoch", hidden=True)
    run.define_metric("val/*", step_metric="epoch", summary="max")
    run.define_metric("loss", summary="min,last")
    logged = []
    for number in range(ROWS):
        values = row(number)
        if number % 10 == 9:
            # Two calls for one step, the first of them partial.
            first = {"part": number}
            run.log(first, step=number * 2)
            run.log(values, step=number * 2)
            values = first | values
        else:
            run.log(values, step=number * 2)
        logged.append({"_step": number * 2, **values})
        if number % 100 == 0:
            print(f"row {number}")
    run.config.update({"late": {"deep": [True, None]}, "lr2": 1e-5})
    run.summary["best"] = 0.25
    run.summary["info"] = {"inner": {"x": 1}}
    run.tags = (*run.tags, "three")
    run.notes = "last notes"
    print("to stderr", file=sys.stderr)
    print("fortschritt ☃ 日本")
    facts = {"id": run.id, "entity": run.entity, "project": run.project, "rows": logged}
    with open(target, "w") as file:
        json.dump(facts, file)
    run.finish(exit_code=exit_code)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 0)
