"""Relying parties and their API keys."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go to this version; nothing that was there changes."""
    op.create_table(
        "parties",
        sa.Column("party_id", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("party_id", name="pk_parties"),
    )
    op.create_table(
        "party_keys",
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("party_id", sa.String(), nullable=False),
        sa.Column("environment", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("purposes", sa.String(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.Column("last_used_day", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["party_id"], ["parties.party_id"], name="fk_party_keys_party_id"),
        sa.PrimaryKeyConstraint("key_id", name="pk_party_keys"),
        sa.UniqueConstraint("digest", name="uq_party_keys_digest"),
    )
    op.create_index("ix_party_keys_party_id", "party_keys", ["party_id"])
