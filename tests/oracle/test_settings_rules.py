"""Where settings come from, which win, and what follows from them: both clients, line by line."""

import pytest


def settings_file(folder, name, text):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"[default]\n{text}\n")


@pytest.fixture
def known(play, tmp_path):
    """Run lines that leave settings in `s`, in a fresh environment; return some of them by name."""

    def ask(lines, *names, **environment):
        here = {"WANDB_CONFIG_DIR": str(tmp_path / ".config" / "wandb"), "WANDB_MODE": "offline"}
        environment = {**here, **environment}
        asked = f"[getattr(s, name) for name in {names!r}]"
        played = play(
            f"import os; wandb.teardown(); os.chdir({str(tmp_path)!r})",
            f"os.environ.update({environment!r})",
            lines,
            asked,
            "[os.environ.pop(name) for name in list(os.environ) if name.startswith('WANDB_')]",
            "wandb.teardown()",
        )
        assert not played.errors, played
        return {name: plain(value) for name, value in zip(names, played[asked].value, strict=True)}

    return ask


def plain(value):
    return list(value) if isinstance(value, tuple) else value


SYSTEM, WORKSPACE = ".config/wandb/settings", "wandb/settings"
OF_PROCESS = "s = wandb.setup().settings"


# --- §1: precedence -----------------------------------------------------------------------------


def test_each_source_wins_over_the_one_before(known, tmp_path):
    settings_file(tmp_path, SYSTEM, "project = system\nentity = system\nrun_group = system")
    settings_file(tmp_path, WORKSPACE, "entity = workspace\nrun_group = workspace")

    found = known(OF_PROCESS, "project", "entity", "run_group", WANDB_RUN_GROUP="environment")

    assert found == {"project": "system", "entity": "workspace", "run_group": "environment"}


def test_sources_of_a_run_win_in_turn(known):
    found = known(
        "wandb.setup(settings=wandb.Settings(project='setup', entity='setup', run_group='setup',"
        " run_name='setup'))\n"
        "run = wandb.init(settings=wandb.Settings(entity='init', run_group='init'), group='word')\n"
        "s = run.settings\nrun.finish()",
        "project",
        "entity",
        "run_group",
        "run_name",
        WANDB_NAME="environment",
    )

    assert found == {
        "project": "setup",
        "entity": "init",
        "run_group": "word",
        "run_name": "setup",
    }


def test_none_overrides_nothing(known):
    found = known(
        "run = wandb.init(project=None, settings={'entity': None})\ns = run.settings\nrun.finish()",
        "project",
        "entity",
        WANDB_PROJECT="environment",
        WANDB_ENTITY="environment",
    )

    assert found == {"project": "environment", "entity": "environment"}


def test_only_fields_that_were_set_override(known):
    found = known(
        "run = wandb.init(settings=wandb.Settings(run_name='x'))\ns = run.settings\nrun.finish()",
        "project",
        "run_name",
        WANDB_PROJECT="environment",
    )

    assert found == {"project": "environment", "run_name": "x"}


def test_settings_made_by_hand_read_nothing(known, tmp_path):
    settings_file(tmp_path, SYSTEM, "project = system")

    found = known("s = wandb.Settings()", "project", "mode", WANDB_PROJECT="environment")

    assert found == {"project": None, "mode": "online"}


def test_folders_file_is_looked_for_where_the_users_file_says(known, tmp_path):
    settings_file(tmp_path, SYSTEM, f"root_dir = {tmp_path / 'elsewhere'}")
    settings_file(tmp_path, "elsewhere/wandb/settings", "project = elsewhere")

    assert known(OF_PROCESS, "project") == {"project": "elsewhere"}


def test_wandb_dir_comes_too_late_for_the_folders_file(known, tmp_path):
    settings_file(tmp_path, "elsewhere/wandb/settings", "project = elsewhere")

    found = known(OF_PROCESS, "project", WANDB_DIR=str(tmp_path / "elsewhere"))

    assert found == {"project": None}


def test_config_dir_moves_the_users_file(known, tmp_path):
    settings_file(tmp_path, "there/settings", "project = there")

    assert known(OF_PROCESS, "project", WANDB_CONFIG_DIR=str(tmp_path / "there")) == {
        "project": "there"
    }


def test_environment_is_read_once_and_a_change_is_told(script):
    ended = script(
        "import os, wandb\n"
        "wandb.setup()\n"
        "os.environ['WANDB_PROJECT'] = 'late'\n"
        "run = wandb.init()\n"
        "print(run.project)\n"
        "run.finish()\n",
        environment={"WANDB_PROJECT": "early"},
    )

    assert ended.stdout.splitlines()[0] == "early"
    warnings = [line for line in ended.stderr.splitlines() if "WARNING" in line]
    assert len([line for line in warnings if "WANDB_" in line or "nviron" in line]) == 1


def test_change_of_some_names_is_not_told(script):
    ended = script(
        "import os, wandb\n"
        "wandb.setup()\n"
        "os.environ['WANDB_KUBEFLOW_URL'] = 'late'\n"
        "wandb.init().finish()\n"
    )

    assert "WARNING" not in ended.stderr


def test_teardown_reads_the_environment_again(known):
    found = known(
        "import os\nwandb.setup()\nos.environ['WANDB_PROJECT'] = 'late'\nwandb.teardown()\n"
        + OF_PROCESS,
        "project",
        WANDB_PROJECT="early",
    )

    assert found == {"project": "late"}


def test_forked_child_reads_the_environment_again(script):
    ended = script(
        "import os, sys, wandb\n"
        "wandb.setup()\n"
        "os.environ['WANDB_PROJECT'] = 'late'\n"
        "pid = os.fork()\n"
        "if pid == 0:\n"
        "    print(wandb.setup().settings.project)\n"
        "    sys.stdout.flush()\n"
        "    os._exit(0)\n"
        "os.waitpid(pid, 0)\n",
        environment={"WANDB_PROJECT": "early"},
    )

    assert ended.stdout.splitlines() == ["late"]


@pytest.mark.parametrize(
    ("save", "disable", "expected"),
    [
        (None, None, None),
        ("true", None, True),
        ("false", None, False),
        ("true", "true", False),
        ("true", "false", True),
        (None, "true", False),
        (None, "false", False),
    ],
)
def test_code_saving_by_two_variables(known, save, disable, expected):
    given = {"WANDB_SAVE_CODE": save, "WANDB_DISABLE_CODE": disable}
    given = {name: value for name, value in given.items() if value is not None}

    assert known(OF_PROCESS, "save_code", **given) == {"save_code": expected}


SHORT_NAMES = {
    "WANDB_DIR": ("root_dir", "/tmp"),
    "WANDB_NAME": ("run_name", "n"),
    "WANDB_NOTES": ("run_notes", "n"),
    "WANDB_JOB_TYPE": ("run_job_type", "n"),
    "WANDB_USER_EMAIL": ("email", "n"),
    "WANDB_FILE_PUSHER_TIMEOUT": ("x_file_transfer_timeout_seconds", 3.0),
    "WANDB_HTTP_TIMEOUT": ("x_graphql_timeout_seconds", 3.0),
    "WANDB_SERVICE_TRANSPORT": ("x_service_transport", "n"),
    "WANDB__LABEL": ("x_label", "n"),
    "WANDB_X_LABEL": ("x_label", "n"),
}


@pytest.mark.parametrize("variable", SHORT_NAMES)
def test_variable_of_another_name(known, variable):
    field, value = SHORT_NAMES[variable]
    text = str(value).removesuffix(".0")

    assert known(OF_PROCESS, field, **{variable: text}) == {field: value}


def test_unknown_variables_and_wandb_disabled_do_nothing(known):
    found = known(OF_PROCESS, "mode", WANDB_NONSENSE="1", WANDB_DISABLED="true")

    assert found == {"mode": "offline"}


def test_tags_of_the_environment_keep_spaces_and_empty_parts(known):
    found = known(
        OF_PROCESS, "run_tags", "ignore_globs", WANDB_TAGS="a, b,,c", WANDB_IGNORE_GLOBS=""
    )

    assert found == {"run_tags": ["a", " b", "", "c"], "ignore_globs": [""]}


def test_app_url_may_be_given(known):
    found = known(
        "s = wandb.Settings(entity='e', project='p')", "project_url", WANDB_APP_URL="http://pages/"
    )

    assert found == {"project_url": "http://pages/e/p"}


# --- §4: rules ------------------------------------------------------------------------------------

REFUSED = [
    "run_id=''",
    "run_id=' a'",
    "run_id='a:b'",
    "run_id='a;b'",
    "run_id='a,b'",
    "run_id='a#b'",
    "run_id='a?b'",
    "run_id='a/b'",
    'run_id="a\'b"',
    "run_id=5",
    "project='a/b'",
    "project='a\\\\b'",
    "project='a#b'",
    "project='a?b'",
    "project='a%b'",
    "project='a:b'",
    "project='p' * 129",
    "base_url='https://wandb.ai'",
    "base_url='http://api.wandb.ai'",
    "base_url='ftp://x'",
    "base_url='x'",
    "api_key=' k'",
    "sweep_id=''",
    "sweep_id=' s'",
    "resume_from='x'",
    "fork_from='r?loss=3'",
    "fork_from='r?_step=x'",
    "fork_from='a?_step=1', resume='allow'",
    "resume_from='a?_step=1', resume='must'",
    "fork_from='a?_step=1', resume_from='a?_step=1'",
    "x_stats_sampling_interval=0.01",
    "x_service_wait=-1",
    "x_file_stream_max_line_bytes=0",
    "x_skip_transaction_log=True, mode='offline'",
    "reinit='x'",
    "console='x'",
    "nonsense=1",
    "__nonsense=1",
]
USAGE = ("run_id='", 'run_id="', "run_id=' ", "project", "api_key", "sweep_id", "x_stats", "x_serv")


@pytest.mark.parametrize("given", REFUSED)
def test_value_that_is_refused(play, client, given):
    line = f"wandb.Settings({given})"
    played = play(line)

    assert {"UsageError", "ValueError"} & set(played[line].error), played
    if given.startswith(USAGE):
        assert "UsageError" in played[line].error


@pytest.mark.parametrize(
    ("moment", "run_id"), [("fork_from='a?_step=1'", "a"), ("resume_from='a?_step=1'", "b")]
)
def test_moment_that_contradicts_the_id_is_refused(play, moment, run_id):
    name, _, value = moment.partition("=")
    line = f"setattr(s, {name!r}, {value})"

    played = play(f"s = wandb.Settings(run_id={run_id!r})", line)

    assert {"UsageError", "ValueError"} & set(played[line].error), played


KEPT = {
    "run_id='a b\"\\\\\\\\..é'": "run_id",
    "run_id='r' * 500": "run_id",
    "project=''": "project",
    "project='p' * 128": "project",
    "run_tags=('a', 'a', '', 't' * 65)": "run_tags",
    "base_url='https://host/path/'": "base_url",
    "resume=True": "resume",
    "resume=False": "resume",
    "reinit=True": "reinit",
    "resume_from='a?_step=1', run_id='a'": "run_id",
    "_disable_stats=True": "x_disable_stats",
    "_label='x'": "x_label",
    "x_primary_node=False": "x_primary",
    "console='auto'": "console",
    "http_proxy='http://p:1/'": "http_proxy",
    "start_method='fork'": "start_method",
    "mode='dryrun'": "mode",
}


@pytest.mark.parametrize("given", KEPT)
def test_value_that_is_kept(drivers, ours, released, given):
    line = f"wandb.Settings({given}).{KEPT[given]}"
    mine, theirs = (drivers.of(client).play(line)[line] for client in (ours, released))

    assert not theirs.error, theirs
    assert mine.value == theirs.value


def test_start_method_is_told_to_be_deprecated(script):
    ended = script("import wandb\nwandb.init(settings={'start_method': 'fork'}).finish()\n")

    assert "start_method" in ended.stderr


# --- copies and records --------------------------------------------------------------------------

RECORD = (
    "wandb.Settings(run_id='r', run_tags=('a', 'b'), reinit=True, mode='offline', "
    "x_stats_disk_paths=('/',), fork_from=None).to_proto()"
)


def test_record_leaves_out_what_ends_here(drivers, ours, released):
    mine = drivers.of(ours).play(f"[item['key'] for item in {RECORD}['item']]").outcomes[0].value
    theirs = drivers.of(released).play(f"[f.name for f, _ in {RECORD}.ListFields()]")

    assert "run_id" in mine
    assert not {"reinit", "max_end_of_run_history_metrics"} & set(mine)
    assert "reinit" not in theirs.outcomes[0].value


COPIES = {
    "wandb.Settings(run_id='r').model_copy(update={'run_id': 's'}).run_id": "s",
    "wandb.Settings(run_id='r').model_dump()['run_id']": "r",
    "'run_url' in wandb.Settings().model_dump()": True,
    "sorted(wandb.Settings(run_id='r', mode='offline').model_fields_set)": ["mode", "run_id"],
    "wandb.Settings(run_id='r') == wandb.Settings(run_id='r')": True,
    "wandb.Settings(run_id='r') == wandb.Settings(run_id='s')": False,
    "dict(wandb.Settings(run_id='r'))['run_id']": "r",
    "pickle.loads(pickle.dumps(wandb.Settings(run_id='r'))).run_id": "r",
    "copy.deepcopy(wandb.Settings(run_id='r')).run_id": "r",
}


@pytest.mark.parametrize("line", COPIES)
def test_copies(play, line):
    played = play("import copy, pickle", line)

    assert played[line].value == COPIES[line]


def test_updates_from_others(play):
    played = play(
        "s = wandb.Settings(run_id='a', entity='a')",
        "s.update_from_dict({'entity': 'b', 'project': None})",
        "s.update_from_settings(wandb.Settings(run_name='c'))",
        "s.update_from_env_vars({'WANDB_NOTES': 'd', 'OTHER': 'e'})",
        "(s.run_id, s.entity, s.project, s.run_name, s.run_notes)",
    )

    assert not played.errors, played
    assert played.outcomes[-1].value == ("a", "b", None, "c", "d")


# --- §6: modes ------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["offline", "dryrun"])
def test_offline_modes_keep_a_folder_of_their_own(play, mode):
    played = play(f"run = init(mode='{mode}', id='r')", "run.offline", "run.url", "run.finish()")

    assert played["run.offline"].value is True
    assert played["run.url"].value is None
    assert list(played.folder.glob("wandb/offline-run-*-r/run-r.wandb"))
