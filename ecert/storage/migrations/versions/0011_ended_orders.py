"""When an order ended, so that its claims can be forgotten after a time."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_ENDED = sa.text("ended_at IS NOT NULL")


def upgrade() -> None:
    """Add the moment; those that ended before, did so when they could not wait any longer."""
    op.add_column("orders", sa.Column("ended_at", sa.BigInteger(), nullable=True))
    op.execute(
        "UPDATE orders SET ended_at = expires_at WHERE state IN ('withdrawn', 'declined', 'expired', 'issued')"
    )
    op.create_index("ix_orders_ended", "orders", ["ended_at"], sqlite_where=_ENDED, postgresql_where=_ENDED)


def downgrade() -> None:
    """Take it away; what was forgotten does not come back."""
    op.drop_index("ix_orders_ended", table_name="orders")
    op.drop_column("orders", "ended_at")
