"""Arrays, tensors and figures to pixels."""

import io
import warnings

import numpy as np
import pytest
from PIL import Image as PILImage

from wandb._native import encode_png
from wandb.data_types.pixels import Pixels, array_pixels, picture_pixels

NOISE = np.random.default_rng(5)


def taken(data, mode=None, file_type="png", normalize=True):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return array_pixels(data, mode, file_type, normalize)


def as_array(pixels):
    channels = len(pixels.raw) // (pixels.width * pixels.height)
    shape = (pixels.height, pixels.width) + ((channels,) if channels > 1 else ())
    return np.frombuffer(pixels.raw, np.uint8).reshape(shape)


@pytest.mark.parametrize(
    ("shape", "mode"),
    [
        ((4, 6), "L"),
        ((4, 6, 1), "L"),
        ((4, 6, 3), "RGB"),
        ((4, 6, 4), "RGBA"),
        ((1, 4, 6, 3), "RGB"),
        ((1, 6, 3), "L"),  # as the original: dimensions of one element go, wherever they are
    ],
)
def test_shapes_tell_the_mode(shape, mode):
    data = NOISE.integers(0, 256, shape, dtype=np.uint8)

    found = taken(data)

    assert found.mode == mode
    assert np.array_equal(as_array(found), data.squeeze())


@pytest.mark.parametrize(
    "shape", [(3,), (4, 6, 2), (4, 6, 5), (2, 4, 6, 3), (0, 6, 3), (), (1, 1, 3)]
)
def test_other_shapes_are_named(shape):
    with pytest.raises(ValueError, match="shape"):
        taken(np.zeros(shape))


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64])
def test_fractions_are_parts_of_255(kind):
    data = np.array([[0, 0.25, 0.5], [0.999, 1, 0.1]], kind)

    assert np.array_equal(as_array(taken(data)), (data * 255).astype(np.uint8))


@pytest.mark.parametrize("kind", [np.uint8, np.int64, np.bool_])
def test_zeros_and_ones_are_black_and_white(kind):
    assert as_array(taken(np.array([[0, 1]], kind))).tolist() == [[0, 255]]


def test_numbers_between_minus_one_and_one_are_moved(capsys):
    found = taken(np.array([[-1.0, 0.0, 0.5, 1.0]]))

    assert as_array(found).tolist() == [[0, 127, 191, 255]]


def test_numbers_beyond_bytes_are_cut_off_and_it_is_said(capsys):
    found = taken(np.array([[-7, 3, 300]]))

    assert as_array(found).tolist() == [[0, 3, 255]]
    assert "these are between -7 and 300" in capsys.readouterr().err


def test_without_normalizing_numbers_are_taken_as_they_are():
    assert as_array(taken(np.array([[0, 1, 200]]), normalize=False)).tolist() == [[0, 1, 200]]


@pytest.mark.parametrize("normalize", [True, False])
def test_pixels_that_are_no_numbers_are_named(normalize):
    data = np.ones((4, 6, 3))
    data[2, 2, 1] = np.nan

    with pytest.raises(ValueError, match="NaN"):
        taken(data, normalize=normalize)


@pytest.mark.parametrize(
    "data", [np.array([["a"]]), np.ones((2, 2), complex), [[1]], None, object()]
)
def test_what_holds_no_real_numbers_is_named(data):
    with pytest.raises(TypeError):
        taken(data)


def test_later_changes_of_the_array_change_nothing():
    data = np.full((2, 2), 7, np.uint8)
    found = taken(data)
    data[:] = 9

    assert set(found.raw) == {7}


def test_rows_may_lie_anywhere_in_memory():
    data = NOISE.integers(0, 256, (8, 12, 3), dtype=np.uint8)

    assert np.array_equal(as_array(taken(data[::2, ::-3])), data[::2, ::-3])


@pytest.mark.parametrize("mode", ["HSV", "CMYK", "LAB"])
def test_a_mode_tells_what_the_channels_are(mode):
    data = NOISE.integers(0, 256, (4, 6, 4 if mode == "CMYK" else 3), dtype=np.uint8)

    picture = taken(data, mode).picture()

    assert (picture.mode, picture.size) == (mode, (6, 4))
    assert picture.tobytes() == data.tobytes()


@pytest.mark.parametrize(("mode", "channels"), [("L", 3), ("RGBA", 3), ("RGB", 1), ("no such", 3)])
def test_a_mode_of_other_channels_is_named(mode, channels):
    with pytest.raises(ValueError, match=mode):
        taken(np.zeros((4, 6, channels), np.uint8), mode)


def test_alpha_is_left_out_where_a_file_has_none(capsys):
    data = NOISE.integers(0, 256, (4, 6, 4), dtype=np.uint8)

    found = taken(data, file_type="jpg")

    assert np.array_equal(as_array(found), data[..., :3])
    assert "no transparency" in capsys.readouterr().err
    assert np.array_equal(as_array(taken(data, "RGB")), data[..., :3])


class Tensor:
    """What is asked of a tensor of PyTorch's."""

    __module__ = "torch"
    dtype = "torch.float32"

    def __init__(self, array):
        self.array = array
        self.shape, self.ndim = array.shape, array.ndim

    def detach(self):
        return self

    cpu = detach

    def permute(self, *axes):
        return Tensor(self.array.transpose(axes))

    def numpy(self):
        return self.array


def test_tensors_have_their_channels_first():
    data = NOISE.integers(0, 256, (3, 4, 6)).astype(np.float32)

    found = taken(Tensor(data))

    assert (found.mode, found.width, found.height) == ("RGB", 6, 4)
    assert np.array_equal(as_array(found), data.transpose(1, 2, 0).astype(np.uint8))
    with pytest.raises(ValueError, match="channels, height, width"):
        taken(Tensor(data[0]))


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA"])
@pytest.mark.parametrize("size", [(1, 1), (7, 5), (300, 3), (64, 64)])
def test_png_files_hold_the_pixels(mode, size):
    channels = {"L": 1, "LA": 2, "RGB": 3, "RGBA": 4}[mode]
    for most in (3, 256):
        raw = NOISE.integers(0, most, size[0] * size[1] * channels, dtype=np.uint8).tobytes()

        picture = PILImage.open(io.BytesIO(encode_png(raw, *size, channels)))

        assert (picture.mode, picture.size, picture.tobytes()) == (mode, size, raw)


def test_sizes_that_do_not_go_together_are_refused():
    for raw, width, height, channels in ((b"", 0, 0, 3), (b"123", 1, 1, 4), (b"12345", 1, 1, 5)):
        with pytest.raises(ValueError, match=r"pixel|bytes"):
            encode_png(raw, width, height, channels)


def test_pictures_with_more_than_pixels_are_left_to_pil():
    plain = PILImage.new("RGB", (3, 2), "red")
    assert picture_pixels(plain) == Pixels("RGB", 3, 2, plain.tobytes())
    coloured = plain.copy()
    coloured.info["icc_profile"] = b"profile"
    assert picture_pixels(coloured) is None
    assert picture_pixels(plain.convert("P")) is None
