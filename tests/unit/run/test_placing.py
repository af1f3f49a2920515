"""What a run writes into its folder never goes through a link into the user's own files."""

import os
from pathlib import Path

import pytest

import wandb
from wandb._base.placing import place
from wandb._run.media import RunMedia
from wandb.data_types.base import Content

QUIET = {"console": "off", "silent": True}


def text(content):
    return lambda made: Path(made).write_text(content)


def test_file_takes_the_place_of_a_link(tmp_path):
    (tmp_path / "mine").write_text("mine")
    files = tmp_path / "files"
    files.mkdir()
    (files / "name").symlink_to(tmp_path / "mine")

    assert place(text("theirs"), str(files), "name")

    assert (tmp_path / "mine").read_text() == "mine"
    assert (files / "name").read_text() == "theirs"
    assert os.listdir(files) == ["name"]


def test_folders_take_the_places_of_links(tmp_path):
    (tmp_path / "mine").mkdir()
    files = tmp_path / "files"
    (files / "a").mkdir(parents=True)
    (files / "a" / "b").symlink_to(tmp_path / "mine")

    place(text("theirs"), str(files), "a/b/c/name")

    assert os.listdir(tmp_path / "mine") == []
    assert (files / "a" / "b" / "c" / "name").read_text() == "theirs"


def test_what_fails_on_the_way_leaves_what_was_there(tmp_path):
    (tmp_path / "name").write_text("before")

    def fail(made):
        Path(made).write_text("half")
        raise ValueError("half")

    with pytest.raises(ValueError, match="half"):
        place(fail, str(tmp_path), "name")
    assert not place(lambda _: False, str(tmp_path), "name")

    assert (tmp_path / "name").read_text() == "before"
    assert os.listdir(tmp_path) == ["name"]


def test_printed_text_is_not_written_into_a_saved_file():
    Path("output.log").write_text("mine")
    run = wandb.init(settings={**QUIET, "console": "wrap_emu"})
    run.save("output.log")
    print("theirs")
    run.finish()

    assert Path("output.log").read_text() == "mine"
    assert "theirs" in Path(run.dir, "output.log").read_text()


def test_media_are_not_written_into_a_saved_folder():
    Path("media").mkdir()
    run = wandb.init(settings=QUIET)
    run.save("media")
    kept = RunMedia(run).keep(Content(".json", data=b"x"), kind="graph", name="g")
    run.finish()

    assert os.listdir("media") == []
    assert Path(run.dir, kept["path"]).read_bytes() == b"x"
