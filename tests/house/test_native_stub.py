"""The stub of the extension says what the compiled module offers."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


# PyO3 lists the names by itself; the stub is that list.
EXCEPTIONS = r"wandb\._native\.__all__"


@pytest.mark.timeout(180)
def test_stub_agrees_with_the_compiled_module(tmp_path):
    allowed = tmp_path / "allowed"
    allowed.write_text(f"{EXCEPTIONS}\n")
    command = [sys.executable, "-m", "mypy.stubtest", "--concise", "wandb._native"]
    command += ["--mypy-config-file", str(ROOT / "pyproject.toml")]
    command += ["--allowlist", str(allowed)]
    env = {**os.environ, "MYPYPATH": str(ROOT / "python")}

    told = subprocess.run(command, cwd=ROOT, env=env, text=True, capture_output=True)

    assert (told.returncode, told.stdout, told.stderr) == (0, "", "")
