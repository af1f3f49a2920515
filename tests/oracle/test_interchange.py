"""Journals and run folders go both ways: ours to the released client's reader, its to ours."""

import json
from math import inf, nan

import pytest

from oracle.compare import same, user_config, user_rows, user_summary, without_clocks
from oracle.decode import decoder, kind_of
from oracle.harness import run_script, wait_for_journals

PROGRAM = (
    "run = init(id='inter', name='nm', notes='nt', tags=['t'], group='g', config={'lr': 0.1})",
    "run.define_metric('loss', summary='min,max', step_metric='epoch')",
    "run.config.update({'n': {'x': 1}, 'big': 2**70})",
    "run.log({'loss': 1.5, 'text': 'é😀', 'none': None, 'flag': True, 'nested': {'x': {'y': 1}}})",
    "run.log({'loss': nan, 'inf': [inf, -inf], 'big': 2**63 - 1, 'array': np.arange(3)})",
    "run.log({'epoch': 3, 'hist': np.arange(40)}, step=7)",
    "run.log({'loss': 0.5, 'a/b c': 'x' * 40000}, step=9, commit=True)",
    "run.summary['best'] = {'at': 9}",
    "run.summary['gone'] = 1",
    "del run.summary['gone']",
    "run.config.update({'n': {'z': 2}}, allow_val_change=True)",
    "run.tags += ('late',)",
    "run.log({'last': 1}, commit=False)",
    "run.finish(exit_code=3)",
)

ROWS = [
    {
        "loss": 1.5,
        "text": "é😀",
        "none": None,
        "flag": True,
        "nested": {"x": {"y": 1}},
        "epoch": 0,
        "_step": 0,
    },
    {"loss": nan, "inf": [inf, -inf], "big": 2**63 - 1, "array": [0, 1, 2], "epoch": 0, "_step": 1},
    {"epoch": 3, "_step": 7},
    {"loss": 0.5, "a/b c": "x" * 40000, "epoch": 3, "_step": 9},
    {"last": 1, "_step": 10},
]
SUMMARY = {"best": {"at": 9}, "text": "é😀", "flag": True, "nested": {"x": {"y": 1}}, "last": 1}
CONFIG = {"lr": 0.1, "n": {"x": 1, "z": 2}, "big": 2**70}


@pytest.fixture
def journalled(play):
    played = play(*PROGRAM)
    assert not played.errors, played
    return played.log


def rows_without_histogram(rows):
    return [{key: row[key] for key in row if key != "hist"} for row in rows]


def test_journal_says_what_was_logged(journalled):
    assert same(rows_without_histogram(user_rows(journalled)), ROWS)
    assert user_config(journalled) == CONFIG
    summary = user_summary(journalled.summary)
    assert {key: summary[key] for key in SUMMARY} == SUMMARY
    assert same(summary["loss"], {"min": nan, "max": nan})
    assert "gone" not in summary
    assert journalled.exit_code == 3
    assert journalled.latest("tags") == ["t", "late"]


def unknown_fields(message, path="Record"):
    """Return the paths of fields that the format does not know."""
    if isinstance(message, list):
        return [found for item in message for found in unknown_fields(item, path)]
    if not isinstance(message, dict):
        return []
    here = [f"{path}.{key}" for key in message if key.startswith("?")]
    return here + [f for key in message for f in unknown_fields(message[key], f"{path}.{key}")]


def test_journal_holds_known_fields_only(journalled):
    assert unknown_fields(journalled.records) == []
    assert [record["num"] for record in journalled.records] == list(
        range(1, len(journalled.records) + 1)
    )


def test_journal_begins_and_ends_as_readers_expect(journalled):
    kinds = [kind_of(record) for record in journalled.records]

    assert kinds[:2] == ["header", "run"]
    assert kinds[-1] == "exit"
    assert kinds.count("exit") == kinds.count("header") == 1
    header = journalled.records[0]["header"]["version_info"]
    assert header["producer"].startswith("0.21.3")
    assert header["min_consumer"] == "0.40.0"


def test_history_items_are_paths_with_json_text(journalled):
    for history in journalled.of_kind("history"):
        for item in history["item"]:
            assert "key" not in item
            assert item["nested_key"]
            json.loads(item["value_json"])


def test_framing_is_that_of_the_format_byte_for_byte(journalled, tmp_path):
    tool = decoder()
    written = journalled.journal.read_bytes()

    tool.write_log(tmp_path / "again.wandb", list(tool.records(written)))

    assert (tmp_path / "again.wandb").read_bytes() == written
    assert len(written) > 32768


@pytest.mark.parametrize("spare", range(12))
def test_framing_near_the_end_of_a_block(play, spare, tmp_path):
    # Texts around a block's length leave any number of bytes, the odd cases too.
    lines = [f"run.log({{'t': 'x' * {32768 - 90 - spare - n}}})" for n in range(6)]
    played = play("run = init()", *lines)

    tool = decoder()
    written = played.log.journal.read_bytes()
    tool.write_log(tmp_path / "again.wandb", list(tool.records(written)))
    assert (tmp_path / "again.wandb").read_bytes() == written
    assert [len(row["t"]) for row in played.log.rows] == [32768 - 90 - spare - n for n in range(6)]


READ_BY_RELEASED = """
import json, sys
import wandb
from wandb.proto import wandb_internal_pb2
from wandb.sdk.internal.datastore import DataStore
wandb._set_internal_process()
store = DataStore()
store.open_for_scan(sys.argv[1])
kinds, rows, unknown = [], [], 0
while (payload := store.scan_data()) is not None:
    record = wandb_internal_pb2.Record()
    record.ParseFromString(payload)
    kinds.append(record.WhichOneof('record_type'))
    if kinds[-1] == 'history':
        rows.append([[list(item.nested_key), item.value_json] for item in record.history.item])
    kept = wandb_internal_pb2.Record()
    kept.CopyFrom(record)
    kept.DiscardUnknownFields()
    unknown += kept.ByteSize() != record.ByteSize()
print(json.dumps([kinds, rows, unknown]))
"""


@pytest.mark.released
def test_released_reader_reads_our_journal(ours, released, drivers, tmp_path):
    log = drivers.of(ours).play(*PROGRAM).log

    read = run_script(released, tmp_path, READ_BY_RELEASED, arguments=[str(log.journal)])

    assert read.exit_code == 0, read.stderr
    kinds, rows, unknown = json.loads(read.stdout)
    assert kinds == [kind_of(record) for record in log.records]
    assert unknown == 0
    expected = [
        sorted((item["nested_key"], item["value_json"]) for item in history["item"])
        for history in log.of_kind("history")
    ]
    assert [sorted((path, text) for path, text in row) for row in rows] == expected


READ_BY_OURS = """
import json, sys
from wandb import _native
snapshot = _native.read_folder(sys.argv[1])
records = [record['run']['config'] for record in snapshot.records('run')[:1]]
records += [record['config'] for record in snapshot.records('config')]
print(json.dumps({
    'rows': snapshot.history(),
    'count': snapshot.rows,
    'summary': snapshot.summary(),
    'state': snapshot.state,
    'exit_code': snapshot.exit_code,
    'warnings': snapshot.warnings,
    'kinds': [[key for key in record if key not in ('num', 'control', 'uuid', '_info')][0]
              for record in snapshot.records()],
    'config': [[item.get('key') or item['nested_key'], item['value_json']]
               for record in records for item in record.get('update', ())],
}))
"""


@pytest.mark.released
def test_our_reader_reads_a_released_run_folder(ours, any_released, drivers, tmp_path):
    played = drivers.of(any_released).play(*PROGRAM)
    assert not played.errors, played
    wait_for_journals(played.folder)
    (folder,) = played.folder.glob("wandb/*run-*")

    read = run_script(ours, tmp_path, READ_BY_OURS, arguments=[str(folder)])

    assert read.exit_code == 0, read.stderr
    found = json.loads(read.stdout)
    rows = [without_clocks(row) for row in found["rows"]]
    assert same(rows_without_histogram(rows), ROWS)
    assert rows[2]["hist"]["_type"] == "histogram"
    assert (found["count"], found["state"], found["exit_code"]) == (5, "failed", 3)
    assert found["warnings"] == []
    assert {key: found["summary"][key] for key in SUMMARY} == SUMMARY
    assert same(found["summary"]["loss"], {"min": nan, "max": nan})
    assert "gone" not in found["summary"]
    config = {str(key): json.loads(text) for key, text in found["config"]}
    assert (config["lr"], config["big"]) == (0.1, 2**70)


@pytest.mark.released
def test_both_readers_agree_on_every_record_kind(ours, released, drivers, tmp_path):
    log = drivers.of(released).play(*PROGRAM).log

    read = run_script(ours, tmp_path, READ_BY_OURS, arguments=[str(log.journal.parent)])

    assert json.loads(read.stdout)["kinds"] == [kind_of(record) for record in log.records]


def test_our_reader_reads_our_folder(ours, drivers, tmp_path):
    log = drivers.of(ours).play(*PROGRAM).log

    read = run_script(ours, tmp_path, READ_BY_OURS, arguments=[str(log.journal.parent)])

    assert read.exit_code == 0, read.stderr
    found = json.loads(read.stdout)
    assert same([without_clocks(row) for row in found["rows"]], user_rows(log))
    assert same(user_summary(found["summary"]), user_summary(log.summary))
    assert (found["state"], found["exit_code"]) == ("failed", 3)


DAMAGES = [("empty", 0), ("header only", 0), ("torn", 4), ("flipped", 4), ("zeros after", 5)]


@pytest.mark.parametrize(("damage", "whole_rows"), DAMAGES)
def test_our_reader_takes_what_is_whole_of_a_damaged_journal(
    ours, drivers, tmp_path, damage, whole_rows
):
    log = drivers.of(ours).play(*PROGRAM).log
    written = log.journal.read_bytes()
    damaged = {
        "empty": b"",
        "header only": written[:7],
        "torn": written[: len(written) - 200],
        "flipped": written[:-100] + bytes([written[-100] ^ 1]) + written[-99:],
        "zeros after": written + bytes(5000),
    }[damage]
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / log.journal.name).write_bytes(damaged)

    read = run_script(ours, tmp_path, READ_BY_OURS, arguments=[str(folder)])

    assert read.exit_code == 0, read.stderr
    found = json.loads(read.stdout)
    rows = [without_clocks(row) for row in found["rows"]]
    assert same(rows[:whole_rows], user_rows(log)[:whole_rows])
    assert len(rows) >= whole_rows
    assert found["state"] == ("failed" if damage == "zeros after" else "crashed")


def test_our_reader_refuses_a_file_of_another_kind(ours, tmp_path):
    (tmp_path / "run-x.wandb").write_bytes(b"no journal, whatever its name says")

    read = run_script(ours, tmp_path, READ_BY_OURS, arguments=[str(tmp_path)])

    assert read.exit_code == 1
    assert "NativeError" in read.stderr
    assert "run-x.wandb" in read.stderr
