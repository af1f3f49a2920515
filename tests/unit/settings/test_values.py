"""What each setting takes, keeps and refuses; checked against the released client."""

import math
import pathlib

import pytest

from wandb._settings.moment import RunMoment
from wandb._settings.settings import Settings
from wandb.errors import SettingsError, UsageError

KEPT = [
    # booleans, as numbers and words in any case
    *[("silent", value, True) for value in (True, 1, 1.0, "1", "true", "YES", "On", "t", "y")],
    *[("silent", value, False) for value in (False, 0, 0.0, "0", "False", "no", "OFF", "f", "n")],
    ("save_code", "true", True),
    ("save_code", None, None),
    ("symlink", 0, False),
    # numbers
    ("heartbeat_seconds", "5", 5),
    ("heartbeat_seconds", " 5 ", 5),
    ("heartbeat_seconds", "5.0", 5),
    ("heartbeat_seconds", "1_000", 1000),
    ("heartbeat_seconds", 5.0, 5),
    ("heartbeat_seconds", True, 1),
    ("heartbeat_seconds", -1, -1),
    ("init_timeout", "5", 5.0),
    ("init_timeout", 5, 5.0),
    ("init_timeout", "inf", math.inf),
    ("login_timeout", None, None),
    # text and paths
    ("host", b"a", "a"),
    ("run_notes", "", ""),
    ("code_dir", pathlib.Path("a"), "a"),
    ("root_dir", pathlib.Path("a"), "a"),
    ("program", pathlib.Path("a.py"), "a.py"),
    ("x_files_dir", pathlib.Path("a"), "a"),
    ("x_executable", pathlib.Path("a"), "a"),
    ("sweep_param_path", pathlib.Path("a"), "a"),
    # choices
    *[
        ("mode", word, word)
        for word in ("online", "offline", "shared", "disabled", "dryrun", "run")
    ],
    *[("resume", word, word) for word in ("allow", "must", "never", "auto")],
    ("resume", True, "auto"),
    ("resume", False, None),
    *[("reinit", word, word) for word in ("default", "return_previous", "create_new")],
    ("reinit", True, True),
    ("reinit", 1, True),
    ("reinit", "true", True),
    ("console", "auto", "wrap"),
    ("console", "redirect", "redirect"),
    ("anonymous", "must", "must"),
    ("job_source", "repo", "repo"),
    ("start_method", "anything", "anything"),
    # collections
    ("run_tags", ["a"], ("a",)),
    ("run_tags", {"a"}, ("a",)),
    ("run_tags", ("a", "a", "", "x" * 65), ("a", "a", "", "x" * 65)),
    ("run_tags", (letter for letter in "ab"), ("a", "b")),
    ("ignore_globs", ["a"], ("a",)),
    ("config_paths", ["a"], ["a"]),
    ("x_stats_disk_paths", ["/"], ["/"]),
    ("x_stats_gpu_device_ids", "[1, 2]", [1, 2]),
    ("x_stats_gpu_device_ids", ["1"], [1]),
    ("x_extra_http_headers", '{"a": "b"}', {"a": "b"}),
    ("x_stats_open_metrics_filters", '["a"]', ["a"]),
    ("x_stats_open_metrics_filters", {"a": {"b": "c"}}, {"a": {"b": "c"}}),
    ("x_proxies", {"http": "http://a"}, {"http": "http://a"}),
    # names
    ("run_id", 'a b"\\..ü', 'a b"\\..ü'),
    ("run_id", "x" * 300, "x" * 300),
    ("project", "", ""),
    ("project", "x" * 128, "x" * 128),
    ("project", "a b;'&=", "a b;'&="),
    ("entity", "any thing/at:all", "any thing/at:all"),
    ("sweep_id", "a:b", "a:b"),
    ("api_key", "short", "short"),
    # addresses
    ("base_url", "http://a/b/", "http://a/b"),
    ("base_url", "HTTP://A.com", "HTTP://A.com"),
    ("base_url", "https://api.wandb.ai/", "https://api.wandb.ai"),
    ("base_url", "https://wandb.ai.example.com", "https://wandb.ai.example.com"),
    ("base_url", "http://[::1]:8080", "http://[::1]:8080"),
    ("http_proxy", "http://x/", "http://x"),
    # moments
    ("fork_from", "abc?_step=5", RunMoment("abc", 5)),
    ("fork_from", "abc?_step=5.5", RunMoment("abc", 5.5)),
    ("fork_from", "a b?_step=1e3", RunMoment("a b", 1000)),
    ("fork_from", RunMoment("abc", 5), RunMoment("abc", 5)),
    ("resume_from", "abc?_step=007", RunMoment("abc", 7)),
    # limits
    ("x_stats_sampling_interval", 0.1, 0.1),
    ("x_service_wait", 0, 0.0),
    ("x_file_stream_max_line_bytes", 1, 1),
]

REFUSED = [
    *[("silent", value) for value in ("maybe", "", 2, None, [])],
    *[("heartbeat_seconds", value) for value in (5.5, "x", "", None, math.inf, math.nan, "inf")],
    *[("init_timeout", value) for value in ("x", None, [], "")],
    *[("run_name", value) for value in (5, ["a"], b"\xff")],
    *[("entity", value) for value in (5, 1.0)],
    ("host", 5),
    ("credentials_file", pathlib.Path("a")),
    ("root_dir", None),
    *[("mode", value) for value in ("x", "", "Online", None, 1)],
    *[("resume", value) for value in ("x", "true", "", 1)],
    *[("reinit", value) for value in ("x", "", None, [])],
    ("anonymous", "x"),
    ("console", ""),
    ("job_source", "x"),
    *[("run_tags", value) for value in ("abc", ("a", 1), 5, {"a": 1}, [None])],
    *[("ignore_globs", value) for value in ("*.a", {"a"}, [1], None)],
    ("config_paths", "a,b"),
    ("x_stats_disk_paths", "/"),
    *[("x_stats_gpu_device_ids", value) for value in ("1,2", "1", ["a"], 5)],
    *[("x_extra_http_headers", value) for value in ({"a": 1}, "{a", "[]", {1: "a"})],
    ("x_proxies", '{"a": "b"}'),
    ("azure_account_url_to_access_key", "{}"),
    *[("run_id", value) for value in ("", " a", "a\n", 5, "a\0b")],
    *[("run_id", f"a{character}b") for character in ":;,#?/'"],
    ("project", "x" * 129),
    ("project", 5),
    *[("project", f"a{character}b") for character in "/\\#?%:"],
    *[("sweep_id", value) for value in ("", " a", 5)],
    *[("api_key", value) for value in (" a", "a\n", 5)],
    *[("base_url", value) for value in ("", "x", "ftp://a", "http://", "http://a b", None, 5)],
    *[("base_url", value) for value in ("http://a:99999", "http://a:x", "http://[::1")],
    *[("base_url", f"http{s}://{name}wandb.ai") for s in ("", "s") for name in ("", "app.", "x.")],
    ("base_url", "http://api.wandb.ai"),
    ("https_proxy", "x"),
    ("x_stats_coreweave_metadata_base_url", "a"),
    *[
        ("fork_from", f"{uri}")
        for uri in ("abc", "abc?_step=x", "abc?foo=5", "?_step=5", "a?_step=")
    ],
    *[
        ("fork_from", uri)
        for uri in ("e/a?_step=5", "a?_step=5&x=1", "a?_step=nan", "a?_step=inf", 5)
    ],
    *[("x_stats_sampling_interval", value) for value in (0.05, math.nan, -1)],
    ("x_service_wait", -1),
    ("x_file_stream_max_line_bytes", 0),
    *[(name, -1) for name in ("finish_timeout", "x_service_linger")],
]


@pytest.mark.parametrize(("name", "given", "kept"), KEPT)
def test_value_is_kept_in_its_own_type(name, given, kept):
    found = getattr(Settings(**{name: given}), name)

    assert (found, type(found)) == (kept, type(kept))


@pytest.mark.parametrize(("name", "value"), REFUSED)
def test_value_is_refused_with_the_name_of_the_setting(name, value):
    with pytest.raises(SettingsError, match=f"^wandb.Settings: `{name}` "):
        Settings(**{name: value})


def test_refusal_is_a_usage_error_and_a_value_error():
    with pytest.raises(UsageError):
        Settings(mode="x")
    with pytest.raises(ValueError, match="mode"):
        Settings(mode="x")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (
            {"mode": "ofline"},
            "wandb.Settings: `mode` must be one of online, offline, shared, disabled, dryrun, run, "
            "got 'ofline'. Did you mean `offline`?",
        ),
        (
            {"run_id": "a:b/c"},
            "wandb.Settings: `run_id` may not contain / :, got 'a:b/c'. "
            "Forbidden are : ; , # ? / '",
        ),
        (
            {"silent": "maybe"},
            "wandb.Settings: `silent` must be true or false, got 'maybe'. "
            "Also understood: yes and no, on and off, 1 and 0.",
        ),
        (
            {"silent": None},
            "wandb.Settings: `silent` must be true or false, got None. "
            "Leave it out to keep the default.",
        ),
        (
            {"fork_from": "abc"},
            "wandb.Settings: `fork_from` must name a moment of a run, got 'abc'. "
            "Write `<run id>?_step=<number>`: `9d2kx0ab?_step=120`.",
        ),
        (
            {"prject": "x"},
            "wandb.Settings: there is no setting `prject`. Did you mean `project`?",
        ),
        (
            {"name": "x"},
            "wandb.Settings: there is no setting `name`. It is called `run_name` here.",
        ),
        (
            {"zzz": "x"},
            "wandb.Settings: there is no setting `zzz`. `wandb.Settings.model_fields` lists all.",
        ),
    ],
)
def test_message_says_what_why_and_what_to_do(values, message):
    with pytest.raises(SettingsError) as caught:
        Settings(**values)

    assert str(caught.value) == message


def test_message_cuts_a_long_value():
    with pytest.raises(SettingsError) as caught:
        Settings(project="x" * 10_000)

    assert len(str(caught.value)) < 250


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("api_key", " hunter2"),
        ("https_proxy", "user:hunter2@proxy"),
        ("x_extra_http_headers", '{"Authorization": hunter2'),
        ("azure_account_url_to_access_key", "hunter2"),
    ],
)
def test_message_never_shows_a_secret(name, value):
    with pytest.raises(SettingsError) as caught:
        Settings(**{name: value})

    assert "hunter2" not in str(caught.value)


def test_home_folder_is_expanded_in_the_path_of_the_settings_file(monkeypatch):
    monkeypatch.setenv("HOME", "/home/someone")

    assert Settings(settings_system="~/x").settings_system == "/home/someone/x"


def test_moment_that_cannot_be_read_is_a_value_error():
    with pytest.raises(ValueError, match="names no moment of a run"):
        RunMoment.from_uri("x")
