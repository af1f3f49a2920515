"""`Audio`: sound, from a file or an array of samples."""

import io
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, cast

from wandb._base.jsonable import array_of
from wandb._base.terminal import termwarn
from wandb.data_types.base import BatchableMedia, Content, MediaSink, MediaSource
from wandb.data_types.inputs import fetched, file_content
from wandb.data_types.references import is_address, refer

if TYPE_CHECKING:
    import numpy as np

# Samples are turned to 16 bits in pieces, so that an hour of sound takes no extra gigabytes.
_PIECE_SAMPLES = 1 << 20
_MOST_CHANNELS = 1024  # what the original's library writes
_MOST_BYTES = (1 << 32) - 64  # what the header of a WAV file can tell


class Audio(BatchableMedia):
    """A sound.

    Args:
        data_or_path: An audio file, which is kept as it is, or samples: an array or a list of
            floats between -1 and 1, or of 16 or 32-bit integers. Its axes are (samples,) or
            (samples, channels). Samples are kept as 16-bit WAV.
        sample_rate: Samples per second; needed with samples.
        caption: Words to show with it.

    Raises:
        OSError: The file can't be read.
        TypeError: `sample_rate` is no whole number.
        ValueError: It is missing or not positive; or the samples are of a type that has no
            meaning as sound, or their axes are others.

    Examples:
        >>> run.log({"tone": wandb.Audio(samples, sample_rate=16000, caption="440 Hz")})
    """

    _log_type: ClassVar[str | None] = "audio-file"
    kind = "audio"

    def __init__(
        self,
        data_or_path: "str | os.PathLike[str] | list[Any] | np.ndarray[Any, Any]",
        sample_rate: int | None = None,
        caption: str | None = None,
    ) -> None:
        super().__init__(caption)
        self._sample_rate = sample_rate
        self._duration: float | None = None
        self._reference: str | None = None
        if not isinstance(data_or_path, (str, os.PathLike)):
            self._take_samples(data_or_path)
        elif is_address(data_or_path):
            self._reference = cast(str, data_or_path)
        else:
            self._content = file_content("Audio", data_or_path)

    @classmethod
    def durations(cls, audio_list: "Sequence[Audio]") -> list[float | None]:
        """Return how many seconds each sound takes; None for those that came as files."""
        return [audio._duration for audio in audio_list]

    @classmethod
    def sample_rates(cls, audio_list: "Sequence[Audio]") -> list[int | None]:
        """Return the samples per second that each sound was made with."""
        return [audio._sample_rate for audio in audio_list]

    @classmethod
    def captions(cls, audio_list: "Sequence[Audio]") -> list[str] | bool:
        """Return the captions, empty ones for sounds without; False if no sound has one."""
        found = [audio._caption for audio in audio_list]
        if all(caption is None for caption in found):
            return False
        return ["" if caption is None else caption for caption in found]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Audio):
            return False
        told = (self._reference, self._caption) == (other._reference, other._caption)
        return told and (self._reference is not None or super().__eq__(other))

    def __hash__(self) -> int:
        return hash(self._reference) if self._reference is not None else super().__hash__()

    def to_wire(self, sink: MediaSink, *, name: str) -> dict[str, Any]:
        """Keep the file, and return what stands for the sound in JSON.

        Raises:
            ValueError: It is an address elsewhere, and the sink takes files only.
        """
        if self._reference is None:
            return super().to_wire(sink, name=name)
        return refer(self, self._reference, sink)

    @classmethod
    def list_to_wire(cls, values: Sequence[Any], sink: MediaSink, *, name: str) -> dict[str, Any]:
        """Keep several sounds, and return what stands for all of them."""
        captions = cls.captions(values)
        return {
            "_type": "audio",
            "count": len(values),
            "audio": [audio.to_wire(sink, name=name) for audio in values],
            "sampleRates": cls.sample_rates(values),
            "durations": cls.durations(values),
            **({"captions": captions} if captions else {}),
        }

    @classmethod
    def from_wire(cls, wire: dict[str, Any], source: MediaSource) -> "Audio":
        """Make the sound again of what stands for it."""
        return cls(fetched("Audio", wire, source), caption=wire.get("caption"))

    def _take_samples(self, samples: Any) -> None:
        if self._sample_rate is None:
            raise ValueError(
                "wandb.Audio: samples need `sample_rate`, how many of them are played in a second"
            )
        rate = _whole_rate(self._sample_rate)
        array = _sound_array(samples)
        self._duration = len(array) / float(rate)
        self._content = Content(".wav", data=_wav(array, rate))


def _whole_rate(rate: Any) -> int:
    from operator import index

    try:
        whole = index(rate)
    except TypeError:
        raise TypeError(f"wandb.Audio: sample_rate is a whole number, not {rate!r}") from None
    if not 0 < whole < 1 << 31:
        raise ValueError(f"wandb.Audio: sample_rate is a positive number, not {rate!r}")
    return whole


def _sound_array(samples: Any) -> "np.ndarray[Any, Any]":
    """Check samples and their axes.

    Returns:
        Samples as they are; shape (samples,) or (samples, channels).
    """
    import numpy as np

    found = array_of(samples)
    try:
        array = cast("np.ndarray[Any, Any]", np.asarray(samples) if found is None else found)
    except ValueError as err:
        raise ValueError(f"wandb.Audio: samples have as many channels each: {err}") from err
    if array.dtype.name not in _TO_16_BITS:
        raise ValueError(
            f"wandb.Audio: samples of {array.dtype.name} have no meaning as sound; "
            "pass floats between -1 and 1, or int16 or int32"
        )
    channels = array.shape[1] if array.ndim == 2 else 1
    if array.ndim not in (1, 2) or not 0 < channels <= _MOST_CHANNELS:
        raise ValueError(
            f"wandb.Audio: the axes of samples are (samples,) or (samples, channels), with at "
            f"most {_MOST_CHANNELS} channels; this array is {array.shape}"
        )
    if array.size * 2 > _MOST_BYTES:
        raise ValueError(
            f"wandb.Audio: {array.size} samples are more than a WAV file holds; log it in parts"
        )
    return array


def _wav(array: "np.ndarray[Any, Any]", rate: int) -> bytes:
    """Write samples as 16-bit WAV."""
    import wave

    buffer = io.BytesIO()
    flat = array.reshape(-1)
    convert = _TO_16_BITS[array.dtype.name]
    with wave.open(buffer, "wb") as file:
        file.setnchannels(array.shape[1] if array.ndim == 2 else 1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.setnframes(len(array))
        for start in range(0, len(flat), _PIECE_SAMPLES):
            file.writeframesraw(convert(flat[start : start + _PIECE_SAMPLES]).tobytes())
    return buffer.getvalue()


def _from_floats(samples: "np.ndarray[Any, Any]") -> "np.ndarray[Any, Any]":
    """Cut floats to 16 bits as libsndfile does: rounded at 32 bits, of which the upper stay."""
    import numpy as np

    scaled = np.rint(samples.astype(np.float64) * 2.0**31)
    if np.isnan(scaled).any():
        termwarn(
            "wandb.Audio: some samples are NaN; they are kept as silence. Look at what made them.",
            repeat=False,
        )
        scaled = np.nan_to_num(scaled, nan=0.0, posinf=np.inf, neginf=-np.inf)
    return _from_32_bits(np.clip(scaled, -(2.0**31), 2.0**31 - 1).astype(np.int64))


def _from_32_bits(samples: "np.ndarray[Any, Any]") -> "np.ndarray[Any, Any]":
    return cast("np.ndarray[Any, Any]", (samples >> 16).astype("<i2"))


_TO_16_BITS = {
    "float16": _from_floats,
    "float32": _from_floats,
    "float64": _from_floats,
    "int16": lambda samples: samples.astype("<i2"),
    "int32": _from_32_bits,
}
