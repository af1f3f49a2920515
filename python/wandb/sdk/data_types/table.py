"""A face of `wandb.data_types.table` and `wandb.data_types.joined_table`."""

from wandb.data_types.joined_table import JoinedTable, PartitionedTable
from wandb.data_types.table import Table

__all__ = ("JoinedTable", "PartitionedTable", "Table")
