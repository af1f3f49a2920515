"""The object: how it is made, changed, compared, copied and shown."""

import copy
import inspect
import json
import os
import pickle

import pytest

from wandb._settings.settings import INIT_ARGUMENTS, KEY_OF_LOGIN, Settings
from wandb.errors import SettingsError

WAYS_TO_CONTINUE = [
    {"fork_from": "a?_step=1", "resume": "must"},
    {"fork_from": "a?_step=1", "resume_from": "a?_step=2"},
    {"resume": "must", "resume_from": "a?_step=1"},
]
WRONG_IDS = [
    {"fork_from": "a?_step=1", "run_id": "a"},
    {"resume_from": "a?_step=1", "run_id": "b"},
]
NO_JOURNAL = [
    {"x_skip_transaction_log": True, "mode": "offline"},
    {"x_skip_transaction_log": True, "mode": "dryrun"},
]


def test_new_object_has_the_defaults_and_nobody_set_them(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WANDB_PROJECT", "from the environment")

    settings = Settings()

    assert settings.project is None
    assert settings.root_dir == str(tmp_path)
    assert settings.console == "wrap"
    assert settings.x_stats_pid == os.getpid()
    assert settings.model_fields_set == set()


def test_folder_that_vanished_does_not_keep_settings_from_being_made(monkeypatch, tmp_path):
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()

    assert os.path.isdir(Settings().root_dir)


def test_settings_are_given_by_name_only():
    with pytest.raises(TypeError):
        Settings({"mode": "offline"})


@pytest.mark.parametrize(
    ("old", "new", "value"),
    [
        ("_disable_stats", "x_disable_stats", True),
        ("_label", "x_label", "worker"),
        ("x_primary_node", "x_primary", False),
    ],
)
def test_older_names_stand_for_newer_ones(old, new, value):
    given = Settings(**{old: value})
    assigned = Settings()
    setattr(assigned, old, value)

    assert getattr(given, new) == getattr(assigned, new) == value
    assert given.model_fields_set == {new}
    assert Settings.catch_private_settings({old: value}) == {new: value}


def test_setting_a_value_remembers_it_even_if_it_is_the_default():
    assert Settings(mode="online", run_id=None).model_fields_set == {"mode", "run_id"}


def test_assignment_is_checked_and_a_refused_one_changes_nothing():
    settings = Settings(mode="offline")

    with pytest.raises(SettingsError, match=r"^assignment to wandb.Settings: `mode` must be"):
        settings.mode = "x"

    assert settings.mode == "offline"


def test_assignment_to_an_unknown_name_is_refused():
    with pytest.raises(SettingsError, match="no setting `zork`"):
        Settings().zork = 1


def test_derived_values_cannot_be_assigned():
    with pytest.raises(AttributeError, match="`run_mode` is derived"):
        Settings().run_mode = "run"


def test_deleting_a_value_brings_the_default_back():
    settings = Settings(console="off", root_dir="x")

    del settings.console, settings.root_dir

    assert (settings.console, settings.root_dir) == ("wrap", os.getcwd())
    assert settings.model_fields_set == set()


@pytest.mark.parametrize("values", WAYS_TO_CONTINUE + WRONG_IDS + NO_JOURNAL)
def test_values_that_exclude_each_other_are_refused_in_any_order(values):
    with pytest.raises(SettingsError):
        Settings(**values)
    for names in (list(values), list(reversed(values))):
        settings = Settings()
        setattr(settings, names[0], values[names[0]])
        with pytest.raises(SettingsError):
            setattr(settings, names[1], values[names[1]])
        assert settings == Settings(**{names[0]: values[names[0]]})


def test_refusal_of_a_pair_tells_where_both_came_from():
    settings = Settings(fork_from="a?_step=1")

    with pytest.raises(SettingsError) as caught:
        settings.update_from_env_vars({"WANDB_RESUME": "must"})

    assert str(caught.value) == (
        "`fork_from` (wandb.Settings) and `resume` (environment variable `WANDB_RESUME`) exclude "
        "each other. Give only one of them."
    )


@pytest.mark.parametrize(
    "values",
    [
        {"fork_from": "a?_step=1", "run_id": "b"},
        {"resume_from": "a?_step=1", "run_id": "a"},
        {"fork_from": "a?_step=1", "resume": False},
        {"x_skip_transaction_log": True},
        {"x_skip_transaction_log": False, "mode": "offline"},
    ],
)
def test_values_that_go_together_are_kept(values):
    assert Settings(**values).model_fields_set == set(values)


def test_update_takes_only_what_was_set_and_not_none():
    settings = Settings(project="a", entity="e", mode="offline")

    settings.update_from_settings(Settings(entity=None, run_tags=["x"], mode="online"))

    assert (settings.project, settings.entity, settings.mode) == ("a", "e", "online")
    assert settings.run_tags == ("x",)


def test_update_looks_at_rules_between_values_once_all_are_there():
    settings = Settings(run_id="b")

    settings.update_from_dict({"resume_from": "a?_step=1", "run_id": "a"})

    assert settings.run_id == "a"


def test_update_from_dict_names_its_source_and_is_all_or_nothing():
    settings = Settings(entity="e")

    with pytest.raises(SettingsError, match=r"^argument of `wandb.init`: `mode` must be"):
        settings.update_from_dict(
            {"project": "p", "entity": None, "mode": "x"}, source="argument of `wandb.init`"
        )

    assert settings == Settings(entity="e")


def test_update_from_something_else_than_a_dict_is_refused():
    with pytest.raises(SettingsError, match="expected a dict, got list"):
        Settings().update_from_dict([("project", "x")])


def test_origin_travels_with_the_value():
    source = Settings()
    source.update_from_env_vars({"WANDB_PROJECT": "p"})
    target = Settings(mode="offline")

    target.update_from_settings(source)

    assert target.origin("project") == "environment variable `WANDB_PROJECT`"
    assert (target.origin("mode"), target.origin("entity")) == ("wandb.Settings", None)


def test_notice_is_handed_over_once():
    settings = Settings()
    settings.update_from_settings(Settings(start_method="fork"))
    settings.start_method = "spawn"

    first, second = settings.take_notices(), settings.take_notices()

    assert len(first) == 1
    assert "`start_method` has no effect" in first[0]
    assert second == []


@pytest.mark.parametrize(
    "copied",
    [copy.copy, copy.deepcopy, Settings.model_copy, lambda s: pickle.loads(pickle.dumps(s))],
)
def test_copy_is_equal_and_independent(copied):
    settings = Settings(project="p", resume_from="a?_step=1")

    twin = copied(settings)
    was_equal = twin == settings
    twin.project = "q"

    assert was_equal
    assert settings.project == "p"
    assert twin.model_fields_set == {"project", "resume_from"}


def test_copy_with_changes_is_checked():
    assert Settings(project="p").model_copy(update={"mode": "offline"}).mode == "offline"
    with pytest.raises(SettingsError, match="model_copy: `mode`"):
        Settings().model_copy(update={"mode": "x"})


def test_objects_compare_by_value_and_cannot_be_hashed():
    assert Settings() == Settings(mode="online")
    assert Settings() != Settings(mode="offline")
    assert Settings() != {}
    with pytest.raises(TypeError):
        hash(Settings())


def test_repr_shows_what_was_set_and_no_secret():
    settings = Settings(
        project="p", api_key="hunter2", https_proxy="http://u:hunter2@h", x_proxies={"a": "hunter2"}
    )

    assert "hunter2" not in f"{settings!r} {settings}"
    assert repr(settings) == "Settings(api_key=***, https_proxy=***, project='p', x_proxies=***)"


def test_dump_has_all_values_and_the_derived_ones():
    settings = Settings(project="p", api_key="k")

    dump = settings.model_dump()

    assert set(Settings.model_fields) < set(dump)
    assert (dump["project"], dump["api_key"], dump["run_mode"], dump["_offline"]) == (
        "p",
        "k",
        "run",
        False,
    )
    assert dict(settings) == {name: dump[name] for name in Settings.model_fields}


def test_dump_can_leave_things_out():
    settings = Settings(project="p", entity=None, mode="online")

    assert "host" not in settings.model_dump(exclude_unset=True)
    assert "entity" not in settings.model_dump(exclude_unset=True, exclude_none=True)
    assert "mode" not in settings.model_dump(exclude_defaults=True)


def test_record_for_the_service_holds_json_without_what_ends_at_the_client():
    settings = Settings(run_id="r", fork_from="x?_step=3", run_tags=["a"], reinit="create_new")

    record = {item["key"]: json.loads(item["value_json"]) for item in settings.to_proto()["item"]}

    assert record["run_id"] == "r"
    assert record["fork_from"] == {"run": "x", "value": 3, "metric": "_step"}
    assert record["run_tags"] == ["a"]
    assert record["sync_file"].endswith("/run-r.wandb")
    assert not {"reinit", "max_end_of_run_history_metrics", "entity"} & set(record)


def test_signature_lists_every_setting_with_its_default():
    parameters = inspect.signature(Settings).parameters

    assert list(parameters) == list(Settings.model_fields)
    assert {parameter.kind for parameter in parameters.values()} == {inspect.Parameter.KEYWORD_ONLY}
    assert parameters["mode"].default == "online"


def test_class_itself_has_no_values():
    assert not hasattr(Settings, "project")


def test_arguments_of_init_name_settings():
    assert set(INIT_ARGUMENTS.values()) <= set(Settings.model_fields)


def logged_in():
    settings = Settings(base_url="https://one.example")
    settings.update_from_dict({"api_key": "k" * 40}, source=KEY_OF_LOGIN)
    return settings


def test_key_of_a_login_goes_along_with_its_server():
    copied = Settings()
    copied.update_from_settings(logged_in())

    assert (copied.base_url, copied.api_key) == ("https://one.example", "k" * 40)


def test_key_of_a_login_is_for_no_other_server():
    settings = logged_in()
    settings.update_from_dict({"base_url": "https://other.example"})

    assert settings.api_key is None
