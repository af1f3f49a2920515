"""What is tracked can be read by a person, and names no machine but the reader's."""

import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# A reader should hold a file in one sitting; Rust keeps a file's unit tests inside it.
LINES = {".py": 500, ".rs": 700}

# These are tables or faces: words, not logic.
LONG_FILES = {
    "python/wandb/_run/run.py": "every documented member with its docstring",
    "python/wandb/_settings/fields.py": "the table of settings",
}

# Paths that only one machine has, and hosts that only a lock file may name.
FOREIGN = re.compile(
    r"/(?:work|root)/|/tmp/[e]nvs|pypi[.]org|pythonhosted[.]org|crates[.]io(?!-index)|npmjs[.]org"
)

VAGUE_NAMES = {"utils", "helpers", "common", "manager", "misc"}


@cache
def tracked():
    told = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, stdout=subprocess.PIPE)
    names = [name for name in told.stdout.decode().split("\0") if name]
    # A file that was removed and not yet committed is listed all the same.
    return [name for name in names if (ROOT / name).is_file()]


def texts():
    return ((name, (ROOT / name).read_text(errors="replace")) for name in tracked())


def test_no_tracked_file_names_a_machines_path_or_a_registrys_host():
    offenders = [
        f"{name}:{number}: {line.strip()}"
        for name, text in texts()
        for number, line in enumerate(text.splitlines(), 1)
        if FOREIGN.search(line)
    ]

    assert offenders == []


@pytest.mark.parametrize("name", ["/wo" + "rk/main", "pypi" + ".org", "crates" + ".io"])
def test_foreign_names_are_recognised(name):
    assert FOREIGN.search(f"see {name} for more")


def test_source_files_can_be_read_in_one_sitting():
    offenders = {
        name: lines
        for name, text in texts()
        if Path(name).suffix in LINES
        and name not in LONG_FILES
        and (lines := text.count("\n")) > LINES[Path(name).suffix]
    }

    assert offenders == {}


def test_file_names_say_what_is_inside():
    assert [name for name in tracked() if Path(name).stem in VAGUE_NAMES] == []


def test_changes_are_named_by_issue_and_kind():
    named = re.compile(r"\.changes/\d+\.(?:feature|fix|perf|docs|removal)\.md")
    changes = [name for name in tracked() if name.startswith(".changes/")]

    assert changes
    assert [name for name in changes if not named.fullmatch(name)] == []


def test_nothing_generated_is_tracked():
    generated = re.compile(r"\.(?:so|pyc|whl)$|(?:^|/)(?:target|\.venv|__pycache__|wandb/offline-)")
    assert [name for name in tracked() if generated.search(name)] == []
