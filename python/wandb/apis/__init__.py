"""Programs' way to runs that were logged: `wandb.apis.public`."""

from wandb.apis.public import Api as PublicApi

__all__ = ["PublicApi"]
