"""A face of `wandb.data_types.column_types` and `wandb.data_types.container_types`."""

from wandb.data_types.column_types import (
    AnyType,
    BooleanType,
    ConstType,
    InvalidType,
    NoneType,
    NumberType,
    OptionalType,
    PythonObjectType,
    StringType,
    TimestampType,
    Type,
    TypeRegistry,
    UnionType,
    UnknownType,
)
from wandb.data_types.container_types import ListType, NDArrayType, TypedDictType

__all__ = (
    "AnyType",
    "BooleanType",
    "ConstType",
    "InvalidType",
    "ListType",
    "NDArrayType",
    "NoneType",
    "NumberType",
    "OptionalType",
    "PythonObjectType",
    "StringType",
    "TimestampType",
    "Type",
    "TypeRegistry",
    "TypedDictType",
    "UnionType",
    "UnknownType",
)
