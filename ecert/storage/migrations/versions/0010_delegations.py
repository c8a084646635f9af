"""Delegations and their recall lists."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

LONG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Go to this version; nothing that was there changes."""
    op.create_table(
        "delegation_lists",
        sa.Column("number", LONG, autoincrement=True, nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_delegation_lists"),
    )
    op.create_table(
        "delegations",
        sa.Column("id", LONG, autoincrement=True, nullable=False),
        sa.Column("delegation_id", sa.String(), nullable=False),
        sa.Column("holder_id", sa.String(), nullable=False),
        sa.Column("agent_id", sa.String(), nullable=False),
        sa.Column("relation", sa.String(), nullable=False),
        sa.Column("under", sa.String(), nullable=True),
        sa.Column("list_number", LONG, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("recalled_at", sa.BigInteger(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_delegations"),
        sa.UniqueConstraint("delegation_id", name="uq_delegations_delegation_id"),
        sa.UniqueConstraint("list_number", "place", name="uq_delegations_list_number_place"),
        sa.ForeignKeyConstraint(["holder_id"], ["holders.holder_id"], name="fk_delegations_holder_id_holders"),
        sa.ForeignKeyConstraint(["agent_id"], ["holders.holder_id"], name="fk_delegations_agent_id_holders"),
        sa.ForeignKeyConstraint(["under"], ["delegations.delegation_id"], name="fk_delegations_under_delegations"),
    )
    op.create_index("ix_delegations_holder_id_until", "delegations", ["holder_id", "until"])
    op.create_index("ix_delegations_agent_id_until", "delegations", ["agent_id", "until"])
    op.create_index("ix_delegations_under", "delegations", ["under"])
