"""Faces of the original's `wandb.sdk`: old import paths to what lives elsewhere."""

from wandb._base.lazy import lazy_attributes

_MODULES = (
    "lib",
    "wandb_alerts",
    "wandb_config",
    "wandb_init",
    "wandb_metric",
    "wandb_run",
    "wandb_settings",
    "wandb_setup",
    "wandb_summary",
)

# `wandb.sdk.wandb_run` must be there after `import wandb`, without having been loaded by it.
__getattr__ = lazy_attributes(globals(), {name: f"wandb.sdk.{name}" for name in _MODULES})
