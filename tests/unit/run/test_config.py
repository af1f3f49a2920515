import argparse
import math
import types

import numpy as np
import pytest

from wandb._run.config import Config, ConfigStatic, merged
from wandb.errors import ConfigError


class Recorder:
    def __init__(self):
        self.sent = []

    def __call__(self, key=None, val=None, data=None):
        self.sent.append(dict(data))


@pytest.fixture
def recorder():
    return Recorder()


@pytest.fixture
def config(recorder):
    made = Config()
    made.update({"lr": 0.1, "n": {"x": 1}})
    made._set_callback(recorder)
    return made


def test_values_read_as_items_and_attributes(config):
    assert (config["lr"], config.lr, config.get("lr"), config.get("no"), config.get("no", 2)) == (
        0.1,
        0.1,
        0.1,
        None,
        2,
    )


def test_missing_attribute_and_missing_item_raise_as_objects_and_dicts_do(config):
    with pytest.raises(AttributeError, match="nope"):
        _ = config.nope
    with pytest.raises(KeyError, match="nope"):
        config["nope"]


def test_hidden_names_are_kept_but_not_listed(config):
    config.update({"_secret": 1})

    assert config.keys() == ["lr", "n"]
    assert config.items() == [("lr", 0.1), ("n", {"x": 1})]
    assert dict(config) == config.as_dict() == {"lr": 0.1, "n": {"x": 1}}
    assert list(config) == ["_wandb", "lr", "n", "_secret"]
    assert "_secret" in config


def test_items_are_a_plain_dict_in_the_instance(config):
    # transformers reads this.
    assert type(vars(config)["_items"]) is dict


def test_update_sends_what_was_given(config, recorder):
    config.update({"a": (1, 2)})
    config["b"] = 1
    config.c = {"d": np.float32(1.5)}

    assert recorder.sent == [{"a": [1, 2]}, {"b": 1}, {"c": {"d": 1.5}}]


@pytest.mark.parametrize(
    "change",
    [
        lambda config: config.update({"new": 1, "lr": 0.2}),
        lambda config: setattr(config, "lr", 0.2),
        lambda config: config.__setitem__("lr", 0.2),
        lambda config: config.update({"new": 1, "n": {"x": 2}}),
    ],
)
def test_change_without_permission_changes_nothing(config, recorder, change):
    with pytest.raises(ConfigError, match="allow_val_change"):
        change(config)

    assert dict(config) == {"lr": 0.1, "n": {"x": 1}}
    assert recorder.sent == []


def test_equal_value_is_no_change(config):
    config.update({"lr": 0.1})
    config.one = 1
    config.one = 1.0

    assert config.one == 1


def test_change_with_permission(config):
    config.update({"lr": 0.2}, allow_val_change=True)

    assert config.lr == 0.2


def test_notebook_permits_changes(config):
    config._set_settings(types.SimpleNamespace(_jupyter=True))

    config.lr = 0.2

    assert config.lr == 0.2


def test_nested_update_reads_back_as_readers_will_merge_it(config, recorder):
    config.update({"n": {"w": 2}}, allow_val_change=True)

    assert config["n"] == {"x": 1, "w": 2}
    assert recorder.sent == [{"n": {"w": 2}}]


def test_nested_update_that_adds_nothing_is_no_change(config):
    config.update({"n": {"x": 1, "w": 2}}, allow_val_change=True)

    config.update({"n": {"w": 2}})

    assert config["n"] == {"x": 1, "w": 2}


def test_merging_replaces_what_is_no_dict_on_either_side():
    assert merged({"a": {"b": 1}, "c": 2}, {"a": 3, "c": {"d": 4}}) == {"a": 3, "c": {"d": 4}}
    assert merged(None, {"a": 1}) == {"a": 1}


def test_change_in_place_is_local_until_persisted(config, recorder):
    config["n"]["x"] = 5
    assert recorder.sent == []

    config.persist()

    assert recorder.sent[0]["n"] == {"x": 5}


def test_refused_callback_leaves_the_values_alone(config):
    def refuse(key=None, val=None, data=None):
        raise RuntimeError

    config._set_callback(refuse)

    with pytest.raises(RuntimeError):
        config.update({"a": 1})
    assert "a" not in config


def test_setdefaults_sets_missing_keys_only(config, recorder):
    config.setdefaults({"lr": 5, "v": 6})

    assert (config.lr, config.v) == (0.1, 6)
    assert recorder.sent == [{"v": 6}]


def test_locked_values_stay_and_whoever_tries_is_told(config, capsys):
    config.update_locked({"k": 1}, user="sweep")

    config.update({"k": 2, "free": 3})
    config.k = 4

    assert (config.k, config.free) == (1, 3)
    assert capsys.readouterr().err.count("'sweep'") == 2


def test_merge_locked_goes_into_dicts(config):
    config.merge_locked({"n": {"y": 2}}, user="launch")

    assert config["n"] == {"x": 1, "y": 2}


@pytest.mark.parametrize("value", [math.nan, np.float64("nan")])
def test_nan_is_no_hyperparameter(config, value):
    config.bad = value

    assert config.bad is None


@pytest.mark.parametrize("value", [1j, {"a": 1j}, object()])
def test_value_without_a_form_changes_nothing(config, recorder, value):
    with pytest.raises(TypeError):
        config.update({"new": 1, "bad": value})

    assert "new" not in config
    assert recorder.sent == []


@pytest.mark.parametrize(("given", "kept"), [("--lead", "lead"), ("in-side-", "in-side")])
def test_dashes_of_flags_are_stripped(config, given, kept):
    config[given] = 1

    assert config[kept] == 1


@pytest.mark.parametrize("change", [lambda c: c.update({1: 2}), lambda c: c.__setitem__(1, 2)])
def test_key_that_is_no_string_is_an_attribute_error(config, change):
    with pytest.raises(AttributeError, match="strings"):
        change(config)


def test_update_takes_whatever_holds_names_and_values(config):
    class Settings:
        def __init__(self):
            self.size = 3

    other = Config()
    other.update({"from": "config"})

    config.update(argparse.Namespace(flag=1))
    config.update(Settings())
    config.update(types.MappingProxyType({"proxy": 2}))
    config.update(other)

    assert (config.flag, config.size, config.proxy, config["from"]) == (1, 3, 2, "config")


def test_update_takes_absl_flags_and_the_module_that_holds_them(config):
    class FlagValues:
        def flag_values_dict(self):
            return {"epochs": 3}

    FlagValues.__module__ = "absl.flags._flagvalues"
    module = types.ModuleType("absl.flags")
    module.FLAGS = FlagValues()

    config.update(module)
    config.update(module.FLAGS)

    assert config.epochs == 3


@pytest.mark.parametrize("params", [[1], [("a", 2)], None, 5])
def test_what_holds_no_names_is_a_type_error(config, params):
    with pytest.raises(TypeError, match="dict"):
        config.update(params)


def test_static_copy_is_read_only(config):
    static = ConfigStatic(config)

    assert (static.lr, static["lr"], list(static.keys())) == (0.1, 0.1, ["lr", "n"])
    with pytest.raises(AttributeError, match="read-only"):
        static.lr = 2
    with pytest.raises(AttributeError, match="read-only"):
        static["lr"] = 2
