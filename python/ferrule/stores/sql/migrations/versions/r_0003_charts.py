"""Charts of people's own."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _text(name: str) -> "sa.Column[str]":
    return sa.Column(name, sa.Text, nullable=False, server_default="")


def _number(name: str) -> "sa.Column[int]":
    return sa.Column(name, sa.BigInteger, nullable=False, server_default="0")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "chart",
        sa.Column("id", _ID, primary_key=True),
        sa.Column("entity_id", _ID, sa.ForeignKey("entity.id"), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        _text("display_name"),
        _text("kind"),
        sa.Column("public", sa.Boolean, nullable=False, server_default=sa.false()),
        _text("spec"),
        _number("created_at"),
        _number("updated_at"),
        sa.UniqueConstraint("entity_id", "name"),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    """Take the table away."""
    op.drop_table("chart")
