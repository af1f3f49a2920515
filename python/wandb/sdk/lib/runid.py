"""A face: random run ids. Home: `wandb._base.ids`."""

from wandb._base.ids import generate_id as generate_id

__all__ = ("generate_id",)
