"""Attributes that are imported when first asked for (PEP 562)."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def lazy_attributes(namespace: dict[str, Any], homes: Mapping[str, str]) -> Callable[[str], Any]:
    """Make the `__getattr__` of a module from a table of names and homes.

    Args:
        namespace: The module's globals; what is found is kept there, so that it is found once.
        homes: Name → `"module:name"`, or `"module"` where the name is a module.

    Returns:
        A function that raises AttributeError for names not in the table.
    """

    def __getattr__(name: str) -> Any:  # noqa: N807
        home = homes.get(name)
        if home is None:
            raise AttributeError(f"module {namespace['__name__']!r} has no attribute {name!r}")
        module_name, _, attribute = home.partition(":")
        module = import_module(module_name)
        found = namespace[name] = getattr(module, attribute) if attribute else module
        return found

    return __getattr__
