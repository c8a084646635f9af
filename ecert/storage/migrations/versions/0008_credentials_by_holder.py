"""Credentials are found by their holder, for who asks over the share interface.

Revision ID: 0008
Revises: 0007
"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index."""
    op.create_index("ix_credentials_holder", "credentials", ["holder_id", "certificate_id"])


def downgrade() -> None:
    """Take it away."""
    op.drop_index("ix_credentials_holder", table_name="credentials")
