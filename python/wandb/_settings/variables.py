"""Environment variables by name, and readers of those that programs ask for by function.

Settings read the environment by their own table (`fields`); what is here is for other people's
code: the constants, and functions that read one variable of `os.environ` or of a mapping.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import Any

from wandb._settings import checks

Environment = Mapping[str, str] | None

AGENT_DISABLE_FLAPPING = "WANDB_AGENT_DISABLE_FLAPPING"
AGENT_KILL_DELAY = "WANDB_AGENT_KILL_DELAY"
AGENT_MAX_INITIAL_FAILURES = "WANDB_AGENT_MAX_INITIAL_FAILURES"
AGENT_REPORT_INTERVAL = "WANDB_AGENT_REPORT_INTERVAL"
ANONYMOUS = "WANDB_ANONYMOUS"
API_KEY = "WANDB_API_KEY"
APP_URL = "WANDB_APP_URL"
ARGS = "WANDB_ARGS"
ARTIFACT_DIR = "WANDB_ARTIFACT_DIR"
ARTIFACT_FETCH_FILE_URL_BATCH_SIZE = "WANDB_ARTIFACT_FETCH_FILE_URL_BATCH_SIZE"
BASE_URL = "WANDB_BASE_URL"
CACHE_DIR = "WANDB_CACHE_DIR"
CONFIG_DIR = "WANDB_CONFIG_DIR"
CONFIG_PATHS = "WANDB_CONFIG_PATHS"
CORE_DEBUG = "WANDB_CORE_DEBUG"
CRASH_NOSYNC_TIME = "WANDB_CRASH_NOSYNC_TIME"
CREDENTIALS_FILE = "WANDB_CREDENTIALS_FILE"
DATA_DIR = "WANDB_DATA_DIR"
DEBUG = "WANDB_DEBUG"
DESCRIPTION = "WANDB_DESCRIPTION"
DIR = "WANDB_DIR"
DISABLE_CODE = "WANDB_DISABLE_CODE"
DISABLE_GIT = "WANDB_DISABLE_GIT"
DISABLE_SSL = "WANDB_INSECURE_DISABLE_SSL"
DOCKER = "WANDB_DOCKER"
ENABLE_DCGM_PROFILING = "WANDB_ENABLE_DCGM_PROFILING"
ENTITY = "WANDB_ENTITY"
ERROR_REPORTING = "WANDB_ERROR_REPORTING"
FILE_PUSHER_TIMEOUT = "WANDB_FILE_PUSHER_TIMEOUT"
GIT_COMMIT = "WANDB_GIT_COMMIT"
GIT_REMOTE_URL = "WANDB_GIT_REMOTE_URL"
GIT_ROOT = "WANDB_GIT_ROOT"
HOST = "WANDB_HOST"
HTTP_TIMEOUT = "WANDB_HTTP_TIMEOUT"
IDENTITY_TOKEN_FILE = "WANDB_IDENTITY_TOKEN_FILE"
IGNORE = "WANDB_IGNORE_GLOBS"
INITED = "WANDB_INITED"
INIT_TIMEOUT = "WANDB_INIT_TIMEOUT"
JOB_TYPE = "WANDB_JOB_TYPE"
JUPYTER = "WANDB_JUPYTER"
LAUNCH_QUEUE_ENTITY = "WANDB_LAUNCH_QUEUE_ENTITY"
LAUNCH_QUEUE_NAME = "WANDB_LAUNCH_QUEUE_NAME"
LAUNCH_TRACE_ID = "WANDB_LAUNCH_TRACE_ID"
MAGIC = "WANDB_MAGIC"
MODE = "WANDB_MODE"
NAME = "WANDB_NAME"
NOTEBOOK_NAME = "WANDB_NOTEBOOK_NAME"
NOTES = "WANDB_NOTES"
ORGANIZATION = "WANDB_ORGANIZATION"
PROGRAM = "WANDB_PROGRAM"
PROJECT = "WANDB_PROJECT"
QUIET = "WANDB_QUIET"
RESUME = "WANDB_RESUME"
RUN_DIR = "WANDB_RUN_DIR"
RUN_GROUP = "WANDB_RUN_GROUP"
RUN_ID = "WANDB_RUN_ID"
RUN_STORAGE_ID = "WANDB_RUN_STORAGE_ID"
SAVE_CODE = "WANDB_SAVE_CODE"
SENTRY_DSN = "WANDB_SENTRY_DSN"
SERVICE = "WANDB_SERVICE"
SHOW_RUN = "WANDB_SHOW_RUN"
SILENT = "WANDB_SILENT"
START_METHOD = "WANDB_START_METHOD"
SWEEP_ID = "WANDB_SWEEP_ID"
SWEEP_PARAM_PATH = "WANDB_SWEEP_PARAM_PATH"
TAGS = "WANDB_TAGS"
USERNAME = "WANDB_USERNAME"
USER_EMAIL = "WANDB_USER_EMAIL"
USE_V1_ARTIFACTS = "_WANDB_USE_V1_ARTIFACTS"

_IMMUTABLE = (
    DIR,
    ENTITY,
    PROJECT,
    API_KEY,
    IGNORE,
    DISABLE_CODE,
    DISABLE_GIT,
    DOCKER,
    MODE,
    BASE_URL,
    ERROR_REPORTING,
    CRASH_NOSYNC_TIME,
    MAGIC,
    USERNAME,
    USER_EMAIL,
    DIR,
    SILENT,
    CONFIG_PATHS,
    ANONYMOUS,
    RUN_GROUP,
    JOB_TYPE,
    TAGS,
    RESUME,
    AGENT_REPORT_INTERVAL,
    HTTP_TIMEOUT,
    HOST,
    DATA_DIR,
    ARTIFACT_DIR,
    ARTIFACT_FETCH_FILE_URL_BATCH_SIZE,
    CACHE_DIR,
    USE_V1_ARTIFACTS,
    DISABLE_SSL,
    IDENTITY_TOKEN_FILE,
    CREDENTIALS_FILE,
)


def immutable_keys() -> list[str]:
    """List the variables that a launched run takes over from its agent."""
    return list(_IMMUTABLE)


# --- how a variable is read -------------------------------------------------------------------


def strtobool(val: str) -> bool:
    """Read a truth value.

    Raises:
        ValueError: It is none of `y yes t true on 1` and `n no f false off 0`.
    """
    if not isinstance(val, str):
        raise ValueError(f"invalid truth value {val!r}: a string is expected")
    try:
        return checks.boolean(val)
    except checks.Unfit:
        raise ValueError(f"invalid truth value {val!r}") from None


def _known(env: Environment) -> Mapping[str, str]:
    return os.environ if env is None else env


def _text(name: str, default: Any, env: Environment) -> Any:
    return _known(env).get(name, default)


def _word(name: str, default: str | None, env: Environment) -> str | None:
    return _known(env).get(name, default)


def _is_on(name: str, default: str | None = None, env: Environment = None) -> bool:
    """Read a switch; what is no truth value leaves it off."""
    try:
        return strtobool(_text(name, default, env))
    except ValueError:
        return False


def _whole(name: str, default: Any, env: Environment) -> int | None:
    """Read a whole number; None where there is none."""
    try:
        return int(_text(name, default, env))
    except (TypeError, ValueError):
        return None


def _listed(name: str, default: Any, env: Environment) -> list[str] | None:
    value = _text(name, default, env)
    return value.split(",") if isinstance(value, str) else value


# --- switches ---------------------------------------------------------------------------------


def is_debug(default: str | None = None, env: Environment = None) -> bool:
    """Whether debug output is asked for."""
    return _is_on(DEBUG, default, env)


def core_debug(default: str | None = None) -> bool:
    """Whether the service's debug log is asked for."""
    return _is_on(CORE_DEBUG, default)


def error_reporting_enabled() -> bool:
    """Whether error reports are allowed; there are none here."""
    return _is_on(ERROR_REPORTING, "True")


def get_error_reporting(default: bool | str = True, env: Environment = None) -> bool | str:
    """Return the word on error reports as it stands."""
    found: bool | str = _text(ERROR_REPORTING, default, env)
    return found


def ssl_disabled() -> bool:
    """Whether certificates are not to be checked."""
    return _is_on(DISABLE_SSL, "False")


def dcgm_profiling_enabled() -> bool:
    """Whether NVIDIA profiling metrics are asked for."""
    return _is_on(ENABLE_DCGM_PROFILING, "False")


def is_silent() -> bool:
    """Whether nothing is to be printed."""
    return _is_on(SILENT, "False")


def is_quiet() -> bool:
    """Whether the opening and closing lines are to be left out."""
    return _is_on(QUIET, "False")


def should_save_code() -> bool:
    """Whether source code is to be saved: asked for, and not forbidden."""
    return _is_on(SAVE_CODE, "False") and not _is_on(DISABLE_CODE, "False")


def disable_git(env: Environment = None) -> bool:
    """Whether git is to be left alone: any word but `false` says so."""
    return str(_text(DISABLE_GIT, "False", env)).lower() != "false"


def is_offline(env: Environment = None) -> bool:
    """Whether runs are kept on this machine."""
    return bool(_text(MODE, "", env) == "offline")


def get_show_run(default: str | None = None, env: Environment = None) -> bool:
    """Whether a browser was to be opened; any text says so."""
    return bool(_text(SHOW_RUN, default, env))


def get_use_v1_artifacts(env: Environment = None) -> bool:
    """Whether the older artifacts were asked for; any text says so."""
    return bool(_text(USE_V1_ARTIFACTS, None, env))


# --- numbers ----------------------------------------------------------------------------------


def get_http_timeout(default: int = 20, env: Environment = None) -> int:
    """Return the seconds until a query counts as failed.

    Raises:
        ValueError: The variable holds no whole number.
    """
    return int(_text(HTTP_TIMEOUT, default, env))


def get_file_pusher_timeout(default: int | None = None, env: Environment = None) -> int | None:
    """Return the seconds until one try of a file counts as failed; None where nobody says.

    Raises:
        ValueError: The variable holds no whole number.
    """
    found = _text(FILE_PUSHER_TIMEOUT, default, env)
    return int(found) if found else None


def get_artifact_fetch_file_url_batch_size(env: Environment = None) -> int:
    """Return how many file addresses of an artifact are asked for at once.

    Raises:
        ValueError: The variable holds no whole number.
    """
    return int(_text(ARTIFACT_FETCH_FILE_URL_BATCH_SIZE, 5000, env))


def get_agent_report_interval(default: str | None = None, env: Environment = None) -> int | None:
    """Return the seconds between two reports of a sweep agent; None where nobody says."""
    return _whole(AGENT_REPORT_INTERVAL, default, env)


def get_agent_kill_delay(default: str | None = None, env: Environment = None) -> int | None:
    """Return the seconds a sweep agent gives a stopped run; None where nobody says."""
    return _whole(AGENT_KILL_DELAY, default, env)


def get_agent_max_initial_failures(
    default: int | None = None, env: Environment = None
) -> int | None:
    """Return how many runs of a sweep agent may fail at first; None where nobody says."""
    return _whole(AGENT_MAX_INITIAL_FAILURES, default, env)


def get_crash_nosync_time(default: str | None = None, env: Environment = None) -> int | None:
    """Return the seconds within which a crashed run was not sent; None where nobody says."""
    return _whole(CRASH_NOSYNC_TIME, default, env)


# --- lists ------------------------------------------------------------------------------------


def get_tags(default: str = "", env: Environment = None) -> list[str]:
    """Return the tags, parts that are empty left out."""
    return [tag for tag in _text(TAGS, default, env).split(",") if tag]


def get_ignore(default: list[str] | None = None, env: Environment = None) -> list[str] | None:
    """Return the patterns of files that are not uploaded."""
    return _listed(IGNORE, default, env)


def get_args(default: list[str] | None = None, env: Environment = None) -> list[str] | None:
    """Return the script's arguments, which the variable holds as JSON; None if it is none.

    Without the variable they are those of the process.
    """
    text = _known(env).get(ARGS)
    if text:
        try:
            found: list[str] | None = json.loads(text)
        except ValueError:
            return None
        return found
    import sys

    return default or sys.argv[1:]


# --- folders ----------------------------------------------------------------------------------


def get_dir(default: str | None = None, env: Environment = None) -> str | None:
    """Return the folder in which the `wandb` folder is made."""
    return _word(DIR, default, env)


def get_artifact_dir(env: Environment = None) -> str:
    """Return the full path of the folder that artifacts are downloaded to."""
    chosen = _text(ARTIFACT_DIR, os.path.join(".", "artifacts"), env)
    return os.path.expanduser(os.path.abspath(str(chosen)))


def get_cache_dir(env: Environment = None) -> Path:
    """Return the folder of files that can be had again."""
    from platformdirs import user_cache_dir

    return Path(_text(CACHE_DIR, None, env) or user_cache_dir("wandb"))


def get_data_dir(env: Environment = None) -> str:
    """Return the folder of files that are on their way."""
    from platformdirs import user_data_dir

    found: str = _text(DATA_DIR, None, env) or user_data_dir("wandb")
    return found


def get_credentials_file(default: str, env: Environment = None) -> Path:
    """Return the file of short-lived access tokens."""
    return Path(_text(CREDENTIALS_FILE, default, env))


# --- words ------------------------------------------------------------------------------------


def get_app_url(default: str | None = None, env: Environment = None) -> str | None:
    """Return the address of the pages."""
    return _word(APP_URL, default, env)


def get_base_url(default: str | None = None, env: Environment = None) -> str | None:
    """Return the address of the server."""
    return _word(BASE_URL, default, env)


def get_config_paths(default: str | None = None, env: Environment = None) -> str | None:
    """Return the YAML files that start a config."""
    return _word(CONFIG_PATHS, default, env)


def get_description(default: str | None = None, env: Environment = None) -> str | None:
    """Return the older name of the notes."""
    return _word(DESCRIPTION, default, env)


def get_docker(default: str | None = None, env: Environment = None) -> str | None:
    """Return the container image."""
    return _word(DOCKER, default, env)


def get_entity(default: str | None = None, env: Environment = None) -> str | None:
    """Return the user or team of runs."""
    return _word(ENTITY, default, env)


def get_magic(default: str | None = None, env: Environment = None) -> str | None:
    """Return the word on automatic logging, which is gone."""
    return _word(MAGIC, default, env)


def get_organization(default: str | None = None, env: Environment = None) -> str | None:
    """Return the organisation of a registry."""
    return _word(ORGANIZATION, default, env)


def get_project(default: str | None = None, env: Environment = None) -> str | None:
    """Return the project of runs."""
    return _word(PROJECT, default, env)


def get_run(default: str | None = None, env: Environment = None) -> str | None:
    """Return the id of the run."""
    return _word(RUN_ID, default, env)


def get_user_email(default: str | None = None, env: Environment = None) -> str | None:
    """Return the e-mail address recorded with runs."""
    return _word(USER_EMAIL, default, env)


def get_username(default: str | None = None, env: Environment = None) -> str | None:
    """Return the user name recorded with runs."""
    return _word(USERNAME, default, env)


def get_launch_queue_entity(env: Environment = None) -> str | None:
    """Return whose launch queue this run came from."""
    return _word(LAUNCH_QUEUE_ENTITY, None, env)


def get_launch_queue_name(env: Environment = None) -> str | None:
    """Return the launch queue that this run came from."""
    return _word(LAUNCH_QUEUE_NAME, None, env)


def get_launch_trace_id(env: Environment = None) -> str | None:
    """Return what follows this run through Launch."""
    return _word(LAUNCH_TRACE_ID, None, env)


def set_entity(value: str, env: MutableMapping[str, str] | None = None) -> None:
    """Choose the user or team of runs that begin later."""
    (os.environ if env is None else env)[ENTITY] = value


def set_project(value: str, env: MutableMapping[str, str] | None = None) -> None:
    """Choose the project of runs that begin later; nothing stands for `uncategorized`."""
    (os.environ if env is None else env)[PROJECT] = value or "uncategorized"
