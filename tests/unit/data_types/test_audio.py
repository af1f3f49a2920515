"""`Audio`: samples to 16-bit WAV, files as they are, lists as one value."""

import io
import wave

import numpy as np
import pytest

from wandb.data_types import Audio


def decoded(data):
    with wave.open(io.BytesIO(data)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")
        return file.getframerate(), samples.reshape(-1, file.getnchannels())


def samples_of(kept, samples, rate=8000):
    _, data = kept(Audio(samples, sample_rate=rate))
    return decoded(data)[1][:, 0].tolist()


def test_floats_fill_the_range_of_16_bits(kept):
    assert samples_of(kept, [0.0, 0.5, -0.5, 1.0, -1.0, 2.0, -9.0]) == [
        *(0, 16384, -16384, 32767, -32768, 32767, -32768),
    ]


def test_what_is_below_a_16_bit_step_is_cut_off(kept):
    step = 2.0**-15

    assert samples_of(kept, np.array([step * 0.9, -step * 0.1, step])) == [0, -1, 1]


@pytest.mark.parametrize("kind", ["float16", "float32", "float64"])
def test_floats_of_any_width_sound_the_same(kept, kind):
    assert samples_of(kept, np.array([0.25, -0.125], dtype=kind)) == [8192, -4096]


def test_integers_keep_their_upper_16_bits(kept):
    assert samples_of(kept, np.array([5, -7], dtype=np.int16)) == [5, -7]
    assert samples_of(kept, np.array([5 << 16, -(7 << 16)], dtype=np.int32)) == [5, -7]


def test_channels_are_the_second_axis(kept):
    _, data = kept(Audio(np.array([[1, 2], [3, 4]], dtype=np.int16), sample_rate=44100))

    rate, samples = decoded(data)
    assert rate == 44100
    assert samples.tolist() == [[1, 2], [3, 4]]


def test_long_sounds_are_written_in_pieces_that_join(kept, monkeypatch):
    monkeypatch.setattr("wandb.data_types.audio._PIECE_SAMPLES", 7)
    samples = np.arange(100, dtype=np.int16).reshape(-1, 2)

    _, data = kept(Audio(samples, sample_rate=8000))

    assert decoded(data)[1].tolist() == samples.tolist()


def test_nan_is_silence_and_is_told(kept, capsys):
    assert samples_of(kept, [np.nan, 0.5, np.inf]) == [0, 16384, 32767]
    assert "NaN" in capsys.readouterr().err


def test_a_sound_of_no_samples_is_kept(kept):
    assert samples_of(kept, np.zeros(0)) == []


def test_json_in_a_run(kept):
    sound = Audio(np.zeros(800), sample_rate=8000, caption="hush")

    wire, data = kept(sound)

    digest = sound._content.sha256
    assert wire == {
        "caption": "hush",
        "_type": "audio-file",
        "sha256": digest,
        "size": len(data),
        "path": f"media/audio/key_0_{digest[:20]}.wav",
    }


def test_a_file_is_kept_as_it_is(kept, again, tmp_path):
    path = tmp_path / "song.mp3"
    path.write_bytes(b"\xff\xfb not decoded")

    wire, data = kept(Audio(path))

    assert data == b"\xff\xfb not decoded"
    assert wire["path"].endswith(".mp3")
    assert "caption" not in wire
    assert again(Audio(str(path), caption="c")) == Audio(path, caption="c")


def test_a_list_is_one_value(run_sink, tmp_path):
    path = tmp_path / "song.mp3"
    path.write_bytes(b"x")
    sounds = [Audio(np.zeros(4000), sample_rate=8000, caption="a"), Audio(path)]

    wire = Audio.list_to_wire(sounds, run_sink, name="key_3")

    assert {key: wire[key] for key in wire if key != "audio"} == {
        "_type": "audio",
        "count": 2,
        "sampleRates": [8000, None],
        "durations": [0.5, None],
        "captions": ["a", ""],
    }
    assert [one["path"] for one in wire["audio"]] == list(run_sink.files)
    assert Audio.captions(sounds[1:]) is False


def test_equal_means_same_bytes_and_caption():
    assert Audio(np.zeros(3), 8000) == Audio([0.0, 0.0, 0.0], 8000)
    assert Audio(np.zeros(3), 8000) != Audio(np.zeros(3), 8000, caption="x")
    assert Audio("s3://bucket/a.wav") == Audio("s3://bucket/a.wav")


def test_an_address_can_be_made_and_not_logged(run_sink):
    sound = Audio("s3://bucket/song.wav")

    with pytest.raises(ValueError, match=r"s3://bucket/song\.wav"):
        sound.to_wire(run_sink, name="k")


@pytest.mark.parametrize(
    ("samples", "rate", "error", "words"),
    [
        ([0.1], None, ValueError, "sample_rate"),
        ([0.1], 0, ValueError, "positive"),
        ([0.1], 44.1, TypeError, "whole number"),
        ([0.1], "8000", TypeError, "whole number"),
        ([1, 2], 8000, ValueError, "int64"),
        (np.zeros(2, dtype=bool), 8000, ValueError, "bool"),
        (["a"], 8000, ValueError, "str"),
        (None, 8000, ValueError, "object"),
        (np.zeros((2, 2, 2)), 8000, ValueError, r"\(2, 2, 2\)"),
        (np.zeros((2, 5000)), 8000, ValueError, r"\(2, 5000\)"),
        (np.float64(0.5), 8000, ValueError, r"\(\)"),
        ("missing.wav", None, FileNotFoundError, "missing.wav"),
    ],
)
def test_bad_input_is_named(samples, rate, error, words):
    with pytest.raises(error, match=words):
        Audio(samples, sample_rate=rate)


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(IsADirectoryError, match=r"wandb\.Audio takes a file"):
        Audio(tmp_path)


def test_reading_needs_a_path(run_sink):
    with pytest.raises(ValueError, match="`path`"):
        Audio.from_wire({"_type": "audio-file"}, run_sink)
