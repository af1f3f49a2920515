"""Which rows events of TensorBoard's become, and what a run's folder keeps of them."""

import json
import math
import os
from pathlib import Path

import pytest

from service import event_bytes as made
from wandb._native import read_folder
from wandb._service.eventfiles import EventFile, event_files_below, is_of_process
from wandb._service.folderlock import FolderLock
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


def find(tmp_path):
    return find_event_run(str(tmp_path / "logs"), str(tmp_path / "wandb"))


def scalars(path, *steps, wall_time=1.7e9):
    return made.write(
        path / "events.out.tfevents.1700000000.box",
        *(made.event(step, made.scalar("a", step), wall_time=wall_time) for step in steps),
    )


@pytest.mark.parametrize("secs", [1e300, -5.0, math.nan, math.inf, 4e18])
def test_time_out_of_range_costs_no_rows(tmp_path, secs):
    payloads = [
        made.event(step, made.scalar("a", step), wall_time=time)
        for step, time in ((1, 1.7e9), (2, secs), (3, 1.7e9 + 1))
    ]
    made.write(tmp_path / "logs" / "events.out.tfevents.1700000000.box", *payloads)
    run = find(tmp_path)

    assert run.take_in() == 3
    assert sorted(row["logs/a"] for row in read_folder(run.folder).history()) == [1, 2, 3]


@pytest.mark.parametrize("secs", [1e300, -5.0, math.nan, math.inf, 4e18])
def test_first_time_out_of_range_costs_no_rows(tmp_path, secs):
    scalars(tmp_path / "logs", 1, wall_time=secs)

    assert find(tmp_path).take_in() == 1


def test_folder_of_a_sender_is_left_alone_and_what_it_did_is_believed(file, tmp_path):
    first = find(tmp_path)
    first.take_in()
    second = find(tmp_path)
    with file.open("ab") as grown:
        grown.write(made.record(made.event(9, made.scalar("a", 9))))
    lock = FolderLock(first.folder)
    assert lock.take()
    before = Path(first.folder, f"run-{first.run_id}.wandb").read_bytes()
    with pytest.raises(OSError, match="another process"):
        second.take_in()
    assert Path(first.folder, f"run-{first.run_id}.wandb").read_bytes() == before
    lock.release(for_good=False)

    assert (first.take_in(), second.take_in()) == (1, 0)
    rows = read_folder(first.folder).history()
    assert [row["logs/a"] for row in rows] == [0, 1, 2, 3, 4, 9]


def test_names_stay_when_folders_come_later(tmp_path):
    scalars(tmp_path / "logs" / "deep" / "train", 1)
    find(tmp_path).take_in()
    scalars(tmp_path / "logs" / "deep", 2)
    scalars(tmp_path / "logs" / "beside", 3)
    run = find(tmp_path)
    run.take_in()

    names = [
        next(name for name in row if name[-1] == "a") for row in read_folder(run.folder).history()
    ]
    assert names[0] == "train/a"
    assert sorted(names[1:]) == ["a", "logs/beside/a"]
    links = [path for path in Path(run.folder).rglob("*") if path.is_symlink()]
    assert len(links) == 3
    assert all(Path(run.folder, "files") in path.parents for path in links)


def test_files_without_rows_are_told_of_and_make_no_run(tmp_path):
    bad = tmp_path / "logs" / "events.out.tfevents.1700000000.box"
    bad.parent.mkdir()
    bad.write_bytes(b"garbage" * 10)
    run = find(tmp_path)

    assert (run.take_in(), run.has_rows) == (0, False)
    assert "can't be read from byte 0" in run.notices[0]
    assert not (tmp_path / "wandb").exists()


def test_damage_that_comes_later_is_told(file, tmp_path):
    find(tmp_path).take_in()
    with file.open("ab") as grown:
        grown.write(b"garbage" * 10)
    run = find(tmp_path)

    assert run.take_in() == 0
    assert "can't be read from byte" in run.notices[0]


def test_of_many_folders_little_is_read_ahead(tmp_path, monkeypatch):
    monkeypatch.setattr("wandb._service.tensorboard._ALL_BATCHES_BYTES", 8 << 10)
    content = scalars(tmp_path / "logs" / "0", *range(300)).read_bytes()
    for name in range(1, 8):
        path = tmp_path / "logs" / str(name) / "events.out.tfevents.1700000000.box"
        path.parent.mkdir()
        path.write_bytes(content)
    decoded = []
    decode = Event.decode
    monkeypatch.setattr(Event, "decode", lambda payload: decoded.append(1) or decode(payload))

    run = find(tmp_path)
    next(run._events(run._files()))

    assert 8 <= len(decoded) < 8 * 150
