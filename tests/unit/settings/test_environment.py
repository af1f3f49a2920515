"""What environment variables set; checked against the released client."""

import pytest

from wandb._settings import environment
from wandb._settings.moment import RunMoment
from wandb._settings.settings import Settings
from wandb.errors import SettingsError

SET = [
    ({"WANDB_MODE": "offline"}, {"mode": "offline"}),
    ({"WANDB_DIR": "x"}, {"root_dir": "x"}),
    ({"WANDB_ROOT_DIR": "x"}, {"root_dir": "x"}),
    ({"WANDB_NAME": "n"}, {"run_name": "n"}),
    ({"WANDB_RUN_NAME": "n"}, {"run_name": "n"}),
    ({"WANDB_NOTES": ""}, {"run_notes": ""}),
    ({"WANDB_JOB_TYPE": "j"}, {"run_job_type": "j"}),
    ({"WANDB_RUN_GROUP": "g"}, {"run_group": "g"}),
    ({"WANDB_USER_EMAIL": "m"}, {"email": "m"}),
    ({"WANDB_HTTP_TIMEOUT": "3"}, {"x_graphql_timeout_seconds": 3.0}),
    ({"WANDB_FILE_PUSHER_TIMEOUT": "3"}, {"x_file_transfer_timeout_seconds": 3.0}),
    ({"WANDB_SERVICE_TRANSPORT": "tcp"}, {"x_service_transport": "tcp"}),
    ({"WANDB_X_DISABLE_STATS": "1"}, {"x_disable_stats": True}),
    ({"WANDB__DISABLE_STATS": "true"}, {"x_disable_stats": True}),
    ({"WANDB__DISABLE_STATS": "1", "WANDB_X_DISABLE_STATS": "0"}, {"x_disable_stats": False}),
    ({"WANDB_TAGS": "a, b,,c"}, {"run_tags": ("a", " b", "", "c")}),
    ({"WANDB_IGNORE_GLOBS": "*.a,b"}, {"ignore_globs": ("*.a", "b")}),
    ({"WANDB_CONFIG_PATHS": "a.yaml,b.yaml"}, {"config_paths": ("a.yaml", "b.yaml")}),
    ({"WANDB_PROJECT": ""}, {"project": ""}),
    ({"WANDB_HOST": ""}, {"host": ""}),
    ({"WANDB_REINIT": "true"}, {"reinit": True}),
    ({"WANDB_CONSOLE": "auto"}, {"console": "wrap"}),
    ({"WANDB_FORK_FROM": "a?_step=1"}, {"fork_from": RunMoment("a", 1)}),
    ({"WANDB_SYMLINK": "false"}, {"symlink": False}),
    ({"WANDB_X_STATS_OPEN_METRICS_FILTERS": '["a"]'}, {"x_stats_open_metrics_filters": ["a"]}),
    ({"WANDB_X_START_TIME": "5"}, {"x_start_time": 5.0}),
    ({"WANDB_STRICT_STEPS": "yes"}, {"strict_steps": True}),
    ({"WANDB_FINISH_TIMEOUT": "2"}, {"finish_timeout": 2.0}),
    ({"WANDB_X_SERVICE_LINGER": "2"}, {"x_service_linger": 2.0}),
    ({"WANDB_SWEEP_ID": "s"}, {"sweep_id": "s"}),
    # no settings, or settings that only code can name so
    ({"WANDB_FOO": "1", "WANDB_SERVICE": "x", "WANDB_DEBUG": "1"}, {}),
    ({"WANDB_RUN_MODE": "x", "WANDB_DISABLED": "true"}, {}),
    ({"WANDB_X_PRIMARY_NODE": "false"}, {}),
    ({"PROJECT": "x", "wandb_project": "x", "WANDB": "x", "WANDB_": "x"}, {}),
]

REFUSED = [
    ("WANDB_SILENT", "maybe"),
    ("WANDB_SILENT", ""),
    ("WANDB_SAVE_CODE", "x"),
    ("WANDB_DISABLE_GIT", "x"),
    ("WANDB_LAUNCH", "x"),
    ("WANDB_MODE", ""),
    ("WANDB_RESUME", "true"),
    ("WANDB_RESUME", ""),
    ("WANDB_ANONYMOUS", ""),
    ("WANDB_CONSOLE", ""),
    ("WANDB_RUN_ID", ""),
    ("WANDB_API_KEY", " a"),
    ("WANDB_HEARTBEAT_SECONDS", "soon"),
    ("WANDB_X_STATS_GPU_DEVICE_IDS", "1"),
    ("WANDB_X_STATS_DISK_PATHS", "/,/x"),
    ("WANDB_X_PROXIES", "{}"),
    ("WANDB_AZURE_ACCOUNT_URL_TO_ACCESS_KEY", "{}"),
]


@pytest.mark.parametrize(("environ", "values"), SET)
def test_variable_sets_its_setting(environ, values):
    settings = Settings()

    settings.update_from_env_vars(environ)

    assert {name: getattr(settings, name) for name in settings.model_fields_set} == values


@pytest.mark.parametrize(("name", "text"), REFUSED)
def test_refusal_names_the_variable(name, text):
    settings = Settings()

    with pytest.raises(SettingsError, match=f"^environment variable `{name}`: "):
        settings.update_from_env_vars({"WANDB_PROJECT": "p", name: text})

    assert settings == Settings()


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_variable_of_the_table_reaches_its_setting(name):
    field = Settings.model_fields[name]

    reached = [list(environment.entries({variable: "1"})) for variable in field.environment_names]

    assert [[entry[0] for entry in entries] for entries in reached] == [[name]] * len(reached)
