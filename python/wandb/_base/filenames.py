"""Names of the files in a run's folder."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

__all__ = (
    "CONDA_ENVIRONMENTS_FNAME",
    "CONFIG_FNAME",
    "DIFF_FNAME",
    "EVENTS_FNAME",
    "HISTORY_FNAME",
    "JOBSPEC_FNAME",
    "METADATA_FNAME",
    "OUTPUT_FNAME",
    "REQUIREMENTS_FNAME",
    "SUMMARY_FNAME",
    "WANDB_DIRS",
    "exclude_wandb_fn",
    "filtered_dir",
    "is_wandb_file",
)

CONDA_ENVIRONMENTS_FNAME = "conda-environment.yaml"
CONFIG_FNAME = "config.yaml"
DIFF_FNAME = "diff.patch"
EVENTS_FNAME = "wandb-events.jsonl"
HISTORY_FNAME = "wandb-history.jsonl"
JOBSPEC_FNAME = "wandb-jobspec.json"
METADATA_FNAME = "wandb-metadata.json"
OUTPUT_FNAME = "output.log"
REQUIREMENTS_FNAME = "requirements.txt"
SUMMARY_FNAME = "wandb-summary.json"
WANDB_DIRS = ("wandb", ".wandb")

_OWN_FILES = frozenset(
    (CONFIG_FNAME, CONDA_ENVIRONMENTS_FNAME, DIFF_FNAME, OUTPUT_FNAME, REQUIREMENTS_FNAME)
)


def is_wandb_file(name: str) -> bool:
    """Whether a file of a run's folder is the client's own."""
    return name.startswith("wandb") or name in _OWN_FILES


def exclude_wandb_fn(path: str, root: str) -> bool:
    """Whether a path lies in a `wandb` folder at the top of `root`."""
    return os.path.relpath(path, root).startswith(tuple(f"{name}{os.sep}" for name in WANDB_DIRS))


def filtered_dir(
    root: str,
    include_fn: Callable[[str, str], bool],
    exclude_fn: Callable[[str, str], bool],
) -> Iterator[str]:
    """Yield the files below a folder that are wanted.

    Args:
        root: The folder.
        include_fn: Called with a file's full path and `root`: whether it is wanted.
        exclude_fn: The same: whether it is left out although wanted.
    """
    for folder, _, names in os.walk(root):
        for name in sorted(names):
            path = os.path.join(folder, name)
            if include_fn(path, root) and not exclude_fn(path, root):
                yield path
