"""A face: what runs the script. Home: `wandb._base.shell`."""

from wandb._base.shell import in_ipython as in_ipython
from wandb._base.shell import in_jupyter as in_jupyter
from wandb._base.shell import in_notebook as in_notebook
from wandb._base.shell import toggle_button as toggle_button

__all__ = ("in_ipython", "in_jupyter", "in_notebook", "toggle_button")
