"""A face: the summary of a run. Home: `wandb._run.summary`."""

from wandb._run.summary import Summary as Summary
from wandb._run.summary import SummaryDict as SummaryDict
from wandb._run.summary import SummarySubDict as SummarySubDict

__all__ = ("Summary", "SummaryDict", "SummarySubDict")
