"""What a dead process leaves in a run's folder."""

from __future__ import annotations

import logging

from wandb import _native

__all__ = ("recover",)

_LOGGER = logging.getLogger(__name__)


def recover(folder: str, *, sent: bool = False) -> bool:
    """Finish what a dead process has left in a run's folder, unless another process lives.

    Args:
        folder: The run's folder.
        sent: Fold the writers of a run that is being sent, too: everything was delivered.

    Returns:
        Whether there was something to finish.
    """
    try:
        recovered = _native.recover_folder(folder, sent=sent)
    except (OSError, _native.NativeError) as err:
        _LOGGER.warning("leftovers of a dead run stay: %s in %s", err, folder)
        return False
    if recovered:
        _LOGGER.info("finished what a dead process left: %s in %s", recovered, folder)
    return recovered is not None
