"""The names of the package that follow the current run: `wandb.run`, `wandb.log`, …

They are real globals of the package, written into its namespace: reading them is a dict look-up,
and `from wandb import log` before `init` keeps the placeholder, as in the original.
"""

from collections.abc import Callable
from typing import Any

from wandb._run.later import METHODS as LATER_METHODS
from wandb.errors import Error

# Methods of a run that are functions of the package while there is a run.
_OWN = (
    "alert",
    "define_metric",
    "log",
    "log_artifact",
    "mark_preempting",
    "save",
    "unwatch",
    "use_artifact",
    "watch",
)
METHODS = (*_OWN, *LATER_METHODS)


def _too_early(call: str) -> Error:
    return Error(f"call wandb.init() before {call}; nothing was kept")


class BeforeInit:
    """Stands in for `wandb.config` and `wandb.summary` while there is no run."""

    def __init__(self, name: str, destination: Any = None) -> None:
        object.__setattr__(self, "_name", name)

    def __getattr__(self, key: str) -> Any:
        if key.startswith("__"):  # protocols that Python looks for
            raise AttributeError(key)
        raise _too_early(f"{self._name}.{key}")

    def __setattr__(self, key: str, value: Any) -> None:
        raise _too_early(f"{self._name}.{key}")

    def __getitem__(self, key: Any) -> Any:
        raise _too_early(f"{self._name}[{key!r}]")

    def __setitem__(self, key: Any, value: Any) -> None:
        raise _too_early(f"{self._name}[{key!r}]")

    def __contains__(self, key: object) -> bool:
        raise _too_early(f"`in {self._name}`")

    def __repr__(self) -> str:
        return f"<{self._name}, before wandb.init()>"


class BeforeInitCall:
    """Stands in for a function of the package that is a method of the run while there is one.

    It has the method's signature and words, so that `help(wandb.log)` answers at any time.
    """

    def __init__(self, name: str, destination: Callable[..., Any] | None = None) -> None:
        self.__name__ = self.__qualname__ = name
        self._call = name if "." in name else f"wandb.{name}"
        self._destination = destination

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        raise _too_early(f"{self._call}()")

    @property
    def __wrapped__(self) -> Callable[..., Any]:
        """The method that it will be; loaded when somebody looks."""
        if self._destination is None:
            from wandb._run.run import Run

            return getattr(Run, self.__name__)  # type: ignore[no-any-return]
        return self._destination

    @property
    def __doc__(self) -> str | None:  # type: ignore[override]
        return f"{self.__wrapped__.__doc__}\n\n`wandb.init()` comes first."

    def __repr__(self) -> str:
        return f"<{self._call}, before wandb.init()>"


class Globals:
    """The package's namespace, as far as it follows the current run."""

    def __init__(self) -> None:
        self._namespace: dict[str, Any] = {}
        self._placeholders = {
            "run": None,
            "config": BeforeInit("wandb.config"),
            "summary": BeforeInit("wandb.summary"),
            **{name: BeforeInitCall(name) for name in METHODS},
        }

    def use(self, namespace: dict[str, Any]) -> None:
        """Write into this namespace from now on."""
        self._namespace = namespace
        self.clear()

    def show(self, run: Any) -> None:
        """Let the names stand for a run."""
        shown = {name: getattr(run, name) for name in METHODS}
        self._namespace.update(run=run, config=run.config, summary=run.summary, **shown)

    def clear(self) -> None:
        """Put the placeholders back."""
        self._namespace.update(self._placeholders)

    @property
    def run(self) -> Any:
        """The run that the names stand for, or None."""
        return self._namespace.get("run")


# The names of both in the original, for code that makes its own.
PreInitObject = BeforeInit
PreInitCallable = BeforeInitCall
