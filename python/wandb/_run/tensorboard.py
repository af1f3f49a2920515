"""`wandb.tensorboard`: hear of the event files that other libraries write."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from importlib import import_module
from typing import Any

from wandb._base.terminal import termwarn
from wandb._run.eventwatch import EventWatch
from wandb._run.patched import patched
from wandb._run.session import session
from wandb._run.sharing import open_own_writer
from wandb._run.writer import LateWriter
from wandb._service.logic.eventrows import live_row
from wandb._wire.tfevents import Damaged, Event
from wandb.errors import UsageError

__all__ = ("log", "patch", "unpatch")

# Classes that are given a folder and write events there, and what has to be loaded already for
# them to be patched. The first two are small to load. PyTorch's module is slow to, and takes over
# TensorBoard's class, patched, if it comes later.
_WRITERS = (
    ("tensorboard.summary.writer.event_file_writer", "EventFileWriter", None),
    ("tensorboardX.writer", "EventFileWriter", None),
    ("torch.utils.tensorboard.writer", "EventFileWriter", "torch.utils.tensorboard.writer"),
    ("tensorflow.python.ops.gen_summary_ops", "create_summary_file_writer", "tensorflow"),
)
_LOGDIR_PLACE = 1  # of TensorFlow's function, after the resource


@dataclass(slots=True)
class _Options:
    """What `patch` was asked last; other libraries may keep a class of ours beyond `unpatch`."""

    save: bool = True
    root: str = ""


_OPTIONS = _Options()


def patch(
    save: bool = True,
    tensorboard_x: bool | None = None,
    pytorch: bool | None = None,
    root_logdir: str = "",
) -> None:
    """Log what writers for TensorBoard write from now on, to the run that is active then.

    Call it before `wandb.init`, or pass `sync_tensorboard=True` there, and make writers after it.

    Args:
        save: Keep the event files with the run.
        tensorboard_x: Has no meaning any more: every writer that is there is patched.
        pytorch: Has no meaning any more.
        root_logdir: The folder above those of several writers: names of values begin with the
            path from there.
    """
    if patched["tensorboard"]:
        return
    _OPTIONS.save, _OPTIONS.root = save, root_logdir
    for module_name, name, needed in _WRITERS:
        module = _module(module_name) if needed is None or needed in sys.modules else None
        original = getattr(module, name, None)
        if module is None or original is None:
            continue
        hearing = _hearing_class if isinstance(original, type) else _hearing_function
        setattr(module, f"orig_{name}", original)
        setattr(module, name, hearing(original))
        patched["tensorboard"].append([module_name, name])
    if not patched["tensorboard"]:
        termwarn(
            "sync_tensorboard found no writer of events (tensorboard, tensorboardX, TensorFlow): "
            "nothing of TensorBoard's is logged."
        )


def unpatch() -> None:
    """Put the writers back as they were."""
    for module_name, name in patched["tensorboard"]:
        module = sys.modules.get(module_name)
        original = getattr(module, f"orig_{name}", None)
        if original is not None:
            setattr(module, name, original)
            delattr(module, f"orig_{name}")
    patched["tensorboard"].clear()


def log(tf_summary_str_or_pb: Any, step: int = 0, namespace: str = "") -> None:
    """Log one of TensorBoard's summaries: its numbers and histograms become a row.

    Args:
        tf_summary_str_or_pb: A `Summary` or an `Event`, as an object, a tensor or bytes.
        step: The summary's step, which is logged as `global_step`.
        namespace: What goes before its tags.
    """
    run = session.globals.run
    event = _event(tf_summary_str_or_pb, step)
    row = live_row(namespace, event) if event is not None else None
    if run is None or row is None:
        return
    if not event or not event.wall_time:
        del row["_timestamp"]
    run.log(row)


def begin(run: Any) -> None:
    """Do for a run what `sync_tensorboard=True` asks."""
    run._unpatches = not patched["tensorboard"] or _asked_by_runs()
    patch()
    run._telemetry.note("tensorboard_sync")


def end(run: Any) -> None:
    """Take over what is there when a run ends."""
    if run._tensorboard is not None:
        run._tensorboard.end()
    if run._unpatches:
        run._unpatches = False
        if not _asked_by_runs():
            unpatch()


def _asked_by_runs() -> bool:
    """Whether the writers are patched for active runs, and not by the script itself."""
    return any(run._unpatches for run in session.runs)


# --- what the writers are replaced by ---------------------------------------------------------


def _module(name: str) -> Any:
    try:
        return import_module(name)
    except Exception:  # noqa: BLE001 - whatever is wrong with another library, the run goes on
        return None


def _hearing_class(original: type) -> type:
    if getattr(original, "_wandb_hears", False):
        return original  # one library's is another's

    class EventFileWriter(original):  # type: ignore[misc]
        """A writer whose folder is known to the run."""

        _wandb_hears = True

        def __init__(self, logdir: Any, *args: Any, **kwargs: Any) -> None:
            watch = _heard(logdir)
            super().__init__(logdir, *args, **kwargs)
            if watch is not None:
                watch.remember(self)

    return EventFileWriter


def _hearing_function(original: Callable[..., Any]) -> Any:
    @wraps(original)
    def create(*args: Any, **kwargs: Any) -> Any:
        named = kwargs.get("logdir", args[_LOGDIR_PLACE] if len(args) > _LOGDIR_PLACE else None)
        logdir: Any = named
        if hasattr(logdir, "numpy"):
            logdir = logdir.numpy().decode("utf-8", "replace")
        if logdir is not None:
            _heard(logdir)
        return original(*args, **kwargs)

    return create


def _heard(logdir: Any) -> EventWatch | None:
    """Have the active run follow a folder."""
    # The first is also there in a forked child, where no run is active until it is used.
    run = session.globals.run or session.newest_run()
    if run is None and patched["tensorboard"]:
        termwarn(
            "A writer for TensorBoard was made while no run was active, so what it writes is not "
            "logged: call wandb.init before it.",
            repeat=False,
        )
    if run is None or run.disabled or not patched["tensorboard"]:
        return None
    folder = os.fspath(logdir)
    if "://" in folder:
        termwarn(
            f"TensorBoard's events are only taken over from folders of this machine, not from "
            f"{folder}.",
            repeat=False,
        )
        return None
    watch: EventWatch | None = run._tensorboard or _begin_watch(run)
    if watch is not None:
        watch.add(folder, root=_OPTIONS.root, save=_OPTIONS.save)
    return watch


def _begin_watch(run: Any) -> EventWatch | None:
    try:
        if isinstance(run._writer, LateWriter):
            open_own_writer(run)
    except (UsageError, OSError) as err:
        termwarn(f"What TensorBoard's writers write is not logged: {err}", repeat=False)
        return None
    run._tensorboard = watch = EventWatch(run)
    run._use(run._writer)
    return watch


def _event(summary: Any, step: int) -> Event | None:
    """Read a summary or an event; None where it is neither."""
    if hasattr(summary, "numpy"):
        summary = summary.numpy()
    is_event = hasattr(summary, "wall_time")
    content = summary.SerializeToString() if hasattr(summary, "SerializeToString") else summary
    if not isinstance(content, (bytes, bytearray)):
        return None
    try:
        if is_event:
            return Event.decode(bytes(content))
        return Event.of_summary(bytes(content), step)
    except Damaged as err:
        termwarn(f"wandb.tensorboard.log: this is no summary ({err}); nothing was logged.")
        return None
