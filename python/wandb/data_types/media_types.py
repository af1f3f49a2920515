"""Types of columns that hold media, and of cells that refer to an artifact.

They are made known by the names of the media's classes when a value of one is first seen, so that
no kind of media loads another.
"""

import sys
from collections.abc import Iterable, Mapping
from typing import Any

from wandb.data_types.column_types import (
    ConstType,
    InvalidType,
    Type,
    TypeRegistry,
    UnionType,
    UnknownType,
)


class AudioFileType(Type):
    """Holds `wandb.Audio`."""

    name = "audio-file"


class BokehFileType(Type):
    """Holds figures of Bokeh's."""

    name = "bokeh-file"


class HtmlFileType(Type):
    """Holds `wandb.Html`."""

    name = "html-file"


class Object3DFileType(Type):
    """Holds `wandb.Object3D`."""

    name = "object3D-file"


class TraceTreeType(Type):
    """Holds trees of calls."""

    name = "wb_trace_tree"


class VideoFileType(Type):
    """Holds `wandb.Video`."""

    name = "video-file"


class ArtifactVersionType(Type):
    """Holds references to versions of artifacts."""

    name = "artifactVersion"


def _constant(value: Any) -> Any:
    return value.params["val"] if isinstance(value, ConstType) else value


def _layers(given: Any) -> dict[str, set[Any]]:
    layers = _constant(given or {})
    if not isinstance(layers, dict):
        raise TypeError(f"layers must be a dict of names and class ids, not {layers!r}")
    return {name: set(ids) for name, ids in layers.items()}


def _merged(mine: Mapping[Any, Any], other: Mapping[Any, Any]) -> dict[str, set[Any]]:
    names = {**mine, **other}
    return {str(name): {*mine.get(name, ()), *other.get(name, ())} for name in names}


class ImageFileType(Type):
    """Holds `wandb.Image`, and knows the classes of all boxes and masks in the column.

    Args:
        box_layers: The class ids of each layer of boxes.
        box_score_keys: The names of the scores that boxes have.
        mask_layers: The class ids of each layer of masks.
        class_map: The names of the classes by their ids.
    """

    name = "image-file"
    legacy_names = ("wandb.Image",)

    def __init__(
        self,
        box_layers: Any = None,
        box_score_keys: Any = None,
        mask_layers: Any = None,
        class_map: Any = None,
        **kwargs: Any,
    ) -> None:
        scores = _constant(box_score_keys or [])
        names = _constant(class_map or {})
        if not isinstance(scores, (list, set)) or not isinstance(names, dict):
            raise TypeError(f"scores must be a list and classes a dict, not {scores!r}, {names!r}")
        params = {
            "box_layers": _layers(box_layers),
            "box_score_keys": set(scores),
            "mask_layers": _layers(mask_layers),
            "class_map": names,
        }
        self.params.update({name: ConstType(value) for name, value in params.items()})

    def _value(self, param: str) -> Any:
        return self.params[param].params["val"] or {}

    def assign_type(self, wb_type: Type) -> Type:
        """Return the type that knows the classes of both."""
        if not isinstance(wb_type, ImageFileType):
            return InvalidType()
        names = {**wb_type._value("class_map"), **self._value("class_map")}
        return ImageFileType(
            _merged(self._value("box_layers"), wb_type._value("box_layers")),
            {*self._value("box_score_keys"), *wb_type._value("box_score_keys")},
            _merged(self._value("mask_layers"), wb_type._value("mask_layers")),
            {str(id): name for id, name in names.items()},
        )

    @classmethod
    def from_obj(cls, py_obj: Any = None) -> "ImageFileType":
        """Make the type of one image."""
        boxes = getattr(py_obj, "_boxes", None) or {}
        masks = getattr(py_obj, "_masks", None) or {}
        classes = getattr(py_obj, "_classes", None)
        return cls(
            {str(name): set(layer._class_labels) for name, layer in boxes.items()},
            set(_score_names(boxes.values())),
            {str(name): set(_mask_classes(layer)) for name, layer in masks.items()},
            {str(one["id"]): one["name"] for one in getattr(classes, "_class_set", ())},
        )


def _score_names(layers: Iterable[Any]) -> Iterable[str]:
    return (name for layer in layers for box in layer._val for name in box.get("scores") or ())


def _mask_classes(mask: Any) -> Iterable[Any]:
    found: Iterable[Any] = getattr(mask, "_val", {}).get("class_labels", ())
    return found


class ClassesIdType(Type):
    """Holds the ids of a set of classes.

    Args:
        classes_obj: The classes, a `Classes`.
        valid_ids: Their ids, where the classes are not at hand.

    Attributes:
        wb_classes_obj_ref: The classes.
    """

    name = "classesId"
    legacy_names = ("wandb.Classes_id",)

    def __init__(self, classes_obj: Any = None, valid_ids: Any = None) -> None:
        if classes_obj is not None:
            valid_ids = [one["id"] for one in classes_obj._class_set]
        if isinstance(valid_ids, list):
            valid_ids = UnionType([ConstType(id) for id in valid_ids])
        self.wb_classes_obj_ref = classes_obj
        self.params["valid_ids"] = UnionType() if valid_ids is None else valid_ids

    def assign(self, py_obj: Any = None) -> Type:
        """Return itself for one of the ids."""
        return self.assign_type(ConstType(py_obj))

    def assign_type(self, wb_type: Type) -> Type:
        """Return itself for constants that are ids."""
        taken = self.params["valid_ids"].assign_type(wb_type)
        return taken if isinstance(taken, InvalidType) else self

    @classmethod
    def from_obj(cls, py_obj: Any = None) -> "ClassesIdType":
        """Make the type of a set of classes."""
        return cls(py_obj)

    def to_json(self, artifact: Any = None) -> dict[str, Any]:
        """Return its JSON; the classes go into the artifact beside the table."""
        made = super().to_json(artifact)
        if artifact is None:
            classes = {"_type": "classes", "class_set": self.wb_classes_obj_ref._class_set}
        else:
            entry = artifact.add(self.wb_classes_obj_ref, "media/cls")
            classes = {"type": "classes-file", "path": entry.path, "digest": entry.digest}
        made["params"]["classes_obj"] = classes
        return made

    @classmethod
    def from_json(cls, json_dict: dict[str, Any], artifact: Any = None) -> "ClassesIdType":
        """Make the type of its JSON, with the classes of the artifact it was read from."""
        params = json_dict.get("params", {})
        kept = params.get("classes_obj", {})
        if "class_set" in kept:
            return cls(valid_ids=[one["id"] for one in kept["class_set"]])
        classes = artifact.get(kept.get("path")) if artifact is not None else None
        ids = [one["params"]["val"] for one in params["valid_ids"]["params"]["allowed_types"]]
        return cls(classes, ids)


class TableType(Type):
    """Holds tables whose columns have the same types.

    Args:
        column_types: The types by the names of the columns.
    """

    name = "table"
    legacy_names = ("wandb.Table",)

    def __init__(self, column_types: Any = None) -> None:
        if isinstance(column_types, dict):
            column_types = TypeRegistry.named("typedDict")(column_types)
        self.params["column_types"] = UnknownType() if column_types is None else column_types

    def assign_type(self, wb_type: Type) -> Type:
        """Return the type of tables that hold what both do."""
        if not isinstance(wb_type, TableType):
            return InvalidType()
        taken = self.params["column_types"].assign_type(wb_type.params["column_types"])
        return taken if isinstance(taken, InvalidType) else TableType(taken)

    @classmethod
    def from_obj(cls, py_obj: Any = None) -> "TableType":
        """Make the type of a table."""
        return cls(py_obj._column_types)


class JoinedTableType(Type):
    """Holds joined tables."""

    name = "joined-table"


class PartitionedTableType(Type):
    """Holds partitioned tables."""

    name = "partitioned-table"


_TYPES_BY_CLASS_NAME: dict[str, type[Type]] = {
    "Audio": AudioFileType,
    "Bokeh": BokehFileType,
    "Classes": ClassesIdType,
    "Html": HtmlFileType,
    "Image": ImageFileType,
    "JoinedTable": JoinedTableType,
    "Object3D": Object3DFileType,
    "PartitionedTable": PartitionedTableType,
    "Table": TableType,
    "Video": VideoFileType,
    "WBTraceTree": TraceTreeType,
}

for _type in (*_TYPES_BY_CLASS_NAME.values(), ArtifactVersionType):
    TypeRegistry.add(_type)


def add_types_of(module: str) -> None:
    """Make the types known for the media that a module of this package defines."""
    for name, kind in vars(sys.modules[module]).items():
        defined = isinstance(kind, type) and kind.__module__ == module
        if defined and name in _TYPES_BY_CLASS_NAME:
            TypeRegistry.types_by_class()[kind] = _TYPES_BY_CLASS_NAME[name]
