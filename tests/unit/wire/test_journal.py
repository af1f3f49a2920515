import json
import math

from hypothesis import example, given
from hypothesis.strategies import floats

from wandb._native import decode_record, encode_record
from wandb._wire.journal import (
    config_record,
    environment_record,
    files_record,
    header_record,
    run_record,
    summary_record,
    telemetry_fields,
    timestamp,
)


def test_header_names_a_consumer_that_released_clients_pass():
    assert header_record() == {
        "header": {"version_info": {"producer": "0.21.3+ferrule.1", "min_consumer": "0.40.0"}}
    }


def test_timestamp_has_microseconds():
    assert timestamp(12.25) == {"seconds": 12, "nanos": 250_000_000}
    assert timestamp(-0.5) == {"seconds": -1, "nanos": 500_000_000}


def test_run_leaves_out_what_is_empty():
    record = run_record(
        run_id="abc",
        entity=None,
        project="",
        config={"lr": 0.1},
        group=None,
        job_type=None,
        name=None,
        notes=None,
        tags=(),
        host="here",
        sweep_id=None,
        started_at=1.0,
        telemetry={},
    )

    assert record["run"] == {
        "run_id": "abc",
        "config": {"update": {"lr": 0.1}},
        "start_time": {"seconds": 1, "nanos": 0},
        "telemetry": {},
        "host": "here",
    }


def test_summary_addresses_nested_values_by_a_path():
    record = summary_record([("a", math.nan), (("b", "c"), [1])], ["gone", ("b", "d")])

    assert record == {
        "summary": {
            "update": [
                {"key": "a", "value_json": "NaN"},
                {"nested_key": ["b", "c"], "value_json": "[1]"},
            ],
            "remove": [{"key": "gone"}, {"nested_key": ["b", "d"]}],
        }
    }


def test_config_is_one_item_for_each_top_level_key():
    assert config_record({"n": {"x": 1}}) == {"config": {"update": {"n": '{"x": 1}'}}}


@given(floats())
@example(-0.0)
@example(1e16)
@example(1e-5)
@example(9999999999999998.0)
@example(0.0001)
@example(5e-324)
@example(math.inf)
def test_floats_of_a_config_are_written_as_python_writes_them(number):
    decoded = decode_record(encode_record(config_record({"x": number})))

    assert decoded["config"]["update"] == [{"key": "x", "value_json": json.dumps(number)}]


def test_files_have_policy_and_type():
    assert files_record("requirements.txt", kind="WANDB") == {
        "files": {"files": [{"path": "requirements.txt", "policy": "NOW", "type": "WANDB"}]}
    }


def test_environment_keeps_its_writer_even_when_nothing_is_known():
    assert environment_record("w", {"docker": None}) == {"environment": {"writer_id": "w"}}


def test_telemetry_is_a_set_of_flags():
    fields = telemetry_fields(python_version="3.11", platform="linux", features=["metric"])

    assert fields == {
        "python_version": "3.11",
        "cli_version": "0.21.3",
        "platform": "linux",
        "feature": {"metric": True},
    }
