"""Small functions that other programs import: the same answers from both clients."""

import pytest

ANSWERS = {
    "wandb.util.app_url('https://api.wandb.ai')": "https://wandb.ai",
    "wandb.util.app_url('https://api.x.y')": "https://app.x.y",
    "wandb.util.app_url('http://localhost:8080')": "http://localhost:8080",
    "wandb.util.make_artifact_name_safe('a/b c:d')": "a_b_c_d",
    "wandb.util.make_artifact_name_safe('a' * 200)": "a" * 63 + ".." + "a" * 63,
    "wandb.util.make_docker_image_name_safe('a/b c:d')": "a__b__c__d",
    "wandb.util.make_docker_image_name_safe('ü')": "image",
    "wandb.util.to_human_size(1500000)": "1.5MB",
    "wandb.util.to_human_size(0)": "0.0B",
    "wandb.util.to_human_size(1023)": "1023.0B",
    "wandb.util.to_human_size(1024)": "1.0KB",
    "wandb.util.to_human_size(1000000)": "1000.0KB",
    "wandb.util.to_human_size(1024, wandb.util.POW_2_BYTES)": "1.0KiB",
    "wandb.util.from_human_size('1.5GB')": 1500000000,
    "wandb.util.from_human_size('10mb')": 10000000,
    "wandb.util.from_human_size('1KiB', wandb.util.POW_2_BYTES)": 1024,
    "wandb.util.from_human_size('1')": 1,
    "wandb.util.image_from_docker_args(['run', '-it', 'foo:1', 'bash'])": "foo:1",
    "wandb.util.image_from_docker_args(['run', '--name', 'x', 'foo/bar'])": "foo/bar",
    "wandb.util.image_from_docker_args([])": None,
    "wandb.util.get_full_typename(1)": "builtins.int",
    "wandb.util.get_full_typename(np.float32(1))": "numpy.float32",
    "wandb.util.is_numpy_array(np.arange(3))": True,
    "wandb.util.is_numpy_array([1])": False,
    "wandb.util.is_pandas_data_frame([1])": False,
    "wandb.util.is_pytorch_tensor_typename('torch.FloatTensor')": True,
    "wandb.util.is_pytorch_tensor_typename('torch.nn.parameter.Parameter')": False,
    "wandb.util.is_tf_tensor_typename('tensorflow.python.framework.ops.EagerTensor')": True,
    "wandb.util.is_matplotlib_typename('matplotlib.figure.Figure')": True,
    "wandb.util.is_matplotlib_typename('plotly.graph')": False,
    "wandb.util.json_friendly(np.int64(3))": (3, True),
    "wandb.util.json_friendly(float('nan'))": (None, True),
    "wandb.util.json_friendly('x')": ("x", False),
    "wandb.util.json_friendly(np.arange(3))": ([0, 1, 2], True),
    "wandb.util.json_friendly(len)": ("builtins.len", True),
    "wandb.util.json_friendly_val({'a': (1, np.float32(1.5))})": {"a": [1, 1.5]},
    "wandb.util.json_friendly_val(slice(1, 2, 3))": {
        "slice_start": 1,
        "slice_step": 3,
        "slice_stop": 2,
    },
    "wandb.util.make_safe_for_json({'a': float('nan'), 'b': [float('inf')]})": {
        "a": "NaN",
        "b": ["Infinity"],
    },
    "wandb.util.json_dumps_safer({'b': np.int64(1), 'a': b'x'}, sort_keys=True)": (
        '{"a": "x", "b": 1}'
    ),
    "wandb.util.json_dumps_safer(np.arange(32)) == str(list(range(32)))": True,
    "wandb.util.json_dumps_safer_history(float('nan'))": "NaN",
    "wandb.util.merge_dicts({'a': {'b': 1}}, {'a': {'c': 2}})": {"a": {"b": 1, "c": 2}},
    "wandb.util.coalesce(None, 0, 1)": 0,
    "wandb.util.get_module('no_such_module')": None,
    "wandb.util.get_module('json').dumps(1)": "1",
    "wandb.util.load_json_yaml_dict('{\"a\": 1}')": {"a": 1},
    "wandb.util.load_json_yaml_dict('garbage')": None,
    "wandb.util.alias_is_version_index('v1')": True,
    "wandb.util.alias_is_version_index('latest')": False,
    "wandb.util.to_forward_slash_path('a/b')": "a/b",
    "len(wandb.util.generate_id())": 8,
    "wandb.util.VALUE_BYTES_LIMIT": 100000,
    "wandb.helper.parse_config({'a': 1, 'b': 2}, include=['a'])": {"a": 1},
    "wandb.helper.parse_config({'a': 1, 'b': 2}, exclude=['a'])": {"b": 2},
    "wandb.patched": {"tensorboard": [], "keras": [], "gym": []},
    "wandb.START_TIME > 1e9": True,
    "wandb.ensure_configured()": None,
    "wandb.api.api_key": None,
    "wandb.old.core.wandb_dir() == folder + '/wandb/'": True,
    "wandb.env.get_project(env={'WANDB_PROJECT': ''})": "",
    "wandb.env.get_entity('x', env={})": "x",
    "wandb.env.get_args(env={'WANDB_ARGS': '[\"a\"]'})": ["a"],
    "wandb.env.get_args(env={'WANDB_ARGS': 'a,b'})": None,
    "wandb.env.get_tags(env={'WANDB_TAGS': 'a,b'})": ["a", "b"],
    "wandb.env.get_ignore(env={'WANDB_IGNORE_GLOBS': 'a,b'})": ["a", "b"],
    "wandb.env.get_http_timeout(env={})": 20,
    "wandb.env.get_agent_kill_delay(env={'WANDB_AGENT_KILL_DELAY': 'x'})": None,
    "wandb.env.is_offline(env={'WANDB_MODE': 'offline'})": True,
    "wandb.env.is_offline(env={'WANDB_MODE': 'dryrun'})": False,
    "wandb.env.is_debug(env={'WANDB_DEBUG': 'true'})": True,
    "wandb.env.is_debug(env={'WANDB_DEBUG': 'perhaps'})": False,
    "wandb.env.get_show_run(env={'WANDB_SHOW_RUN': 'false'})": True,
    "wandb.env.get_artifact_fetch_file_url_batch_size(env={})": 5000,
    "str(wandb.env.get_cache_dir(env={'WANDB_CACHE_DIR': '/x'}))": "/x",
    "wandb.env.get_data_dir(env={'WANDB_DATA_DIR': '/x'})": "/x",
    "[wandb.env.strtobool(word) for word in ('y', 'ON', 'f', '0')]": [True, True, False, False],
    "wandb.env.immutable_keys()[:3]": ["WANDB_DIR", "WANDB_ENTITY", "WANDB_PROJECT"],
    "len(wandb.env.immutable_keys())": 34,
    "hashutil.md5_string('a')": "DMF1ucDxtqgxw5niaXcmYQ==",
    "hashutil.hex_to_b64_id('ff00')": "/wA=",
    "hashutil.b64_to_hex_id('/wA=')": "ff00",
    "ipython.in_jupyter()": False,
    "filenames.METADATA_FNAME": "wandb-metadata.json",
    "filenames.is_wandb_file('output.log')": True,
    "filenames.is_wandb_file('x.py')": False,
    "filenames.exclude_wandb_fn('/r/wandb/a', '/r')": True,
    "filenames.exclude_wandb_fn('/r/a/wandb/b', '/r')": False,
    "apikey.api_key()": None,
    "run_moment.RunMoment.from_uri('a?_step=1').value": 1,
    "run_moment.RunMoment.from_uri('a?_step=1').run": "a",
}
IMPORTS = (
    "import wandb.env, wandb.util, wandb.old.core",
    "from wandb.sdk.lib import apikey, filenames, hashutil, ipython, preinit, run_moment",
)


@pytest.fixture(scope="module")
def answered(client, drivers):
    return drivers.of(client).play(*IMPORTS, *ANSWERS)


@pytest.mark.parametrize("line", ANSWERS)
def test_answer(answered, line):
    assert not answered[line].error, answered[line]
    assert answered[line].value == ANSWERS[line]


WRONG = {
    "wandb.util.json_dumps_safer(np.arange(33))": "ValueError",
    "wandb.util.json_dumps_safer({'a': object()})": "TypeError",
    "wandb.util.json_dumps_safer_history({'a': object()})": "TypeError",
    "wandb.util.from_human_size('x')": "ValueError",
    "wandb.util.get_module('no_such_module', required='needed')": "Error",
    "wandb.util.load_json_yaml_dict('missing.json')": "FileNotFoundError",
    "wandb.env.strtobool('perhaps')": "ValueError",
    "wandb.env.get_http_timeout(env={'WANDB_HTTP_TIMEOUT': 'x'})": "ValueError",
    "wandb.helper.parse_config({'a': 1}, ['a'], ['a'])": "UsageError",
    "wandb.helper.parse_config(None)": "TypeError",
    "wandb.require('nonsense')": "UnsupportedError",
    "preinit.PreInitObject('wandb.x').y": "Error",
    "preinit.PreInitCallable('wandb.x')()": "Error",
    "apikey.write_key(wandb.Settings(), 'short')": "ValueError",
    "apikey.write_key(wandb.Settings(), '')": "ValueError",
}


@pytest.mark.parametrize("line", WRONG)
def test_wrong_use(play, line):
    played = play(*IMPORTS, line)

    assert WRONG[line] in played[line].error, played


@pytest.mark.parametrize(
    "value", ["('p', 'p')", "('', 'uncategorized')", "(None, 'uncategorized')"]
)
def test_project_of_the_environment_is_never_empty(play, value):
    line = f"(wandb.env.set_project({value}[0], env=known), known)[1]"

    played = play("import wandb.env", "known = {}", line)

    assert played[line].value == {"WANDB_PROJECT": eval(value)[1]}


def test_telemetry_of_a_library_is_taken(play):
    played = play(
        "from wandb.sdk.lib import telemetry",
        "run = init()",
        "with telemetry.context(run=run) as tel: tel.feature.keras = True",
        "run.finish()",
    )

    assert not played.errors, played


def test_functions_of_a_run_have_its_signature_before_there_is_one(play):
    line = (
        "[list(inspect.signature(getattr(wandb, n)).parameters) for n in ('log', 'define_metric')]"
    )
    played = play("import inspect", line, "'step' in wandb.log.__doc__")

    assert played[line].value == [
        ["self", "data", "step", "commit"],
        [
            "self",
            "name",
            "step_metric",
            "step_sync",
            "hidden",
            "summary",
            "goal",
            "overwrite",
        ],
    ]
    assert played["'step' in wandb.log.__doc__"].value is True


def test_private_members_that_libraries_reach_for(play):
    played = play(
        "from wandb.sdk.wandb_run import TeardownHook, TeardownStage",
        "run = init()",
        "called = []",
        "run._set_teardown_hooks([TeardownHook(lambda: called.append(run._is_finished), stage) "
        "for stage in TeardownStage])",
        "run._partial_history_callback({'a': 1})",
        "run._set_config_wandb('x', 5)",
        "run._step",
        "run.finish()",
        "len(called)",
    )

    assert not played.errors, played
    assert played["len(called)"].value == 2
    assert played.log.config["_wandb"]["x"] == 5
