"""The metadata in SQL: SQLAlchemy Core over SQLite, one file per port."""

from pathlib import Path

from ferrule.ports import Stores
from ferrule.stores.sql.engines import Database, SqliteDatabase
from ferrule.stores.sql.files import SqlFiles
from ferrule.stores.sql.migrations import upgrade
from ferrule.stores.sql.people import SqlPeople
from ferrule.stores.sql.projects import SqlProjects
from ferrule.stores.sql.runs import SqlRuns


def stores_over(database: Database) -> Stores:
    """Return the ports over an open database whose tables are there."""
    return Stores(
        people=SqlPeople(database),
        projects=SqlProjects(database),
        runs=SqlRuns(database),
        files=SqlFiles(database),
    )


def open_stores(path: Path) -> tuple[Stores, Database]:
    """Open a SQLite file with its tables at this version's revision, made if it is not there.

    Returns:
        The ports, and the database to close in the end.
    """
    database = SqliteDatabase(path)
    try:
        upgrade(database.engine)
    except BaseException:
        database.close()
        raise
    return stores_over(database), database
