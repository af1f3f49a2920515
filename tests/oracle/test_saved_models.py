"""Models of libraries that only some interpreters have, kept as values and read again."""

from dataclasses import replace
from pathlib import Path

import pytest

from oracle.harness import our_client, our_client_with_torch, released_client, run_script

SINK = """
import pathlib, sys
from wandb.data_types import _SavedModel

class Folder:
    in_artifact = True

    def keep(self, content, *, kind, name):
        content.write_to(f"kept{content.extension}")
        return {"path": f"kept{content.extension}"}

    def fetch(self, path):
        return path
"""
TORCH = f"""{SINK}
import torch

class Halving(torch.nn.Module):
    # Of the script itself: only pickling by value can keep it.
    def forward(self, numbers):
        return numbers / 2

value = _SavedModel.init(torch.nn.Sequential(torch.nn.Identity(), Halving()))
wire = value.to_wire(Folder(), name="m")
again = type(value).from_wire(wire, Folder())
print(wire["_type"], wire["path"], again.model_obj()(torch.tensor([4.0])).tolist())
print(_SavedModel.init("kept.pt").model_obj()(torch.tensor([6.0])).tolist())
try:
    _SavedModel.init(torch.tensor([1.0]))
except ValueError as err:
    print(err)
"""
TRAINED = """
from sklearn.linear_model import LinearRegression
model = LinearRegression().fit([[0.0], [1.0]], [1.0, 3.0])
"""
# 0.21.3's own way to a file, without an artifact and a server.
THEIRS = f"""
from wandb.data_types import _SavedModel
{TRAINED}
import shutil
shutil.copy(_SavedModel.init(model)._path, "model.pkl")
"""
OURS = f"""{SINK}
{TRAINED}
wire = _SavedModel.init(model).to_wire(Folder(), name="m")
for path in (wire["path"], sys.argv[1]):
    print(wire["_type"], _SavedModel.init(path).model_obj().predict([[2.0]]).round(6).tolist())
"""


def test_model_of_torch_is_kept_and_runs_again(tmp_path):
    cloudpickle = pytest.importorskip("cloudpickle")
    packages = tmp_path / "packages"
    packages.mkdir()
    # The interpreter that has PyTorch has no more than that.
    (packages / "cloudpickle").symlink_to(Path(cloudpickle.__file__).parent)
    client = our_client_with_torch()
    path = {"PYTHONPATH": f"{client.import_path}:{packages}"}

    done = run_script(client, tmp_path, TORCH, environment=path)

    assert done.exit_code == 0, done.stderr
    first, second, refused = done.stdout.splitlines()
    assert first == "pytorch-model-file kept.pt [2.0]"
    assert second == "[3.0]"
    assert "Tensor is no model of a known library" in refused


@pytest.mark.released
def test_model_that_the_released_client_kept_is_read(tmp_path):
    theirs = released_client("0.21.3-sklearn")
    ours = replace(our_client(), interpreter=theirs.interpreter)
    (tmp_path / "theirs").mkdir()

    made = run_script(theirs, tmp_path / "theirs", THEIRS)
    assert made.exit_code == 0, made.stderr
    path = str(tmp_path / "theirs" / "model.pkl")
    done = run_script(ours, tmp_path, OURS, arguments=[path])

    assert done.exit_code == 0, done.stderr
    assert done.stdout.splitlines() == ["sklearn-model-file [5.0]"] * 2
