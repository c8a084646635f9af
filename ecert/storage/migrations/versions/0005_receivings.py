"""Where certificates of wallets came from, and what is needed to fetch them again."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

LONG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Go to this version; nothing that was there changes."""
    op.create_table(
        "receivings",
        sa.Column("id", LONG, autoincrement=True, nullable=False),
        sa.Column("source_id", sa.String(), nullable=False),
        sa.Column("holder_id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["holder_id"], ["holders.holder_id"], name="fk_receivings_holder_id"),
        sa.PrimaryKeyConstraint("id", name="pk_receivings"),
        sa.UniqueConstraint("source_id", name="uq_receivings_source_id"),
    )
    live = sa.text("state <> 'over'")
    op.create_index("ix_receivings_due", "receivings", ["due_at"], sqlite_where=live, postgresql_where=live)
    op.create_index("ix_receivings_holder_id", "receivings", ["holder_id", "changed_at"])
