"""Faces of the original's `wandb.sdk.lib`; what a disabled run is made of is asked for here.

Homes: `wandb._run.disabled`, `wandb._run.summary`, and those that the modules below name.
"""

from wandb._base.lazy import lazy_attributes

__all__ = ("RunDisabled", "SummaryDisabled")

_MODULES = (
    "apikey",
    "config_util",
    "deprecate",
    "disabled",
    "filenames",
    "filesystem",
    "hashutil",
    "ipython",
    "json_util",
    "paths",
    "preinit",
    "run_moment",
    "runid",
    "server",
    "telemetry",
)
_NAMES = {
    "RunDisabled": "wandb._run.disabled:RunDisabled",
    "RunMoment": "wandb._settings.moment:RunMoment",
    "SummaryDisabled": "wandb._run.summary:SummaryDisabled",
}

__getattr__ = lazy_attributes(
    globals(), {**{name: f"wandb.sdk.lib.{name}" for name in _MODULES}, **_NAMES}
)
