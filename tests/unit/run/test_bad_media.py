"""Values that turn out bad when they are logged cost themselves only, and are named."""

import os
from pathlib import Path

import numpy as np
import pytest
from tests.unit.run.rows import QUIET, rows_of

import wandb

PIXELS = np.zeros((4, 4, 3), np.uint8)


@pytest.fixture
def run():
    with wandb.init(settings=QUIET) as run:
        yield run


def gone(make, path):
    """Make a value of a file that is removed before the value is logged."""
    value = make(path)
    os.unlink(path)
    return value


def gone_sound():
    Path("song.wav").write_bytes(b"RIFF")
    return gone(wandb.Audio, "song.wav")


def gone_picture():
    wandb.Image(PIXELS).image.save("cat.png")
    return gone(wandb.Image, "cat.png")


def edges_of_nothing():
    graph = wandb.Graph()
    graph.add_edge(7, 8)
    return graph


def table(cell):
    return wandb.Table(columns=["a"], data=[[cell]])


BAD = {
    "sound elsewhere": (lambda: wandb.Audio("https://h/a.wav"), "https://h/a.wav"),
    "picture elsewhere": (lambda: wandb.Image("s3://h/a.png"), "s3://h/a.png"),
    "sound gone": (gone_sound, "song.wav"),
    "picture gone": (gone_picture, "cat.png"),
    "edge": (lambda: wandb.Graph().add_edge(7, 8), "Edge is no value"),
    "graph": (edges_of_nothing, "type Graph"),
    "list": (lambda: [wandb.Image(PIXELS), wandb.Image("s3://h/a.png")], "s3://h/a.png"),
    "mixed list": (lambda: [wandb.Image(PIXELS), object()], "type list"),
    "cell elsewhere": (lambda: table(wandb.Image("s3://h/a.png")), "s3://h/a.png"),
    "cell without classes": (
        lambda: table(wandb.Image(PIXELS, boxes={"b": {"box_data": []}})),
        "pass `classes`",
    ),
    "nested": (lambda: {"a": {"b": wandb.Audio("gs://h/a.wav")}}, "gs://h/a.wav"),
}


@pytest.mark.parametrize("key", BAD)
def test_it_is_left_out_by_itself_and_named(run, capsys, key):
    make, reason = BAD[key]

    run.log({"before": 1, key: make(), "after": 2})
    run.log({"next": 3})

    assert rows_of(run) == [{"before": 1, "after": 2}, {"next": 3}]
    told = capsys.readouterr().err
    assert f"the value of {key!r} can't be kept" in told
    assert reason in told


NAMES = {
    "long": "k" * 5000,
    "long part": "k" * 300 + "/a",
    "NUL": "a\0b",
}
VALUES = {
    "page": lambda: wandb.Html("a"),
    "table": lambda: table(1),
    "chart": lambda: wandb.plot.line(table(1), "a", "a"),
}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", VALUES)
def test_key_that_can_name_no_file_costs_its_value_and_is_told_in_short(run, capsys, name, kind):
    run.log({"before": 1, NAMES[name]: VALUES[kind](), "after": 2})
    run.log({NAMES[name]: 3})

    first, second = rows_of(run)
    assert first == {"before": 1, "after": 2}
    assert second == {NAMES[name]: 3}
    (line,) = [line for line in capsys.readouterr().err.splitlines() if "can't be kept" in line]
    assert repr(NAMES[name])[1:-1][:50] in line
    assert len(line) < 800


@pytest.mark.parametrize("key", ["\u202egnp.exe", "<img onerror=1>", "javascript:alert(1)", " "])
def test_odd_key_is_kept_as_it_is(run, key):
    run.log({key: wandb.Html("a")})

    (row,) = rows_of(run)
    assert Path(run.dir, row[key]["path"]).is_file()


def test_long_key_does_not_stretch_the_closing_words(run, capsys):
    run.log({"k" * 5000: 1, "loss": 2})
    run.finish()

    assert max(map(len, capsys.readouterr().err.splitlines())) < 200
