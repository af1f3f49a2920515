"""Start a module of the client's, which the server does not import, in a process of its own."""

import os
import sys
from pathlib import Path

PACKAGES = str(Path(__file__).resolve().parents[2])
# Our packages come before those of others, and after Python's own.
BOOTSTRAP = """
import sys
packages, *sys.argv = sys.argv[1:]
if packages not in sys.path:
    others = [p.endswith(("site-packages", "dist-packages")) for p in sys.path] + [True]
    sys.path.insert(others.index(True), packages)
import runpy
runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
"""
# What is meant for scripts that log.
PRIVATE = ("WANDB_", "FERRULE_SERVICE", "FERRULE_RUNS", "PYTHONINSPECT", "PYTHONSTARTUP")


def command(module: str) -> list[str]:
    """Return the command that runs a module as `python -m` does; give it a folder of our own."""
    return [sys.executable, "-c", BOOTSTRAP, PACKAGES, module]


def environment() -> dict[str, str]:
    """Return the environment for it."""
    return {name: value for name, value in os.environ.items() if not name.startswith(PRIVATE)}
