"""Artifacts: types, collections, versions, what is in them, and the runs that made or used them."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _table(name: str, *columns: sa.schema.SchemaItem, numbered: bool = True) -> None:
    key = [sa.Column("id", _ID, primary_key=True)] if numbered else []
    op.create_table(name, *key, *columns, sqlite_autoincrement=numbered)


def _text(name: str, default: str = "") -> "sa.Column[str]":
    return sa.Column(name, sa.Text, nullable=False, server_default=default)


def _named(name: str = "name") -> "sa.Column[str]":
    return sa.Column(name, sa.Text, nullable=False)


def _number(name: str) -> "sa.Column[int]":
    return sa.Column(name, sa.BigInteger, nullable=False, server_default="0")


def _said(name: str) -> "sa.Column[str]":
    return sa.Column(name, sa.Text)


def _said_number(name: str) -> "sa.Column[int]":
    return sa.Column(name, sa.BigInteger)


def _of(table: str, name: str = "", *, index: bool = False, known: bool = True) -> "sa.Column[int]":
    key = sa.ForeignKey(f"{table}.id")
    return sa.Column(name or f"{table}_id", _ID, key, nullable=not known, index=index)


def upgrade() -> None:
    """Make the tables."""
    _collections()
    _artifacts()
    _members()
    _contents()
    _table(
        "artifact_edge",
        _of("run"),
        _of("artifact"),
        _named("edge"),
        _text("used_as"),
        sa.UniqueConstraint("run_id", "edge", "artifact_id"),
    )
    op.create_index("artifact_edge_of", "artifact_edge", ["artifact_id", "edge"])


def _collections() -> None:
    _table(
        "artifact_type",
        _of("project"),
        _named(),
        _text("description"),
        _number("created_at"),
        sa.UniqueConstraint("project_id", "name"),
    )
    _table(
        "artifact_collection",
        _of("project"),
        _of("artifact_type", "type_id", index=True),
        _named(),
        _text("description"),
        _number("versions_made"),
        _number("created_at"),
        _number("updated_at"),
        sa.UniqueConstraint("project_id", "name"),
    )


def _artifacts() -> None:
    _table(
        "artifact",
        _of("artifact_collection", "collection_id"),
        _of("run", index=True, known=False),
        _text("state"),
        _text("digest"),
        _said("description"),
        _said("metadata"),
        _text("tags", "[]"),
        _said_number("ttl_secs"),
        _said_number("history_step"),
        _number("size"),
        _number("file_count"),
        _said_number("version"),
        _text("user_name"),
        _text("manifest"),
        _number("created_at"),
        _number("updated_at"),
        _text("waiting", "[]"),
        _said("distributed_id"),
    )
    op.create_index("artifact_digest", "artifact", ["collection_id", "digest"])
    op.create_index("artifact_distributed", "artifact", ["collection_id", "distributed_id"])
    client = sa.Column("client_id", sa.Text, primary_key=True)
    _table("artifact_client", client, _of("artifact"), numbered=False)


def _members() -> None:
    _table(
        "artifact_member",
        _of("artifact_collection", "collection_id"),
        _of("artifact", index=True),
        sa.Column("version", sa.BigInteger, nullable=False),
        _number("created_at"),
        sa.UniqueConstraint("collection_id", "version"),
        sa.UniqueConstraint("collection_id", "artifact_id"),
    )
    _table(
        "artifact_alias",
        _of("artifact_collection", "collection_id"),
        _of("artifact_member", "member_id", index=True),
        _named(),
        sa.UniqueConstraint("collection_id", "name"),
    )


def _contents() -> None:
    _table(
        "artifact_manifest",
        _of("artifact", index=True),
        _named(),
        _text("kind"),
        _text("digest"),
        _said_number("base_id"),
        _text("blob"),
    )
    owner = sa.ForeignKey("artifact.id")
    _table(
        "artifact_entry",
        sa.Column("artifact_id", _ID, owner, primary_key=True, autoincrement=False),
        sa.Column("path", sa.Text, primary_key=True),
        sa.Column("digest", sa.Text, nullable=False, index=True),
        _number("size"),
        _said("ref"),
        _text("extra"),
        _said_number("birth_id"),
        _text("blob"),
        numbered=False,
    )
    _table(
        "artifact_content",
        _of("entity"),
        sa.Column("md5", sa.Text, nullable=False, index=True),
        _named("blob"),
        _number("size"),
        sa.Column("birth_id", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("entity_id", "md5"),
    )


def downgrade() -> None:
    """Take the tables away, and all artifacts with them."""
    for name in (
        *("artifact_edge", "artifact_content", "artifact_entry", "artifact_manifest"),
        *("artifact_alias", "artifact_member", "artifact_client"),
        *("artifact", "artifact_collection", "artifact_type"),
    ):
        op.drop_table(name)
