"""The same in IPython's terminal, where cells are lines."""

import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "python"
pytestmark = pytest.mark.timeout(120)


@pytest.fixture
def ipython(tmp_path):
    """Run lines in IPython, and return what it printed."""

    def run(*lines):
        done = subprocess.run(
            [sys.executable, "-m", "IPython", "--simple-prompt", "--colors=NoColor", "--quick"],
            input="\n".join([*lines, "exit"]) + "\n",
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env={
                "PATH": "/usr/bin:/bin",
                "HOME": str(tmp_path),
                "IPYTHONDIR": str(tmp_path / "ipython"),
                "PYTHONPATH": str(SOURCE),
                "WANDB_MODE": "offline",
                "TERM": "dumb",
            },
        )
        assert done.returncode == 0, done.stderr
        return done.stdout, done.stderr

    return run


def test_a_new_run_ends_the_one_before_and_lines_are_text(ipython):
    stdout, stderr = ipython(
        "import wandb",
        "a = wandb.init()",
        "a.log({'x': 1})",
        "b = wandb.init()",
        "print('ended', a._is_finished, a.display())",
        "s = b.settings",
        "print('where', s._ipython, s._jupyter, s._notebook)",
    )

    assert "ended True False" in stdout
    assert "where True False True" in stdout
    assert stderr.count("kept offline in") == 2
    assert "<" not in stderr


def test_the_extension_can_be_loaded_by_name(ipython):
    stdout, _ = ipython(
        "%load_ext wandb",
        "print('known', 'wandb' in get_ipython().magics_manager.magics['line'])",
    )

    assert "known True" in stdout
