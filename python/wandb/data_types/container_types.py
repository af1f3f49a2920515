"""Types of columns whose cells hold more than one value: lists, arrays, dicts."""

from typing import Any

from wandb.data_types.column_kinds import cell_kinds, widened
from wandb.data_types.column_types import (
    InvalidType,
    OptionalType,
    Type,
    TypeRegistry,
    UnknownType,
    gap,
)


def is_numpy_array(value: Any) -> bool:
    """Tell whether a value is an array of numpy's, without loading numpy."""
    kind = value.__class__
    return bool(kind.__name__ == "ndarray" and kind.__module__ == "numpy")


class ListType(Type):
    """Holds lists of one type.

    Args:
        element_type: What the lists hold.
        length: Their length, if it is always the same.
    """

    name = "list"
    types = (list, tuple, set, frozenset)

    def __init__(self, element_type: Any = None, length: int | None = None) -> None:
        dtype = UnknownType() if element_type is None else element_type
        element = TypeRegistry.type_from_dtype(dtype)
        self.params.update({"element_type": element, "length": length})

    @classmethod
    def from_obj(cls, py_obj: Any = None) -> "ListType":
        """Make the type of a list; one of mixed values is a list of invalid ones.

        Raises:
            TypeError: It is no list.
        """
        if py_obj is None or not hasattr(py_obj, "__iter__"):
            raise TypeError(f"a list is needed to tell its type, not {py_obj!r}")
        items = py_obj.tolist() if hasattr(py_obj, "tolist") else list(py_obj)
        unknown: Type = UnknownType()
        element = OptionalType(unknown) if any(item is None for item in items) else unknown
        return cls(_over(element, items), len(items))

    def assign_type(self, wb_type: Type) -> Type:
        """Return the type of lists that hold what both do."""
        if not isinstance(wb_type, ListType):
            return InvalidType()
        element = self.params["element_type"].assign_type(wb_type.params["element_type"])
        if isinstance(element, InvalidType):
            return element
        lengths = (self.params["length"], wb_type.params["length"])
        return ListType(element, lengths[0] if lengths[0] == lengths[1] else None)

    def assign(self, py_obj: Any = None) -> Type:
        """Return the type of lists that hold what this one does and a list's items."""
        if not hasattr(py_obj, "__iter__"):
            return InvalidType()
        items = list(py_obj)
        element = _over(self.params["element_type"], items)
        return element if isinstance(element, InvalidType) else ListType(element, len(items))

    def explain(self, other: Any, depth: int = 0) -> str:
        """Name the first item that does not fit."""
        said = super().explain(other, depth)
        element = self.params["element_type"]
        for index, item in enumerate(other if isinstance(other, self.types) else ()):
            taken = element.assign(item)
            if isinstance(taken, InvalidType):
                return f"{said}\n{gap(depth)}Index {index}:\n{element.explain(item, depth + 1)}"
            element = taken
        return said

    def __repr__(self) -> str:
        return f"{self.params['element_type']}[]"


def _over(element: Type, items: list[Any]) -> Type:
    found = widened(element, cell_kinds.items(items))
    if found is not None:
        return found
    for item in items:
        element = element.assign(item)
        if isinstance(element, InvalidType):
            break
    return element


class NDArrayType(Type):
    """Holds arrays of one shape, which are kept in a file beside the table's.

    Args:
        shape: The length of each axis.
        serialization_path: The file's `path`, and the `key` of the column in it.
    """

    name = "ndarray"

    def __init__(self, shape: Any, serialization_path: dict[str, str] | None = None) -> None:
        self.params["shape"] = list(shape)
        self._serialization_path = serialization_path

    @classmethod
    def from_obj(cls, py_obj: Any = None) -> "NDArrayType":
        """Make the type of an array, or of nested lists by the first of each level.

        Raises:
            TypeError: It is neither.
        """
        if is_numpy_array(py_obj):
            return cls(py_obj.shape)
        if not isinstance(py_obj, list):
            raise TypeError(f"an array or a list is needed to tell its shape, not {py_obj!r}")
        shape: list[int] = []
        level: Any = py_obj
        while isinstance(level, list):
            shape.append(len(level))
            level = level[0] if level else None
        return cls(shape)

    def assign_type(self, wb_type: Type) -> Type:
        """Return itself for the same shape, and for any list."""
        same = isinstance(wb_type, NDArrayType) and self.params["shape"] == wb_type.params["shape"]
        return self if same or isinstance(wb_type, ListType) else InvalidType()

    def assign(self, py_obj: Any = None) -> Type:
        """Return itself for an array of the same shape."""
        if is_numpy_array(py_obj) or isinstance(py_obj, list):
            return self.assign_type(self.from_obj(py_obj))
        return InvalidType()

    def to_json(self, artifact: Any = None) -> dict[str, Any]:
        """Return its JSON, with the file's path."""
        params = {"shape": self.params["shape"], "serialization_path": self._serialization_path}
        return {"wb_type": self.name, "params": params}

    def _get_serialization_path(self) -> dict[str, str] | None:
        return self._serialization_path

    def _set_serialization_path(self, path: str, key: str) -> None:
        self._serialization_path = {"path": path, "key": key}

    def _clear_serialization_path(self) -> None:
        self._serialization_path = None


class TypedDictType(Type):
    """Holds dicts with a type for each key.

    Args:
        type_map: The types by their keys.
    """

    name = "typedDict"
    legacy_names = ("dictionary",)
    types = (dict,)

    def __init__(self, type_map: dict[Any, Any] | None = None) -> None:
        types = {key: TypeRegistry.type_from_dtype(one) for key, one in (type_map or {}).items()}
        self.params["type_map"] = types

    @classmethod
    def from_obj(cls, py_obj: Any = None) -> "TypedDictType":
        """Make the type of a dict.

        Raises:
            AssertionError: It is no dict.
        """
        if not isinstance(py_obj, dict):
            raise AssertionError(f"a dict is needed to tell its type, not {py_obj!r}")
        return cls({key: TypeRegistry.type_of(value) for key, value in py_obj.items()})

    def assign_type(self, wb_type: Type) -> Type:
        """Return the type of dicts that hold what both do; no new keys."""
        if not isinstance(wb_type, TypedDictType):
            return InvalidType()
        others = wb_type.params["type_map"]
        return self._with(
            others.keys(), lambda key, one: one.assign_type(others.get(key, UnknownType()))
        )

    def assign(self, py_obj: Any = None) -> Type:
        """Return the type of dicts that hold what this one does and a dict; no new keys."""
        if not isinstance(py_obj, dict):
            return InvalidType()
        return self._with(py_obj.keys(), lambda key, one: one.assign(py_obj.get(key)))

    def _with(self, keys: Any, assigned: Any) -> Type:
        known = self.params["type_map"]
        if not known.keys() >= keys:
            return InvalidType()
        types = {}
        for key, one in known.items():
            types[key] = assigned(key, one)
            if isinstance(types[key], InvalidType):
                return InvalidType()
        return TypedDictType(types)

    def explain(self, other: Any, depth: int = 0) -> str:
        """Name the keys that are too many and those whose values do not fit."""
        said = [super().explain(other, depth)]
        if not isinstance(other, dict):
            return said[0]
        known = self.params["type_map"]
        if extra := other.keys() - known.keys():
            said.append(f"{gap(depth)}Found extra keys: {','.join(map(str, extra))}")
        for key, one in known.items():
            if isinstance(one.assign(other.get(key)), InvalidType):
                said.append(f"{gap(depth)}Key '{key}':\n{one.explain(other.get(key), depth + 1)}")
        return "\n".join(said)

    def __repr__(self) -> str:
        return str(self.params["type_map"])


for _type in (ListType, NDArrayType, TypedDictType):
    TypeRegistry.add(_type)
