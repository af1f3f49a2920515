"""A face: API keys. Home: `wandb._run.keys`."""

from wandb._run.keys import WriteNetrcError as WriteNetrcError
from wandb._run.keys import api_key as api_key
from wandb._run.keys import check_netrc_access as check_netrc_access
from wandb._run.keys import get_netrc_file_path as get_netrc_file_path
from wandb._run.keys import prompt_api_key as prompt_api_key
from wandb._run.keys import write_key as write_key
from wandb._run.keys import write_netrc as write_netrc

__all__ = (
    "WriteNetrcError",
    "api_key",
    "check_netrc_access",
    "get_netrc_file_path",
    "prompt_api_key",
    "write_key",
    "write_netrc",
)
