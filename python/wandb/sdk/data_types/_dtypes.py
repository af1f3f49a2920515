"""A face of `wandb.data_types.column_types` and `wandb.data_types.container_types`."""

from wandb.data_types.column_types import AnyType as AnyType
from wandb.data_types.column_types import BooleanType as BooleanType
from wandb.data_types.column_types import ConstType as ConstType
from wandb.data_types.column_types import InvalidType as InvalidType
from wandb.data_types.column_types import NoneType as NoneType
from wandb.data_types.column_types import NumberType as NumberType
from wandb.data_types.column_types import OptionalType as OptionalType
from wandb.data_types.column_types import PythonObjectType as PythonObjectType
from wandb.data_types.column_types import StringType as StringType
from wandb.data_types.column_types import TimestampType as TimestampType
from wandb.data_types.column_types import Type as Type
from wandb.data_types.column_types import TypeRegistry as TypeRegistry
from wandb.data_types.column_types import UnionType as UnionType
from wandb.data_types.column_types import UnknownType as UnknownType
from wandb.data_types.container_types import ListType as ListType
from wandb.data_types.container_types import NDArrayType as NDArrayType
from wandb.data_types.container_types import TypedDictType as TypedDictType

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
