"""What 0.21.3 has and this version of Ferrule has not: one table of methods, one of names."""

from collections.abc import Callable
from typing import Any

from wandb.errors import UnsupportedError

_HERE = (
    "This version logs values, config, summaries and console text; nothing was done. "
    "`wandb.init`, `run.log`, `run.config`, `run.summary` and `run.define_metric` are here."
)

# Methods of a run, and what they return in a disabled run, where everything is quietly nothing.
METHODS: dict[str, Any] = {
    "link_artifact": None,
    "link_model": None,
    "log_code": None,
    "log_model": None,
    "upsert_artifact": None,
    "finish_artifact": None,
    "use_model": None,
}

# Names of the package, by what they belong to; a name that gets built is taken out here.
_ARTIFACTS = ("ArtifactTTL",)
_SERVER = ("sagemaker_auth", "sync")
_SWEEPS = ("agent", "agents", "controller", "sweep", "wandb_agent", "wandb_controller")
_LEARNING = ("catboost", "gym", "keras", "lightgbm", "sacred", "sklearn", "xgboost")
_TENSORS = ("profiler", "tensorflow")
_PROGRAMS = ("automations", "docker")
NAMES = frozenset((*_ARTIFACTS, *_SERVER, *_SWEEPS, *_LEARNING, *_TENSORS, *_PROGRAMS))


class NotInThisVersion(UnsupportedError, AttributeError):
    """The name exists in 0.21.3 and is not built yet; an AttributeError, so `hasattr` answers."""

    def __init__(self, name: str) -> None:
        super().__init__(f"`{name}` is not in this version of Ferrule. {_HERE}")


class ChainableNoOp:
    """What `log_artifact` of a disabled run returns: any attribute and any call is itself again."""

    def __getattr__(self, name: str) -> "ChainableNoOp":
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __call__(self, *args: Any, **kwargs: Any) -> "ChainableNoOp":
        return self


def later(name: str) -> Callable[..., Any]:
    """Make a method of `Run` that says it is not built yet, or does nothing in a disabled run."""

    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        if self.disabled:
            return METHODS.get(name)
        self._refuse_if_finished(name)
        raise NotInThisVersion(f"Run.{name}")

    method.__name__ = name
    method.__qualname__ = f"Run.{name}"
    method.__doc__ = f"Not in this version of Ferrule: `{name}` of 0.21.3."
    return method
