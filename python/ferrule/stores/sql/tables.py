"""The tables, as SQLAlchemy Core sees them; `migrations` makes them.

Times are UTC microseconds, JSON is text (Debian's SQLite has no binary JSON), texts that are not
known are empty rather than null.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

metadata = MetaData()

# SQLite gives out ids by itself for INTEGER keys only; elsewhere they are wide.
Id = BigInteger().with_variant(Integer(), "sqlite")


def _known(name: str, key: str | None = None, default: str = "") -> Column[str]:
    return Column(name, Text, key=key or name, nullable=False, server_default=default)


def _count(name: str, default: int = 0) -> Column[int]:
    return Column(name, BigInteger, nullable=False, server_default=str(default))


def _flag(name: str) -> Column[bool]:
    return Column(name, Boolean, nullable=False, server_default=false())


entity = Table(
    "entity",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    sqlite_autoincrement=True,
)

person = Table(
    "person",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    _known("email"),
    _flag("admin"),
    _count("created_at"),
    sqlite_autoincrement=True,
)

member = Table(
    "member",
    metadata,
    Column("id", Id, primary_key=True),
    Column("entity_id", ForeignKey("entity.id"), nullable=False),
    Column("person_id", ForeignKey("person.id"), nullable=False, index=True),
    _known("role"),
    UniqueConstraint("entity_id", "person_id"),
    sqlite_autoincrement=True,
)

api_key = Table(
    "api_key",
    metadata,
    Column("id", Id, primary_key=True),
    Column("key_hash", Text, nullable=False, unique=True),
    Column("person_id", ForeignKey("person.id"), nullable=False, index=True),
    _known("hint"),
    _known("description"),
    _count("created_at"),
    sqlite_autoincrement=True,
)

project = Table(
    "project",
    metadata,
    Column("id", Id, primary_key=True),
    Column("entity_id", ForeignKey("entity.id"), nullable=False),
    Column("name", Text, nullable=False),
    _known("description"),
    _count("created_at"),
    _count("updated_at"),
    _count("runs_made"),
    UniqueConstraint("entity_id", "name"),
    sqlite_autoincrement=True,
)

# `config_strict` and `summary_strict` are set where the exact text is not what SQL can search:
# it has NaN, infinities, or escapes. See `stores.sql.json_text`.
run = Table(
    "run",
    metadata,
    Column("id", Id, primary_key=True),
    Column("project_id", ForeignKey("project.id"), nullable=False),
    Column("name", Text, nullable=False),
    _known("display_name"),
    _known("state"),
    _known("config", default="{}"),
    Column("config_strict", Text),
    _known("summary", default="{}"),
    Column("summary_strict", Text),
    _known("tags", default="[]"),
    _known("notes"),
    _known("group_name", key="group"),
    _known("job_type"),
    _known("host"),
    _known("commit_hash", key="commit"),
    _known("repo"),
    _known("program"),
    _known("description"),
    _known("sweep"),
    _known("user_name", key="user"),
    _count("created_at"),
    _count("heartbeat_at"),
    Column("exit_code", BigInteger),
    _flag("stop_requested"),
    _count("attempt"),
    _known("scope", default="[]"),
    _count("last_step", -1),
    _count("history_lines"),
    _count("posted_at"),
    Column("deleted_at", BigInteger),
    sqlite_autoincrement=True,
)

_ALIVE = text("deleted_at IS NULL")

Index(
    "run_name",
    run.c.project_id,
    run.c.name,
    unique=True,
    sqlite_where=_ALIVE,
    postgresql_where=_ALIVE,
)
Index("run_created", run.c.project_id, run.c.created_at)
Index("run_state", run.c.state, run.c.heartbeat_at)

run_log = Table(
    "run_log",
    metadata,
    Column("run_id", ForeignKey("run.id"), primary_key=True, autoincrement=False),
    Column("state", LargeBinary, nullable=False),
)

log_manifest = Table(
    "log_manifest",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("manifest", LargeBinary, nullable=False),
)

run_file = Table(
    "run_file",
    metadata,
    Column("id", Id, primary_key=True),
    Column("run_id", ForeignKey("run.id"), nullable=False),
    Column("name", Text, nullable=False),
    _count("size"),
    _known("md5"),
    _known("sha256"),
    _known("mimetype"),
    _count("updated_at"),
    _known("blob"),
    UniqueConstraint("run_id", "name"),
    sqlite_autoincrement=True,
)

alert = Table(
    "alert",
    metadata,
    Column("id", Id, primary_key=True),
    Column("run_id", ForeignKey("run.id"), nullable=False),
    _known("title"),
    _known("text"),
    _known("level"),
    _count("at"),
    Index("alert_title", "run_id", "title"),
    sqlite_autoincrement=True,
)

artifact_type = Table(
    "artifact_type",
    metadata,
    Column("id", Id, primary_key=True),
    Column("project_id", ForeignKey("project.id"), nullable=False),
    Column("name", Text, nullable=False),
    _known("description"),
    _count("created_at"),
    UniqueConstraint("project_id", "name"),
    sqlite_autoincrement=True,
)

artifact_collection = Table(
    "artifact_collection",
    metadata,
    Column("id", Id, primary_key=True),
    Column("project_id", ForeignKey("project.id"), nullable=False),
    Column("type_id", ForeignKey("artifact_type.id"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    _known("description"),
    _count("versions_made"),
    _count("created_at"),
    _count("updated_at"),
    UniqueConstraint("project_id", "name"),
    sqlite_autoincrement=True,
)

# Texts that a client may say or not are null where it did not. `waiting` are the aliases that
# the artifact gets when it is committed; `manifest` is the blob that is handed out.
artifact = Table(
    "artifact",
    metadata,
    Column("id", Id, primary_key=True),
    Column("collection_id", ForeignKey("artifact_collection.id"), nullable=False),
    Column("run_id", ForeignKey("run.id"), index=True),
    _known("state"),
    _known("digest"),
    Column("description", Text),
    Column("metadata", Text),
    _known("tags", default="[]"),
    Column("ttl_secs", BigInteger),
    Column("history_step", BigInteger),
    _count("size"),
    _count("file_count"),
    Column("version", BigInteger),
    _known("user_name", key="user"),
    _known("manifest"),
    _count("created_at"),
    _count("updated_at"),
    _known("waiting", default="[]"),
    Column("distributed_id", Text),
    Index("artifact_digest", "collection_id", "digest"),
    Index("artifact_distributed", "collection_id", "distributed_id"),
    sqlite_autoincrement=True,
)

artifact_client = Table(
    "artifact_client",
    metadata,
    Column("client_id", Text, primary_key=True),
    Column("artifact_id", ForeignKey("artifact.id"), nullable=False),
)

artifact_member = Table(
    "artifact_member",
    metadata,
    Column("id", Id, primary_key=True),
    Column("collection_id", ForeignKey("artifact_collection.id"), nullable=False),
    Column("artifact_id", ForeignKey("artifact.id"), nullable=False, index=True),
    Column("version", BigInteger, nullable=False),
    _count("created_at"),
    UniqueConstraint("collection_id", "version"),
    UniqueConstraint("collection_id", "artifact_id"),
    sqlite_autoincrement=True,
)

artifact_alias = Table(
    "artifact_alias",
    metadata,
    Column("id", Id, primary_key=True),
    Column("collection_id", ForeignKey("artifact_collection.id"), nullable=False),
    Column("member_id", ForeignKey("artifact_member.id"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    UniqueConstraint("collection_id", "name"),
    sqlite_autoincrement=True,
)

artifact_manifest = Table(
    "artifact_manifest",
    metadata,
    Column("id", Id, primary_key=True),
    Column("artifact_id", ForeignKey("artifact.id"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    _known("kind"),
    _known("digest"),
    Column("base_id", BigInteger),
    _known("blob"),
    sqlite_autoincrement=True,
)

artifact_entry = Table(
    "artifact_entry",
    metadata,
    Column("artifact_id", ForeignKey("artifact.id"), primary_key=True, autoincrement=False),
    Column("path", Text, primary_key=True),
    Column("digest", Text, nullable=False, index=True),
    _count("size"),
    Column("ref", Text),
    _known("extra"),
    Column("birth_id", BigInteger),
    _known("blob"),
)

artifact_content = Table(
    "artifact_content",
    metadata,
    Column("id", Id, primary_key=True),
    Column("entity_id", ForeignKey("entity.id"), nullable=False),
    Column("md5", Text, nullable=False, index=True),
    Column("blob", Text, nullable=False),
    _count("size"),
    Column("birth_id", BigInteger, nullable=False),
    UniqueConstraint("entity_id", "md5"),
    sqlite_autoincrement=True,
)

artifact_edge = Table(
    "artifact_edge",
    metadata,
    Column("id", Id, primary_key=True),
    Column("run_id", ForeignKey("run.id"), nullable=False),
    Column("artifact_id", ForeignKey("artifact.id"), nullable=False),
    Column("edge", Text, nullable=False),
    _known("used_as"),
    UniqueConstraint("run_id", "edge", "artifact_id"),
    Index("artifact_edge_of", "artifact_id", "edge"),
    sqlite_autoincrement=True,
)
