"""Plays programs under whichever `wandb` this interpreter finds; runs outside the test process.

One JSON line in, one out. A request is `{"folder": …, "lines": […]}`; each line is a Python
statement or expression, run in one namespace per program. Only the public API is used.
"""

import json
import math
import os
import sys

PLAIN = (bool, int, float, str, bytes, type(None))

# What only costs time here; each is a public setting of the released client.
QUIET = {
    "silent": True,
    "console": "off",
    "disable_git": True,
    "disable_code": True,
    "x_disable_stats": True,
    "x_disable_meta": True,
    "x_disable_machine_info": True,
    "x_save_requirements": False,
}


def shown(value):
    """Return the `repr` of plain data that reads back as it was, else the name of its class."""
    if type(value) in PLAIN:
        return repr(value)
    if type(value) in (list, tuple) and all(shown(item)[0] != "<" for item in value):
        inner = ", ".join(shown(item) for item in value)
        return f"[{inner}]" if type(value) is list else f"({inner}{',' if inner else ''})"
    if type(value) is dict:
        parts = [(shown(key), shown(item)) for key, item in value.items()]
        if not any("<" in (key[0], item[0]) for key, item in parts):
            return "{" + ", ".join(f"{key}: {item}" for key, item in parts) + "}"
    return f"<{type(value).__name__}>"


def plain(value):
    """Return a nested mapping of the client's as dicts."""
    if hasattr(value, "keys"):
        return {key: plain(value[key]) for key in value.keys()}  # noqa: SIM118
    return value


def play_line(line, namespace):
    try:
        try:
            code = compile(line, "<program>", "eval")
        except SyntaxError:
            exec(compile(line, "<program>", "exec"), namespace)
            return {"value": "None"}
        return {"value": shown(eval(code, namespace))}
    except BaseException as err:  # noqa: BLE001 - what was raised is the answer
        lineage = [kind.__name__ for kind in type(err).__mro__]
        return {"error": lineage, "message": str(err)}


def play(wandb, numpy, folder, lines):
    created = []

    def init(**arguments):
        settings = {**QUIET, **arguments.pop("settings", {})}
        run = wandb.init(**{"mode": "offline", "dir": folder, "settings": settings, **arguments})
        created.append(run)
        return run

    namespace = {"wandb": wandb, "np": numpy, "math": math, "init": init}
    namespace.update(folder=folder, plain=plain)
    namespace.update(nan=math.nan, inf=math.inf)
    outcomes = [play_line(line, namespace) for line in lines]
    outcomes += [play_line("run.finish()", {"run": run}) for run in created[::-1]]
    return outcomes[: len(lines)]


def redirect(path):
    """Send everything printed to a file, at the level of file descriptors."""
    sys.stdout.flush()
    sys.stderr.flush()
    target = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(target, 1)
    os.dup2(target, 2)
    os.close(target)


def main():
    answers = os.fdopen(os.dup(1), "w")
    redirect(os.devnull)
    import numpy

    import wandb

    for request in sys.stdin:
        program = json.loads(request)
        os.chdir(program["folder"])
        terminal = os.path.join(program["folder"], "terminal.txt")
        redirect(terminal)
        outcomes = play(wandb, numpy, program["folder"], program["lines"])
        redirect(os.devnull)
        answers.write(json.dumps(outcomes) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
