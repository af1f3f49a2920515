"""A face: folders. Home: `wandb._base.paths`."""

from wandb._base.paths import check_exists as check_exists
from wandb._base.paths import files_in as files_in
from wandb._base.paths import mkdir_exists_ok as mkdir_exists_ok

__all__ = ("check_exists", "files_in", "mkdir_exists_ok")
