"""`Image`: pixels of any origin, kept as a file, with boxes and masks over them."""

import hashlib
import json
import os
from collections.abc import Callable, Mapping, Sequence
from io import BytesIO
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, cast
from urllib.parse import urlparse

from wandb._base.jsonable import type_name
from wandb._base.terminal import termwarn
from wandb.data_types.base import ArtifactSink, BatchableMedia, Content, MediaSink, MediaSource
from wandb.data_types.image_overlays import BoundingBoxes2D, Classes, ImageMask
from wandb.data_types.pixels import (
    Pixels,
    array_pixels,
    figure_file,
    picture_pixels,
    pil,
    saved,
    size_of_file,
)
from wandb.data_types.references import is_address, refer

if TYPE_CHECKING:
    from PIL.Image import Image as PILImage

_FILE_TYPES = ("png", "jpg", "jpeg", "bmp")

Overlay = TypeVar("Overlay", BoundingBoxes2D, ImageMask)


class Image(BatchableMedia):
    """An image, logged by `run.log`, by itself or in a list, or put into a table.

    What it is made of is copied: what happens to an array later does not change the image.

    Args:
        data_or_path: An array of shape (height, width) or (height, width, channels), with 1, 3 or 4
            channels; a tensor of PyTorch's, with its channels first; an image of PIL's; a figure
            of matplotlib's; the path of an image file; or another `wandb.Image`. An address that
            begins with `gs://`, `s3://` or `http` can be put into artifacts only.
        mode: What the channels of an array are, as PIL calls it: `L`, `RGB`, `RGBA` or another. By
            default their number tells.
        caption: Text shown with it.
        grouping: How many images belong together.
        classes: The names of classes of boxes and masks, as `wandb.Classes` takes them.
        boxes: Sets of boxes by their names: dicts as `wandb.data_types.BoundingBoxes2D` takes them.
        masks: Masks by their names: dicts as `wandb.data_types.ImageMask` takes them.
        file_type: `png`, which is the default, `jpg`, `jpeg` or `bmp`; image files stay as they
            are.
        normalize: Whether the numbers of an array or tensor are brought to 0 to 255: those
            between 0 and 1 are fractions of 255, those between -1 and 1 are moved there first, and
            others are cut off.

    Raises:
        TypeError: It is none of these, or boxes, masks or classes are of a wrong type.
        ValueError: The shape is none of an image, a pixel is NaN, or there is no such file type.
        OSError: The file can't be read, or is no image.

    Examples:
        ```python
        with wandb.init() as run:
            pixels = np.random.randint(0, 256, size=(100, 100, 3), dtype=np.uint8)
            run.log({"noise": wandb.Image(pixels, caption="random")})
            run.log({"several": [wandb.Image(pixels), wandb.Image("cat.jpg")]})
        ```
    """

    MAX_ITEMS = 108
    MAX_DIMENSION = 65500

    _log_type = "image-file"
    kind = "images"

    format: str
    _grouping: int | None = None
    _width: int | None = None
    _height: int | None = None
    _classes: Classes | None = None
    _boxes: dict[str, BoundingBoxes2D] | None = None
    _masks: dict[str, ImageMask] | None = None
    # Where it is: in a file, made or to be made, or elsewhere.
    _file: Content | None = None
    _reference: str | None = None

    def __init__(
        self,
        data_or_path: Any,
        mode: str | None = None,
        caption: str | None = None,
        grouping: int | None = None,
        classes: Classes | Sequence[dict[str, Any]] | None = None,
        boxes: Mapping[str, BoundingBoxes2D | dict[str, Any]] | None = None,
        masks: Mapping[str, ImageMask | dict[str, Any]] | None = None,
        file_type: str | None = None,
        normalize: bool = True,
    ) -> None:
        super().__init__(caption)
        how = _How(mode, file_type, normalize)
        _source_of(type(data_or_path))(self, data_or_path, how)
        if grouping is not None:
            self._grouping = grouping
        self._boxes = _overlays("boxes", boxes, BoundingBoxes2D)
        self._masks = _overlays("masks", masks, ImageMask)
        self._name_classes(classes)

    # --- what it is made of -------------------------------------------------------------------

    def _take_image(self, other: "Image", how: "_How") -> None:
        self.format = other.format
        self._file, self._reference = other._file, other._reference
        self._width, self._height = other._width, other._height
        self._grouping, self._classes = other._grouping, other._classes
        if self._caption is None:
            self._caption = other._caption

    def _take_path(self, path: str | PurePath, how: "_How") -> None:
        text = os.fspath(path)
        if is_address(path):
            self._reference = text
            self.format = urlparse(text).path.rpartition("/")[2].rpartition(".")[2]
            return
        extension = os.path.splitext(text)[1]
        self.format = extension[1:]
        self._width, self._height = size_of_file(text)
        self._file = Content(extension, path=text)

    def _take_figure(self, figure: Any, how: "_How") -> None:
        self.format = _checked_type(how.file_type)
        with pil().open(BytesIO(figure_file(figure, self.format))) as picture:
            self._take_loaded(picture)

    def _take_picture(self, picture: Any, how: "_How") -> None:
        self.format = _checked_type(how.file_type)
        self._take_loaded(picture)

    def _take_loaded(self, picture: Any) -> None:
        pixels = picture_pixels(picture)
        if pixels is not None and self.format == "png":
            self._take_pixels(pixels)
            return
        self._width, self._height = picture.size
        self._file = Content(f".{self.format}", data=saved(picture, self.format))

    def _take_array(self, data: Any, how: "_How") -> None:
        self.format = _checked_type(how.file_type)
        self._take_pixels(array_pixels(data, how.mode, self.format, how.normalize))

    def _take_pixels(self, pixels: Pixels) -> None:
        self._file = pixels.content(self.format)
        self._width, self._height = pixels.width, pixels.height

    @property
    def _content(self) -> Content:  # type: ignore[override]
        """The file."""
        if self._file is None:
            raise ValueError(
                f"an image that lies elsewhere can be put into artifacts only: {self._reference}"
            )
        return self._file

    @property
    def image(self) -> "PILImage | None":
        """The image as one of PIL's; None if it lies elsewhere.

        Raises:
            ImportError: PIL is not installed.
            OSError: The file can't be read any more.
        """
        held = self._file
        if held is None:
            return None
        if held.pixels is not None:
            return cast("PILImage", held.pixels.picture())
        picture = pil().open(held.path if held.data is None else BytesIO(held.data))
        picture.load()
        return cast("PILImage", picture)

    @property
    def width(self) -> int | None:
        """Pixels of a row; None if it lies elsewhere."""
        return self._width

    @property
    def height(self) -> int | None:
        """Rows; None if it lies elsewhere."""
        return self._height

    # --- classes ------------------------------------------------------------------------------

    def _name_classes(self, classes: Classes | Sequence[dict[str, Any]] | None) -> None:
        names: dict[Any, str] = {}
        for boxes in (self._boxes or {}).values():
            names.update(boxes._class_labels)
        for mask in (self._masks or {}).values():
            names.update(getattr(mask, "_val", {}).get("class_labels", {}))
        if classes is not None:
            given = classes if isinstance(classes, Classes) else Classes(classes)
            names.update({entry["id"]: entry["name"] for entry in given._class_set})
        if names:
            self._classes = Classes(
                [{"id": number, "name": name} for number, name in names.items()]
            )

    # --- JSON ---------------------------------------------------------------------------------

    def to_wire(self, sink: MediaSink, *, name: str) -> dict[str, Any]:
        """Keep the file and what lies over it, and return what stands for the image in JSON.

        Raises:
            OSError: A file can't be written.
            ValueError: It lies elsewhere and this is no artifact; or it has boxes or masks without
                classes, which artifacts want.
        """
        wire = (
            self._in_artifact(sink, name) if sink.in_artifact else super().to_wire(sink, name=name)
        )
        wire |= {"format": self.format, "width": self._width, "height": self._height}
        wire |= {"grouping": self._grouping or None}
        for part, overlays in (("boxes", self._boxes), ("masks", self._masks)):
            if overlays:
                wire[part] = {key: over.to_wire(sink, name=name) for key, over in overlays.items()}
        return {key: value for key, value in wire.items() if value is not None}

    def _in_artifact(self, sink: MediaSink, name: str) -> dict[str, Any]:
        artifact = cast(ArtifactSink, sink)
        if (self._boxes or self._masks) and self._classes is None:
            raise ValueError(
                "an image with boxes or masks needs the names of its classes to be put into an "
                "artifact or a table; pass `classes` to wandb.Image"
            )
        wire = (
            super().to_wire(sink, name=name)
            if self._reference is None
            else refer(self, self._reference, sink)
        )
        if self._classes is not None:
            digest = hashlib.md5(str(self._classes._class_set).encode(), usedforsecurity=False)
            entry = artifact.add(self._classes, f"media/classes/{digest.hexdigest()}_cls")
            wire["classes"] = {"type": "classes-file", "path": entry.path, "digest": entry.digest}
        return wire

    @classmethod
    def list_to_wire(cls, values: Sequence[Any], sink: MediaSink, *, name: str) -> dict[str, Any]:
        """Keep the files of several images, and return what stands for all of them."""
        first: Image = values[0]
        if any((one._width, one._height) != (first._width, first._height) for one in values):
            termwarn(
                "wandb.Image: the images of a list differ in size, and pages show them as if they "
                "had the size of the first. Log them one by one to see each in its own.",
                repeat=False,
            )
        wires = [one.to_wire(sink, name=name) for one in values]
        parts = {
            "captions": [wire.get("caption") for wire in wires] if "caption" in wires[0] else [],
            "all_masks": [wire.get("masks") for wire in wires],
            "all_boxes": [wire.get("boxes") for wire in wires],
        }
        return {
            "_type": "images/separated",
            "width": first._width,
            "height": first._height,
            "format": first.format,
            "count": len(wires),
            "filenames": [wire["path"] for wire in wires],
            **{key: found for key, found in parts.items() if any(one is not None for one in found)},
        }

    @classmethod
    def from_wire(cls, wire: dict[str, Any], source: MediaSource) -> "Image":
        """Make the image again of what stands for it."""
        return cls(
            source.fetch(wire["path"]),
            caption=wire.get("caption"),
            grouping=wire.get("grouping"),
            classes=_fetched_classes(wire.get("classes"), source),
            boxes=_fetched(BoundingBoxes2D, wire.get("boxes"), source),
            masks=_fetched(ImageMask, wire.get("masks"), source),
        )

    # --- comparing ----------------------------------------------------------------------------

    def to_data_array(self) -> list[Any]:
        """Return the rows of pixels: numbers, or tuples of a number for each channel."""
        picture = self.image
        if picture is None:
            return []
        pixels, width = list(picture.getdata()), picture.width
        return [pixels[start : start + width] for start in range(0, len(pixels), width)]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Image):
            return False
        if self._reference is not None or other._reference is not None:
            return self._reference == other._reference
        return self._described() == other._described() and (
            self.to_data_array() == other.to_data_array()
        )

    __hash__ = None  # type: ignore[assignment]

    def _described(self) -> tuple[Any, ...]:
        return self._grouping, self._caption, self._width, self._height, self._classes


class _How(NamedTuple):
    """What else was asked for with an image."""

    mode: str | None
    file_type: str | None
    normalize: bool


# `top-package.ClassName` of a class or an ancestor of it → what takes it; all others are arrays.
_SOURCES: dict[str, Callable[[Image, Any, _How], None]] = {
    "wandb.Image": Image._take_image,
    "builtins.str": Image._take_path,
    "pathlib.PurePath": Image._take_path,
    "PIL.Image": Image._take_picture,
    "matplotlib.Artist": Image._take_figure,
    "builtins.module": Image._take_figure,  # matplotlib.pyplot
}


def _source_of(kind: type) -> Callable[[Image, Any, _How], None]:
    names = map(type_name, kind.__mro__)
    return next((_SOURCES[name] for name in names if name in _SOURCES), Image._take_array)


def _checked_type(file_type: str | None) -> str:
    chosen = file_type or "png"
    if chosen not in _FILE_TYPES:
        raise ValueError(
            f"file_type must be one of {', '.join(_FILE_TYPES)}, not {chosen!r}; nothing was kept"
        )
    return chosen


def _overlays(
    what: str, given: Mapping[str, Overlay | dict[str, Any]] | None, kind: type[Overlay]
) -> dict[str, Overlay] | None:
    if not given:
        return None
    if not isinstance(given, Mapping):
        raise ValueError(f"`{what}` of an image is a dict by names, not {type(given).__name__}")
    made: dict[str, Overlay] = {}
    for key, value in given.items():
        if not isinstance(value, (dict, kind)):
            raise TypeError(
                f"`{what}` of an image are dicts or {kind.__name__}, and {key!r} is "
                f"{type(value).__name__}"
            )
        made[key] = kind(value, key) if isinstance(value, dict) else value
    return made


def _fetched(
    kind: type[Overlay], wires: Mapping[str, Any] | None, source: MediaSource
) -> dict[str, Overlay] | None:
    found = {key: kind.from_wire(wire, source) for key, wire in (wires or {}).items()}
    for key, overlay in found.items():
        overlay._key = key
    return found or None


def _fetched_classes(wire: Mapping[str, Any] | None, source: MediaSource) -> Classes | None:
    if wire is None:
        return None
    with open(source.fetch(wire["path"]), encoding="utf-8") as file:
        return Classes.from_wire(json.load(file), source)
