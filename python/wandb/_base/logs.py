"""The `wandb` logger and the `debug.log` of a run, which people attach to bug reports."""

import logging
from contextvars import ContextVar

_LOG_OF_TASK: ContextVar[str | None] = ContextVar("log_of_task", default=None)
_FORMAT = (
    "%(asctime)s %(levelname)-7s %(threadName)-10s:%(process)d "
    "[%(filename)s:%(funcName)s():%(lineno)d] %(message)s"
)


def wandb_logger() -> logging.Logger:
    """Return the logger that every room's logger sits below; it is quiet unless a run listens."""
    logger = logging.getLogger("wandb")
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
    # What happens inside belongs to debug.log; the user's own handlers stay the user's.
    logger.propagate = False
    return logger


def open_task_log(path: str) -> logging.Handler:
    """Write to a file what this task and those it starts log, and what belongs to no task.

    One process may deliver many runs, each in a task of its own with a file of its own.

    Returns:
        The handler; `close_debug_log` takes it.

    Raises:
        OSError: The file cannot be made.
    """
    handler = open_debug_log(path)
    _LOG_OF_TASK.set(path)
    handler.addFilter(lambda record: _LOG_OF_TASK.get() in (None, path))
    return handler


def open_debug_log(path: str) -> logging.Handler:
    """Write the logger's lines to a file, too.

    Returns:
        The handler; `close_debug_log` takes it.

    Raises:
        OSError: The file cannot be made.
    """
    handler = logging.FileHandler(path, encoding="utf-8")
    handler.setFormatter(logging.Formatter(_FORMAT))
    logger = wandb_logger()
    logger.setLevel(logging.INFO)
    logger.addHandler(handler)
    return handler


def close_debug_log(handler: logging.Handler) -> None:
    """Stop writing to a file that `open_debug_log` opened."""
    wandb_logger().removeHandler(handler)
    handler.close()
