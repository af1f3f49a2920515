"""A face: small helpers that people import. Homes: `wandb._base.ids`, `wandb._base.jsonable`."""

from wandb._base.ids import generate_id as generate_id
from wandb._base.jsonable import json_dumps_safer as json_dumps_safer

__all__ = ("generate_id", "json_dumps_safer")
