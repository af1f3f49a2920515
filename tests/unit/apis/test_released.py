"""A run folder of the released client reads with ours."""

import os
import subprocess
from importlib import util
from pathlib import Path

import pytest

from wandb.apis.public import Api

ROOT = Path(__file__).resolve().parents[3]

SCRIPT = """
import wandb

run = wandb.init(
    project="p1", id="r1", mode="offline", group="g", job_type="j", tags=["a"], notes="old",
    config={"lr": 0.1, "model": {"depth": 2}},
)
run.name, run.notes, run.tags = "brisk-owl-1", "new", ("a", "b")
run.config.update({"model": {"width": 8}}, allow_val_change=True)
run.define_metric("acc", summary="max")
for step in range(7):
    run.log({"loss": 1 / (step + 1), "acc": step % 3, "val": {"top": {"one": step}}})
run.log({"bad": float("nan")})
print("hello")
run.summary["best"] = {"step": 3}
run.finish(exit_code=4)
"""


def interpreter(version):
    spec = util.spec_from_file_location("released", ROOT / "tools" / "released_clients.py")
    tool = util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    try:
        return tool.ensure(version)
    except subprocess.CalledProcessError:
        missing = f"wandb=={version} is missing: run `python tools/released_clients.py` online"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(missing)


@pytest.mark.released
@pytest.mark.timeout(600)  # the environment may have to be made
@pytest.mark.parametrize("version", ["0.21.3", "0.31.0"])
def test_run_of_the_released_client_reads_whole(tmp_path, version):
    env = {key: value for key, value in os.environ.items() if not key.startswith("WANDB_")}
    env |= {"WANDB_SILENT": "true", "HOME": str(tmp_path), "WANDB_ERROR_REPORTING": "false"}
    command = [interpreter(version), "-W", "ignore", "-c", SCRIPT]
    subprocess.run(command, cwd=tmp_path, env=env, check=True)

    run = Api(tmp_path / "wandb").run("p1/r1")

    assert (run.state, run.exit_code, run.lastHistoryStep) == ("failed", 4, 7)
    assert (run.name, run.notes, run.tags) == ("brisk-owl-1", "new", ["a", "b"])
    assert (run.group, run.job_type) == ("g", "j")
    assert run.config == {"lr": 0.1, "model": {"depth": 2, "width": 8}}
    rows = list(run.scan_history(keys=["_step", "loss", "acc", "val.top.one"]))
    assert rows == [
        {"_step": step, "loss": 1 / (step + 1), "acc": step % 3, "val.top.one": step}
        for step in range(7)
    ]
    (bad,) = run.scan_history(keys=["bad"])
    assert bad["bad"] != bad["bad"]
    assert run.summary["acc"] == {"max": 2}
    assert (run.summary["val"]["top"]["one"], run.summary["best"]["step"]) == (6, 3)
    assert "hello" in [line.content for line in run.console_logs()]
    assert run.metadata["os"].startswith("Linux")
