"""A face: environment variables. Home: `wandb._settings.variables`."""

from wandb._settings.variables import AGENT_DISABLE_FLAPPING as AGENT_DISABLE_FLAPPING
from wandb._settings.variables import AGENT_KILL_DELAY as AGENT_KILL_DELAY
from wandb._settings.variables import AGENT_MAX_INITIAL_FAILURES as AGENT_MAX_INITIAL_FAILURES
from wandb._settings.variables import AGENT_REPORT_INTERVAL as AGENT_REPORT_INTERVAL
from wandb._settings.variables import ANONYMOUS as ANONYMOUS
from wandb._settings.variables import API_KEY as API_KEY
from wandb._settings.variables import APP_URL as APP_URL
from wandb._settings.variables import ARGS as ARGS
from wandb._settings.variables import ARTIFACT_DIR as ARTIFACT_DIR
from wandb._settings.variables import (
    ARTIFACT_FETCH_FILE_URL_BATCH_SIZE as ARTIFACT_FETCH_FILE_URL_BATCH_SIZE,
)
from wandb._settings.variables import BASE_URL as BASE_URL
from wandb._settings.variables import CACHE_DIR as CACHE_DIR
from wandb._settings.variables import CONFIG_DIR as CONFIG_DIR
from wandb._settings.variables import CONFIG_PATHS as CONFIG_PATHS
from wandb._settings.variables import CORE_DEBUG as CORE_DEBUG
from wandb._settings.variables import CRASH_NOSYNC_TIME as CRASH_NOSYNC_TIME
from wandb._settings.variables import CREDENTIALS_FILE as CREDENTIALS_FILE
from wandb._settings.variables import DATA_DIR as DATA_DIR
from wandb._settings.variables import DEBUG as DEBUG
from wandb._settings.variables import DESCRIPTION as DESCRIPTION
from wandb._settings.variables import DIR as DIR
from wandb._settings.variables import DISABLE_CODE as DISABLE_CODE
from wandb._settings.variables import DISABLE_GIT as DISABLE_GIT
from wandb._settings.variables import DISABLE_SSL as DISABLE_SSL
from wandb._settings.variables import DOCKER as DOCKER
from wandb._settings.variables import ENABLE_DCGM_PROFILING as ENABLE_DCGM_PROFILING
from wandb._settings.variables import ENTITY as ENTITY
from wandb._settings.variables import ERROR_REPORTING as ERROR_REPORTING
from wandb._settings.variables import FILE_PUSHER_TIMEOUT as FILE_PUSHER_TIMEOUT
from wandb._settings.variables import GIT_COMMIT as GIT_COMMIT
from wandb._settings.variables import GIT_REMOTE_URL as GIT_REMOTE_URL
from wandb._settings.variables import GIT_ROOT as GIT_ROOT
from wandb._settings.variables import HOST as HOST
from wandb._settings.variables import HTTP_TIMEOUT as HTTP_TIMEOUT
from wandb._settings.variables import IDENTITY_TOKEN_FILE as IDENTITY_TOKEN_FILE
from wandb._settings.variables import IGNORE as IGNORE
from wandb._settings.variables import INIT_TIMEOUT as INIT_TIMEOUT
from wandb._settings.variables import INITED as INITED
from wandb._settings.variables import JOB_TYPE as JOB_TYPE
from wandb._settings.variables import JUPYTER as JUPYTER
from wandb._settings.variables import LAUNCH_QUEUE_ENTITY as LAUNCH_QUEUE_ENTITY
from wandb._settings.variables import LAUNCH_QUEUE_NAME as LAUNCH_QUEUE_NAME
from wandb._settings.variables import LAUNCH_TRACE_ID as LAUNCH_TRACE_ID
from wandb._settings.variables import MAGIC as MAGIC
from wandb._settings.variables import MODE as MODE
from wandb._settings.variables import NAME as NAME
from wandb._settings.variables import NOTEBOOK_NAME as NOTEBOOK_NAME
from wandb._settings.variables import NOTES as NOTES
from wandb._settings.variables import ORGANIZATION as ORGANIZATION
from wandb._settings.variables import PROGRAM as PROGRAM
from wandb._settings.variables import PROJECT as PROJECT
from wandb._settings.variables import QUIET as QUIET
from wandb._settings.variables import RESUME as RESUME
from wandb._settings.variables import RUN_DIR as RUN_DIR
from wandb._settings.variables import RUN_GROUP as RUN_GROUP
from wandb._settings.variables import RUN_ID as RUN_ID
from wandb._settings.variables import RUN_STORAGE_ID as RUN_STORAGE_ID
from wandb._settings.variables import SAVE_CODE as SAVE_CODE
from wandb._settings.variables import SENTRY_DSN as SENTRY_DSN
from wandb._settings.variables import SERVICE as SERVICE
from wandb._settings.variables import SHOW_RUN as SHOW_RUN
from wandb._settings.variables import SILENT as SILENT
from wandb._settings.variables import START_METHOD as START_METHOD
from wandb._settings.variables import SWEEP_ID as SWEEP_ID
from wandb._settings.variables import SWEEP_PARAM_PATH as SWEEP_PARAM_PATH
from wandb._settings.variables import TAGS as TAGS
from wandb._settings.variables import USE_V1_ARTIFACTS as USE_V1_ARTIFACTS
from wandb._settings.variables import USER_EMAIL as USER_EMAIL
from wandb._settings.variables import USERNAME as USERNAME
from wandb._settings.variables import core_debug as core_debug
from wandb._settings.variables import dcgm_profiling_enabled as dcgm_profiling_enabled
from wandb._settings.variables import disable_git as disable_git
from wandb._settings.variables import error_reporting_enabled as error_reporting_enabled
from wandb._settings.variables import get_agent_kill_delay as get_agent_kill_delay
from wandb._settings.variables import (
    get_agent_max_initial_failures as get_agent_max_initial_failures,
)
from wandb._settings.variables import get_agent_report_interval as get_agent_report_interval
from wandb._settings.variables import get_app_url as get_app_url
from wandb._settings.variables import get_args as get_args
from wandb._settings.variables import get_artifact_dir as get_artifact_dir
from wandb._settings.variables import (
    get_artifact_fetch_file_url_batch_size as get_artifact_fetch_file_url_batch_size,
)
from wandb._settings.variables import get_base_url as get_base_url
from wandb._settings.variables import get_cache_dir as get_cache_dir
from wandb._settings.variables import get_config_paths as get_config_paths
from wandb._settings.variables import get_crash_nosync_time as get_crash_nosync_time
from wandb._settings.variables import get_credentials_file as get_credentials_file
from wandb._settings.variables import get_data_dir as get_data_dir
from wandb._settings.variables import get_description as get_description
from wandb._settings.variables import get_dir as get_dir
from wandb._settings.variables import get_docker as get_docker
from wandb._settings.variables import get_entity as get_entity
from wandb._settings.variables import get_error_reporting as get_error_reporting
from wandb._settings.variables import get_file_pusher_timeout as get_file_pusher_timeout
from wandb._settings.variables import get_http_timeout as get_http_timeout
from wandb._settings.variables import get_ignore as get_ignore
from wandb._settings.variables import get_launch_queue_entity as get_launch_queue_entity
from wandb._settings.variables import get_launch_queue_name as get_launch_queue_name
from wandb._settings.variables import get_launch_trace_id as get_launch_trace_id
from wandb._settings.variables import get_magic as get_magic
from wandb._settings.variables import get_organization as get_organization
from wandb._settings.variables import get_project as get_project
from wandb._settings.variables import get_run as get_run
from wandb._settings.variables import get_show_run as get_show_run
from wandb._settings.variables import get_tags as get_tags
from wandb._settings.variables import get_use_v1_artifacts as get_use_v1_artifacts
from wandb._settings.variables import get_user_email as get_user_email
from wandb._settings.variables import get_username as get_username
from wandb._settings.variables import immutable_keys as immutable_keys
from wandb._settings.variables import is_debug as is_debug
from wandb._settings.variables import is_offline as is_offline
from wandb._settings.variables import is_quiet as is_quiet
from wandb._settings.variables import is_silent as is_silent
from wandb._settings.variables import set_entity as set_entity
from wandb._settings.variables import set_project as set_project
from wandb._settings.variables import should_save_code as should_save_code
from wandb._settings.variables import ssl_disabled as ssl_disabled
from wandb._settings.variables import strtobool as strtobool

__all__ = (
    "AGENT_DISABLE_FLAPPING",
    "AGENT_KILL_DELAY",
    "AGENT_MAX_INITIAL_FAILURES",
    "AGENT_REPORT_INTERVAL",
    "ANONYMOUS",
    "API_KEY",
    "APP_URL",
    "ARGS",
    "ARTIFACT_DIR",
    "ARTIFACT_FETCH_FILE_URL_BATCH_SIZE",
    "BASE_URL",
    "CACHE_DIR",
    "CONFIG_DIR",
    "CONFIG_PATHS",
    "CORE_DEBUG",
    "CRASH_NOSYNC_TIME",
    "CREDENTIALS_FILE",
    "DATA_DIR",
    "DEBUG",
    "DESCRIPTION",
    "DIR",
    "DISABLE_CODE",
    "DISABLE_GIT",
    "DISABLE_SSL",
    "DOCKER",
    "ENABLE_DCGM_PROFILING",
    "ENTITY",
    "ERROR_REPORTING",
    "FILE_PUSHER_TIMEOUT",
    "GIT_COMMIT",
    "GIT_REMOTE_URL",
    "GIT_ROOT",
    "HOST",
    "HTTP_TIMEOUT",
    "IDENTITY_TOKEN_FILE",
    "IGNORE",
    "INITED",
    "INIT_TIMEOUT",
    "JOB_TYPE",
    "JUPYTER",
    "LAUNCH_QUEUE_ENTITY",
    "LAUNCH_QUEUE_NAME",
    "LAUNCH_TRACE_ID",
    "MAGIC",
    "MODE",
    "NAME",
    "NOTEBOOK_NAME",
    "NOTES",
    "ORGANIZATION",
    "PROGRAM",
    "PROJECT",
    "QUIET",
    "RESUME",
    "RUN_DIR",
    "RUN_GROUP",
    "RUN_ID",
    "RUN_STORAGE_ID",
    "SAVE_CODE",
    "SENTRY_DSN",
    "SERVICE",
    "SHOW_RUN",
    "SILENT",
    "START_METHOD",
    "SWEEP_ID",
    "SWEEP_PARAM_PATH",
    "TAGS",
    "USERNAME",
    "USER_EMAIL",
    "USE_V1_ARTIFACTS",
    "core_debug",
    "dcgm_profiling_enabled",
    "disable_git",
    "error_reporting_enabled",
    "get_agent_kill_delay",
    "get_agent_max_initial_failures",
    "get_agent_report_interval",
    "get_app_url",
    "get_args",
    "get_artifact_dir",
    "get_artifact_fetch_file_url_batch_size",
    "get_base_url",
    "get_cache_dir",
    "get_config_paths",
    "get_crash_nosync_time",
    "get_credentials_file",
    "get_data_dir",
    "get_description",
    "get_dir",
    "get_docker",
    "get_entity",
    "get_error_reporting",
    "get_file_pusher_timeout",
    "get_http_timeout",
    "get_ignore",
    "get_launch_queue_entity",
    "get_launch_queue_name",
    "get_launch_trace_id",
    "get_magic",
    "get_organization",
    "get_project",
    "get_run",
    "get_show_run",
    "get_tags",
    "get_use_v1_artifacts",
    "get_user_email",
    "get_username",
    "immutable_keys",
    "is_debug",
    "is_offline",
    "is_quiet",
    "is_silent",
    "set_entity",
    "set_project",
    "should_save_code",
    "ssl_disabled",
    "strtobool",
)
