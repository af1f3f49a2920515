"""The metadata in SQL: SQLAlchemy Core over SQLite, one file per port."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from ferrule.ports import Stores
from ferrule.stores.sql.artifacts import SqlArtifacts
from ferrule.stores.sql.collections import SqlCollections
from ferrule.stores.sql.engines import Database, SqliteDatabase
from ferrule.stores.sql.files import SqlFiles
from ferrule.stores.sql.manifests import SqlManifests
from ferrule.stores.sql.migrations import upgrade
from ferrule.stores.sql.people import SqlPeople
from ferrule.stores.sql.projects import SqlProjects
from ferrule.stores.sql.runs import SqlRuns

FILE_NAME = "meta.db"


def stores_over(database: Database) -> Stores:
    """Return the ports over an open database whose tables are there."""
    return Stores(
        people=SqlPeople(database),
        projects=SqlProjects(database),
        runs=SqlRuns(database),
        files=SqlFiles(database),
        artifacts=SqlArtifacts(database),
        collections=SqlCollections(database),
        manifests=SqlManifests(database),
    )


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    # Commands of older versions left files that everyone could read.
    for path in folder.glob(f"{FILE_NAME}*"):
        with suppress(OSError):
            path.chmod(0o600)
    return folder


@asynccontextmanager
async def open_stores(folder: Path) -> AsyncIterator[Stores]:
    """Open the stores of a data folder, made if it is not there.

    The tables are brought to this version's revision first. At the end of the `with`, what waits
    is written, and the file is closed.

    Raises:
        ferrule.errors.Conflict: A newer version of the server has written the file.
    """
    database = SqliteDatabase(_made(folder) / FILE_NAME)
    try:
        upgrade(database.engine)
        yield stores_over(database)
    finally:
        database.close()
