"""The run that does nothing: no disk, no threads, and the members of any other."""

import os
from collections.abc import Mapping
from typing import Any

from wandb._base.ids import generate_id
from wandb._run.run import Run
from wandb._run.session import session
from wandb._run.summary import SummaryDisabled
from wandb._run.writer import SilentWriter
from wandb._settings.settings import Settings


class RunDisabled:
    """A class that third-party code asks about with `isinstance`; nothing makes one."""

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(name)


def disabled_run(config: Mapping[str, Any]) -> Run:
    """Make a run that keeps its config and its last values in memory and nothing else."""
    run_id, folder = generate_id(), temporary_folder()
    settings = Settings(
        mode="disabled",
        run_id=run_id,
        run_name=f"dummy-{run_id}",
        project="dummy",
        entity="dummy",
        root_dir=folder,
        x_files_dir=folder,
    )
    run = Run(settings, config=config)
    summary = SummaryDisabled()
    run._use(SilentWriter(summary))
    run.summary = summary
    session.globals.show(run)
    return run


def temporary_folder() -> str:
    """Return the system's folder for temporary files, without writing to it to find out."""
    for name in ("TMPDIR", "TEMP", "TMP"):
        folder = os.environ.get(name)
        if folder and os.path.isdir(folder):
            return folder
    return "/tmp"
