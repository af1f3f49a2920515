"""The same values logged under the released client and ours: the same JSON, the same files."""

import io
import json
import wave
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from oracle.compare import declared, same
from oracle.harness import our_client, released_client, run_script
from oracle.media_values import BAD, DIFFERENT, REFUSED, SCRIPT, VALUES

MEDIA = "0.21.3-media"


@dataclass(frozen=True)
class Logged:
    """What a client made of the values, by key."""

    rows: dict[str, Any]
    files: dict[str, bytes]
    errors: dict[str, str]
    shown: dict[str, Any]


def logged(client, folder):
    refused = {key: line for key, (line, _, _) in REFUSED.items()}
    (folder / "different.json").write_text(json.dumps(list(DIFFERENT)))
    (folder / "bad.json").write_text(json.dumps(list(BAD)))
    (folder / "values.json").write_text(json.dumps({**VALUES, **refused}))
    # The other's encoder looks for a program at its import, though gifs need none.
    without_ffmpeg = {"FFMPEG_BINARY": "auto-detect"}
    done = run_script(client, folder, SCRIPT, environment=without_ffmpeg, timeout_secs=120)
    assert done.exit_code == 0, done.stderr
    rows = {key: value for row in done.log.rows for key, value in row.items()}
    rows |= {key: value for key, value in done.log.summary.items() if key.startswith("summary/")}
    files = Path(done.log.journal).parent / "files"
    return Logged(
        rows,
        {
            path.relative_to(files).as_posix(): path.read_bytes()
            for path in files.glob("media/**/*")
            if path.is_file()
        },
        json.loads((folder / "told.json").read_text()),
        json.loads((folder / "shown.json").read_text()),
    )


@pytest.fixture(scope="module")
def mine(tmp_path_factory):
    # Under the other's interpreter, so that both have the same libraries.
    ours = replace(our_client(), interpreter=released_client(MEDIA).interpreter)
    return logged(ours, tmp_path_factory.mktemp("mine"))


@pytest.fixture(scope="module")
def theirs(tmp_path_factory):
    return logged(released_client(MEDIA), tmp_path_factory.mktemp("theirs"))


def files_in(wire, files):
    """Return the files that JSON names, in order, and the JSON without their names and sizes."""
    if isinstance(wire, list):
        pairs = [files_in(each, files) for each in wire]
        return [file for found, _ in pairs for file in found], [left for _, left in pairs]
    if not isinstance(wire, dict):
        return [], wire
    named = wire.get("path")
    found = [] if named is None else [(named.rpartition("_")[0], files[named])]
    left = {}
    for key, value in wire.items():
        if key in ("path", "sha256", "size") and named is not None:
            continue
        if key == "filenames":
            value = [name.rpartition("_")[0] for name in value]
        inner, left[key] = files_in(value, files)
        found += inner
    return found, left


def decoded(data):
    """Return samples or the pixels of each 1/100 s; other bytes as they are."""
    if data[:4] == b"RIFF":
        with wave.open(io.BytesIO(data)) as file:
            return file.getparams(), file.readframes(file.getnframes())
    if data[:3] == b"GIF":
        return gif_frames(data)
    return data


def gif_frames(data):
    from PIL import Image

    with Image.open(io.BytesIO(data)) as picture:
        shown = []
        for index in range(picture.n_frames):
            picture.seek(index)
            pixels = np.asarray(picture.convert("RGB")).tobytes()
            shown += [pixels] * (picture.info["duration"] // 10)
        return picture.size, picture.info.get("loop"), shown


OTHERS = ("trace/logged", "summary/page", "summary/figure", "summary/several")


@pytest.mark.released
@pytest.mark.parametrize("key", [*VALUES, *OTHERS])
def test_a_value_is_kept_as_the_released_client_keeps_it(mine, theirs, key):
    assert mine.errors.get(key) is None
    assert theirs.errors.get(key) is None
    my_files, my_json = files_in(mine.rows[key], mine.files)
    their_files, their_json = files_in(theirs.rows[key], theirs.files)

    assert same(my_json, their_json)
    assert [name for name, _ in my_files] == [name for name, _ in their_files]
    for (_, my_data), (_, their_data) in zip(my_files, their_files, strict=True):
        assert decoded(my_data) == decoded(their_data)


@pytest.mark.released
@pytest.mark.parametrize("key", REFUSED)
def test_a_value_that_the_released_client_refuses_is_kept(mine, theirs, key):
    _, case, kind = REFUSED[key]

    assert declared(case)
    assert key in theirs.errors
    assert mine.errors.get(key) is None
    kept = mine.rows[key]
    pairs = zip(kept, kind, strict=True) if isinstance(kept, list) else [(kept, kind)]
    for wire, expected in pairs:
        assert wire["_type"] == expected
        assert mine.files[wire["path"]]


@pytest.mark.released
@pytest.mark.parametrize("line", BAD)
def test_both_refuse_the_same(mine, theirs, line):
    case = BAD[line]

    assert line in theirs.errors
    assert mine.errors.get(line) == ("ValueError" if case else theirs.errors[line])
    assert case is None or declared(case)
    assert case is None or mine.errors[line] != theirs.errors[line]


@pytest.mark.released
@pytest.mark.parametrize("line", DIFFERENT)
def test_what_differs_on_purpose(mine, theirs, line):
    case, original, ours = DIFFERENT[line]

    assert declared(case)
    assert theirs.shown[line] == original
    assert mine.shown[line] == ours


KINDS = (
    "wandb.Audio",
    "wandb.Html",
    "wandb.Molecule",
    "wandb.Object3D",
    "wandb.Video",
    "wandb.data_types.Bokeh",
)
ADDABLE = [key for key, line in VALUES.items() if line.startswith(KINDS)]
MESHES = {"object/file", "object/binary file", "object/open file", "object/stream"}


@pytest.mark.released
@pytest.mark.parametrize("key", ADDABLE)
def test_a_value_in_an_artifact_is_named_by_what_it_holds(mine, theirs, key):
    original = theirs.shown[key]
    if key in MESHES:
        assert declared("meshes and other files of wandb.Object3D in artifacts")
        assert original.startswith("ValueError")
        assert mine.shown[key]["_type"] == "object3D-file"
        return

    assert mine.shown[key] == original
