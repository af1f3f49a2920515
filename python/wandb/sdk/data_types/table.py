"""A face of `wandb.data_types.table` and `wandb.data_types.joined_table`."""

from wandb.data_types.joined_table import JoinedTable as JoinedTable
from wandb.data_types.joined_table import PartitionedTable as PartitionedTable
from wandb.data_types.table import Table as Table

__all__ = ("JoinedTable", "PartitionedTable", "Table")
