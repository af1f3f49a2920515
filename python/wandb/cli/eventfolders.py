"""Folders of TensorBoard's event files, as `wandb sync` takes them."""

from __future__ import annotations

from collections.abc import Sequence

from wandb._settings.settings import Settings
from wandb.cli.runfolders import RunFolder


def event_folders(path: str) -> list[str]:
    return []


def made_into_runs(
    folders: Sequence[str], settings: Settings, overrides: dict[str, str]
) -> list[RunFolder]:
    return []
