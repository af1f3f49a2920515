"""A face: names of the files in a run's folder. Home: `wandb._base.filenames`."""

from wandb._base.filenames import CONDA_ENVIRONMENTS_FNAME as CONDA_ENVIRONMENTS_FNAME
from wandb._base.filenames import CONFIG_FNAME as CONFIG_FNAME
from wandb._base.filenames import DIFF_FNAME as DIFF_FNAME
from wandb._base.filenames import EVENTS_FNAME as EVENTS_FNAME
from wandb._base.filenames import HISTORY_FNAME as HISTORY_FNAME
from wandb._base.filenames import JOBSPEC_FNAME as JOBSPEC_FNAME
from wandb._base.filenames import METADATA_FNAME as METADATA_FNAME
from wandb._base.filenames import OUTPUT_FNAME as OUTPUT_FNAME
from wandb._base.filenames import REQUIREMENTS_FNAME as REQUIREMENTS_FNAME
from wandb._base.filenames import SUMMARY_FNAME as SUMMARY_FNAME
from wandb._base.filenames import WANDB_DIRS as WANDB_DIRS
from wandb._base.filenames import exclude_wandb_fn as exclude_wandb_fn
from wandb._base.filenames import filtered_dir as filtered_dir
from wandb._base.filenames import is_wandb_file as is_wandb_file

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
