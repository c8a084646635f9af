"""The names of blobs compare by code points, so that those under a prefix are one range of the index."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Build the index anew on PostgreSQL, whose databases compare by a language's rules; SQLite compares so anyway."""
    _compare_by("C")


def downgrade() -> None:
    """Go back to the database's own order."""
    _compare_by("default")


def _compare_by(collation: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f'ALTER TABLE blobs ALTER COLUMN name TYPE VARCHAR COLLATE "{collation}"')
