"""Data frames and arrays → the columns of a table."""

from typing import Any

from wandb.data_types.column_kinds import cell_kinds
from wandb.data_types.container_types import is_numpy_array
from wandb.data_types.table_store import frozen, is_numbers


def is_data_frame(value: Any) -> bool:
    """Tell whether a value is a data frame of pandas', without loading pandas."""
    return any(
        base.__name__ == "DataFrame" and base.__module__.partition(".")[0] == "pandas"
        for base in type(value).__mro__
    )


def columns_of_frame(frame: Any) -> list[Any]:
    """Copy the columns of a data frame; its index is left out."""
    # By place: columns of one name are all there, then.
    return [_column(frame.iloc[:, place].values) for place in range(frame.shape[1])]


def _column(values: Any) -> Any:
    if is_numbers(values):
        return frozen(values)
    if is_numpy_array(values):
        return list(values)
    # Types of pandas' own have a value that is missing; None is that in a table.
    return [None if type(cell).__name__ == "NAType" else cell for cell in values]


def columns_of_rows(rows: list[Any], width: int) -> tuple[list[Any], Any, int | None]:
    """Return the columns of rows, the kinds of their cells, and the first row of another width.

    Raises:
        TypeError: A row is no list of cells.
    """
    try:
        return cell_kinds.columns(rows, width)
    except TypeError as err:
        raise TypeError(
            f"data must be a list of rows, each a list of {width} cells: {err}"
        ) from err


def columns_of_array(array: Any, width: int) -> list[Any]:
    """Copy the columns of an array, whose first axis is the rows'.

    Raises:
        ValueError: It has another number of columns, or no second axis.
    """
    if array.ndim < 2:
        raise ValueError(
            f"an array of a table's data has two axes, rows and columns; this one has the shape "
            f"{array.shape}. Write array.reshape(-1, {width})"
        )
    if array.shape[1] != width:
        raise ValueError(
            f"This table expects {width} columns, found {array.shape[1]}: the array has the shape "
            f"{array.shape}. Name each column in `columns`"
        )
    return [_cells(array[:, place]) for place in range(width)]


def _cells(column: Any) -> Any:
    if is_numbers(column):
        return frozen(column)
    # What is in more axes stays an array for each row, and no other's.
    return [cell.copy() if is_numpy_array(cell) else cell for cell in column]
