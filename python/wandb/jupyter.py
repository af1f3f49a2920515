"""A face: what a notebook has of runs. Homes: `wandb._run.magics`, `wandb._run.notebook`."""

from wandb._run.magics import display_if_magic_is_used as display_if_magic_is_used
from wandb._run.notebook import CellHooks as CellHooks
from wandb._run.notebook import show_html as show_html

__all__ = ("CellHooks", "display_if_magic_is_used", "show_html")
