"""Programs' way to runs that were logged: `wandb.apis.public`."""

from typing import TYPE_CHECKING

from wandb._base.lazy import lazy_attributes

if TYPE_CHECKING:
    from wandb.apis.internal import Api as InternalApi
    from wandb.apis.public import Api as PublicApi

__all__ = ("InternalApi", "PublicApi")

__getattr__ = lazy_attributes(
    globals(),
    {
        "InternalApi": "wandb.apis.internal:Api",
        "PublicApi": "wandb.apis.public:Api",
        "internal": "wandb.apis.internal",
        "public": "wandb.apis.public",
    },
)
