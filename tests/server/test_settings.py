"""Settings come from flags, then from the environment, then from defaults."""

from pathlib import Path

import pytest

from ferrule.errors import BadInput
from ferrule.settings import load_settings


def test_flag_wins_over_environment_and_environment_over_default(tmp_path):
    environ = {"FERRULE_PORT": "1", "FERRULE_HOST": "0.0.0.0", "FERRULE_COMPACT_SECS": "2.5"}

    settings = load_settings({"data_dir": tmp_path, "port": 2, "host": None}, environ)

    assert (settings.port, settings.host, settings.compact_secs) == (2, "0.0.0.0", 2.5)
    assert settings.crash_after_secs == 300


def test_lists_and_switches_are_read_from_the_environment(tmp_path):
    environ = {"FERRULE_ALLOWED_HOSTS": "a.example, b.example", "FERRULE_LOCAL": "true"}

    settings = load_settings({"data_dir": tmp_path}, environ)

    assert (settings.allowed_hosts, settings.local) == (("a.example", "b.example"), True)


def test_data_goes_to_the_users_data_folder_when_nobody_says():
    settings = load_settings({}, {})

    assert settings.data_dir == Path.home() / "ferrule" or settings.data_dir.name == "ferrule"


@pytest.mark.parametrize("value", ["x", "1.5"])
def test_value_that_can_not_be_is_refused_by_name(value):
    with pytest.raises(BadInput, match="FERRULE_PORT"):
        load_settings({}, {"FERRULE_PORT": value})
