"""Orders that wait for their holders, and acts that a second officer has to confirm."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

LONG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Go to this version; nothing that was there changes."""
    op.create_table(
        "orders",
        sa.Column("id", LONG, autoincrement=True, nullable=False),
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("department", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("row_hash", sa.LargeBinary(), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_orders"),
        sa.UniqueConstraint("order_id", name="uq_orders_order_id"),
        sa.UniqueConstraint("row_hash", name="uq_orders_row_hash"),
    )
    op.create_index("ix_orders_department_state", "orders", ["department", "state"])
    still_open = sa.text("state IN ('awaiting_approval', 'waiting')")
    op.create_index("ix_orders_open", "orders", ["expires_at"], sqlite_where=still_open, postgresql_where=still_open)
    op.create_table(
        "order_holders",
        sa.Column("order_number", LONG, autoincrement=False, nullable=False),
        sa.Column("holder_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["order_number"], ["orders.id"], name="fk_order_holders_order_number"),
        sa.PrimaryKeyConstraint("order_number", "holder_id", name="pk_order_holders"),
    )
    op.create_index("ix_order_holders_holder_id", "order_holders", ["holder_id"])
    op.create_table(
        "act_proposals",
        sa.Column("id", LONG, autoincrement=True, nullable=False),
        sa.Column("proposal_id", sa.String(), nullable=False),
        sa.Column("department", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_act_proposals"),
        sa.UniqueConstraint("proposal_id", name="uq_act_proposals_proposal_id"),
    )
    op.create_index("ix_act_proposals_department_state", "act_proposals", ["department", "state"])
