"""Settings that follow from the machine and from the way the script was started."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping

from wandb._base.host import git_root
from wandb._settings.derived import Derived
from wandb._settings.model import Entry

__all__ = ("entries",)

_ORIGIN = "the system"
_NO_FILE = "<python with no main file>"


def entries(settings: Derived, environ: Mapping[str, str], *, cwd: str) -> Iterator[Entry]:
    """Yield what can be found out; what somebody set is left alone.

    Args:
        settings: What is known so far, the environment included.
        environ: Values by variable, as `os.environ`.
        cwd: The script's working folder.
    """
    if settings.host is None:
        yield "host", os.uname().nodename, _ORIGIN
    yield "x_executable", settings.x_executable or sys.executable, _ORIGIN
    notebook = _notebook(settings, environ, cwd) if settings._jupyter else {}
    for name, value in notebook.items():
        yield f"x_jupyter_{name}", value, _ORIGIN
    yield from _program_entries(settings, cwd, notebook)
    if "WANDB_SAVE_CODE" in environ or "WANDB_DISABLE_CODE" in environ:
        wanted = "WANDB_SAVE_CODE" in environ and bool(settings.save_code)
        yield "save_code", wanted and not settings.disable_code, _ORIGIN


def _notebook(settings: Derived, environ: Mapping[str, str], cwd: str) -> Mapping[str, str]:
    if settings.x_jupyter_path:
        return {"path": settings.x_jupyter_path, "name": settings.x_jupyter_name or ""}
    from wandb._settings.notebook import find_notebook

    return find_notebook(settings.notebook_name, environ, cwd=cwd)


def _notebook_program(settings: Derived, notebook: Mapping[str, str]) -> str | None:
    if settings.notebook_name:
        return settings.notebook_name
    path = notebook.get("path", "")
    # Colab's notebooks have an id where others have a path.
    return (notebook.get("name") if path.startswith("fileId=") else path) or None


def _program_entries(settings: Derived, cwd: str, notebook: Mapping[str, str]) -> Iterator[Entry]:
    of_notebook = _notebook_program(settings, notebook) if settings._jupyter else None
    program = of_notebook or settings.program or _main_program()
    yield "program", program, _ORIGIN
    full = os.path.join(cwd, program)
    if not os.path.isfile(full):
        return
    if settings.program_abspath is None:
        yield "program_abspath", full, _ORIGIN
    root = cwd if settings.disable_git else settings.git_root or git_root(cwd) or cwd
    relative = os.path.relpath(full, start=root)
    if settings.program_relpath is None and not relative.startswith(os.pardir):
        yield "program_relpath", relative, _ORIGIN


def _main_program() -> str:
    main = sys.modules.get("__main__")
    spec = getattr(main, "__spec__", None)
    if spec is not None:  # started with -m
        return f"-m {spec.name}"
    return getattr(main, "__file__", None) or _NO_FILE
