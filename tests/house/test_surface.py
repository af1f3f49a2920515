"""The public names of 0.21.3 are here, with their signatures, but for a list that only shrinks.

The customer's checker is run where it lies beside the repository. Where it does not, the names
and parameters in `surface.json` (its documented and integration entries) are looked up instead.
What belongs to later work stands in `surface_later.json`, by what it belongs to; whoever builds
a name takes it out there.
"""

import importlib
import inspect
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
SOURCE = HERE.parents[1] / "python"
CHECKER = HERE.parents[1].parent / "shared" / "compat" / "surface_check.py"
LATER = json.loads((HERE / "surface_later.json").read_text(encoding="utf-8"))
ALLOWED = {path for paths in LATER.values() for path in paths}
# Modules of which nothing is left for later.
WHOLE = (
    "wandb.Settings",
    "wandb.env",
    "wandb.errors",
    "wandb.old",
    "wandb.sdk.lib",
    "wandb.sdk.wandb_config",
    "wandb.sdk.wandb_helper",
    "wandb.sdk.wandb_init",
    "wandb.sdk.wandb_login",
    "wandb.sdk.wandb_metric",
    "wandb.sdk.wandb_require",
    "wandb.sdk.wandb_settings",
    "wandb.sdk.wandb_setup",
    "wandb.sdk.wandb_summary",
    "wandb.util",
    "<instance>",
)
PROBLEM = re.compile(r"\[(?:documented|integration)\] (?P<path>.*?): (?P<what>.*)")


def checked(folder):
    """Run the real checker; return what is wrong by path."""
    classes = ["--class", "documented", "--class", "integration"]
    done = subprocess.run(
        [sys.executable, CHECKER, "--all", *classes],
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert "TOTAL" in done.stdout, done.stderr
    found = map(PROBLEM.match, done.stdout.splitlines())
    return {match["path"]: match["what"] for match in found if match}


def looked_up():
    """Look up every name of the reduced list; return what is wrong by path."""
    rows = json.loads((HERE / "surface.json").read_text(encoding="utf-8"))
    wrong = ((path, problem_with(path, names)) for path, names in rows)
    return {path: what for path, what in wrong if what}


def problem_with(path, names):
    found = resolved(path)
    if found is None:
        return "missing"
    if not names or not callable(found):
        return None
    try:
        parameters = inspect.signature(found).parameters
    except (TypeError, ValueError):
        return None
    missing = [name for name in names if name not in (*parameters, "cls", "self")]
    return f"missing parameters {missing}" if missing else None


def resolved(path):
    parts = path.split(".")
    for length in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:length]))
        except (ImportError, AttributeError):
            continue
        for part in parts[length:]:
            fields = getattr(found, "model_fields", {}) if inspect.isclass(found) else {}
            found = fields.get(part, getattr(found, part, None))
            if found is None:
                break
        else:
            return found
    return None


@pytest.fixture(scope="module")
def problems(tmp_path_factory):
    return checked(tmp_path_factory.mktemp("surface")) if CHECKER.exists() else looked_up()


def test_every_name_is_here_or_on_the_list(problems):
    undeclared = {path: what for path, what in problems.items() if path not in ALLOWED}

    assert undeclared == {}


def test_list_holds_nothing_that_is_built(problems):
    if not CHECKER.exists():
        pytest.skip("only the real checker knows when a name is whole")
    assert sorted(ALLOWED - problems.keys()) == [], "run `python tools/surface_later.py`"


def test_rooms_that_are_whole_stay_so():
    assert [path for path in ALLOWED if path.startswith(WHOLE)] == []


def test_no_name_is_on_the_list_twice():
    listed = [path for paths in LATER.values() for path in paths]

    assert sorted(listed) == sorted(set(listed))


def test_reduced_list_is_looked_up_too():
    wrong = looked_up()

    # Reading a value of None is no proof of absence, and defaults are the real checker's to judge.
    none = {"wandb.run", "wandb.sdk.wandb_run.Run._backend"}
    assert {path: what for path, what in wrong.items() if path not in ALLOWED | none} == {}


def test_missing_name_and_parameter_are_seen():
    assert problem_with("wandb.sdk.nonsense", []) == "missing"
    assert problem_with("wandb.init", ["project", "nonsense"]) == "missing parameters ['nonsense']"
