"""Relying parties (``verifier.parties``) and their API keys, by their hashes."""

from sqlalchemy import BigInteger
from sqlmodel import Field

from ecert.storage.tables.base import Row


class PartyRow(Row, table=True):
    """One party; ``document`` is all of it as JSON, none of which is about a person."""

    __tablename__ = "parties"

    party_id: str = Field(primary_key=True)
    status: str
    changed_at: int = Field(sa_type=BigInteger)
    document: str


class PartyKeyRow(Row, table=True):
    """An API key by its SHA-256; ``purposes`` are ids with blanks between, NULL being every purpose of the party.

    ``last_used_day`` counts days (``date.toordinal``): a key's use is known by the day and no closer.
    """

    __tablename__ = "party_keys"

    key_id: str = Field(primary_key=True)
    party_id: str = Field(foreign_key="parties.party_id", index=True)
    environment: str
    digest: str = Field(unique=True)
    purposes: str | None
    created_at: int = Field(sa_type=BigInteger)
    expires_at: int = Field(sa_type=BigInteger)
    revoked_at: int | None = Field(default=None, sa_type=BigInteger)
    last_used_day: int | None
