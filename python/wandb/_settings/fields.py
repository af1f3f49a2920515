"""The table of settings: one line per setting, and nothing about a setting anywhere else.

A setting's name here is its name everywhere: in `wandb.Settings`, in a settings file, and in
upper case after `WANDB_` in the environment. `docs/settings.md` is made from this table.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Literal

from wandb._settings import checks, rules
from wandb._settings.model import BaseModel
from wandb._settings.moment import RunMoment
from wandb._settings.table import setting

__all__ = ("Fields",)

Anonymous = Literal["must", "allow", "never"]
Console = Literal["auto", "off", "wrap", "redirect", "wrap_raw", "wrap_emu"]
JobSource = Literal["repo", "artifact", "image"]
Mode = Literal["online", "offline", "shared", "disabled", "dryrun", "run"]
Reinit = Literal["default", "return_previous", "finish_previous", "create_new"]
Resume = Literal["allow", "must", "never", "auto"]


def _working_folder() -> str:
    try:
        return os.getcwd()
    except OSError:  # somebody removed it under our feet: the run still needs a place
        from tempfile import gettempdir

        return gettempdir()


def _credentials_file() -> str:
    return os.path.expanduser(os.path.join("~", ".config", "wandb", "credentials.json"))


def _can_link() -> bool:
    return sys.platform != "win32"


class Fields(BaseModel):
    """Every setting, with its type, default, environment variable, check and description."""

    _aliases = {"x_primary_node": "x_primary"}  # noqa: RUF012 - declared ClassVar in BaseModel

    allow_offline_artifacts: bool = setting(
        default=True,
        doc="Let `log_artifact` work offline: files are staged now and uploaded by `wandb sync`.",
    )
    allow_val_change: bool = setting(
        default=False,
        doc="Let a key of `run.config` get another value after it was set once.",
    )
    anonymous: Anonymous | None = setting(
        default=None,
        options=Anonymous,
        doc="Hosted service only: log without an account always (`must`), when there is no key "
        "(`allow`), or not at all (`never`).",
    )
    api_key: str | None = setting(
        default=None,
        check=rules.api_key,
        secret=True,
        doc="The key that tells the server who you are. Better left to `wandb login` or the "
        "environment than written in a script. Never shown or logged.",
    )
    azure_account_url_to_access_key: dict[str, str] | None = setting(
        default=None,
        secret=True,
        doc="Access keys for reference artifacts on Azure, by the URL of the storage account.",
    )
    base_url: str = setting(
        default="https://api.wandb.ai",
        check=rules.server_url,
        doc="Address of the server's API. Unless you set it, and unless there is a key for the "
        "hosted service, Ferrule starts a local server of its own.",
    )
    code_dir: str | None = setting(
        default=None,
        check=checks.path,
        doc="Folder whose source files are saved with the run when code saving is on.",
    )
    config_paths: Sequence[str] | None = setting(
        default=None,
        from_text=checks.split_commas,
        doc="YAML files whose values start the run's config; where two name a key, the later "
        "file's value stays.",
    )
    console: Console = setting(
        default="auto",
        options=Console,
        wrap=checks.console,
        doc="How printed text becomes the run's output log: not at all (`off`), by wrapping "
        "`sys.stdout` and `sys.stderr` (`wrap`, with `wrap_raw` and `wrap_emu` as its two "
        "forms), or below Python, at the file descriptors (`redirect`). `auto` means `wrap`.",
    )
    console_multipart: bool = setting(
        default=False,
        doc="Name the output log by the run's start, "
        "`logs/output_<date>_<time>_<nanoseconds>.log`, so that a run that goes on later leaves a "
        "part for each time.",
    )
    credentials_file: str = setting(
        default_factory=_credentials_file,
        doc="Where short-lived access tokens are kept between runs when an identity token is used.",
    )
    disable_code: bool = setting(
        default=False,
        doc="Save no source code, whatever `save_code` says.",
    )
    disable_git: bool = setting(
        default=False,
        doc="Ask nothing of git: no commit, no remote, no diff is recorded with the run.",
    )
    disable_job_creation: bool = setting(
        default=True,
        doc="Do not turn the run into a Launch job.",
    )
    docker: str | None = setting(
        default=None,
        doc="Container image the script runs in, recorded with the run.",
    )
    email: str | None = setting(
        default=None,
        env="WANDB_USER_EMAIL",
        doc="Your e-mail address, recorded with the run.",
    )
    entity: str | None = setting(
        default=None,
        doc="User or team the run belongs to; unset, the server takes your default.",
    )
    organization: str | None = setting(
        default=None,
        doc="Organisation whose registry is meant where artifacts are linked or fetched.",
    )
    force: bool = setting(
        default=False,
        doc="Make `wandb.login` insist on a key: without one the script stops at once.",
    )
    fork_from: RunMoment | None = setting(
        default=None,
        doc="Begin as a copy of another run up to one step: `<run id>?_step=<number>`. Excludes "
        "`resume` and `resume_from`.",
    )
    git_commit: str | None = setting(
        default=None,
        doc="Commit recorded with the run, in place of the one git reports.",
    )
    git_remote: str = setting(
        default="origin",
        doc="Name of the git remote whose address is recorded with the run.",
    )
    git_remote_url: str | None = setting(
        default=None,
        doc="Repository address recorded with the run, in place of the one git reports.",
    )
    git_root: str | None = setting(
        default=None,
        doc="Top folder of the repository, in place of the one found from the current folder.",
    )
    heartbeat_seconds: int = setting(
        default=30,
        doc="How often a quiet run tells the server that it is alive.",
    )
    host: str | None = setting(
        default=None,
        doc="Name of the machine as shown with the run; unset, the machine's own.",
    )
    http_proxy: str | None = setting(
        default=None,
        check=rules.url,
        secret=True,
        doc="Proxy for servers reached by plain HTTP.",
    )
    https_proxy: str | None = setting(
        default=None,
        check=rules.url,
        secret=True,
        doc="Proxy for servers reached by HTTPS.",
    )
    identity_token_file: str | None = setting(
        default=None,
        doc="File with a JSON web token to log in with, in place of an API key.",
    )
    ignore_globs: Sequence[str] = setting(
        default=(),
        check=checks.globs,
        from_text=checks.split_commas,
        doc="Files of the run folder that are not uploaded, as patterns relative to its `files`.",
    )
    init_timeout: float = setting(
        default=90.0,
        doc="Seconds `wandb.init` waits for the server before the run goes on without it.",
    )
    insecure_disable_ssl: bool = setting(
        default=False,
        doc="Do not check the server's certificate. For tests in closed networks only.",
    )
    job_name: str | None = setting(
        default=None,
        doc="Launch: name of the job this run was started from.",
    )
    job_source: JobSource | None = setting(
        default=None,
        options=JobSource,
        doc="Launch: what a job made from this run starts from.",
    )
    label_disable: bool = setting(
        default=False,
        doc="Do not note which library or integration logged the run.",
    )
    launch: bool = setting(
        default=False,
        doc="Launch: this process was started by an agent.",
    )
    launch_config_path: str | None = setting(
        default=None,
        doc="Launch: file with the values an agent hands to the run.",
    )
    login_timeout: float | None = setting(
        default=None,
        doc="Seconds to wait for an answer at the login prompt; unset waits for ever.",
    )
    mode: Mode = setting(
        default="online",
        options=Mode,
        doc="Send while running (`online`), keep on disk for `wandb sync` (`offline`), let many "
        "processes write one run (`shared`), or do nothing (`disabled`). `run` and `dryrun` are "
        "older words for `online` and `offline`.",
    )
    notebook_name: str | None = setting(
        default=None,
        doc="File name of the notebook, where it can't be found out.",
    )
    program: str | None = setting(
        default=None,
        check=checks.path,
        doc="Script recorded as the one that made the run; unset, the main module's file.",
    )
    program_abspath: str | None = setting(
        default=None,
        check=checks.path,
        doc="Full path of that script.",
    )
    program_relpath: str | None = setting(
        default=None,
        check=checks.path,
        doc="Path of that script from the top of its repository, or from the current folder.",
    )
    project: str | None = setting(
        default=None,
        check=rules.project,
        doc="Project the run is filed under: at most 128 characters, none of `/ \\ # ? % :`.",
    )
    quiet: bool = setting(
        default=False,
        doc="Leave out the lines at the start and the end of a run.",
    )
    reinit: Reinit | bool = setting(
        default="default",
        options=Reinit,
        wrap=checks.either,
        doc="What `wandb.init` does while a run is open: hand out that run (`return_previous`), "
        "finish it first (`finish_previous`), or open another beside it and leave `wandb.run` "
        "alone (`create_new`). `default` finishes in notebooks and hands out elsewhere. The "
        "older True and False mean `finish_previous` and `return_previous`.",
    )
    relogin: bool = setting(
        default=False,
        doc="Make `wandb.login` ask for a key even if there is one.",
    )
    resume: Resume | None = setting(
        default=None,
        options=Resume,
        wrap=checks.resume,
        doc="What happens if the run's id is taken: go on with that run if there is one "
        "(`allow`), fail if there is none (`must`), fail if there is one (`never`), or go on "
        "with the last run of this folder that did not finish (`auto`, or True).",
    )
    resume_from: RunMoment | None = setting(
        default=None,
        doc="Go on with a run from one of its steps and drop what came after: "
        "`<run id>?_step=<number>`. Excludes `resume` and `fork_from`.",
    )
    resumed: bool = setting(
        default=False,
        doc="The run goes on with an earlier one; set by `wandb.init`.",
    )
    root_dir: str = setting(
        default_factory=_working_folder,
        env="WANDB_DIR",
        check=checks.path,
        doc="Folder in which the `wandb` folder is made; the current one unless set.",
    )
    run_group: str | None = setting(
        default=None,
        doc="Name shared by runs that belong together, such as the folds of one experiment.",
    )
    run_id: str | None = setting(
        default=None,
        check=rules.run_id,
        doc="The run's id in its project: not empty, no white space at the ends, none of "
        "`: ; , # ? / '`. Unset, a random one of eight letters and digits.",
    )
    run_job_type: str | None = setting(
        default=None,
        env="WANDB_JOB_TYPE",
        doc="What the run does within its group, such as `train` or `eval`.",
    )
    run_name: str | None = setting(
        default=None,
        env="WANDB_NAME",
        doc="Name shown for the run; need not be unique.",
    )
    run_notes: str | None = setting(
        default=None,
        env="WANDB_NOTES",
        doc="Free text about the run, as in the message of a commit.",
    )
    run_tags: tuple[str, ...] | None = setting(
        default=None,
        env="WANDB_TAGS",
        from_text=checks.split_commas,
        doc="Words to find the run by. Servers take 1 to 64 characters each.",
    )
    sagemaker_disable: bool = setting(
        default=False,
        doc="Ignore that the script runs in SageMaker.",
    )
    save_code: bool | None = setting(
        default=None,
        doc="Save the main script or notebook with the run.",
    )
    settings_system: str | None = setting(
        default=None,
        check=checks.home_path,
        doc="Settings file of the user, read for all projects.",
    )
    max_end_of_run_history_metrics: int = setting(
        default=10,
        doc="How many sparklines the closing lines show at most.",
    )
    max_end_of_run_summary_metrics: int = setting(
        default=10,
        doc="How many summary values the closing lines show at most.",
    )
    show_colors: bool | None = setting(
        default=None,
        doc="Colour in terminal lines; unset, colour appears if stderr is a terminal.",
    )
    show_emoji: bool | None = setting(
        default=None,
        doc="Emoji in terminal lines. Accepted; Ferrule prints none.",
    )
    show_errors: bool = setting(
        default=True,
        doc="Print errors.",
    )
    show_info: bool = setting(
        default=True,
        doc="Print lines that are neither warnings nor errors.",
    )
    show_warnings: bool = setting(
        default=True,
        doc="Print warnings.",
    )
    silent: bool = setting(
        default=False,
        doc="Print nothing at all; what would be said goes to `debug.log`.",
    )
    start_method: str | None = setting(
        default=None,
        notice="The setting `start_method` has no effect any more; leave it out.",
        doc="Accepted from older scripts, with a warning; has no effect.",
    )
    strict: bool | None = setting(
        default=None,
        doc="Accepted from older scripts; has no effect. See `strict_steps`.",
    )
    summary_timeout: int = setting(
        default=60,
        doc="Seconds to wait for the server's summary when a run is read back at its end.",
    )
    summary_warnings: int = setting(
        default=5,
        doc="How many warnings of the service the closing lines repeat at most.",
    )
    sweep_id: str | None = setting(
        default=None,
        check=rules.sweep_id,
        doc="Sweep the run belongs to; set by the agent.",
    )
    sweep_param_path: str | None = setting(
        default=None,
        check=checks.path,
        doc="File with the values the sweep chose for the run; set by the agent.",
    )
    symlink: bool = setting(
        default_factory=_can_link,
        doc="Make links such as `latest-run`, and link saved files where copies would do.",
    )
    sync_tensorboard: bool | None = setting(
        default=None,
        doc="Log what the script writes for TensorBoard, and upload its event files.",
    )
    table_raise_on_max_row_limit_exceeded: bool = setting(
        default=False,
        doc="Raise an error where a table has too many rows, in place of a warning and a cut.",
    )
    username: str | None = setting(
        default=None,
        doc="User name recorded with the run.",
    )

    # ---- settings for those who build on the package

    x_cli_only_mode: bool = setting(
        default=False,
        doc="The process serves a command and opens no run.",
    )
    x_disable_meta: bool = setting(
        default=False,
        doc="Record nothing about the machine, the script and its repository.",
    )
    x_disable_stats: bool = setting(
        default=False,
        doc="Sample no system metrics.",
    )
    x_disable_viewer: bool = setting(
        default=False,
        doc="Do not ask the server who you are when a run starts.",
    )
    x_disable_machine_info: bool = setting(
        default=False,
        doc="Record and sample nothing about the machine, be it once or over time.",
    )
    x_executable: str | None = setting(
        default=None,
        check=checks.path,
        doc="Python interpreter recorded with the run; unset, the running one.",
    )
    x_extra_http_headers: dict[str, str] | None = setting(
        default=None,
        check=checks.json_text_map,
        secret=True,
        doc="Headers added to every request to the server, for gateways that ask for them.",
    )
    x_file_stream_max_bytes: int | None = setting(
        default=None,
        doc="Upper limit for the body of one request that carries logged rows, in bytes.",
    )
    x_file_stream_max_line_bytes: int | None = setting(
        default=None,
        check=rules.at_least(1, checks.integer),
        doc="Upper limit for one logged row as sent, in bytes.",
    )
    x_file_stream_transmit_interval: float | None = setting(
        default=None,
        doc="Seconds between two requests that carry logged rows.",
    )
    x_file_stream_retry_max: int | None = setting(
        default=None,
        doc="How often a request that carries logged rows is tried again.",
    )
    x_file_stream_retry_wait_min_seconds: float | None = setting(
        default=None,
        doc="Seconds before the first new try of such a request; each further wait is longer.",
    )
    x_file_stream_retry_wait_max_seconds: float | None = setting(
        default=None,
        doc="Longest wait between two tries of such a request, in seconds.",
    )
    x_file_stream_timeout_seconds: float | None = setting(
        default=None,
        doc="Seconds until one try of such a request counts as failed.",
    )
    x_file_transfer_retry_max: int | None = setting(
        default=None,
        doc="How often the upload or download of a file is tried again.",
    )
    x_file_transfer_retry_wait_min_seconds: float | None = setting(
        default=None,
        doc="Seconds before a file is first tried again; each further wait is longer.",
    )
    x_file_transfer_retry_wait_max_seconds: float | None = setting(
        default=None,
        doc="Longest wait between two tries of a file, in seconds.",
    )
    x_file_transfer_timeout_seconds: float | None = setting(
        default=None,
        env="WANDB_FILE_PUSHER_TIMEOUT",
        doc="Seconds until one try of a file counts as failed.",
    )
    x_files_dir: str | None = setting(
        default=None,
        check=checks.path,
        doc="Folder for the run's files, in place of the one in the run folder.",
    )
    x_flow_control_custom: bool | None = setting(
        default=None,
        doc="Accepted; has no effect: the journal on disk is the only queue.",
    )
    x_flow_control_disabled: bool | None = setting(
        default=None,
        doc="Accepted; has no effect: the journal on disk is the only queue.",
    )
    x_graphql_retry_max: int | None = setting(
        default=None,
        doc="How often a query to the server is tried again.",
    )
    x_graphql_retry_wait_min_seconds: float | None = setting(
        default=None,
        doc="Seconds before a query is first tried again; each further wait is longer.",
    )
    x_graphql_retry_wait_max_seconds: float | None = setting(
        default=None,
        doc="Longest wait between two tries of a query, in seconds.",
    )
    x_graphql_timeout_seconds: float | None = setting(
        default=None,
        env="WANDB_HTTP_TIMEOUT",
        doc="Seconds until one try of a query counts as failed.",
    )
    x_internal_check_process: float = setting(
        default=8.0,
        doc="Seconds between two looks of the service whether its user process lives.",
    )
    x_jupyter_name: str | None = setting(
        default=None,
        doc="File name of the running notebook, as its server tells it.",
    )
    x_jupyter_path: str | None = setting(
        default=None,
        doc="Path of the running notebook below the notebook server's root.",
    )
    x_jupyter_root: str | None = setting(
        default=None,
        doc="Folder the notebook server serves.",
    )
    x_label: str | None = setting(
        default=None,
        doc="Name of this process among those that write one run; its system metrics and output "
        "are kept apart under it.",
    )
    x_live_policy_rate_limit: int | None = setting(
        default=None,
        doc="Seconds that pass at least between two uploads of a file saved as `live`.",
    )
    x_live_policy_wait_time: int | None = setting(
        default=None,
        doc="Seconds a file saved as `live` must rest unchanged before it is uploaded.",
    )
    x_log_level: int = setting(
        default=20,
        doc="Lowest level written to `debug.log`, as Python's `logging` counts: 10 is debug.",
    )
    x_network_buffer: int | None = setting(
        default=None,
        doc="Accepted; has no effect: the journal on disk is the only queue.",
    )
    x_primary: bool = setting(
        default=True,
        doc="This process records config, metadata and code of the run. Switch it off in all but "
        "one of the processes that write one run.",
    )
    x_proxies: dict[str, str] | None = setting(
        default=None,
        secret=True,
        doc="Proxies by scheme (`http`, `https`) for requests of the public API.",
    )
    x_runqueue_item_id: str | None = setting(
        default=None,
        doc="Launch: queue entry this run was started from.",
    )
    x_save_requirements: bool = setting(
        default=True,
        doc="Save the installed packages and their versions as `requirements.txt`.",
    )
    x_server_side_derived_summary: bool = setting(
        default=False,
        doc="Leave it to the server to work out the summary from the history. Values you put in "
        "`run.summary` are still sent.",
    )
    x_server_side_expand_glob_metrics: bool = setting(
        default=True,
        doc="Leave it to the server to apply `define_metric` patterns to the keys they match.",
    )
    x_service_transport: str | None = setting(
        default=None,
        env="WANDB_SERVICE_TRANSPORT",
        doc="Accepted; has no effect: the service listens on a Unix socket.",
    )
    x_service_wait: float = setting(
        default=30.0,
        check=rules.at_least(0, checks.real),
        doc="Seconds to wait for the service to start where something needs its answer.",
    )
    x_service_linger: float = setting(
        default=30.0,
        check=rules.at_least(0, checks.real),
        ours=True,
        doc="Seconds the service stays after its last run has ended, in case another follows.",
    )
    x_skip_transaction_log: bool = setting(
        default=False,
        doc="Remove a run's journal once the server has all of it. Not possible offline, where "
        "the journal is all there is.",
    )
    x_start_time: float | None = setting(
        default=None,
        doc="When the run began, in seconds since 1970; set by `wandb.init`.",
    )
    x_stats_pid: int = setting(
        default_factory=os.getpid,
        doc="Process whose use of the machine is sampled; unset, this one.",
    )
    x_stats_sampling_interval: float = setting(
        default=15.0,
        check=rules.at_least(0.1, checks.real),
        doc="Seconds between two samples of system metrics, at least 0.1.",
    )
    x_stats_neuron_monitor_config_path: str | None = setting(
        default=None,
        check=checks.path,
        doc="Configuration file handed to AWS's `neuron-monitor`.",
    )
    x_stats_dcgm_exporter: str | None = setting(
        default=None,
        doc="Address of a DCGM exporter, or of a Prometheus query over several, to read NVIDIA "
        "metrics from.",
    )
    x_stats_open_metrics_endpoints: dict[str, str] | None = setting(
        default=None,
        check=checks.json_text_map,
        doc="OpenMetrics addresses to sample along with the system metrics, by a name of yours.",
    )
    x_stats_open_metrics_filters: dict[str, dict[str, str]] | Sequence[str] | None = setting(
        default=None,
        check=checks.json_metric_filters,
        doc="Which of those metrics to keep: patterns for `<name>.<metric>`, as a list, or as a "
        "dict that adds patterns for labels.",
    )
    x_stats_open_metrics_http_headers: dict[str, str] | None = setting(
        default=None,
        check=checks.json_text_map,
        secret=True,
        doc="Headers sent with requests to those addresses.",
    )
    x_stats_disk_paths: Sequence[str] | None = setting(
        default=("/",),
        doc="Mount points whose use is sampled.",
    )
    x_stats_cpu_count: int | None = setting(
        default=None,
        doc="Number of processor cores recorded with the run, in place of the counted one.",
    )
    x_stats_cpu_logical_count: int | None = setting(
        default=None,
        doc="Number of hardware threads recorded with the run, in place of the counted one.",
    )
    x_stats_gpu_count: int | None = setting(
        default=None,
        doc="Number of GPUs recorded with the run, in place of the counted one.",
    )
    x_stats_gpu_type: str | None = setting(
        default=None,
        doc="Kind of GPU recorded with the run, in place of the one found.",
    )
    x_stats_gpu_device_ids: Sequence[int] | None = setting(
        default=None,
        check=checks.json_integers,
        doc="Which GPUs are sampled, counted from 0 as CUDA and ROCm do; unset, all.",
    )
    x_stats_buffer_size: int = setting(
        default=0,
        doc="How many samples of system metrics are kept in memory for the script to read.",
    )
    x_stats_coreweave_metadata_base_url: str = setting(
        default="http://169.254.169.254",
        check=rules.url,
        doc="Where a CoreWeave machine answers questions about itself; it is not asked here, since "
        "no host is contacted that nobody named.",
    )
    x_stats_coreweave_metadata_endpoint: str = setting(
        default="/api/v2/cloud-init/meta-data",
        doc="Path at that address which tells about the machine; not asked either.",
    )
    x_stats_track_process_tree: bool = setting(
        default=False,
        doc="Sample the children of `x_stats_pid` too, and add them up. Costs some time where "
        "there are many.",
    )
    x_sync: bool = setting(
        default=False,
        doc="The run is being sent again from disk by `wandb sync`.",
    )
    x_update_finish_state: bool = setting(
        default=True,
        doc="This process ends the run on the server. Switch it off in all but one of the "
        "processes that write one run.",
    )

    # ---- settings the original does not have

    finish_timeout: float = setting(
        default=30.0,
        check=rules.at_least(0, checks.real),
        ours=True,
        doc="Seconds `run.finish` waits for the upload. What is left then goes on in the service, "
        "or waits on disk; nothing is lost.",
    )
    keep_media: bool = setting(
        default=False,
        ours=True,
        doc="Keep the files of images and other media in the run's folder after the server has "
        "them. Those of offline runs stay in any case.",
    )
    strict_steps: bool = setting(
        default=False,
        ours=True,
        doc="Raise an error where `run.log` is given a step below the last one, in place of "
        "keeping the row with a warning.",
    )
