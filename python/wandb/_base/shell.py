"""What runs the script: Python alone, IPython's terminal, or a Jupyter kernel."""

from __future__ import annotations

import sys
from typing import Any, Literal

__all__ = ("in_ipython", "in_jupyter", "in_notebook", "ipython_shell", "shell", "toggle_button")


def ipython_shell() -> Any:
    """Return IPython's shell, None outside one; IPython is not loaded where nobody has."""
    get_ipython = getattr(sys.modules.get("IPython"), "get_ipython", None)
    return get_ipython() if get_ipython else None


def shell() -> Literal["python", "ipython", "jupyter"]:
    """Tell what runs the script."""
    found = ipython_shell()
    if found is None:
        return "python"
    return "ipython" if "terminal" in type(found).__module__ else "jupyter"


def in_ipython() -> bool:
    """Whether the script runs in IPython's terminal."""
    return shell() == "ipython"


def in_jupyter() -> bool:
    """Whether the script runs in a Jupyter kernel."""
    return shell() == "jupyter"


def in_notebook() -> bool:
    """Whether the script runs in either of them."""
    return shell() != "python"


def toggle_button(what: str = "run") -> str:
    """Return HTML for a button that shows the element after it.

    Args:
        what: What is shown, as the button says.
    """
    from html import escape

    show = "this.nextSibling.style.display='block';this.style.display='none';"
    return f'<button onClick="{show}">Display W&B {escape(what)}</button>'
