import json

from wandb._service.logic.description import Description
from wandb._service.logic.telemetry import telemetry_numbers
from wandb._wire.journal import metric_record


def items(**values):
    return {"update": [{"key": key, "value_json": json.dumps(v)} for key, v in values.items()]}


def config_of(*records, kind="config"):
    described = Description()
    for record in records:
        described.take(kind, record)
    return json.loads(described.config_json())


def test_dicts_merge_and_other_values_replace():
    config = config_of(items(a={"b": 1, "c": 2}, d=1), items(a={"c": 3}, d={"e": 4}))

    assert config["a"] == {"value": {"b": 1, "c": 3}}
    assert config["d"] == {"value": {"e": 4}}


def test_values_without_a_place_in_json_are_null():
    config = config_of({"update": [{"key": "a", "value_json": '[NaN, {"b": -Infinity}]'}]})

    assert config["a"] == {"value": [None, {"b": None}]}


def test_nested_keys_are_set_and_removed():
    config = config_of(
        items(a={"b": {"c": 1, "d": 2}}),
        {"update": [{"nested_key": ["a", "b", "c"], "value_json": "5"}]},
        {"remove": [{"nested_key": ["a", "b", "d"]}]},
    )

    assert config["a"] == {"value": {"b": {"c": 5}}}


def test_charts_of_the_package_go_below_its_own_key():
    config = config_of(
        {"update": [{"nested_key": ["_wandb", "visualize", "pr"], "value_json": '{"x":1}'}]}
    )

    assert config["_wandb"]["value"]["visualize"] == {"pr": {"x": 1}}


def test_metric_rules_refer_to_their_axis_by_its_place():
    first = metric_record(
        "val/*",
        step_metric="epoch",
        step_sync=True,
        hidden=False,
        summary=["min", "mean"],
        goal="minimize",
        overwrite=False,
    )["metric"]

    rules = config_of(first, kind="metric")["_wandb"]["value"]["m"]

    assert rules == [
        {"2": "val/*", "5": 2, "6": [1, 3], "7": [1, 3], "8": 1},
        {"1": "epoch", "6": [], "7": []},
    ]


def test_environment_is_told_in_the_names_of_its_file():
    described = Description()
    described.take(
        "environment",
        {
            "os": "Linux",
            "started_at": {"seconds": 0, "nanos": 5000},
            "code_path": "a.py",
            "writer_id": "w",
            "git": {"remote_url": "https://example/x", "commit": "c0"},
        },
    )
    described.take(
        "environment",
        {
            "cpu_count": 2,
            "disk": {"/": {"total": 10, "used": 3}},
            "memory": {"total": 2**40},
            "gpu_nvidia": [{"name": "H", "memory_total": 80}],
        },
    )

    assert json.loads(described.metadata_json()) == {
        "os": "Linux",
        "startedAt": "1970-01-01T00:00:00.000005Z",
        "codePath": "a.py",
        "writerId": "w",
        "git": {"remote": "https://example/x", "commit": "c0"},
        "cpu_count": 2,
        "disk": {"/": {"total": "10", "used": "3"}},
        "memory": {"total": str(2**40)},
        "gpu_nvidia": [{"name": "H", "memoryTotal": "80"}],
    }


def test_telemetry_is_told_by_field_numbers():
    told = telemetry_numbers(
        {
            "feature": {"finish": True, "set_init_config": True},
            "imports_init": {"torch": True},
            "python_version": "3.11.7",
            "cli_version": "0.21.3",
            "label": {"code_string": "lightning"},
        }
    )

    assert told == {
        "1": [1],
        "3": [2, 16],
        "4": "3.11.7",
        "5": "0.21.3",
        "9": {"1": "lightning"},
    }
