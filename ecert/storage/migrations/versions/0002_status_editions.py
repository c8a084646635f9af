"""Editions of status lists with history and several forms, and the outbox of decisions. What was published stays."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

LONG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Go to this version; the published tokens become the first editions of their lists."""
    op.create_table(
        "status_editions",
        sa.Column("uri", sa.String(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("issued_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("published_at", sa.BigInteger(), nullable=True),
        sa.Column("content", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("uri", "sequence", name="pk_status_editions"),
    )
    op.create_table(
        "status_documents",
        sa.Column("uri", sa.String(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["uri", "sequence"], ["status_editions.uri", "status_editions.sequence"], name="fk_status_documents_uri"
        ),
        sa.PrimaryKeyConstraint("uri", "sequence", "name", name="pk_status_documents"),
    )
    op.create_table(
        "status_outbox",
        sa.Column("id", LONG, autoincrement=True, nullable=False),
        sa.Column("certificate_id", LONG, nullable=False),
        sa.Column("list_id", sa.Integer(), nullable=False),
        sa.Column("value", sa.SmallInteger(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("signed_at", sa.BigInteger(), nullable=True),
        sa.Column("published_at", sa.BigInteger(), nullable=True),
        sa.Column("seen_at", sa.BigInteger(), nullable=True),
        sa.Column("sequence", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["certificate_id"], ["certificates.id"], name="fk_status_outbox_certificate_id"),
        sa.ForeignKeyConstraint(["list_id"], ["status_lists.id"], name="fk_status_outbox_list_id"),
        sa.PrimaryKeyConstraint("id", name="pk_status_outbox"),
    )
    op.create_index("ix_status_outbox_certificate_id", "status_outbox", ["certificate_id"])
    unseen = sa.text("seen_at IS NULL")
    op.create_index(
        "ix_status_outbox_unseen", "status_outbox", ["list_id"], sqlite_where=unseen, postgresql_where=unseen
    )
    op.execute(
        "INSERT INTO status_editions (uri, sequence, token, issued_at, expires_at, published_at) "
        "SELECT uri, sequence, token, issued_at, expires_at, issued_at FROM published_status_lists"
    )
    op.drop_table("published_status_lists")
