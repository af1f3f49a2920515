"""Read what was logged: `Api` finds runs, a `Run` gives its config, summary, history and files."""

from wandb.apis.public.api import Api
from wandb.apis.public.artifacts import ArtifactFiles
from wandb.apis.public.console import ConsoleLogLine, ConsoleLogs
from wandb.apis.public.files import File, Files
from wandb.apis.public.history import HistoryScan
from wandb.apis.public.runs import Run, Runs

__all__ = [
    "Api",
    "ArtifactFiles",
    "ConsoleLogLine",
    "ConsoleLogs",
    "File",
    "Files",
    "HistoryScan",
    "Run",
    "Runs",
]
