"""The first tables: people, projects, runs, their files and alerts, and the log's checkpoint."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_ALIVE = sa.text("deleted_at IS NULL")


def _table(name: str, *columns: sa.schema.SchemaItem, numbered: bool = True) -> None:
    key = [sa.Column("id", _ID, primary_key=True)] if numbered else []
    op.create_table(name, *key, *columns, sqlite_autoincrement=numbered)


def _text(name: str, default: str = "") -> "sa.Column[str]":
    return sa.Column(name, sa.Text, nullable=False, server_default=default)


def _named(name: str = "name", *, unique: bool = False) -> "sa.Column[str]":
    return sa.Column(name, sa.Text, nullable=False, unique=unique)


def _number(name: str, default: int = 0) -> "sa.Column[int]":
    return sa.Column(name, sa.BigInteger, nullable=False, server_default=str(default))


def _flag(name: str) -> "sa.Column[bool]":
    return sa.Column(name, sa.Boolean, nullable=False, server_default=sa.false())


def _of(table: str, *, index: bool = False) -> "sa.Column[int]":
    key = sa.ForeignKey(f"{table}.id")
    return sa.Column(f"{table}_id", _ID, key, nullable=False, index=index)


def upgrade() -> None:
    """Make everything."""
    _people()
    _runs()
    _log()
    _table(
        "run_file",
        _of("run"),
        _named(),
        _number("size"),
        _text("md5"),
        _text("sha256"),
        _text("mimetype"),
        _number("updated_at"),
        _text("blob"),
        sa.UniqueConstraint("run_id", "name"),
    )
    _table(
        "alert",
        _of("run"),
        _text("title"),
        _text("text"),
        _text("level"),
        _number("at"),
    )
    op.create_index("alert_title", "alert", ["run_id", "title"])


def _people() -> None:
    _table("entity", _named(unique=True))
    _table("person", _named(unique=True), _text("email"), _flag("admin"), _number("created_at"))
    _table(
        "member",
        _of("entity"),
        _of("person", index=True),
        _text("role"),
        sa.UniqueConstraint("entity_id", "person_id"),
    )
    _table(
        "api_key",
        _named("key_hash", unique=True),
        _of("person", index=True),
        _text("hint"),
        _text("description"),
        _number("created_at"),
    )


def _runs() -> None:
    _table(
        "project",
        _of("entity"),
        _named(),
        _text("description"),
        _number("created_at"),
        _number("updated_at"),
        _number("runs_made"),
        sa.UniqueConstraint("entity_id", "name"),
    )
    texts = ("notes", "group_name", "job_type", "host", "commit_hash", "repo", "program")
    _table(
        "run",
        _of("project"),
        _named(),
        _text("display_name"),
        _text("state"),
        _text("config", "{}"),
        sa.Column("config_strict", sa.Text),
        _text("summary", "{}"),
        sa.Column("summary_strict", sa.Text),
        _text("tags", "[]"),
        *(_text(name) for name in (*texts, "description", "sweep", "user_name")),
        _number("created_at"),
        _number("heartbeat_at"),
        sa.Column("exit_code", sa.BigInteger),
        _flag("stop_requested"),
        _number("attempt"),
        _text("scope", "[]"),
        _number("last_step", -1),
        _number("history_lines"),
        _number("posted_at"),
        sa.Column("deleted_at", sa.BigInteger),
    )
    op.create_index(
        "run_name",
        "run",
        ["project_id", "name"],
        unique=True,
        sqlite_where=_ALIVE,
        postgresql_where=_ALIVE,
    )
    op.create_index("run_created", "run", ["project_id", "created_at"])
    op.create_index("run_state", "run", ["state", "heartbeat_at"])


def _log() -> None:
    key = sa.Column("run_id", _ID, sa.ForeignKey("run.id"), primary_key=True, autoincrement=False)
    _table("run_log", key, sa.Column("state", sa.LargeBinary, nullable=False), numbered=False)
    only = sa.Column("id", _ID, primary_key=True, autoincrement=False)
    manifest = sa.Column("manifest", sa.LargeBinary, nullable=False)
    _table("log_manifest", only, manifest, numbered=False)


def downgrade() -> None:
    """Refuse: nothing lies before the first tables but an empty database."""
    raise NotImplementedError("There is nothing before the first revision.")
