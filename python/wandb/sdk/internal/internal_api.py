"""A face: the older client's `Api`. Home: `wandb.apis.internal_api`."""

from wandb.apis.internal_api import Api as Api

__all__ = ("Api",)
