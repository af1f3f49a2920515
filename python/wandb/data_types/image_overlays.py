"""What lies over an image: boxes, masks, and the names of their classes."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from numbers import Number
from typing import Any, Protocol, runtime_checkable

from wandb.data_types.base import Content, Media, MediaSink, MediaSource
from wandb.data_types.inputs import file_content
from wandb.data_types.pixels import Pixels

Labels = Mapping[Any, str]


@runtime_checkable
class LabelSink(Protocol):
    """A sink that keeps the names of classes apart from the values they belong to."""

    def label(self, kind: str, name: str, labels: Labels) -> None:
        """Keep the names of classes.

        Args:
            kind: What they are of: `mask/class_labels` or `bounding_box/class_labels`.
            name: The mask or the boxes, by their name in the image.
            labels: The classes by their ids.
        """


def _check_labels(labels: Any) -> None:
    is_right = isinstance(labels, Mapping) and all(
        isinstance(number, Number) and isinstance(name, str) for number, name in labels.items()
    )
    if not is_right:
        raise TypeError(
            f"class_labels must be a dict of numbers and names, not {_shown(labels)}; "
            "nothing was kept"
        )


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 100 else f"{text[:97]}…"


def _default_labels(class_ids: Any) -> dict[int, str]:
    import numpy as np

    return {number: f"class_{number}" for number in np.unique(class_ids).astype(np.int32).tolist()}


class Classes(Media):
    """Names of classes, for boxes and masks of images and for columns of tables.

    Args:
        class_set: Dicts with `id`, a number or a string, and `name`.

    Raises:
        TypeError: It is no list.
        ValueError: An entry lacks one of them.

    Examples:
        ```python
        classes = wandb.Classes([{"id": 0, "name": "cat"}, {"id": 1, "name": "dog"}])
        wandb.Image("pets.png", classes=classes)
        ```
    """

    _log_type = "classes"
    kind = "classes"

    def __init__(self, class_set: Sequence[dict[str, Any]]) -> None:
        super().__init__()
        if not isinstance(class_set, Iterable):
            raise TypeError(f"classes are a list of dicts with `id` and `name`, not {class_set!r}")
        for entry in class_set:
            if not isinstance(entry, Mapping) or "id" not in entry or "name" not in entry:
                raise ValueError(
                    f"each class is a dict with `id` and `name`, and this one is {_shown(entry)}"
                )
        self._class_set = class_set

    def to_wire(self, sink: MediaSink, *, name: str) -> dict[str, Any]:
        """Return what stands for the classes in JSON; there is no file."""
        return {"_type": self._log_type, "class_set": list(self._class_set)}

    @classmethod
    def from_wire(cls, wire: dict[str, Any], source: MediaSource) -> "Classes":
        """Make the classes again of what stands for them."""
        return cls(wire.get("class_set") or [])

    def get_type(self) -> Any:
        """Return the type of a table's column that holds ids of these classes."""
        from wandb.data_types.media_types import ClassesIdType

        return ClassesIdType(self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Classes) and list(self._class_set) == list(other._class_set)

    __hash__ = None  # type: ignore[assignment]


# --- boxes --------------------------------------------------------------------------------------


def _plain(value: Any) -> Any:
    """Turn numbers and arrays of numpy's into what JSON knows; for `json.dumps`."""
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(
        f"boxes hold numbers, text, lists and dicts, and {_shown(value)} is of "
        f"{type(value).__name__}; leave it out, or write it as one of these"
    )


def _is_number(position: Mapping[str, Any], *names: str) -> bool:
    return all(isinstance(position.get(name), Number) for name in names)


def _is_point(value: Any) -> bool:
    return hasattr(value, "__len__") and len(value) == 2


def _check_position(box: Mapping[str, Any]) -> None:
    position = box.get("position")
    if isinstance(position, Mapping):
        if _is_point(position.get("middle")) and _is_number(position, "width", "height"):
            return
        if _is_number(position, "minX", "maxX", "minY", "maxY"):
            return
    raise TypeError(
        "a box's `position` holds middle, width and height, or minX, maxX, minY and maxY, all "
        f"numbers; this one is {_shown(position)}"
    )


def _check_scores(box: Mapping[str, Any]) -> None:
    scores = box.get("scores", {})
    if not isinstance(scores, Mapping) or not all(isinstance(name, str) for name in scores):
        raise TypeError(f"a box's `scores` are a dict with names, not {_shown(scores)}")
    for name, score in scores.items():
        if not isinstance(score, Number):
            raise TypeError(f"a box's score is a number, and {name!r} is {_shown(score)}")


def _check_class(box: Mapping[str, Any]) -> None:
    if not isinstance(box.get("class_id", 0), int):
        raise TypeError(f"a box's `class_id` is an int, not {_shown(box['class_id'])}")


def _check_caption(box: Mapping[str, Any]) -> None:
    if not isinstance(box.get("box_caption", ""), str):
        raise TypeError(f"a box's `box_caption` is a str, not {_shown(box['box_caption'])}")


def _check_domain(box: Mapping[str, Any]) -> None:
    if box.get("domain") not in (None, "pixel"):
        raise ValueError(
            "a box's `domain` is 'pixel', or left out for fractions of the image, and this one is "
            f"{_shown(box['domain'])}"
        )


_BOX_CHECKS: tuple[Callable[[Mapping[str, Any]], None], ...] = (
    _check_position,
    _check_scores,
    _check_class,
    _check_caption,
    _check_domain,
)


class BoundingBoxes2D(Media):
    """Boxes over an image, such as the predictions of a detector.

    Args:
        val: A dict with `box_data`, a list of dicts, and `class_labels`, the names of classes by
            their numbers. A box has

            - `position`: a dict with `minX`, `maxX`, `minY`, `maxY`, or with `middle` (x and y),
              `width` and `height`;
            - `domain`: `"pixel"` if these are pixels; without it they are fractions of the image;
            - `class_id`: an int;
            - `scores`: numbers by their names, to filter by;
            - `box_caption`: what is written at the box.
        key: The name of this set of boxes.

    Raises:
        TypeError: Something has a wrong type; the message names it.
        ValueError: There is no such domain.
    """

    _log_type = "bounding-boxes"
    kind = "metadata/boxes2D"

    def __init__(self, val: dict[str, Any], key: str) -> None:
        super().__init__()
        self.validate(val)
        self._val: list[dict[str, Any]] = val["box_data"]
        self._key = key
        labels = val.get("class_labels")
        if labels is None:
            labels = _default_labels([box["class_id"] for box in self._val if "class_id" in box])
        self._class_labels: Labels = labels
        # Made now: what the user does to the dict later changes nothing.
        self._content = Content(".boxes2D.json", data=json.dumps(val, default=_plain).encode())

    @classmethod
    def type_name(cls) -> str:
        """Return what rows call boxes."""
        return "boxes2D"

    def validate(self, val: dict[str, Any]) -> bool:
        """Check boxes.

        Raises:
            TypeError: Something has a wrong type; the message names it.
            ValueError: There is no such domain.
        """
        boxes = val.get("box_data") if isinstance(val, Mapping) else None
        if not isinstance(boxes, list):
            raise TypeError(f"boxes are a dict with a list as `box_data`, not {_shown(val)}")
        if "class_labels" in val:
            _check_labels(val["class_labels"])
        for box in boxes:
            if not isinstance(box, Mapping):
                raise TypeError(f"a box is a dict with a `position`, not {_shown(box)}")
            for check in _BOX_CHECKS:
                check(box)
        return True

    def to_wire(self, sink: MediaSink, *, name: str) -> Any:
        """Keep the boxes as a file of a run; in artifacts they stand in the image's own JSON."""
        if sink.in_artifact:
            return json.loads(self._content.data or b"")["box_data"]
        found = sink.keep(self._content, kind=self.kind, name=name)
        if isinstance(sink, LabelSink):
            sink.label("bounding_box/class_labels", self._key, self._class_labels)
        return {"_type": self.type_name(), **found}

    @classmethod
    def from_wire(cls, wire: Any, source: MediaSource) -> "BoundingBoxes2D":
        """Make boxes again of the list in an artifact, or of what stands for a run's file."""
        if isinstance(wire, list):
            return cls({"box_data": wire}, "")
        with open(source.fetch(wire["path"]), encoding="utf-8") as file:
            return cls(_with_numbers(json.load(file)), "")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, BoundingBoxes2D) and self._content.data == other._content.data

    __hash__ = None  # type: ignore[assignment]


def _with_numbers(val: dict[str, Any]) -> dict[str, Any]:
    """Turn the ids of classes, which JSON keeps as text, into numbers again."""
    labels = val.get("class_labels")
    if not isinstance(labels, dict):
        return val
    return {**val, "class_labels": {int(number): name for number, name in labels.items()}}


# --- masks --------------------------------------------------------------------------------------


class ImageMask(Media):
    """A class for each pixel of an image, such as the predictions of a segmentation.

    Args:
        val: A dict with `mask_data`, an array of shape (height, width) with numbers between 0 and
            255, and `class_labels`, the names of classes by their numbers; or with `path`, an
            image file of such a mask.
        key: The name of this mask.

    Raises:
        TypeError: The array has a wrong shape or wrong numbers; the message says which.
        OSError: The file can't be read.
    """

    _log_type = "mask"
    kind = "images/mask"
    _val: dict[str, Any]

    def __init__(self, val: dict[str, Any], key: str) -> None:
        super().__init__()
        self._key = key
        if "path" in val:
            self._content = file_content("Image, as a mask", val["path"])
            return
        self.validate(val)
        mask = _mask_array(val["mask_data"])
        labels = val["class_labels"] if "class_labels" in val else _default_labels(mask)
        self._val = {**val, "class_labels": labels}
        height, width = mask.shape
        pixels = Pixels("L", width, height, mask.astype("uint8").tobytes())
        self._content = pixels.content("png", f".{self.type_name()}.png")

    @classmethod
    def type_name(cls) -> str:
        """Return what rows call masks."""
        return "mask"

    def validate(self, val: dict[str, Any]) -> bool:
        """Check a mask.

        Raises:
            TypeError: The array has a wrong shape or wrong numbers; the message says which.
        """
        if "mask_data" not in val:
            raise TypeError("a mask is a dict with `mask_data`, an array of (height, width)")
        mask = _mask_array(val["mask_data"])
        if mask.ndim != 2 or mask.size == 0:
            raise TypeError(f"mask_data must be an array of (height, width), not {mask.shape}")
        if mask.dtype.kind not in "biuf" or not ((mask >= 0) & (mask <= 255)).all():
            raise TypeError(
                f"mask_data must be numbers of classes between 0 and 255, not {_span(mask)}; "
                "bring the classes' numbers into that range"
            )
        if "class_labels" in val:
            _check_labels(val["class_labels"])
        return True

    def to_wire(self, sink: MediaSink, *, name: str) -> dict[str, Any]:
        """Keep the mask as an image, and return what stands for it in JSON."""
        wire = super().to_wire(sink, name=name)
        if isinstance(sink, LabelSink) and hasattr(self, "_val"):
            sink.label("mask/class_labels", self._key, self._val["class_labels"])
        return wire

    @classmethod
    def from_wire(cls, wire: dict[str, Any], source: MediaSource) -> "ImageMask":
        """Make a mask again of what stands for it."""
        return cls({"path": source.fetch(wire["path"])}, "")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ImageMask) and self._content.sha256 == other._content.sha256

    __hash__ = None  # type: ignore[assignment]


def _mask_array(data: Any) -> Any:
    import numpy as np

    try:
        return data.detach().cpu().numpy() if hasattr(data, "detach") else np.asarray(data)
    except ValueError as err:
        raise ValueError(
            f"mask_data must be an array of (height, width), its rows of one length: {err}"
        ) from err


def _span(mask: Any) -> str:
    if mask.dtype.kind not in "biuf":
        return f"an array of {mask.dtype}"
    return f"{mask.min()} to {mask.max()}"
