"""What is SQLite's alone: one writer with group commit, trouble with the disk, migrations."""

import asyncio
import json
import sqlite3
import threading
from contextlib import closing

import pytest
from sqlalchemy import text

from ferrule.errors import BusyError, Conflict
from ferrule.ports.artifacts import NewArtifact
from ferrule.ports.runs import RunChange
from ferrule.stores.sql import FILE_NAME, engines, migrations, open_stores
from ferrule.stores.sql.engines import SqliteDatabase, on_network, sqlite_engine
from ferrule.stores.sql.json_text import key_text, strict
from ferrule.stores.sql.tables import metadata

pytestmark = pytest.mark.anyio


@pytest.fixture
def database(tmp_path):
    opened = SqliteDatabase(tmp_path / "some.db", network=False)
    with opened.engine.connect() as connection:
        connection.execute(text("CREATE TABLE t (n INTEGER PRIMARY KEY)"))
    yield opened
    opened.close()


def put(number):
    return lambda connection: connection.execute(text(f"INSERT INTO t VALUES ({number})"))


async def numbers(database):
    return await database.read(
        lambda connection: list(connection.execute(text("SELECT n FROM t")).scalars())
    )


class Gate:
    """Holds the writer until opened, so that what comes meanwhile waits together."""

    def __init__(self):
        self.entered, self.opened = threading.Event(), threading.Event()

    def __call__(self, _connection):
        self.entered.set()
        self.opened.wait(10)


async def held(database, *works):
    """Run works that all wait behind a slow one, and return what became of each."""
    gate = Gate()
    async with asyncio.TaskGroup() if hasattr(asyncio, "TaskGroup") else _Tasks() as tasks:
        tasks.create_task(database.write(gate))
        await asyncio.to_thread(gate.entered.wait)
        waiting = [tasks.create_task(_outcome(database.write(work))) for work in works]
        await asyncio.sleep(0)
        gate.opened.set()
    return [task.result() for task in waiting]


async def _outcome(write):
    try:
        return await write
    except Exception as err:  # noqa: BLE001 - it is what the test looks at
        return err


class _Tasks:
    """Enough of a task group for Python 3.10."""

    def __init__(self):
        self._tasks = []

    def create_task(self, work):
        self._tasks.append(asyncio.ensure_future(work))
        return self._tasks[-1]

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_error):
        await asyncio.wait(self._tasks)


async def test_writes_that_wait_share_a_commit(database, monkeypatch):
    commits = []
    ends = engines._say
    monkeypatch.setattr(engines, "_say", lambda at, said: (commits.append(said), ends(at, said)))

    await held(database, *(put(number) for number in range(50)))

    # One for the work they wait behind, one for all of them.
    assert commits.count("BEGIN IMMEDIATE") == 2
    assert sorted(await numbers(database)) == list(range(50))


async def test_a_write_that_fails_takes_no_neighbour_along(database):
    def fail(connection):
        put(100)(connection)
        raise ValueError("not this one")

    outcomes = await held(database, put(1), fail, put(1), put(2))

    assert isinstance(outcomes[1], ValueError)
    assert isinstance(outcomes[2], Exception)
    assert sorted(await numbers(database)) == [1, 2]


async def test_a_transaction_that_cannot_be_undone_stops_nobody(database, monkeypatch):
    say = engines._say

    def broken(connection, statement):
        if statement in ("COMMIT", "ROLLBACK"):
            raise sqlite3.OperationalError("disk I/O error")
        say(connection, statement)

    monkeypatch.setattr(engines, "_say", broken)
    with pytest.raises(BusyError):
        await database.write(put(1))
    monkeypatch.setattr(engines, "_say", say)

    await database.write(put(2))
    assert await numbers(database) == [2]


async def test_a_full_disk_is_a_busy_moment_and_keeps_nothing(database):
    await database.write(put(1))
    pages = await database.read(
        lambda connection: connection.execute(text("PRAGMA page_count")).scalar_one()
    )
    await database.write(
        lambda connection: connection.execute(text(f"PRAGMA max_page_count={pages}"))
    )

    def much(connection):
        for number in range(2, 20_000):
            put(number)(connection)

    with pytest.raises(BusyError, match="nothing was changed"):
        await database.write(much)

    assert await numbers(database) == [1]
    await database.write(
        lambda connection: connection.execute(text("PRAGMA max_page_count=1000000"))
    )
    await database.write(put(2))
    assert await numbers(database) == [1, 2]


async def test_what_was_written_is_there_after_reopening(tmp_path):
    async with open_stores(tmp_path) as stores:
        await stores.people.add("ann")
        project = await stores.projects.ensure("ann", "p")
        await stores.runs.upsert(RunChange(project.id, "r", 1, notes="n"))

    async with open_stores(tmp_path) as stores:
        assert (await stores.runs.get("ann", "p", "r")).notes == "n"


async def test_two_processes_may_write(tmp_path):
    async with open_stores(tmp_path) as one, open_stores(tmp_path) as other:
        await one.people.add("ann")
        await other.people.add("bob")

        assert await one.people.by_name("bob") is not None
        with pytest.raises(Conflict):
            await other.people.add("ann")


async def test_a_write_after_the_end_is_refused(database):
    database.close()

    with pytest.raises(BusyError, match="stopping"):
        await database.write(put(1))


async def test_on_a_network_file_system_one_connection_does_everything(tmp_path, caplog):
    database = SqliteDatabase(tmp_path / "some.db", network=True)
    try:
        await database.write(lambda connection: connection.execute(text("CREATE TABLE t (n)")))
        await database.write(put(1))

        assert await numbers(database) == [1]
        assert not (tmp_path / "some.db-wal").exists()
        assert "local disk" in caplog.text
    finally:
        database.close()


@pytest.mark.parametrize(
    ("where", "network"),
    [("/data/x", True), ("/data", True), ("/database", False), ("/", False), ("/fuse/a", True)],
)
def test_a_network_file_system_is_recognised(tmp_path, monkeypatch, where, network):
    mounts = tmp_path / "mountinfo"
    mounts.write_text(
        "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n"
        "2 1 0:40 / /data rw,relatime shared:3 - nfs4 host:/x rw\n"
        "3 1 0:41 / /fuse rw - fuse.sshfs host: rw\n"
        "4 1 0:42 / /fuse/local rw - tmpfs tmpfs rw\n"
    )
    monkeypatch.setattr("pathlib.Path.resolve", lambda path: path)

    assert on_network(mounts.__class__(where), mounts) is network


def test_a_machine_without_mounts_is_taken_for_local(tmp_path):
    assert on_network(tmp_path, tmp_path / "none") is False


def test_the_revisions_make_what_the_code_uses(tmp_path):
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    moved, made = (sqlite_engine(tmp_path / name) for name in ("moved.db", "made.db"))
    migrations.upgrade(moved)
    metadata.create_all(made)

    with moved.connect() as connection, made.connect() as other:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        assert migrations.revision(connection) == migrations.HEAD
        assert defaults(connection) == defaults(other)
    moved.dispose()
    made.dispose()


def defaults(connection):
    return {
        name: connection.execute(text(f"PRAGMA table_info({name})")).all()
        for name in metadata.tables
    }


def test_the_revisions_are_fit_for_postgresql_too():
    import importlib
    import io

    from alembic.operations import Operations
    from alembic.runtime.migration import MigrationContext

    said = io.StringIO()
    options = {"as_sql": True, "output_buffer": said}
    context = MigrationContext.configure(dialect_name="postgresql", opts=options)
    with Operations.context(context):
        for path in sorted((migrations._FOLDER / "versions").glob("r_*.py")):
            importlib.import_module(f"ferrule.stores.sql.migrations.versions.{path.stem}").upgrade()

    assert "BOOLEAN DEFAULT 0" not in said.getvalue()
    for name, table in metadata.tables.items():
        assert f"CREATE TABLE {name} (" in said.getvalue()
        for index in table.indexes:
            assert f"INDEX {index.name} ON" in said.getvalue()


def test_the_newest_revision_is_the_one_named_in_the_code():
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(migrations._FOLDER))

    assert ScriptDirectory.from_config(config).get_heads() == [migrations.HEAD]


def test_a_database_of_a_newer_version_is_left_alone(tmp_path):
    engine = sqlite_engine(tmp_path / "some.db")
    migrations.upgrade(engine)
    with engine.connect() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(Conflict, match="newer"):
        migrations.upgrade(engine)
    engine.dispose()


def test_a_database_is_copied_aside_before_it_is_moved(tmp_path, monkeypatch):
    engine, head = sqlite_engine(tmp_path / FILE_NAME), migrations.HEAD
    migrations.upgrade(engine)
    with engine.connect() as connection:
        connection.execute(text("INSERT INTO entity (name) VALUES ('ann')"))
    monkeypatch.setattr(migrations, "HEAD", "next")
    monkeypatch.setattr(migrations, "_run", lambda connection: None)

    migrations.upgrade(engine)

    with closing(sqlite3.connect(tmp_path / f"{FILE_NAME}.before-next.{head}")) as copy:
        assert copy.execute("SELECT name FROM entity").fetchall() == [("ann",)]
    engine.dispose()


async def test_a_database_of_the_first_revision_is_moved_with_all_that_is_in_it(tmp_path):
    from alembic.command import downgrade
    from alembic.config import Config

    async with open_stores(tmp_path) as stores:
        await stores.people.add("ann")
        await stores.projects.ensure("ann", "p")
    engine = sqlite_engine(tmp_path / FILE_NAME)
    config = Config()
    config.set_main_option("script_location", str(migrations._FOLDER))
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        downgrade(config, "0001")
        assert migrations.revision(connection) == "0001"
        assert not engine.dialect.has_table(connection, "artifact")
    engine.dispose()

    async with open_stores(tmp_path) as stores:
        project = await stores.projects.get("ann", "p")
        new = NewArtifact(project.id, "dataset", "ds", "0" * 32, at=1)
        assert (await stores.artifacts.create(new)).collection == "ds"


@pytest.mark.parametrize("plain", ["{}", '{"a":1.5,"é":[null,true,"x"]}'])
def test_a_plain_text_is_searched_as_it_is(plain):
    assert strict(plain) is None


def test_a_text_that_sql_can_not_search_gets_one_that_it_can():
    exact = '{"a":NaN,"b":-Infinity,"c":[Infinity],"\\u00e9 \\"q\\"\\ud800":"\\n"}'

    searched = strict(exact)

    with closing(sqlite3.connect(":memory:")) as connection:

        def at(path):
            return connection.execute("SELECT json_extract(?, ?)", (searched, path)).fetchone()[0]

        assert at("$.a") is None
        assert at("$.b") == float("-inf")
        assert at("$.c[0]") == float("inf")
        key = key_text(json.loads('"\\u00e9 \\"q\\"\\ud800"'))
        assert at(f'$."{key}"') == "\n"


async def test_key_that_another_process_took_away_opens_nothing(tmp_path):
    async with open_stores(tmp_path) as here, open_stores(tmp_path) as there:
        ann = await here.people.add("ann")
        key = await here.people.add_key(ann.id, "0" * 64, "abcd")
        assert await here.people.by_key_hash("0" * 64) == ann

        await there.people.remove_key(ann.id, key.id)

        assert await here.people.by_key_hash("0" * 64) is None
