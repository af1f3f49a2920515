"""`JoinedTable` and `PartitionedTable`: tables that are made of other tables in an artifact."""

from collections.abc import Iterator
from typing import Any

from wandb.data_types.artifact_backed import ArtifactBacked
from wandb.data_types.base import MediaSink, MediaSource
from wandb.data_types.table import Table

_SUFFIX = ".table.json"


def _row_of(value: ArtifactBacked, name: str) -> dict[str, Any]:
    """Return what stands in a run's row for a value that has no file there."""
    path = (value._artifact_paths or {}).get("artifact_path")
    if path is None:
        kind = type(value).__name__
        raise ValueError(
            f"a {kind} is kept in an artifact, which {name!r} does not have yet; add it to one "
            "with Artifact.add, and log that"
        )
    return {"_type": value._log_type, "artifact_path": path}


class PartitionedTable(ArtifactBacked):
    """A table whose rows are those of all tables in a folder of an artifact.

    Args:
        parts_path: The folder.
    """

    _log_type = "partitioned-table"

    def __init__(self, parts_path: str) -> None:
        self.parts_path = parts_path
        self._parts: list[tuple[str, Any]] = []

    def to_wire(self, sink: MediaSink, *, name: str) -> dict[str, Any]:
        """Return what stands for it.

        Raises:
            ValueError: It goes into a run's row, and is in no artifact.
        """
        if not sink.in_artifact:
            return _row_of(self, name)
        return {"_type": self._log_type, "parts_path": self.parts_path}

    @classmethod
    def from_wire(cls, wire: dict[str, Any], source: MediaSource) -> "PartitionedTable":
        """Make it of what stands for it; the parts are read when their rows are asked for."""
        made = cls(wire["parts_path"])
        folder = made.parts_path.rstrip("/") + "/"
        paths: Any = getattr(source, "paths", tuple)
        made._parts = [(path, source) for path in sorted(paths()) if path.startswith(folder)]
        return made

    def iterrows(self) -> Iterator[tuple[int, list[Any]]]:
        """Iterate over the rows of all parts; one part is in memory at a time.

        Yields:
            The row's number, counted through all parts, and the row.

        Raises:
            ValueError: The parts have different columns, or one is no table.
        """
        columns, number = None, 0
        for path, source in self._parts:
            part = source.get(path)
            if not isinstance(part, Table):
                raise ValueError(f"{path} is in the folder of a partitioned table, and is no table")
            if columns is not None and part.columns != columns:
                raise ValueError(
                    f"the parts of a table have the same columns; {path} has {part.columns} and "
                    f"those before it {columns}"
                )
            columns = part.columns
            for _, row in part.iterrows():
                yield number, row
                number += 1

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PartitionedTable) and self.parts_path == other.parts_path

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = None  # type: ignore[assignment]


class JoinedTable(ArtifactBacked):
    """Two tables side by side, row by row where a key is equal.

    Args:
        table1: A table, the path of one in the artifact, or an artifact's entry.
        table2: The other one.
        join_key: The column that both have, or a list of the first's and the second's.

    Raises:
        ValueError: One of them is none of these.
    """

    _log_type = "joined-table"

    def __init__(self, table1: Any, table2: Any, join_key: str | list[str]) -> None:
        is_pair = isinstance(join_key, list) and len(join_key) == 2
        if not isinstance(join_key, str) and not is_pair:
            raise ValueError(
                f"join_key must be a column or a list of two columns, not {join_key!r}"
            )
        for name, table in (("table1", table1), ("table2", table2)):
            if not _may_be_joined(table):
                raise ValueError(
                    f"{name} must be a table, the path of one that ends with {_SUFFIX}, or an "
                    f"artifact's entry, not {table!r}"
                )
        self._table1 = table1
        self._table2 = table2
        self._join_key = join_key

    def to_wire(self, sink: MediaSink, *, name: str) -> dict[str, Any]:
        """Put both tables into an artifact, and return what stands for them joined.

        Raises:
            ValueError: It goes into a run's row, and is in no artifact; or a table is missing.
        """
        if not sink.in_artifact:
            return _row_of(self, name)
        return {
            "_type": self._log_type,
            "join_key": self._join_key,
            "table1": self._path_of(self._table1, sink, 1),
            "table2": self._path_of(self._table2, sink, 2),
        }

    def _path_of(self, table: Any, sink: Any, number: int) -> str:
        """Return a table's path in an artifact, and put it there first if it isn't."""
        if isinstance(table, (Table, PartitionedTable)):
            return str(sink.add(table, _name_in_artifact(table) or f"t{number}_{id(self)}").path)
        path = table
        if hasattr(table, "ref_url"):
            path = sink.add_reference(table.ref_url(), _name_of_entry(table))[0].path
        if path not in sink.paths():
            raise ValueError(
                f"the artifact has no table {path!r}; add it first: artifact.add(table, {path!r})"
            )
        return str(path)

    @classmethod
    def from_wire(cls, wire: dict[str, Any], source: MediaSource) -> "JoinedTable":
        """Make it of what stands for it, with the tables that the artifact has."""
        get: Any = getattr(source, "get", lambda path: None)
        tables = [get(wire[name]) for name in ("table1", "table2")]
        first, second = (
            wire[name] if table is None else table
            for name, table in zip(("table1", "table2"), tables, strict=True)
        )
        return cls(first, second, wire["join_key"])

    def _eq_debug(self, other: Any, should_assert: bool = False) -> bool:
        equal = (
            isinstance(other, JoinedTable)
            and self._join_key == other._join_key
            and self._table1 == other._table1
            and self._table2 == other._table2
        )
        if should_assert and not equal:
            raise AssertionError(f"found {other!r}, expected {self!r}")
        return equal

    def __eq__(self, other: object) -> bool:
        return self._eq_debug(other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = None  # type: ignore[assignment]


def _may_be_joined(table: Any) -> bool:
    if isinstance(table, str):
        return table.endswith(_SUFFIX)
    if isinstance(table, (Table, PartitionedTable)):
        return True
    return hasattr(table, "ref_url") and str(table.ref_url()).endswith(_SUFFIX)


def _name_in_artifact(table: Any) -> str | None:
    name = getattr(table._artifact_source, "name", None)
    return None if name is None else str(name).rpartition("/")[2]


def _name_of_entry(entry: Any) -> str:
    """Return a name that is the same for the same content."""
    from base64 import standard_b64decode

    shown = standard_b64decode(entry.digest).hex()[:20]
    return f"{shown}.{str(entry.path).split('.')[-2]}.json"
