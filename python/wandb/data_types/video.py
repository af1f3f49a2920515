"""`Video`: moving pictures, from a file, a stream or an array of frames."""

import io
import math
import os
from collections.abc import Callable, Sequence
from numbers import Real
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, cast

from wandb._base.jsonable import array_of
from wandb._base.terminal import termwarn
from wandb.data_types.base import BatchableMedia, Content, MediaSink, MediaSource
from wandb.data_types.inputs import (
    as_bytes,
    fetched,
    file_content,
    library,
    listed_captions,
    read_stream,
)
from wandb.errors import Error

if TYPE_CHECKING:
    import numpy as np

    Frames = np.ndarray[Any, Any]

_DEFAULT_FPS = 4


class Video(BatchableMedia):
    """Moving pictures.

    Args:
        data_or_path: A video file or a stream of one, kept as it is; or frames: an array of
            bytes, its axes (frames, channels, height, width), or with a batch in front, which
            is laid out as a grid.
        caption: Words to show with it.
        fps: Frames per second, for an array.
        format: `gif`, `mp4`, `webm` or `ogg`, for an array or a stream; `gif` if it is left out.

    Raises:
        OSError: The file can't be read.
        ValueError: The format is another, or the array's axes are.
        Error: What makes videos of arrays is not installed.

    Examples:
        >>> frames = np.random.randint(0, 256, (10, 3, 100, 100), dtype=np.uint8)
        >>> run.log({"video": wandb.Video(frames, format="gif", fps=4)})
    """

    _log_type: ClassVar[str | None] = "video-file"
    kind = "videos"
    EXTS = ("gif", "mp4", "webm", "ogg")

    def __init__(
        self,
        data_or_path: "str | os.PathLike[str] | np.ndarray[Any, Any] | io.IOBase | Any",
        caption: str | None = None,
        fps: int | None = None,
        format: str | None = None,
    ) -> None:
        super().__init__(caption)
        self._format = format or "gif"
        self._width: int | None = None
        self._height: int | None = None
        self._channels: int | None = None
        if self._format not in self.EXTS:
            raise ValueError(f"wandb.Video: the format is one of {_EXTS}, not {format!r}")
        if isinstance(data_or_path, (str, os.PathLike)):
            self._take_file(data_or_path, fps)
            return
        if format is None:
            termwarn(
                "wandb.Video: no `format` is given, so it is `gif`; name one of "
                f"{_EXTS} to choose.",
                repeat=False,
            )
        if hasattr(data_or_path, "read"):
            self._take_stream(data_or_path, fps)
        else:
            self._take_array(data_or_path, fps)

    def encode(self, fps: int = _DEFAULT_FPS) -> None:
        """Make the video of the frames in `data`.

        Args:
            fps: Frames per second.

        Raises:
            TypeError: `fps` is no number.
            ValueError: The axes are not those of frames, or `fps` is not positive.
            Error: What makes it is not installed.
        """
        if not isinstance(fps, Real):
            raise TypeError(f"wandb.Video: fps is a number, not {fps!r}")
        if not 0 < fps < math.inf:
            raise ValueError(f"wandb.Video: fps is a positive number, not {fps!r}")
        frames = grid(_as_bytes_of_colour(_as_batch(self.data)))
        _, self._height, self._width, self._channels = frames.shape
        made = _ENCODERS[self._format](frames, fps, self._format)
        self._content = Content(f".{self._format}", data=made)

    def to_wire(self, sink: MediaSink, *, name: str) -> dict[str, Any]:
        """Keep the file, and return what stands for the video in JSON."""
        size = {"width": self._width, "height": self._height}
        known = {side: pixels for side, pixels in size.items() if pixels is not None}
        return {**super().to_wire(sink, name=name), **known}

    @classmethod
    def list_to_wire(cls, values: Sequence[Any], sink: MediaSink, *, name: str) -> dict[str, Any]:
        """Keep several videos, and return what stands for all of them."""
        return {
            "_type": "videos",
            "count": len(values),
            "videos": [video.to_wire(sink, name=name) for video in values],
            "captions": listed_captions(values),
        }

    @classmethod
    def from_wire(cls, wire: dict[str, Any], source: MediaSource) -> "Video":
        """Make the video again of what stands for it."""
        video = cls(fetched("Video", wire, source), caption=wire.get("caption"))
        video._width, video._height = wire.get("width"), wire.get("height")
        return video

    def _take_file(self, path: str | os.PathLike[str], fps: int | None) -> None:
        extension = os.path.splitext(os.fspath(path))[1]
        if extension[1:].lower() not in self.EXTS:
            raise ValueError(
                f"wandb.Video: the file's name ends with one of {_EXTS}; {os.fspath(path)!r} "
                "does not"
            )
        _warn_of_fps(fps)
        self._content = file_content("Video", path)

    def _take_stream(self, stream: Any, fps: int | None) -> None:
        _warn_of_fps(fps)
        self._content = Content(f".{self._format}", data=as_bytes(read_stream("Video", stream)))

    def _take_array(self, value: Any, fps: int | None) -> None:
        array = array_of(value)
        if array is None:
            raise ValueError(
                f"wandb.Video takes a file, a stream or an array, not {type(value).__name__}"
            )
        self.data = array
        self.encode(fps=fps or _DEFAULT_FPS)


_EXTS = ", ".join(Video.EXTS)


def _warn_of_fps(fps: int | None) -> None:
    if fps:
        termwarn(
            "wandb.Video: `fps` is for arrays; the file or stream is kept as it is.", repeat=False
        )


def grid(batch: "Frames") -> "Frames":
    """Lay a batch of videos out side by side, in as many rows as fit a power of two.

    Args:
        batch: Shape (batch, frames, channels, height, width).

    Returns:
        Shape (frames, rows * height, columns * width, channels); what is left over is black.
    """
    import numpy as np

    count, frames, channels, height, width = batch.shape
    padded = 1 << (count - 1).bit_length()
    if padded > count:
        black = np.zeros((padded - count, *batch.shape[1:]), dtype=batch.dtype)
        batch = np.concatenate((batch, black))
    rows = 1 << ((count.bit_length() - 1) // 2)
    columns = padded // rows
    placed = batch.reshape(rows, columns, frames, channels, height, width)
    turned = placed.transpose(2, 0, 4, 1, 5, 3)
    laid: Frames = turned.reshape(frames, rows * height, columns * width, channels)
    return laid


def _as_batch(array: "Frames") -> "Frames":
    if array.ndim not in (4, 5) or 0 in array.shape:
        raise ValueError(
            "wandb.Video: the axes of an array are (frames, channels, height, width), or with a "
            f"batch in front, and none is empty; this one is {array.shape}"
        )
    if array.shape[-3] not in (1, 2, 3, 4):
        raise ValueError(
            f"wandb.Video: the axis before height and width counts channels, 1 to 4; "
            f"this array is {array.shape}. Channels that come last need np.moveaxis."
        )
    return array if array.ndim == 5 else array[None]


def _as_bytes_of_colour(array: "Frames") -> "Frames":
    """Cut numbers to bytes, as the original does, and say so where that loses something."""
    import numpy as np

    if array.dtype == np.uint8:
        return array
    if array.dtype.kind not in "biuf":
        raise ValueError(f"wandb.Video: frames are numbers, not {array.dtype.name}")
    if array.dtype.kind == "f":
        shown = array[~np.isnan(array)]
        least, most = (float(shown.min()), float(shown.max())) if shown.size else (0.0, 0.0)
        if most <= 1:
            termwarn(
                f"wandb.Video: the frames are of {array.dtype.name} between {least:g} and "
                f"{most:g} and are cut to whole numbers, which leaves black. "
                "Multiply them by 255.",
                repeat=False,
            )
        array = np.nan_to_num(array, nan=0.0, posinf=255.0, neginf=0.0)
    return cast("Frames", array.astype(np.int64).astype(np.uint8))


def _gif(frames: "Frames", fps: float, format: str) -> bytes:
    pillow = library("PIL.Image", purpose="wandb.Video of an array", install="wandb[media]")
    pictures = [
        pillow.fromarray(frame[..., 0] if frame.shape[-1] == 1 else frame) for frame in frames
    ]
    buffer = io.BytesIO()
    pictures[0].save(
        buffer, "GIF", save_all=True, append_images=pictures[1:], duration=1000 / fps, loop=0
    )
    return buffer.getvalue()


def _by_moviepy(frames: "Frames", fps: float, format: str) -> bytes:
    from tempfile import TemporaryDirectory

    purpose = f"wandb.Video: making {format} of an array"
    try:
        moviepy = library(
            "moviepy.video.io.ImageSequenceClip", purpose=purpose, install="wandb[media]"
        )
        clip = moviepy.ImageSequenceClip(list(_in_colour(frames)), fps=fps)
        with TemporaryDirectory(prefix="wandb-video-") as folder:
            path = Path(folder, f"video.{format}")
            codec = {"codec": "libtheora"} if format == "ogg" else {}
            clip.write_videofile(str(path), logger=None, **codec)
            return path.read_bytes()
    except (OSError, RuntimeError) as err:
        # moviepy brings no ffmpeg of its own.
        raise Error(
            f"{purpose} needs a working ffmpeg: install it, or use format='gif'. {err}"
        ) from err


def _in_colour(frames: "Frames") -> "Frames":
    """Give pictures of one channel, or of one and its opacity, three equal ones."""
    return frames if frames.shape[-1] > 2 else frames[..., [0, 0, 0]]


_ENCODERS: dict[str, Callable[["Frames", float, str], bytes]] = {
    "gif": _gif,
    "mp4": _by_moviepy,
    "webm": _by_moviepy,
    "ogg": _by_moviepy,
}
