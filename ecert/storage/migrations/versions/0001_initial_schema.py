"""The first schema: certificates, status lists, audit trail, wallets, access."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

LONG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

# Nobody who speaks SQL through the program's account changes an audit entry by mistake; who drops the trigger is found
# by the chain of digests.
SQLITE_APPEND_ONLY = """
CREATE TRIGGER audit_entries_no_{verb} BEFORE {verb} ON audit_entries
BEGIN SELECT RAISE(ABORT, 'audit entries are append-only'); END
"""
POSTGRESQL_FUNCTION = """
CREATE FUNCTION audit_entries_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'audit entries are append-only'; END $$
"""
POSTGRESQL_APPEND_ONLY = """
CREATE TRIGGER audit_entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries
FOR EACH STATEMENT EXECUTE FUNCTION audit_entries_append_only()
"""


def upgrade() -> None:
    """Go to this version."""
    op.create_table(
        "api_tokens",
        sa.Column("token_id", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("department", sa.String(), nullable=True),
        sa.Column("holder_id", sa.String(), nullable=True),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("token_id", name="pk_api_tokens"),
        sa.UniqueConstraint("digest", name="uq_api_tokens_digest"),
    )
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sequence", LONG, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_head"),
    )
    op.create_table(
        "blobs",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_blobs"),
    )
    op.create_table(
        "certificates",
        sa.Column("id", LONG, autoincrement=False, nullable=False),
        sa.Column("identifier", sa.String(), nullable=False),
        sa.Column("serial", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("type_id", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("department", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("row_hash", sa.LargeBinary(), nullable=True),
        sa.Column("planned_at", sa.BigInteger(), nullable=False),
        sa.Column("replaces_id", LONG, nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["replaces_id"], ["certificates.id"], name="fk_certificates_replaces_id"),
        sa.PrimaryKeyConstraint("id", name="pk_certificates"),
        sa.UniqueConstraint("identifier", name="uq_certificates_identifier"),
        sa.UniqueConstraint("replaces_id", name="uq_certificates_replaces_id"),
        sa.UniqueConstraint("row_hash", name="uq_certificates_row_hash"),
    )
    op.create_index("ix_certificates_prepared", "certificates", ["planned_at"], **_where("state = 'prepared'"))
    op.create_index("ix_certificates_serial", "certificates", ["serial"])

    op.create_table(
        "holders",
        sa.Column("id", LONG, nullable=False),
        sa.Column("holder_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("code_type", sa.String(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_holders"),
        sa.UniqueConstraint("code_hash", name="uq_holders_code_hash"),
        sa.UniqueConstraint("holder_id", name="uq_holders_holder_id"),
    )
    op.create_table(
        "idempotent_answers",
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("key_digest", sa.String(), nullable=False),
        sa.Column("request_digest", sa.String(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("actor", "key_digest", name="pk_idempotent_answers"),
    )
    op.create_index("ix_idempotent_answers_created_at", "idempotent_answers", ["created_at"])

    op.create_table(
        "presentation_references",
        sa.Column("token_digest", sa.String(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("token_digest", name="pk_presentation_references"),
    )
    op.create_index("ix_presentation_references_expires_at", "presentation_references", ["expires_at"])

    op.create_table(
        "published_status_lists",
        sa.Column("uri", sa.String(), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("issued_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("uri", name="pk_published_status_lists"),
    )
    op.create_table(
        "status_lists",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uri", sa.String(), nullable=False),
        sa.Column("department", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_status_lists"),
        sa.UniqueConstraint("uri", name="uq_status_lists_uri"),
    )
    op.create_index("ix_status_lists_department", "status_lists", ["department"])

    op.create_table(
        "audit_entries",
        sa.Column("sequence", LONG, autoincrement=False, nullable=False),
        sa.Column("certificate_id", LONG, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("previous", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["certificate_id"], ["certificates.id"], name="fk_audit_entries_certificate_id"),
        sa.PrimaryKeyConstraint("sequence", name="pk_audit_entries"),
    )
    op.create_index("ix_audit_entries_certificate_id", "audit_entries", ["certificate_id"])

    op.create_table(
        "holder_keys",
        sa.Column("id", LONG, nullable=False),
        sa.Column("holder_id", sa.String(), nullable=False),
        sa.Column("kid", sa.String(), nullable=False),
        sa.Column("jwk", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("store_name", sa.String(), nullable=True),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["holder_id"], ["holders.holder_id"], name="fk_holder_keys_holder_id"),
        sa.PrimaryKeyConstraint("id", name="pk_holder_keys"),
        sa.UniqueConstraint("holder_id", "kid", name="uq_holder_keys_holder_id_kid"),
    )
    op.create_table(
        "holdings",
        sa.Column("id", LONG, nullable=False),
        sa.Column("holder_id", sa.String(), nullable=False),
        sa.Column("credential_id", sa.String(), nullable=False),
        sa.Column("issued_at", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["holder_id"], ["holders.holder_id"], name="fk_holdings_holder_id"),
        sa.PrimaryKeyConstraint("id", name="pk_holdings"),
        sa.UniqueConstraint("holder_id", "credential_id", name="uq_holdings_holder_id_credential_id"),
    )
    op.create_table(
        "issuing_departments",
        sa.Column("department", sa.String(), nullable=False),
        sa.Column("open_list_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["open_list_id"], ["status_lists.id"], name="fk_issuing_departments_open_list_id"),
        sa.PrimaryKeyConstraint("department", name="pk_issuing_departments"),
    )
    op.create_table(
        "refreshes",
        sa.Column("id", LONG, autoincrement=False, nullable=False),
        sa.Column("certificate_id", LONG, nullable=False),
        sa.Column("planned_at", sa.BigInteger(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["certificate_id"], ["certificates.id"], name="fk_refreshes_certificate_id"),
        sa.PrimaryKeyConstraint("id", name="pk_refreshes"),
    )
    op.create_index("ix_refreshes_certificate_id", "refreshes", ["certificate_id"])
    op.create_index("ix_refreshes_open", "refreshes", ["planned_at"], **_where("is_open"))

    op.create_table(
        "shown",
        sa.Column("id", LONG, nullable=False),
        sa.Column("presentation_id", sa.String(), nullable=False),
        sa.Column("holder_id", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["holder_id"], ["holders.holder_id"], name="fk_shown_holder_id"),
        sa.PrimaryKeyConstraint("id", name="pk_shown"),
        sa.UniqueConstraint("presentation_id", name="uq_shown_presentation_id"),
    )
    op.create_index("ix_shown_holder_id_at", "shown", ["holder_id", "at"])

    op.create_table(
        "credentials",
        sa.Column("id", LONG, autoincrement=False, nullable=False),
        sa.Column("certificate_id", LONG, nullable=False),
        sa.Column("refresh_id", LONG, nullable=True),
        sa.Column("credential_id", sa.String(), nullable=False),
        sa.Column("holder_id", sa.String(), nullable=False),
        sa.Column("format", sa.String(), nullable=False),
        sa.Column("short_lived", sa.Boolean(), nullable=False),
        sa.Column("list_id", sa.Integer(), nullable=False),
        sa.Column("status_index", sa.Integer(), nullable=False),
        sa.Column("value", sa.SmallInteger(), nullable=False),
        sa.Column("holder_kid", sa.String(), nullable=True),
        sa.Column("token", sa.LargeBinary(), nullable=True),
        sa.Column("digest", sa.LargeBinary(), nullable=True),
        sa.Column("signer_kid", sa.String(), nullable=True),
        sa.Column("issued_at", sa.BigInteger(), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("delivered", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(["certificate_id"], ["certificates.id"], name="fk_credentials_certificate_id"),
        sa.ForeignKeyConstraint(["list_id"], ["status_lists.id"], name="fk_credentials_list_id"),
        sa.ForeignKeyConstraint(["refresh_id"], ["refreshes.id"], name="fk_credentials_refresh_id"),
        sa.PrimaryKeyConstraint("id", name="pk_credentials"),
        sa.UniqueConstraint("credential_id", name="uq_credentials_credential_id"),
        sa.UniqueConstraint("list_id", "status_index", name="uq_credentials_list_id_status_index"),
    )
    op.create_index("ix_credentials_certificate_id", "credentials", ["certificate_id"])
    op.create_index("ix_credentials_marked", "credentials", ["list_id"], **_where("value <> 0"))
    op.create_index("ix_credentials_signer_kid", "credentials", ["signer_kid"], **_where("signer_kid IS NOT NULL"))
    op.create_index(
        "ix_credentials_undelivered", "credentials", ["issued_at"], **_where("issued_at IS NOT NULL AND delivered = 0")
    )
    _audit_rules()


def _audit_rules() -> None:
    op.execute(
        sa.text("INSERT INTO audit_head (id, sequence, digest) VALUES (1, 0, :digest)").bindparams(digest=bytes(32))
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(POSTGRESQL_FUNCTION)
        op.execute(POSTGRESQL_APPEND_ONLY)
    else:
        for verb in ("UPDATE", "DELETE"):
            op.execute(SQLITE_APPEND_ONLY.format(verb=verb))


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}
