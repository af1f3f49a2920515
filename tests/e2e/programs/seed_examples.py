"""Play examples one after another, each with names and a folder of its own.

The file named by the first argument lists them: the `text`, what is `given` before it, the `folder`
that it finds itself in, and the `run` that it makes. `libraries` are where else to look for what
this interpreter does not have.
"""

import ast
import builtins
import functools
import json
import os
import sys
import traceback

import wandb

READERS_FOLDER = "/path/to/"
plain_open, plain_init = builtins.open, wandb.init


@functools.wraps(plain_open)
def open_readers_file(file, *words, **more):
    """Open what lies at the documents' `/path/to/` in the example's own folder."""
    if isinstance(file, str) and file.startswith(READERS_FOLDER):
        file = os.path.basename(file)
    return plain_open(file, *words, **more)


def init_of(run):
    """Return what starts a run of that id; the dots of `init(...)` are the reader's to fill."""

    @functools.wraps(plain_init)
    def init(*words, **more):
        return plain_init(*(word for word in words if word is not ...), id=run, **more)

    return init


def value_of(text, names):
    """Run a text; return what its last line gives, as a notebook would show it."""
    *before, last = ast.parse(text).body
    if not isinstance(last, ast.Expr):
        exec(compile(text, "example.py", "exec"), names)
        return None
    exec(compile(ast.Module(before, []), "example.py", "exec"), names)
    return eval(compile(ast.Expression(last.value), "example.py", "eval"), names)


def play(example):
    os.chdir(example["folder"])
    # A client reads its environment once a process.
    wandb.init = init_of(example["run"])
    names = {"__name__": "__main__"}
    exec(example["given"], names)
    value = value_of(example["text"], names)
    if isinstance(value, wandb.Histogram):
        with wandb.init() as run:
            run.log({"value": value})
    if wandb.run is not None:
        wandb.finish()


def error_of(example):
    try:
        play(example)
    except Exception:  # noqa: BLE001 - whatever it is, the other examples are played
        return traceback.format_exc()
    return None


def main(path):
    with open(path) as file:
        asked = json.load(file)
    sys.path += asked["libraries"]
    builtins.open = open_readers_file
    told = {name: error_of(example) for name, example in asked["examples"].items()}
    failed = {name: error for name, error in told.items() if error}
    with plain_open(asked["told"], "w") as file:
        json.dump(failed, file)


main(sys.argv[1])
