"""Faces of the original's `wandb.sdk`: old import paths to what lives elsewhere."""

from wandb._base.lazy import lazy_attributes

_MODULES = (
    "data_types",
    "artifacts",
    "interface",
    "internal",
    "lib",
    "wandb_alerts",
    "wandb_config",
    "wandb_helper",
    "wandb_init",
    "wandb_login",
    "wandb_metric",
    "wandb_require",
    "wandb_run",
    "wandb_settings",
    "wandb_setup",
    "wandb_summary",
    "wandb_watch",
)
_NAMES = {
    "AlertLevel": "wandb._run.alerts:AlertLevel",
    "Artifact": "wandb._run.artifacts:Artifact",
    "Config": "wandb._run.config:Config",
    "Settings": "wandb._settings.settings:Settings",
    "Summary": "wandb._run.summary:Summary",
    "finish": "wandb._run.ending:finish",
    "helper": "wandb.sdk.wandb_helper",
    "init": "wandb._run.init:init",
    "login": "wandb._run.login:login",
    "require": "wandb._base.require:require",
    "setup": "wandb._run.session:setup",
    "teardown": "wandb._run.session:teardown",
}

# `wandb.sdk.wandb_run` must be there after `import wandb`, without having been loaded by it.
__getattr__ = lazy_attributes(
    globals(), {**{name: f"wandb.sdk.{name}" for name in _MODULES}, **_NAMES}
)
