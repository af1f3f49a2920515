"""A face: summaries. Homes: `wandb._run.summary`, `wandb.apis.public.summary`."""

from wandb._run.summary import Summary as Summary
from wandb.apis.public.summary import HTTPSummary as HTTPSummary
from wandb.apis.public.summary import SummarySubDict as SummarySubDict

__all__ = ("HTTPSummary", "Summary", "SummarySubDict")
