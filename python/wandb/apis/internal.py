"""The older client's `Api` under the path that most code knows."""

from __future__ import annotations

from typing import Any

from wandb.apis import internal_api

__all__ = ("Api", "InternalApi")

InternalApi = internal_api.Api


class Api(internal_api.Api):
    """What older code asks of `wandb.api`; see `wandb.apis.internal_api.Api` for the arguments."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
