"""A face: what a disabled run is made of, and smaller things below.

Homes: `wandb._run.disabled`, `wandb._run.summary`.
"""

from wandb._run.disabled import RunDisabled as RunDisabled
from wandb._run.summary import SummaryDisabled as SummaryDisabled

__all__ = ("RunDisabled", "SummaryDisabled")
