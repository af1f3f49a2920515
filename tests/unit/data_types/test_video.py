"""`Video`: arrays to frames in a grid, files and streams as they are."""

import io
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from wandb.data_types import Video
from wandb.data_types.video import grid
from wandb.errors import Error

pillow = pytest.importorskip("PIL.Image")


def frames_of(data):
    """Return the frames of a GIF in order, each as often as 1/4 s shows it."""
    picture = pillow.open(io.BytesIO(data))
    shown = []
    for index in range(picture.n_frames):
        picture.seek(index)
        shown += [np.asarray(picture.convert("RGB"))] * (picture.info["duration"] // 250)
    return np.stack(shown)


def flat(*colours):
    """Make frames of one colour each; shape (frames, 3, 2, 4)."""
    return np.stack([np.full((2, 4, 3), colour, np.uint8).transpose(2, 0, 1) for colour in colours])


RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)


def test_an_array_becomes_a_gif_of_its_frames(kept):
    frames = flat(RED, GREEN, GREEN, BLUE)

    wire, data = kept(Video(frames, format="gif"))

    assert np.array_equal(frames_of(data), frames.transpose(0, 2, 3, 1))
    assert (wire["width"], wire["height"]) == (4, 2)
    assert wire["_type"] == "video-file"
    assert wire["path"].startswith("media/videos/key_0_")
    assert wire["path"].endswith(".gif")


def test_a_batch_is_laid_out_in_rows(kept):
    batch = np.stack([flat(RED), flat(GREEN), flat(BLUE)])

    wire, data = kept(Video(batch, format="gif"))

    (frame,) = frames_of(data)
    assert (wire["width"], wire["height"]) == (16, 2)
    assert [tuple(frame[0, x]) for x in (0, 4, 8, 12)] == [RED, GREEN, BLUE, (0, 0, 0)]


@pytest.mark.parametrize(
    ("count", "rows", "columns"),
    [(1, 1, 1), (2, 1, 2), (3, 1, 4), (4, 2, 2), (5, 2, 4), (8, 2, 4), (16, 4, 4)],
)
def test_grids_have_sides_of_powers_of_two(count, rows, columns):
    batch = np.zeros((count, 2, 3, 5, 7), np.uint8)

    assert grid(batch).shape == (2, rows * 5, columns * 7, 3)


def test_one_channel_is_grey(kept):
    frames = np.full((1, 1, 2, 2), 128, np.uint8)

    _, data = kept(Video(frames, format="gif"))

    assert frames_of(data)[0, 0, 0].tolist() == [128, 128, 128]


def test_other_numbers_are_cut_to_bytes(kept):
    frames = np.array([255.9, np.nan, np.inf, -np.inf]).reshape(1, 1, 2, 2)

    _, data = kept(Video(frames, format="gif"))

    assert frames_of(data)[0, :, :, 0].tolist() == [[255, 0], [255, 0]]


def test_floats_up_to_one_are_black_and_that_is_told(capsys):
    Video(np.full((1, 3, 2, 2), 0.5), format="gif")

    assert "Multiply them by 255" in capsys.readouterr().err


def test_files_and_streams_are_kept_as_they_are(kept, again, tmp_path):
    path = tmp_path / "clip.MP4"
    path.write_bytes(b"moving")

    assert kept(Video(path))[1] == b"moving"
    assert kept(Video(io.BytesIO(b"moving"), format="webm"))[1] == b"moving"
    with path.open("rb") as stream:
        assert kept(Video(stream, format="mp4"))[1] == b"moving"
    assert "width" not in kept(Video(str(path), caption="c"))[0]
    assert again(Video(str(path), caption="c"))._caption == "c"


def test_a_video_read_back_knows_its_size(again):
    video = again(Video(flat(RED), format="gif"))

    assert (video._width, video._height) == (4, 2)


def test_fps_of_a_file_is_told_to_have_no_effect(capsys):
    Video(io.BytesIO(b"x"), fps=3, format="gif")

    assert "`fps` is for arrays" in capsys.readouterr().err


def test_a_list_is_one_value(run_sink):
    videos = [Video(flat(RED), caption="r", format="gif"), Video(flat(BLUE), format="gif")]

    wire = Video.list_to_wire(videos, run_sink, name="k_1")

    assert (wire["_type"], wire["count"]) == ("videos", 2)
    assert wire["captions"] == ["r", None]
    assert [video["width"] for video in wire["videos"]] == [4, 4]
    assert Video.list_to_wire(videos[1:], run_sink, name="k_1")["captions"] is False


@pytest.mark.parametrize(
    ("value", "options", "words"),
    [
        ("clip.avi", {}, "clip.avi"),
        (np.zeros((3, 2, 2)), {"format": "gif"}, r"\(3, 2, 2\)"),
        (np.zeros((1, 1, 1, 3, 2, 2)), {"format": "gif"}, r"\(1, 1, 1, 3, 2, 2\)"),
        (np.zeros((0, 3, 2, 2)), {"format": "gif"}, r"\(0, 3, 2, 2\)"),
        (np.zeros((4, 64, 64, 3)), {"format": "gif"}, "np.moveaxis"),
        (np.array([[[["a"]]]]), {"format": "gif"}, "frames are numbers"),
        (np.zeros((1, 3, 2, 2), np.uint8), {"format": "avi"}, "'avi'"),
        (np.zeros((1, 3, 2, 2), np.uint8), {"format": "gif", "fps": -1}, "-1"),
        (7, {"format": "gif"}, "int"),
    ],
)
def test_bad_input_is_named(value, options, words):
    with pytest.raises(ValueError, match=words):
        Video(value, **options)


@pytest.mark.parametrize("format", ["mp4", "webm", "ogg"])
def test_other_formats_say_what_they_need(format, monkeypatch):
    monkeypatch.setitem(sys.modules, "moviepy", None)
    monkeypatch.setitem(sys.modules, "moviepy.video.io.ImageSequenceClip", None)

    with pytest.raises(Error, match=r"pip install wandb\[media\]"):
        Video(flat(RED), format=format)


class Clip:
    """Stands in for moviepy, and writes what it was given."""

    def __init__(self, frames, fps):
        self._told = f"{len(frames)} {frames[0].shape} {fps}"

    def write_videofile(self, path, logger, codec=None):
        Path(path).write_text(f"{self._told} {Path(path).suffix} {codec}")


@pytest.mark.parametrize(
    ("format", "codec"), [("mp4", "None"), ("webm", "None"), ("ogg", "libtheora")]
)
def test_other_formats_are_made_by_moviepy(kept, monkeypatch, format, codec):
    module = SimpleNamespace(ImageSequenceClip=Clip)
    monkeypatch.setitem(sys.modules, "moviepy", SimpleNamespace())
    monkeypatch.setitem(sys.modules, "moviepy.video.io.ImageSequenceClip", module)

    wire, data = kept(Video(flat(RED, BLUE)[:, :1], fps=7, format=format))

    assert data.decode() == f"2 (2, 4, 3) 7 .{format} {codec}"
    assert wire["path"].endswith(f".{format}")


def test_moviepy_without_ffmpeg_says_so(monkeypatch):
    def fail(*args, **options):
        raise FileNotFoundError("ffmpeg")

    module = SimpleNamespace(ImageSequenceClip=fail)
    monkeypatch.setitem(sys.modules, "moviepy.video.io.ImageSequenceClip", module)

    with pytest.raises(Error, match="needs a working ffmpeg"):
        Video(flat(RED), format="mp4")
