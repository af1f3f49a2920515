"""Which rows events of TensorBoard's become, and what a run's folder keeps of them."""

import json
import os
from pathlib import Path

import pytest

from service import event_bytes as made
from wandb._native import read_folder
from wandb._service.eventfiles import EventFile, event_files_below, is_of_process
from wandb._service.journalfile import JournalFile
from wandb._service.logic.eventrows import EventRows
from wandb._service.tensorboard import find_event_run
from wandb._wire.journal import header_record
from wandb._wire.tfevents import Event


def event(step, **values):
    return Event(float(step), step, values, says_values=True)


def grouped(*events):
    rows = EventRows()
    ended = [row for namespace, one in events if (row := rows.add(namespace, one))]
    return [
        {name: value for name, value in row.items() if name != "_timestamp"}
        for row in (*ended, rows.flush())
    ]


def test_row_ends_when_its_folders_step_rises():
    rows = grouped(("", event(0, a=1)), ("", event(0, b=2)), ("", event(1, a=3)))

    assert rows == [{"a": 1, "b": 2, "global_step": 0}, {"a": 3, "global_step": 1}]


def test_step_that_is_the_highest_of_all_folders_takes_no_values_place():
    rows = grouped(
        ("train", event(2, a=1)),
        ("val", event(0, a=2)),
        ("val", event(1, a=3)),
        ("val", event(2, a=4)),
    )

    assert [row.get("val/a") for row in rows] == [2, 3, 4]
    assert [row.get("val/global_step") for row in rows] == [0, 1, 2]


def test_step_that_went_back_takes_no_values_place():
    rows = grouped(("", event(9, a=1)), ("", event(4, b=2)), ("", event(3, a=3)))

    assert [(row.get("a"), row.get("b")) for row in rows] == [(1, 2), (3, None)]


@pytest.fixture
def file(tmp_path):
    payloads = [made.event(step, made.scalar("a", step)) for step in range(5)]
    return made.write(tmp_path / "logs" / "events.out.tfevents.1700000000.box", *payloads)


def steps(reader):
    return [one.step for one in reader.events() if one.says_values]


def test_torn_end_is_waited_for_at_any_byte(file):
    whole = file.read_bytes()
    for cut in range(len(whole) - 60, len(whole)):
        file.write_bytes(whole[:cut])
        reader = EventFile(str(file))
        first = steps(reader)
        file.write_bytes(whole)

        assert (first + steps(reader), reader.trouble) == ([0, 1, 2, 3, 4], None)


def test_damaged_record_costs_itself_alone(file):
    whole = file.read_bytes()
    place = len(whole) // 2 + 30
    file.write_bytes(whole[:place] + bytes((whole[place] ^ 1,)) + whole[place + 1 :])
    reader = EventFile(str(file))

    assert len(steps(reader)) == 4
    assert "damaged record" in reader.trouble


def test_damaged_length_ends_the_reading_and_is_told(file):
    whole = bytearray(file.read_bytes())
    place = whole.index(made.record(made.event(2, made.scalar("a", 2))))
    whole[place + 3] ^= 0x40
    file.write_bytes(whole)
    reader = EventFile(str(file))

    assert steps(reader) == [0, 1]
    assert f"from byte {place} on" in reader.trouble


def test_files_below_leave_out_runs_and_hidden_folders(tmp_path, file):
    made.write(tmp_path / ".hidden" / "events.out.tfevents.1.box")
    made.write(tmp_path / "wandb" / "run-1" / "files" / "events.out.tfevents.1.box")
    (tmp_path / "wandb" / "run-1" / "run-x.wandb").touch()
    made.write(tmp_path / "logs" / "events.out.tfevents.1.box.profile-empty")

    assert event_files_below(str(tmp_path)) == [str(file)]
    assert event_files_below(str(file)) == [str(file)]


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        ("events.out.tfevents.1700000005.box.12.0", True),
        ("events.out.tfevents.1700000004.box", False),
        ("events.out.tfevents.1700000009.other", False),
        ("events.out.tfevents.box", False),
    ],
)
def test_files_of_a_process_are_known_by_time_and_host(name, ours):
    assert is_of_process(name, host="box", since=1_700_000_005.7) is ours


def test_folder_of_events_becomes_a_run_and_grows(file, tmp_path):
    run = find_event_run(str(tmp_path / "logs"), str(tmp_path / "wandb"))
    first = run.take_in()
    with file.open("ab") as grown:
        grown.write(made.record(made.event(9, made.scalar("a", 9))))
    again = find_event_run(str(tmp_path / "logs"), str(tmp_path / "wandb"))
    second, third = again.take_in(), again.take_in()

    assert (first, second, third, again.folder) == (5, 1, 0, run.folder)
    read = read_folder(run.folder)
    assert [row["logs/a"] for row in read.history()] == [0, 1, 2, 3, 4, 9]
    assert read.state == "finished"
    assert read.summary()["logs/a"] == 9
    (link,) = Path(run.folder, "files", "logs").iterdir()
    assert link.read_bytes() == file.read_bytes()


def test_batch_that_was_cut_off_is_made_again(file, tmp_path):
    run = find_event_run(str(tmp_path / "logs"), str(tmp_path / "wandb"))
    run.take_in()
    journal = Path(run.folder, f"run-{run.run_id}.wandb")
    whole = journal.read_bytes()
    with file.open("ab") as grown:
        grown.write(made.record(made.event(9, made.scalar("a", 9))))
    journal.write_bytes(whole + b"half a record")  # of a process that was killed here

    find_event_run(str(tmp_path / "logs"), str(tmp_path / "wandb")).take_in()

    read = read_folder(run.folder)
    assert [row["logs/a"] for row in read.history()] == [0, 1, 2, 3, 4, 9]
    assert read.warnings == []


def test_memory_that_is_none_is_left_alone(file, tmp_path):
    folder = tmp_path / "wandb" / "offline-run-20260101_000000-x"
    folder.mkdir(parents=True)
    for content in ("[]", "{", json.dumps({"version": 9}), json.dumps({"version": 1, "odd": 1})):
        (folder / "tensorboard.json").write_text(content)

        assert find_event_run(str(file), str(tmp_path / "wandb")).folder != str(folder)


@pytest.mark.parametrize("left", range(12))
def test_journal_is_read_back_whatever_is_left_of_a_block(tmp_path, left):
    path = tmp_path / "run-x.wandb"
    journal = JournalFile(str(path))
    journal.append(header_record())
    empty = len(_text_record("")) + 7
    room = (32 << 10) - journal.end - left - empty - 2
    texts = ["x" * room, "y" * 70_000, "z"]
    for text in texts:
        journal.append(_record(text))
    end = journal.sync()
    journal.close()

    assert os.stat(path).st_size == end
    read = read_folder(str(tmp_path))
    assert [_line(one) for one in read.records("output_raw")] == texts
    assert read.warnings == []


def _record(text):
    return {"output_raw": {"line": text, "output_type": "STDOUT"}}


def _text_record(text):
    from wandb._native import encode_record

    return encode_record(_record(text))


def _line(record):
    return record.get("output_raw", record)["line"]
