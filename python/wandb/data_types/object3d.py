"""`Object3D`: point clouds and other things in space; `box3d` makes the boxes in a cloud."""

import json
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, TextIO, TypedDict

from wandb._base.jsonable import array_of
from wandb.data_types.base import BatchableMedia, Content, MediaSink, MediaSource
from wandb.data_types.inputs import (
    as_bytes,
    fetched,
    file_content,
    path_of,
    read_stream,
)

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

_POINTS = ".pts.json"
_COLUMNS = (3, 4, 6)
_AXES = "x y z, or x y z and a category from 1 to 14, or x y z r g b"


class Box3D(TypedDict):
    """A box in a point cloud, as `box3d` makes it."""

    corners: tuple[tuple[float, float, float], ...]
    color: tuple[float, float, float]
    label: str | None
    score: float | None


def box3d(
    *,
    center: "npt.ArrayLike",
    size: "npt.ArrayLike",
    orientation: "npt.ArrayLike",
    color: tuple[float, float, float],
    label: str | None = None,
    score: float | None = None,
) -> Box3D:
    """Make a box for a point cloud.

    Args:
        center: Its middle: x, y, z.
        size: Its extent along its own x, y and z.
        orientation: The quaternion r, x, y, z that turns the axes of space into those of the
            box. It need not be of length 1, but must not be zero.
        color: Red, green and blue.
        label: What to write beside it.
        score: How sure somebody is of it.

    Raises:
        ValueError: One of them has another shape, or the quaternion is zero.
    """
    import numpy as np

    middle = _vector("center", center, 3)
    extent = _vector("size", size, 3)
    turned = _rotation(_vector("orientation", orientation, 4))
    signs = [(x, y, z) for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]
    corners = middle + (0.5 * extent * np.array(signs, dtype=np.float64)) @ turned
    return {
        "corners": tuple((x, y, z) for x, y, z in corners.tolist()),
        "color": color,
        "label": label,
        "score": score,
    }


def _vector(name: str, value: "npt.ArrayLike", length: int) -> "np.ndarray[Any, Any]":
    import numpy as np

    try:
        vector = np.asarray(value, dtype=np.float64)
    except ValueError as err:
        raise ValueError(f"wandb.box3d: {name} is {length} numbers, not {value!r}") from err
    if vector.shape != (length,):
        raise ValueError(f"wandb.box3d: {name} is {length} numbers, not {value!r}")
    return vector


def _rotation(quaternion: "np.ndarray[Any, Any]") -> "np.ndarray[Any, Any]":
    """Turn a quaternion into the matrix that rotates rows: `points @ matrix`."""
    import numpy as np

    largest = np.abs(quaternion).max()
    if largest == 0:
        raise ValueError("wandb.box3d: a zero quaternion is no orientation; (1, 0, 0, 0) is none")
    # Divided by the largest part first, which neither overflows nor vanishes.
    scaled = quaternion / largest
    r, i, j, k = scaled / np.linalg.norm(scaled)
    return np.array(
        (
            (1 - 2 * (j * j + k * k), 2 * (i * j + k * r), 2 * (i * k - j * r)),
            (2 * (i * j - k * r), 1 - 2 * (i * i + k * k), 2 * (j * k + i * r)),
            (2 * (i * k + j * r), 2 * (j * k - i * r), 1 - 2 * (i * i + j * j)),
        ),
        dtype=np.float64,
    )


class Object3D(BatchableMedia):
    """A thing in space.

    Args:
        data_or_path: A file of one of the `SUPPORTED_TYPES`, or a stream of one; an array of
            points, one a row: x y z, or x y z and a category from 1 to 14, or x y z r g b; or
            a scene: a dict of `type` `lidar/beta` and arrays of `points`, `boxes`, `vectors`.
        caption: Words to show with it.
        **kwargs: `file_type`, one of `SUPPORTED_TYPES`, for a stream without a file's name.

    Raises:
        OSError: The file can't be read.
        ValueError: It is something else, or of another type or shape.

    Examples:
        >>> run.log({"cloud": wandb.Object3D(np.random.uniform(size=(1000, 3)))})
    """

    SUPPORTED_TYPES: ClassVar[set[str]] = {"babylon", "glb", "gltf", "obj", "pts.json", "stl"}
    SUPPORTED_POINT_CLOUD_TYPES: ClassVar[set[str]] = {"lidar/beta"}
    _log_type: ClassVar[str | None] = "object3D-file"
    kind = "object3D"

    def __init__(
        self,
        data_or_path: "np.ndarray[Any, Any] | str | os.PathLike[str] | TextIO | dict[str, Any]",
        caption: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(caption)
        path = path_of(data_or_path)
        if path is not None:
            extension = f".{self._type_of_file(path)}"
            self._content = file_content("Object3D", path, extension=extension)
        elif isinstance(data_or_path, dict):
            self._content = _points_file(self._scene(data_or_path))
        elif hasattr(data_or_path, "read"):
            file_type = self._checked_type(kwargs.get("file_type"))
            data = as_bytes(read_stream("Object3D", data_or_path))
            self._content = Content(f".{file_type}", data=data)
        else:
            self._content = _points_file(_points(data_or_path).tolist())

    @classmethod
    def from_file(cls, data_or_path: TextIO | str, file_type: str | None = None) -> "Object3D":
        """Make one of a file, or of a stream whose `file_type` is told."""
        return cls(data_or_path, file_type=file_type)

    @classmethod
    def from_numpy(cls, data: "np.ndarray[Any, Any]") -> "Object3D":
        """Make a point cloud of an array, one point a row.

        Raises:
            ValueError: It is no array, or of another shape.
        """
        return cls(_points(data))

    @classmethod
    def from_point_cloud(
        cls,
        points: Sequence[Any],
        boxes: Sequence[Any],
        vectors: Sequence[Any] | None = None,
        point_cloud_type: str = "lidar/beta",
    ) -> "Object3D":
        """Make a scene of points, boxes and vectors.

        Args:
            points: One a row, as for an array.
            boxes: What `box3d` makes, or dicts of `corners`, `label`, `color`.
            vectors: Dicts of `start` and `end`.
            point_cloud_type: `lidar/beta`.

        Raises:
            ValueError: The type is another.
        """
        shown = {"type": point_cloud_type, "points": points, "boxes": boxes}
        return cls({**shown, "vectors": [] if vectors is None else vectors})

    @classmethod
    def list_to_wire(cls, values: Sequence[Any], sink: MediaSink, *, name: str) -> dict[str, Any]:
        """Keep several objects, and return what stands for all of them."""
        kept = [thing.to_wire(sink, name=name) for thing in values]
        folder = f"media/{cls.kind}/"
        return {
            "_type": "object3D",
            "filenames": [each["path"].removeprefix(folder) for each in kept],
            "count": len(kept),
            "objects": kept,
        }

    @classmethod
    def from_wire(cls, wire: dict[str, Any], source: MediaSource) -> "Object3D":
        """Make the object again of what stands for it."""
        return cls(fetched("Object3D", wire, source), caption=wire.get("caption"))

    @classmethod
    def _type_of_file(cls, path: str) -> str:
        found = next((kind for kind in cls.SUPPORTED_TYPES if path.endswith(f".{kind}")), None)
        if found is None:
            known = ", ".join(sorted(cls.SUPPORTED_TYPES))
            raise ValueError(f"wandb.Object3D: a file is one of {known}; {path!r} is not")
        return found

    @classmethod
    def _checked_type(cls, file_type: Any) -> str:
        if file_type not in [*cls.SUPPORTED_TYPES]:  # compared, for a list has no hash
            known = ", ".join(sorted(cls.SUPPORTED_TYPES))
            raise ValueError(
                f"wandb.Object3D: a stream needs `file_type`, one of {known}, not {file_type!r}"
            )
        return str(file_type)

    @classmethod
    def _scene(cls, scene: dict[str, Any]) -> dict[str, Any]:
        if scene.get("type") not in [*cls.SUPPORTED_POINT_CLOUD_TYPES]:
            known = ", ".join(cls.SUPPORTED_POINT_CLOUD_TYPES)
            raise ValueError(
                f"wandb.Object3D: a scene is a dict whose `type` is {known}, "
                f"not {scene.get('type')!r}"
            )
        parts = {name: _listed(scene.get(name, ())) for name in ("vectors", "points", "boxes")}
        for name, part in parts.items():
            if part is not None and not isinstance(part, list):
                raise ValueError(
                    f"wandb.Object3D: the {name} of a scene are an array or a list, "
                    f"not {type(part).__name__}"
                )
        return {"type": scene["type"], **parts}


def _points(value: Any) -> "np.ndarray[Any, Any]":
    """Check an array of points.

    Returns:
        Shape (points, 3), (points, 4) or (points, 6), numbers of any type.
    """
    import numpy as np

    array = array_of(value)
    if not isinstance(array, np.ndarray):
        raise ValueError(
            f"wandb.Object3D takes a file, a stream, a dict or an array, not {type(value).__name__}"
        )
    if array.ndim != 2 or array.shape[1] not in _COLUMNS:
        raise ValueError(
            f"wandb.Object3D: each row of an array is a point, {_AXES}; this array is {array.shape}"
        )
    return array


def _listed(values: Any) -> Any:
    """Turn arrays and sequences into lists, inside dicts as well."""
    if isinstance(values, dict):
        return {name: _listed(value) for name, value in values.items()}
    if isinstance(values, (list, tuple)):
        return [_listed(value) for value in values]
    array = array_of(values)
    return values if array is None else _listed(array.tolist())


def _points_file(content: Any) -> Content:
    try:
        text = json.dumps(content, separators=(",", ":"), sort_keys=True, indent=4)
    except TypeError as err:
        raise TypeError(f"wandb.Object3D: points are real numbers: {err}") from err
    return Content(_POINTS, data=text.encode())
