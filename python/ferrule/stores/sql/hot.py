"""Statements that run with every request: compiled once, and given to the driver as text.

SQLAlchemy takes some hundred microseconds to build a statement and to find it in its cache; the
statement itself takes SQLite ten.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.sql import Executable
from sqlalchemy.sql.compiler import SQLCompiler


class Hot:
    """A statement whose values are all `bindparam`s with a name.

    Rows come as the driver has them (on SQLite a boolean is 0 or 1), and so do errors.
    """

    def __init__(self, statement: Executable) -> None:
        self._statement = statement
        self._compiled: dict[str, tuple[str, list[str] | None]] = {}

    def first(self, connection: Connection, **values: Any) -> Sequence[Any] | None:
        """Execute it with some values, and return the first row."""
        rows = self.run(connection, **values)
        return rows[0] if rows else None

    def run(self, connection: Connection, **values: Any) -> list[Sequence[Any]]:
        """Execute it with some values, and return its rows; none for a change."""
        known = self._compiled.get(connection.dialect.name)
        text, names = known if known is not None else self._compile(connection)
        given = values if names is None else tuple(values[name] for name in names)
        cursor = connection.connection.cursor()
        try:
            cursor.execute(text, given)
            return list(cursor.fetchall()) if cursor.description else []
        finally:
            cursor.close()

    def _compile(self, connection: Connection) -> tuple[str, list[str] | None]:
        compiled = self._statement.compile(dialect=connection.dialect)  # type: ignore[attr-defined]
        assert isinstance(compiled, SQLCompiler)
        names = list(compiled.positiontup or ()) if compiled.positional else None
        self._compiled[connection.dialect.name] = (compiled.string, names)
        return compiled.string, names
