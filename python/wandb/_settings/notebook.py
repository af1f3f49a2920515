"""Which notebook file a kernel runs for: asked of whoever started the kernel, all on this machine.

The kernel knows its id only. The notebook servers of the user leave a file each, beside the file
of the kernel's connection, that says how they are asked for their sessions.
"""

from __future__ import annotations

import json
import logging
import os
import threading
from collections.abc import Iterator, Mapping
from glob import escape, glob
from typing import Any

from wandb._base.shell import ipython_shell

__all__ = ("NotebookFacts", "find_notebook")

_LOGGER = logging.getLogger(__name__)
_ASK_SECS = 2.0
# All servers together: a run's start waits no longer for a notebook's name.
_ALL_SECS = 4.0
_SERVER_FILES = ("jpserver-*.json", "nbserver-*.json")
_MOST_BYTES = 1 << 20

# The settings `x_jupyter_path`, `x_jupyter_name` and `x_jupyter_root` without their beginning.
NotebookFacts = dict[str, str]


def find_notebook(named: str | None, environ: Mapping[str, str], *, cwd: str) -> NotebookFacts:
    """Find the notebook that the kernel of this process belongs to.

    Args:
        named: What the setting `notebook_name` says, which is believed if the file exists.
        environ: Values by variable; servers name the notebook in `JPY_SESSION_NAME`.
        cwd: The kernel's folder.

    Returns:
        `path`, `name` and `root`; empty if it can't be found out.
    """
    if named:
        exists = os.path.exists(os.path.join(cwd, named))
        return {"path": named, "name": named, "root": cwd} if exists else {}
    return _of_editor() or _of_session(environ) or _of_servers(cwd, *_connection())


def _of_editor() -> NotebookFacts:
    """Read what VS Code tells its kernels."""
    path = getattr(ipython_shell(), "user_ns", {}).get("__vsc_ipynb_file__")
    return _facts_of_file(path) if isinstance(path, str) else {}


def _of_session(environ: Mapping[str, str]) -> NotebookFacts:
    path = environ.get("JPY_SESSION_NAME", "")
    # Consoles and tests have a session, too, which is named by no file.
    return _facts_of_file(path) if os.path.isfile(path) else {}


def _facts_of_file(path: str) -> NotebookFacts:
    return {"path": path, "name": os.path.basename(path), "root": os.path.dirname(path)}


def _of_servers(cwd: str, folder: str, kernel_id: str) -> NotebookFacts:
    if not kernel_id:
        return {}
    found: list[NotebookFacts] = []
    # One that answers a byte now and then has no part in the user's thread.
    asking = threading.Thread(
        target=lambda: found.append(_asked(cwd, folder, kernel_id)),
        name="wandb-notebook",
        daemon=True,
    )
    asking.start()
    asking.join(_ALL_SECS)
    return found[0] if found else {}


def _asked(cwd: str, folder: str, kernel_id: str) -> NotebookFacts:
    for server in _servers(folder):
        for session in _sessions(server):
            if _kernel_of(session) == kernel_id and isinstance(session.get("notebook"), dict):
                notebook = session["notebook"]
                root = server.get("root_dir") or server.get("notebook_dir") or cwd
                return {
                    "path": str(notebook.get("path", "")),
                    "name": str(notebook.get("name", "")),
                    "root": str(root),
                }
    return {}


def _connection() -> tuple[str, str]:
    """Return the folder of the kernel's connection file, and the kernel's id in its name."""
    config = getattr(ipython_shell(), "config", None) or {}
    path = str((config.get("IPKernelApp") or {}).get("connection_file") or "")
    stem, kind = os.path.splitext(os.path.basename(path))
    named = kind == ".json" and stem.startswith("kernel-")
    return os.path.dirname(path), stem.removeprefix("kernel-") if named else ""


def _servers(folder: str) -> Iterator[dict[str, Any]]:
    for pattern in _SERVER_FILES:
        for path in sorted(glob(os.path.join(escape(folder), pattern))):
            try:
                with open(path, encoding="utf-8") as file:
                    server = json.load(file)
            except (OSError, ValueError, RecursionError):
                continue
            if isinstance(server, dict) and not server.get("password"):
                yield server


def _sessions(server: Mapping[str, Any]) -> list[dict[str, Any]]:
    from http.client import HTTPException
    from urllib.parse import quote, urljoin
    from urllib.request import ProxyHandler, build_opener

    base = str(server.get("url", ""))
    if not base.startswith(("http://", "https://")):
        return []
    url = urljoin(base, "api/sessions") + f"?token={quote(str(server.get('token', '')))}"
    try:
        # Straight: the server is the user's own.
        with build_opener(ProxyHandler({})).open(url, timeout=_ASK_SECS) as answer:
            told = json.loads(answer.read(_MOST_BYTES))
    except (OSError, ValueError, HTTPException, RecursionError) as err:
        _LOGGER.info("a notebook server does not tell its sessions: %s", type(err).__name__)
        return []
    return [one for one in told if isinstance(one, dict)] if isinstance(told, list) else []


def _kernel_of(session: Mapping[str, Any]) -> str:
    kernel = session.get("kernel")
    return str(kernel.get("id", "")) if isinstance(kernel, dict) else ""
