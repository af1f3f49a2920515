"""Values with a form of their own, on their way into rows and the summary."""

import os
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest
from tests.unit.run.rows import QUIET, records_of, rows_of

import wandb
from wandb.data_types import Content, Media, WBValue
from wandb.data_types.registry import class_of, value_of


class Note(Media):
    """Text in a file; many are one."""

    _log_type = "note-file"
    kind = "notes"
    MAX_ITEMS = 3

    def __init__(self, text):
        self._content = Content(".txt", data=text.encode())

    @classmethod
    def list_to_wire(cls, values, sink, *, name):
        kept = [value.to_wire(sink, name=name) for value in values]
        return {"_type": "notes/separated", "filenames": [each["path"] for each in kept]}


class Pair(WBValue):
    """A value without a file."""

    _log_type = "pair"

    def __init__(self, *pair):
        self.pair = pair

    def to_wire(self, sink, *, name):
        if len(self.pair) != 2:
            raise ValueError("a pair is two")
        return {"_type": "pair", "pair": list(self.pair)}


def path_of(named, text):
    return f"media/notes/{named}_{Content('', data=text.encode()).sha256[:20]}.txt"


@pytest.fixture
def run():
    with wandb.init(settings=QUIET) as run:
        yield run


def test_a_value_becomes_a_file_named_by_key_and_step(run):
    run.log({"a": 1})
    run.log({"notes/first one": Note("hello")})
    (_, row) = rows_of(run)

    path = path_of("notes/first one_1", "hello")
    assert row["notes/first one"] == {
        "_type": "note-file",
        "path": path,
        "sha256": Content("", data=b"hello").sha256,
        "size": 5,
    }
    assert Path(run.dir, path).read_text() == "hello"


def test_inside_dicts_the_innermost_key_names_the_file(run):
    run.log({"outer": {"inner": Note("hello")}}, step=7)
    (row,) = rows_of(run)

    assert row["outer"]["inner"]["path"] == path_of("inner_7", "hello")


def test_a_list_of_one_class_is_one_value_if_the_class_has_a_form_for_it(run):
    run.log({"many": [Note("a"), Note("b")], "tuple": (Note("c"),), "pairs": [Pair(1, 2)]})
    (row,) = rows_of(run)

    assert row["many"] == {
        "_type": "notes/separated",
        "filenames": [path_of("many_0", "a"), path_of("many_0", "b")],
    }
    assert row["tuple"]["filenames"] == [path_of("tuple_0", "c")]
    assert row["pairs"] == [{"_type": "pair", "pair": [1, 2]}]


def test_a_mixed_list_is_kept_one_by_one(run):
    run.log({"mixed": [Note("a"), Pair(1, 2)], "with others": [Pair(1, 2), 3, Fraction(1, 2)]})
    (row,) = rows_of(run)

    assert [each["_type"] for each in row["mixed"]] == ["note-file", "pair"]
    assert row["with others"] == [{"_type": "pair", "pair": [1, 2]}, 3, "1/2"]


def test_a_list_beyond_the_most_of_its_class_is_cut_and_it_is_said(run, capsys):
    run.log({"many": [Note(text) for text in "abcde"]})
    (row,) = rows_of(run)

    assert row["many"]["filenames"] == [path_of("many_0", text) for text in "abc"]
    assert "of the 5 values in the list of 'many' the first 3 are kept" in capsys.readouterr().err


def test_a_value_that_cannot_be_kept_is_left_out_by_itself(run, capsys):
    run.log({"good": 1, "bad": Pair(1), "nested": {"worse": [Pair(1)]}, "fine": Pair(1, 2)})
    (row,) = rows_of(run)

    assert row == {"good": 1, "fine": {"_type": "pair", "pair": [1, 2]}}
    told = capsys.readouterr().err
    assert "'bad' can't be kept (a pair is two; type Pair)" in told
    assert "'nested' can't be kept (a pair is two" in told


def test_a_file_that_cannot_be_written_costs_its_value_only(run, capsys):
    run.log({"good": 1, "k" * 300: Note("hello")})
    (row,) = rows_of(run)

    assert row == {"good": 1}
    assert "File name too long" in capsys.readouterr().err


@pytest.mark.parametrize("key", ["/../../../up", "../../../up", "a/./../up"])
def test_no_key_leads_out_of_the_media_folder(run, key):
    run.log({key: Note("hello")})
    (row,) = rows_of(run)

    path = Path(run.dir, row[key]["path"]).resolve()
    assert path.is_relative_to(Path(run.dir, "media", "notes").resolve())
    assert path.read_text() == "hello"


def test_a_file_is_announced_before_its_row(run):
    run.log({"note": Note("hello")})
    kinds = [kind for record in records_of(run).records() for kind in record]

    written = kinds[: kinds.index("history")]
    assert "files" in written[written.index("run") + 1 :]


def test_a_value_in_the_summary_is_one_value(run):
    run.summary["note"] = Note("hello")
    run.summary.update({"outer": {"inner": Pair(1, 2), "plain": 3}})
    run.summary["outer"]["second"] = Note("b")
    run.summary["many"] = [Note("a"), Note("b")]

    summary = dict(run.summary._as_dict())
    assert summary["note"]["path"] == path_of("note_summary", "hello")
    assert summary["outer"]["inner"] == {"_type": "pair", "pair": [1, 2]}
    assert summary["outer"]["plain"] == 3
    assert summary["outer"]["second"]["path"] == path_of("outer.second_summary", "b")
    assert len(summary["many"]["filenames"]) == 2
    assert Path(run.dir, path_of("note_summary", "hello")).read_text() == "hello"


CHILD = """
import os, sys
sys.path.insert(0, {here!r})
import wandb
from tests.unit.run.test_media import Note
run = wandb.init(settings={quiet!r})
run.log({{"note": Note("parent")}})
{child}
run.finish()
print(run.dir)
"""

FORKED = """
pid = os.fork()
if pid == 0:
    run.log({"note": Note("child")})
    run.finish()
    os._exit(0)
assert os.waitpid(pid, 0)[1] == 0
"""

ATTACHED = """
import subprocess
code = (
    f"import sys; sys.path.insert(0, {sys.path[0]!r}); import wandb;"
    "from tests.unit.run.test_media import Note;"
    f"run = wandb.attach({run.id!r}); run.log({{'note': Note('child')}}); run.finish()"
)
subprocess.run([sys.executable, "-c", code], check=True)
"""


@pytest.mark.parametrize("child", [FORKED, ATTACHED], ids=["forked", "attached"])
def test_other_processes_of_a_run_keep_values_too(child):
    here = str(Path(__file__).resolve().parents[3])
    program = CHILD.format(here=here, quiet=QUIET, child=child)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([here, *sys.path])}
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env=environment, check=True
    )

    files = Path(done.stdout.split()[-1], "media", "notes")
    assert sorted(file.read_text() for file in files.iterdir()) == ["child", "parent"]


def test_what_stands_for_no_value_is_named():
    with pytest.raises(ValueError, match="'no-such-file'"):
        class_of("no-such-file")
    with pytest.raises(ValueError, match="_type"):
        value_of({}, None)
