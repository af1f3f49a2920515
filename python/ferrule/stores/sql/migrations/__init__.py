"""Brings a database's tables to the form this version uses.

A SQLite file is copied aside before anything in it is moved. A database that a newer version has
moved further is refused.
"""

import logging
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from ferrule.errors import Conflict

log = logging.getLogger(__name__)

HEAD = "0002"
"""The revision that this version of the server uses; a test compares it with the files."""

_FOLDER = Path(__file__).parent


def upgrade(engine: Engine) -> None:
    """Bring a database to `HEAD`; quick when there is nothing to do.

    Raises:
        Conflict: A newer version of the server has written it.
    """
    with engine.connect() as connection:
        current = revision(connection)
        if current == HEAD:
            return
        if current is not None:
            _refuse_newer(current)
            _back_up(engine, current)
        _run(connection)


def revision(connection: Connection) -> str | None:
    """Return a database's revision, None for one without tables."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(
        text("SELECT version_num FROM alembic_version")
    ).scalar_one_or_none()
    return found


def _refuse_newer(current: str) -> None:
    known = {path.stem.split("_")[1] for path in (_FOLDER / "versions").glob("r_*.py")}
    if current not in known:
        raise Conflict(
            f"The database was written by a newer Ferrule (its revision is {current}, this one "
            f"knows {HEAD}). Nothing was changed; start the newer version."
        )


def _back_up(engine: Engine, current: str) -> None:
    """Copy a SQLite file aside; other engines have ways of their own."""
    if engine.dialect.name != "sqlite" or not engine.url.database:
        return
    path = Path(engine.url.database)
    copy = path.with_name(f"{path.name}.before-{HEAD}.{current}")
    log.info("Copying the database aside before it is moved to revision %s: %s", HEAD, copy)
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)


def _run(connection: Connection) -> None:
    # Alembic takes a quarter of a second to load; most starts don't need it.
    from alembic.command import upgrade as alembic_upgrade
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    config.attributes["connection"] = connection
    alembic_upgrade(config, "head")
