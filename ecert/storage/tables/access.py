"""Key material under names, API tokens by their hashes, and answers to repeated requests."""

from sqlalchemy import BigInteger
from sqlmodel import Field

from ecert.storage.tables.base import Row


class BlobRow(Row, table=True):
    """A named piece of bytes; the key store encrypts what it keeps here."""

    __tablename__ = "blobs"

    name: str = Field(primary_key=True)  # compared by code points in both databases (migration 0012)
    data: bytes


class ApiTokenRow(Row, table=True):
    """A token by its SHA-256; who has it may act in ``role`` for ``department`` or ``holder_id``."""

    __tablename__ = "api_tokens"

    token_id: str = Field(primary_key=True)
    digest: str = Field(unique=True)
    role: str
    department: str | None
    holder_id: str | None
    scope: str
    created_at: int = Field(sa_type=BigInteger)
    expires_at: int = Field(sa_type=BigInteger)
    revoked_at: int | None = Field(default=None, sa_type=BigInteger)


class IdempotentAnswerRow(Row, table=True):
    """The answer that a request with an idempotency key got; ``sealed`` is its body."""

    __tablename__ = "idempotent_answers"

    actor: str = Field(primary_key=True)
    key_digest: str = Field(primary_key=True)
    request_digest: str
    status: int
    created_at: int = Field(sa_type=BigInteger, index=True)
    sealed: bytes
