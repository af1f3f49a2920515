"""The types of a table's columns: what a column may hold, and what it becomes by one more cell.

A type takes a value (`assign`) or another type (`assign_type`) and answers with the type that
holds both, or with `InvalidType`. Types are values: `assign` changes nothing.

Types of media and of keys live beside what they describe and are found by name; see `_HOMES`.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import import_module
from typing import Any, ClassVar

from wandb.data_types.base import WBValue

_ARTIFACT_TEXT = "wandb-artifact://"

_CONTAINERS = "wandb.data_types.container_types"
_MEDIA = "wandb.data_types.media_types"
_KEYS = "wandb.data_types.table_keys"

# Names in JSON of types that are defined elsewhere, and the modules to load for them.
_HOMES = {
    **dict.fromkeys(
        (
            "artifactVersion",
            "audio-file",
            "bokeh-file",
            "classesId",
            "html-file",
            "image-file",
            "joined-table",
            "object3D-file",
            "partitioned-table",
            "table",
            "video-file",
            "wandb.Classes_id",
            "wandb.Image",
            "wandb.Table",
            "wb_trace_tree",
        ),
        _MEDIA,
    ),
    **dict.fromkeys(
        (
            "foreignIndex",
            "foreignKey",
            "primaryKey",
            "wandb.TableForeignIndex",
            "wandb.TableForeignKey",
            "wandb.TablePrimaryKey",
        ),
        _KEYS,
    ),
    **dict.fromkeys(("list", "ndarray", "typedDict", "dictionary"), _CONTAINERS),
}


class TypeRegistry:
    """All types, by their names and by the classes of the values they describe."""

    _by_name: ClassVar[dict[str, type["Type"]]] = {}
    _by_class: ClassVar[dict[type, type["Type"]]] = {}
    _loaded: ClassVar[set[str]] = set()

    @staticmethod
    def types_by_name() -> dict[str, type["Type"]]:
        """Return the types that are loaded, by their names in JSON."""
        return TypeRegistry._by_name

    @staticmethod
    def types_by_class() -> dict[type, type["Type"]]:
        """Return the types that are loaded, by the exact classes of values."""
        return TypeRegistry._by_class

    @staticmethod
    def add(wb_type: type["Type"]) -> None:
        """Make a type known under its names and for its classes.

        Raises:
            AssertionError: It is no type.
        """
        if not (isinstance(wb_type, type) and issubclass(wb_type, Type)):
            raise AssertionError(f"{wb_type!r} is no subclass of Type")
        for name in (wb_type.name, *wb_type.legacy_names):
            TypeRegistry._by_name[name] = wb_type
        TypeRegistry._by_class.update(dict.fromkeys(wb_type.types, wb_type))

    @staticmethod
    def type_of(py_obj: Any) -> "Type":
        """Return the type of a value."""
        # Data frames have NaN where a value is missing, whatever the column holds.
        if py_obj.__class__ is float and math.isnan(py_obj):
            return NoneType()
        if _stands_for_artifact(py_obj):
            return TypeRegistry.named("artifactVersion")()
        found = TypeRegistry.for_class(py_obj.__class__)
        return (found or PythonObjectType).from_obj(py_obj)

    @staticmethod
    def type_from_dict(json_dict: Mapping[str, Any], artifact: Any = None) -> "Type":
        """Make a type of its JSON.

        Args:
            json_dict: What `Type.to_json` returned.
            artifact: Where it was read from; foreign keys fetch their tables there.

        Raises:
            TypeError: There is no such type.
        """
        return TypeRegistry.named(json_dict.get("wb_type")).from_json(dict(json_dict), artifact)

    @staticmethod
    def type_from_dtype(dtype: Any) -> "Type":
        """Make a type of what a user writes for one.

        Args:
            dtype: A type, a class of types, a class of Python's, a list of one type for a list
                of it, of several for any of them, a dict of types, an example of media, or a
                constant.
        """
        if isinstance(dtype, Type):
            return dtype
        if isinstance(dtype, type):
            return _type_of_class(dtype)
        if isinstance(dtype, list):
            return _type_of_list(dtype)
        if isinstance(dtype, dict):
            return TypeRegistry.named("typedDict")(dtype)
        return TypeRegistry.type_of(dtype) if isinstance(dtype, WBValue) else ConstType(dtype)

    @staticmethod
    def named(name: Any) -> type["Type"]:
        """Return the type with a name.

        Raises:
            TypeError: There is none.
        """
        if not isinstance(name, str):
            raise TypeError(f"there is no column type {name!r}")
        if name not in TypeRegistry._by_name and name in _HOMES:
            import_module(_HOMES[name])
        if name not in TypeRegistry._by_name:
            raise TypeError(f"there is no column type {name!r}")
        return TypeRegistry._by_name[name]

    @staticmethod
    def for_class(kind: type) -> type["Type"] | None:
        """Return the type for values of exactly this class, if there is one."""
        found = TypeRegistry._by_class.get(kind)
        if found is None and (load := _loader_for(kind.__module__)) is not None:
            load()
            found = TypeRegistry._by_class.get(kind)
        return found


def _loader_for(module: str) -> Callable[[], object] | None:
    """Return what makes the types for a module's classes known, if that was not done yet."""
    # Each kind of media is a module of its own, which may be loaded after others were asked for.
    if module in TypeRegistry._loaded:
        return None
    TypeRegistry._loaded.add(module)
    if module.startswith("wandb.data_types."):
        return lambda: _add_types_of_media(module)
    return _LOADERS.get(module)


def _add_types_of_media(module: str) -> None:
    import_module(_MEDIA).add_types_of(module)


def _add_types_of_datetime() -> None:
    from datetime import date, datetime

    TypeRegistry._by_class.update({date: TimestampType, datetime: TimestampType})


def _add_types_of_numpy() -> None:
    TypeRegistry._by_class.update(_numpy_types())


# By the module of a value's class, so that nothing is loaded that no value needs.
_LOADERS: dict[str, Callable[[], object]] = {
    "builtins": lambda: import_module(_CONTAINERS),
    "datetime": _add_types_of_datetime,
    "numpy": _add_types_of_numpy,
}


def _numpy_types() -> dict[type, type["Type"]]:
    import numpy as np

    numbers = {kind for kind in np.sctypeDict.values() if issubclass(kind, np.number)}
    return {
        **dict.fromkeys(numbers - {np.timedelta64}, NumberType),
        np.bool_: BooleanType,
        np.datetime64: TimestampType,
        np.ndarray: TypeRegistry.named("ndarray"),
    }


def _stands_for_artifact(value: Any) -> bool:
    if isinstance(value, str):
        return value.startswith(_ARTIFACT_TEXT)
    return isinstance(value, dict) and value.get("_type") == "artifactVersion"


def _type_of_class(kind: type) -> "Type":
    if issubclass(kind, Type):
        return kind()
    found = TypeRegistry.for_class(kind)
    return found() if found else PythonObjectType.from_obj(kind)


def _type_of_list(dtypes: list[Any]) -> "Type":
    if len(dtypes) > 1:
        return UnionType([TypeRegistry.type_from_dtype(dtype) for dtype in dtypes])
    return TypeRegistry.named("list")(*dtypes)


def gap(depth: int) -> str:
    """Indent the words about what is inside of something."""
    return "\t" * depth


def _params_to_json(params: Any, artifact: Any) -> Any:
    if isinstance(params, Type):
        return params.to_json(artifact)
    if params.__class__ is dict:
        return {key: _params_to_json(value, artifact) for key, value in params.items()}
    if params.__class__ in (list, set, tuple, frozenset):
        return [_params_to_json(item, artifact) for item in params]
    return params


def _params_from_json(wire: Any, artifact: Any) -> Any:
    if wire.__class__ is list:
        return [_params_from_json(item, artifact) for item in wire]
    if wire.__class__ is not dict:
        return wire
    if "wb_type" in wire:
        return TypeRegistry.type_from_dict(wire, artifact)
    return {key: _params_from_json(value, artifact) for key, value in wire.items()}


class Type:
    """What a column may hold. Subclasses give it a name and, if need be, parameters.

    Attributes:
        name: Its name in JSON.
        legacy_names: Other names it is read by.
        types: The exact classes of values it describes.
    """

    name: ClassVar[str] = ""
    legacy_names: ClassVar[Sequence[str]] = ()
    types: ClassVar[Sequence[type]] = ()
    _params: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        pass

    @property
    def params(self) -> dict[str, Any]:
        """What says more precisely which type it is."""
        if getattr(self, "_params", None) is None:
            self._params = {}
        return self._params

    def assign(self, py_obj: Any = None) -> "Type":
        """Return the type that holds what this one does and a value, or `InvalidType`."""
        return self.assign_type(TypeRegistry.type_of(py_obj))

    def assign_type(self, wb_type: "Type") -> "Type":
        """Return the type that holds what this one and another do, or `InvalidType`."""
        fits = isinstance(wb_type, self.__class__) and self.params == wb_type.params
        return self if fits else InvalidType()

    def to_json(self, artifact: Any = None) -> dict[str, Any]:
        """Return its JSON.

        Args:
            artifact: The sink that takes what the type refers to, such as another table.
        """
        params = _params_to_json(self.params, artifact)
        return {"wb_type": self.name, "params": params} if params else {"wb_type": self.name}

    @classmethod
    def from_json(cls, json_dict: dict[str, Any], artifact: Any = None) -> "Type":
        """Make the type of its JSON, the way back of `to_json`."""
        return cls(**_params_from_json(json_dict.get("params", {}), artifact))

    @classmethod
    def from_obj(cls, py_obj: Any = None) -> "Type":
        """Make the type of a value of one of its classes."""
        return cls()

    def explain(self, other: Any, depth: int = 0) -> str:
        """Say why a value does not fit; the caller knows that it does not."""
        found = TypeRegistry.type_of(other)
        what = f"{other} of type {found}" if depth == 0 else f"{found}"
        return f"{gap(depth)}{what} is not assignable to {self}"

    def __repr__(self) -> str:
        shown = ", ".join(f"{key}:{value}" for key, value in self.params.items())
        return f"{self.name.capitalize()}({shown})" if shown else self.name.capitalize()

    def __eq__(self, other: object) -> bool:
        return self is other or (
            isinstance(other, Type) and self.name == other.name and self.params == other.params
        )

    __hash__ = None  # type: ignore[assignment]


class InvalidType(Type):
    """What came of a value that does not fit; nothing fits it."""

    name = "invalid"

    def assign_type(self, wb_type: Type) -> Type:
        """Return itself."""
        return self


class AnyType(Type):
    """Holds everything but None."""

    name = "any"

    def assign_type(self, wb_type: Type) -> Type:
        """Return itself, but for None."""
        return InvalidType() if isinstance(wb_type, (NoneType, InvalidType)) else self


class UnknownType(Type):
    """Becomes the type of the first value that is not None."""

    name = "unknown"

    def assign_type(self, wb_type: Type) -> Type:
        """Return the other type, but for None."""
        return InvalidType() if isinstance(wb_type, NoneType) else wb_type


class NoneType(Type):
    """Holds None, and NaN where Python's own float has it."""

    name = "none"
    types = (type(None),)


class StringType(Type):
    """Holds text."""

    name = "string"
    types = (str,)


class NumberType(Type):
    """Holds integers and floats, Python's and numpy's."""

    name = "number"
    types = (int, float)


class TimestampType(Type):
    """Holds dates and times."""

    name = "timestamp"


class BooleanType(Type):
    """Holds booleans."""

    name = "boolean"
    types = (bool,)


class PythonObjectType(Type):
    """Holds values of a class that has no type of its own."""

    name = "pythonObject"
    legacy_names = ("object",)

    def __init__(self, class_name: str) -> None:
        self.params["class_name"] = class_name

    @classmethod
    def from_obj(cls, py_obj: Any = None) -> "PythonObjectType":
        """Make the type of a value's class."""
        return cls(py_obj.__class__.__name__)


class ConstType(Type):
    """Holds one value."""

    name = "const"

    def __init__(self, val: Any = None, is_set: bool | None = False) -> None:
        is_set = bool(is_set) or isinstance(val, set)
        if is_set and not isinstance(val, (set, list)):
            raise AssertionError(f"a constant set must be a set or a list, not {val!r}")
        self.params.update({"val": set(val) if is_set else val, "is_set": is_set})

    def assign(self, py_obj: Any = None) -> Type:
        """Return itself if the value is the constant."""
        return self.assign_type(ConstType(py_obj))

    @classmethod
    def from_obj(cls, py_obj: Any = None) -> "ConstType":
        """Make the type of a constant."""
        return cls(py_obj)

    def __repr__(self) -> str:
        return str(self.params["val"])


def _flat(types: Iterable[Type]) -> list[Type]:
    flat: list[Type] = []
    for one in types:
        flat += _flat(one.params["allowed_types"]) if isinstance(one, UnionType) else [one]
    return flat


def _add_to_union(allowed: Sequence[Type], item: Any, *, is_type: bool) -> "list[Type] | None":
    """Return a union's types after one more value or type; None if none of them takes it.

    The first that takes it does; what is unknown is asked last.
    """
    unknown = [one for one in allowed if isinstance(one, UnknownType)]
    known = [one for one in allowed if not isinstance(one, UnknownType)]
    for place, one in enumerate(known):
        taken = one.assign_type(item) if is_type else one.assign(item)
        if not isinstance(taken, InvalidType):
            return _flat([*known[:place], taken, *known[place + 1 :], *unknown])
    if not unknown:
        return None
    new = item if is_type else UnknownType().assign(item)
    return None if isinstance(new, (InvalidType, NoneType)) else _flat([*known, new, *unknown[1:]])


class UnionType(Type):
    """Holds what any of several types does."""

    name = "union"

    def __init__(self, allowed_types: list[Any] | None = None) -> None:
        if allowed_types is not None and allowed_types.__class__ is not list:
            raise AssertionError(f"a union's types must be a list, not {allowed_types!r}")
        types = _flat(TypeRegistry.type_from_dtype(dtype) for dtype in allowed_types or ())
        self.params["allowed_types"] = sorted(types, key=str)

    def assign(self, py_obj: Any = None) -> Type:
        """Return the union in which the first type that can has taken the value."""
        types = _add_to_union(self.params["allowed_types"], py_obj, is_type=False)
        if types is None:
            return InvalidType()
        # To sort types by their names costs more than to compare them, and few cells add one.
        return self if types == self.params["allowed_types"] else self.__class__(types)

    def assign_type(self, wb_type: Type) -> Type:
        """Return the union in which each of the other's types was taken."""
        others = wb_type.params["allowed_types"] if isinstance(wb_type, UnionType) else [wb_type]
        types: list[Type] = self.params["allowed_types"]
        for other in others:
            taken = _add_to_union(types, other, is_type=True)
            if taken is None:
                return InvalidType()
            types = taken
        return self.__class__(types)

    def explain(self, other: Any, depth: int = 0) -> str:
        """Say for each of the types why the value does not fit."""
        reasons = [one.explain(other, depth + 1) for one in self.params["allowed_types"]]
        return "\n".join([super().explain(other, depth), f"\n{gap(depth)}and\n".join(reasons)])

    def __repr__(self) -> str:
        return " or ".join(map(str, self.params["allowed_types"]))


def OptionalType(dtype: Any) -> UnionType:  # noqa: N802 - named as a type, as in the original
    """Make the type that also holds None."""
    return UnionType([TypeRegistry.type_from_dtype(dtype), NoneType()])


for _type in (
    InvalidType,
    AnyType,
    UnknownType,
    NoneType,
    StringType,
    TimestampType,
    NumberType,
    BooleanType,
    UnionType,
    PythonObjectType,
    ConstType,
):
    TypeRegistry.add(_type)
