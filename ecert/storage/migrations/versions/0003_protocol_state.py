"""Short-lived protocol state, rate limits, and an audit trail for more than certificates. What stands there stays."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

LONG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

SQLITE_APPEND_ONLY = """
CREATE TRIGGER audit_entries_no_{verb} BEFORE {verb} ON audit_entries
BEGIN SELECT RAISE(ABORT, 'audit entries are append-only'); END
"""


def upgrade() -> None:
    """Go to this version; the audit trail's entries and digests are those of before."""
    op.create_table(
        "protocol_state",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("key_digest", sa.LargeBinary(), nullable=False),
        sa.Column("group_digest", sa.LargeBinary(), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("kind", "key_digest", name="pk_protocol_state"),
    )
    op.create_index("ix_protocol_state_expires_at", "protocol_state", ["expires_at"])
    op.create_index("ix_protocol_state_group_digest", "protocol_state", ["group_digest"])
    op.create_table(
        "rate_windows",
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("subject_hash", sa.LargeBinary(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("asked", sa.BigInteger(), nullable=False),
        sa.Column("before", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("rule", "subject_hash", name="pk_rate_windows"),
    )
    op.create_index("ix_rate_windows_expires_at", "rate_windows", ["expires_at"])
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("audit_entries", "certificate_id", nullable=True)
        op.add_column("audit_entries", sa.Column("subject_kind", sa.String(), nullable=True))
        op.add_column("audit_entries", sa.Column("subject_id", sa.String(), nullable=True))
    else:
        _anew_on_sqlite()
    op.create_index("ix_audit_entries_subject_kind_subject_id", "audit_entries", ["subject_kind", "subject_id"])


def _anew_on_sqlite() -> None:
    """SQLite cannot loosen a column: copy the trail to a new table, and give that one the triggers."""
    op.create_table(
        "audit_entries_new",
        sa.Column("sequence", LONG, autoincrement=False, nullable=False),
        sa.Column("certificate_id", LONG, nullable=True),
        sa.Column("subject_kind", sa.String(), nullable=True),
        sa.Column("subject_id", sa.String(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("previous", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["certificate_id"], ["certificates.id"], name="fk_audit_entries_certificate_id"),
        sa.PrimaryKeyConstraint("sequence", name="pk_audit_entries"),
    )
    op.execute(
        "INSERT INTO audit_entries_new (sequence, certificate_id, sealed, previous, digest) "
        "SELECT sequence, certificate_id, sealed, previous, digest FROM audit_entries ORDER BY sequence"
    )
    op.drop_table("audit_entries")  # with its triggers, which a dropped table does not fire
    op.rename_table("audit_entries_new", "audit_entries")
    op.create_index("ix_audit_entries_certificate_id", "audit_entries", ["certificate_id"])
    for verb in ("UPDATE", "DELETE"):
        op.execute(SQLITE_APPEND_ONLY.format(verb=verb))
