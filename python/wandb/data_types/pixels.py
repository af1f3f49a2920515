"""What users hand over as an image → rows of 8-bit pixels, by the original's rules.

Numbers that are no bytes are brought to bytes: those between 0 and 1 are fractions of 255, those
between -1 and 1 are moved there first, and all others are cut off at 0 and 255.
"""

from dataclasses import dataclass
from io import BytesIO
from typing import Any

from wandb._base.terminal import termwarn
from wandb._native import encode_png
from wandb.data_types.base import Content

# Modes of PIL's that a PNG file has as well → bytes of a pixel.
PNG_CHANNELS = {"L": 1, "LA": 2, "RGB": 3, "RGBA": 4}
# Other modes that arrays can be taken as.
_CHANNELS = {
    **PNG_CHANNELS,
    "P": 1,
    "PA": 2,
    "La": 2,
    "HSV": 3,
    "LAB": 3,
    "YCbCr": 3,
    "CMYK": 4,
    "RGBX": 4,
    "RGBa": 4,
}
_OPAQUE_TYPES = ("jpg", "jpeg")


@dataclass(frozen=True, slots=True)
class Pixels:
    """An image in memory that nothing changes any more.

    Attributes:
        mode: How PIL calls what the bytes of a pixel are.
        width: Pixels of a row.
        height: Rows.
        raw: Row after row from the top, without gaps.
    """

    mode: str
    width: int
    height: int
    raw: bytes

    @property
    def channels(self) -> int | None:
        """Bytes of a pixel in a PNG file; None where that has no such mode."""
        return PNG_CHANNELS.get(self.mode)

    def encoded(self, file_type: str) -> bytes:
        """Make a file of them.

        Raises:
            OSError: The type of file can't hold this mode.
        """
        if file_type == "png" and self.channels is not None:
            return encode_png(self.raw, self.width, self.height, self.channels)
        return saved(self.picture(), file_type)

    def content(self, file_type: str, extension: str | None = None) -> Content:
        """Return the file of them, which is made when it is needed if it is a PNG file.

        Args:
            file_type: What it is.
            extension: What its name ends with; a dot and the type by default.

        Raises:
            OSError: The type of file can't hold this mode.
        """
        ending = extension or f".{file_type}"
        if file_type == "png" and self.channels is not None:
            return Content(ending, pixels=self)
        return Content(ending, data=self.encoded(file_type))

    def picture(self) -> Any:
        """Return them as an image of PIL's."""
        return pil().frombytes(self.mode, (self.width, self.height), self.raw)


def pil() -> Any:
    """Import PIL's images.

    Raises:
        ImportError: It is not installed.
    """
    try:
        from PIL import Image
    except ImportError as err:
        raise ImportError(
            "wandb.Image needs PIL for this kind of image, and it is not installed; run "
            "`pip install pillow`. Arrays of numpy's are kept as PNG without it."
        ) from err
    return Image


def size_of_file(path: str) -> tuple[int, int]:
    """Return the width and height of a picture in a file, all of which is read.

    Raises:
        OSError: It can't be read, or is no picture, or not a whole one.
        ValueError: There can be no such path.
        PIL.Image.DecompressionBombError: It has more pixels than PIL takes for honest.
    """
    library = pil()
    try:
        with library.open(path) as picture:
            picture.load()  # a damaged file is told now, not when it is shown
            size: tuple[int, int] = picture.size
            return size
    except (OSError, ValueError, library.DecompressionBombError) as err:
        if repr(path) in str(err):
            raise
        raise type(err)(f"wandb.Image: {path!r} can't be taken: {err}") from err


def saved(picture: Any, file_type: str) -> bytes:
    """Make a file of an image of PIL's."""
    buffer = BytesIO()
    # A colour that PIL was told to see through would be lost in some formats, so in all.
    picture.save(buffer, format="jpeg" if file_type == "jpg" else file_type, transparency=None)
    return buffer.getvalue()


def picture_pixels(picture: Any) -> Pixels | None:
    """Copy the pixels of an image of PIL's; None if more than pixels belong to it."""
    if picture.mode not in PNG_CHANNELS or picture.info.get("icc_profile"):
        return None
    width, height = picture.size
    return Pixels(picture.mode, width, height, picture.tobytes())


def array_pixels(data: Any, mode: str | None, file_type: str, normalize: bool) -> Pixels:
    """Copy an array or a tensor as pixels.

    Args:
        data: Shape (height, width) or (height, width, channels) of 1, 3 or 4 channels; a tensor of
            PyTorch's has its channels first. Any type of real numbers.
        mode: What the channels are; by default told by their number.
        file_type: What kind of file it is meant for.
        normalize: Whether numbers are brought to 0 to 255 as this module says.

    Raises:
        TypeError: It is no array of numbers.
        ValueError: Its shape or its mode is none of an image, or a pixel is NaN.
    """
    array = _array_of(data)
    if array.ndim > 2:  # the original leaves out dimensions of one element wherever they are
        array = array.squeeze()
    chosen = mode or _guessed_mode(array.shape, file_type)
    if chosen == "RGB" and array.ndim == 3 and array.shape[-1] == 4:
        array = array[..., :3]
    _check_mode(chosen, array.shape)
    height, width = array.shape[:2]
    return Pixels(chosen, width, height, _as_bytes(array, normalize).tobytes())


def _array_of(data: Any) -> Any:
    import numpy as np

    if type(data).__module__.partition(".")[0] == "torch":
        array = _channels_last(data)
    elif hasattr(data, "numpy"):  # a tensor of TensorFlow's
        array = data.numpy()
    elif hasattr(data, "__array__"):
        array = np.asarray(data)
    else:
        raise TypeError(
            f"wandb.Image takes an array, a tensor, an image of PIL's, a figure or a path, not "
            f"{type(data).__name__}"
        )
    if array.dtype.kind not in "biuf":
        raise TypeError(
            f"pixels are numbers, and this array's type is {array.dtype}; nothing was kept"
        )
    if array.size == 0:
        raise ValueError(f"an image has pixels, and this array's shape is {array.shape}")
    return array


def _channels_last(tensor: Any) -> Any:
    if tensor.ndim != 3:
        raise _wrong_shape(tensor.shape, "(channels, height, width)")
    tensor = tensor.detach().permute(1, 2, 0).cpu()
    if str(tensor.dtype) == "torch.bfloat16":  # numpy has no such type
        tensor = tensor.float()
    return tensor.numpy()


def _wrong_shape(
    shape: Any, right: str = "(height, width) or (height, width, channels)"
) -> Exception:
    return ValueError(
        f"an array of shape {tuple(shape)} is no image: it must be {right}, with 1, 3 or 4 "
        "channels; nothing was kept"
    )


def _guessed_mode(shape: tuple[int, ...], file_type: str) -> str:
    if len(shape) == 2:
        return "L"
    if len(shape) != 3 or shape[-1] not in (3, 4):
        raise _wrong_shape(shape)
    if shape[-1] == 3:
        return "RGB"
    if file_type not in _OPAQUE_TYPES:
        return "RGBA"
    termwarn(
        f"wandb.Image: a {file_type} file has no transparency; the alpha channel is left out.",
        repeat=False,
    )
    return "RGB"


def _check_mode(mode: str, shape: tuple[int, ...]) -> None:
    channels = 1 if len(shape) == 2 else shape[-1]
    if len(shape) not in (2, 3) or _CHANNELS.get(mode) != channels:
        raise ValueError(
            f"an array of shape {tuple(shape)} is no image of mode {mode!r}; nothing was kept. "
            "Leave `mode` out to have it told by the number of channels."
        )


def _as_bytes(array: Any, normalize: bool) -> Any:
    import numpy as np

    least, most = array.min(), array.max()
    if least != least:  # NaN, which no other number hides
        raise ValueError(
            "an image has pixels that are NaN; nothing was kept. Replace them, for example by "
            "numpy.nan_to_num."
        )
    if not normalize:
        return array.astype(np.uint8)
    if least < 0 or most > 255:
        termwarn(
            "wandb.Image: pixels are expected between 0 and 255 and these are between "
            f"{least} and {most}; they are brought to that range. Later releases of the original "
            "will not do so: scale them, or pass normalize=False.",
            repeat=False,
        )
    if least >= 0 and most <= 1:
        return (array * 255).astype(np.uint8)
    if least >= -1 and most <= 1:
        return (255 * 0.5 * (array + 1)).astype(np.uint8)
    return array if array.dtype == np.uint8 else array.clip(0, 255).astype(np.uint8)


def figure_file(value: Any, file_type: str) -> bytes:
    """Draw what belongs to a figure of matplotlib's.

    Args:
        value: A figure, something in one, or `matplotlib.pyplot`, which means its current figure.
        file_type: What kind of file to make.

    Raises:
        ValueError: It belongs to no figure.
    """
    from matplotlib.figure import Figure

    figure = value.gcf() if hasattr(value, "gcf") else value
    if not isinstance(figure, Figure):
        figure = getattr(figure, "figure", None)
    if not isinstance(figure, Figure):
        raise ValueError(f"this {type(value).__name__} of matplotlib's belongs to no figure")
    buffer = BytesIO()
    figure.savefig(buffer, format=file_type)
    return buffer.getvalue()
