"""Cells run by a real Jupyter kernel, as a notebook's page runs them."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import nbformat
import pytest
from jupyter_client.manager import KernelManager
from nbclient import NotebookClient

SOURCE = Path(__file__).resolve().parents[2] / "python"
sys.path.insert(0, str(SOURCE.parent / "tests"))

START = "import wandb\nrun = wandb.init(settings={'x_disable_stats': True})"


@dataclass(frozen=True)
class Ran:
    """What came of a notebook: its cells with their outputs, and the folder it ran in."""

    cells: list
    folder: Path

    def html(self, cell):
        """Return the HTML that a cell showed, in order."""
        shown = [output.get("data", {}) for output in self.cells[cell].outputs]
        return [data["text/html"] for data in shown if "text/html" in data]

    def text(self, cell, stream="stdout"):
        outputs = self.cells[cell].outputs
        return "".join(one["text"] for one in outputs if one.get("name") == stream)

    def error(self, cell):
        names = [one["ename"] for one in self.cells[cell].outputs if one.output_type == "error"]
        return names[0] if names else None

    @property
    def errors(self):
        return [cell.source for number, cell in enumerate(self.cells) if self.error(number)]


class OwnKernel(KernelManager):
    """Starts this interpreter, as a notebook server would; no kernel needs to be installed."""

    def __init__(self, **kwargs):
        runtime = Path(os.environ["JUPYTER_RUNTIME_DIR"])
        runtime.mkdir(exist_ok=True)
        super().__init__(connection_file=str(runtime / f"kernel-{uuid4()}.json"), **kwargs)

    def format_kernel_cmd(self, extra_arguments=None):
        return [sys.executable, "-m", "ipykernel_launcher", "-f", self.connection_file]


@pytest.fixture
def notebook(tmp_path, monkeypatch):
    """Run cells to their end, and return what they showed."""
    monkeypatch.setenv("PYTHONPATH", str(SOURCE))
    monkeypatch.setenv("WANDB_MODE", "offline")
    # Its own files belong into the test's folder, and debugging needs no port.
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("PYDEVD_DISABLE_FILE_VALIDATION", "1")

    def run(*cells, **environment):
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(one) for one in cells])
        os.makedirs(tmp_path / "work", exist_ok=True)
        client = NotebookClient(
            made,
            timeout=60,
            allow_errors=True,
            kernel_manager_class=OwnKernel,
            resources={"metadata": {"path": str(tmp_path / "work")}},
        )
        client.execute()
        return Ran(made.cells, tmp_path / "work")

    return run
