"""`restore`: a file of a run on the server, fetched to this machine."""

import os
from typing import TYPE_CHECKING, TextIO

from wandb._run.session import session
from wandb.errors import CommError

if TYPE_CHECKING:
    from wandb._settings.settings import Settings

_NOT_THERE = "0"  # the digest that servers give for a name that no file has


def restore(
    name: str,
    run_path: str | None = None,
    replace: bool = False,
    root: str | None = None,
) -> TextIO | None:
    """Fetch a file of a run from the server, and open it.

    Args:
        name: The file, by its path in the run.
        run_path: The run, as `entity/project/run_id`; by default the current one.
        replace: Fetch it even if there is a file of that name here.
        root: The folder to put it in; by default the current run's, or, without a run, the
            current folder.

    Returns:
        The file, opened for reading as text; None if the run has none of that name.

    Raises:
        ValueError: No run is named and there is no current one, or the file has no content.
        CommError: The server can't be asked, or has no such run; offline, at once.
    """
    run = session.globals.run
    disabled = run is not None and run.disabled
    if disabled:
        run = None
    run_path = run_path or (run.path if run is not None else None)
    if run_path is None:
        raise ValueError(
            f"no run is active, so run_path has to say which run's file {name!r} to restore: "
            "pass run_path='entity/project/run_id', or call wandb.init first"
        )
    root = root or (run.dir if run is not None else os.getcwd())
    here = os.path.join(root, name)
    if disabled and (replace or not os.path.exists(here)):
        return None
    settings = session.set_up().settings if run is None else run._settings
    return restored(name, run_path, replace, root, settings)


def restored(
    name: str, run_path: str, replace: bool, root: str, settings: "Settings"
) -> TextIO | None:
    """Open a file below a folder, fetched from a run's server unless it is there; see `restore`."""
    here = os.path.join(root, name)
    if os.path.exists(here) and not replace:
        return open(here)
    if settings._offline:
        raise CommError(
            f"{name!r} can't be restored: this process is offline, so no server was asked. "
            "Without WANDB_MODE=offline it is fetched; a run that is on this machine only is "
            f"sent by `wandb sync`: {run_path}"
        )
    from wandb.apis.public import Api

    api = Api(overrides=_server(settings), api_key=settings.api_key)
    file = next(iter(api.run(run_path).files([name])), None)
    if file is None:
        return None
    if file.md5 == _NOT_THERE:
        raise ValueError(f"the run has no file {name!r}, so nothing was restored: {run_path}")
    return file.download(root=root, replace=True)


def _server(settings: "Settings") -> dict[str, str]:
    """Name the server that a run is sent to; without a run, the settings are read anew."""
    return {"base_url": settings.base_url} if settings.run_id else {}
