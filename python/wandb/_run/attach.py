"""`wandb.attach`: log to a run that another process of this machine has started."""

from wandb._run.run import Run
from wandb._run.session import session
from wandb._run.sharing import join, known_folders
from wandb.errors import UsageError


def attach(
    attach_id: str | None = None, run_id: str | None = None, *, run: Run | None = None
) -> Run:
    """Log to a run that another process of this machine has started.

    The run's `config` is empty here, since it is the owner's; what is set is added to the run's.

    Args:
        attach_id: The run's id.
        run_id: The same.
        run: Attach this object in place of a new one.

    Returns:
        The run, which is `wandb.run` from now on.

    Raises:
        UsageError: No id is given, or no active run with that id can be found.
    """
    wanted = attach_id or run_id
    if not wanted:
        raise UsageError("wandb.attach needs the id of a run; nothing was attached")
    own = next((active for active in session.runs if active.id == wanted), None)
    if own is not None:
        return own
    attached = Run.__new__(Run) if run is None else run
    join(attached, wanted, known_folders().get(wanted, ""))
    return attached
