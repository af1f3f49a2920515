"""Other people's modules: looked for, loaded when first used, or waited for."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import LazyLoader, find_spec, module_from_spec
from types import ModuleType
from typing import Any

from wandb.errors import Error

__all__ = ("add_import_hook", "get_module", "get_optional_module", "import_module_lazy")

Hook = Callable[[ModuleType], None]


def get_module(name: str, required: str | bool | None = None, lazy: bool = True) -> Any:
    """Load a module that may not be installed.

    Args:
        name: The module.
        required: What to say if it is missing.
        lazy: Put its loading off until something of it is used.

    Returns:
        The module; None where it is missing and nobody requires it.

    Raises:
        Error: It is missing and required.
    """
    try:
        return import_module_lazy(name) if lazy else import_module(name)
    except ImportError as err:
        if required:
            raise Error(str(required)) from err
        return None


def get_optional_module(name: str) -> Any:
    """Load a module; None where it is missing."""
    return get_module(name)


def import_module_lazy(name: str) -> ModuleType:
    """Return a module that is loaded when something of it is first used.

    Raises:
        ModuleNotFoundError: There is no such module.
    """
    if name in sys.modules:
        return sys.modules[name]
    spec = find_spec(name)
    if spec is None or spec.loader is None:
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)
    spec.loader = LazyLoader(spec.loader)
    module = sys.modules[name] = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# --- waiting for an import --------------------------------------------------------------------


class _Telling(Loader):
    """Loads a module as its own loader does, then tells who waited for it."""

    def __init__(self, loader: Loader, hooks: Sequence[Hook]) -> None:
        self._loader, self._hooks = loader, hooks

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        self._loader.exec_module(module)
        for hook in self._hooks:
            hook(module)


class _Waiting(MetaPathFinder):
    """Finds nothing itself: it stands first to hear of the imports that hooks wait for."""

    def __init__(self) -> None:
        self.hooks: dict[str, list[Hook]] = {}

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        hooks = self.hooks.pop(fullname, None)
        if hooks is None:
            return None
        spec = find_spec(fullname)
        if spec is None or spec.loader is None:
            self.hooks[fullname] = hooks  # it may be installed later
            return spec
        spec.loader = _Telling(spec.loader, hooks)
        return spec


_waiting = _Waiting()


def add_import_hook(fullname: str, on_import: Hook) -> None:
    """Call a function when a module has been loaded; at once, if it is there already.

    Args:
        fullname: The module.
        on_import: Called once with the module.
    """
    if fullname in sys.modules:
        on_import(sys.modules[fullname])
        return
    if _waiting not in sys.meta_path:
        sys.meta_path.insert(0, _waiting)
    _waiting.hooks.setdefault(fullname, []).append(on_import)
