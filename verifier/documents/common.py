"""What every presented document has, whatever its format: enough to choose a key, and a way to believe it.

``Document`` is unverified. ``Credential`` comes out of it only by the issuer's key, the holder's proof only by the
holder's key.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from keys.public import PublicKey
from schemas.formats.bitstring_credential import BitstringEntry
from schemas.formats.errors import RegisteredClaimInvalid, VctInvalid
from schemas.formats.key_binding import KeyBinding
from schemas.formats.status_claim import StatusReference
from schemas.order import CredentialFormat
from schemas.report import PrintedCopy


@dataclass(frozen=True, slots=True)
class Credential:
    """What the issuer signed and the holder disclosed: ``claims`` about the holder, ``registered`` about itself.

    ``status`` is its place in a Token Status List, ``entries`` are those in Bitstring Status Lists. ``cnf`` is the
    holder's key where the format's claims are no JSON. ``printed_copy``: it is bound to paper, and to nobody's key.
    """

    vct: str
    iat: datetime
    nbf: datetime | None
    exp: datetime | None
    status: StatusReference | None
    claims: Mapping[str, Any] = field(repr=False)
    registered: Mapping[Any, Any] = field(repr=False)
    entries: tuple[BitstringEntry, ...] = ()
    cnf: PublicKey | None = field(default=None, repr=False)
    printed_copy: PrintedCopy | None = None


@dataclass(frozen=True, slots=True)
class Selector:
    """What a document says of its issuer's key: it only selects one, the trust list decides (invariant 1)."""

    kid: str | None
    chain: tuple[bytes, ...] = ()


class Document(Protocol):
    """A presentation of one credential; nothing of it is verified."""

    @property
    def format(self) -> CredentialFormat:
        """How the credential is signed."""

    @property
    def issuer(self) -> str:
        """The name by which the trust list knows the issuer."""

    @property
    def vct(self) -> str:
        """The type of the certificate."""

    @property
    def iat(self) -> datetime:
        """The moment of signing."""

    @property
    def alg(self) -> str | None:
        """The algorithm's name where the format gives it one; the key has the last word."""

    @property
    def selector(self) -> Selector:
        """What selects the issuer's key; raises MalformedToken for a broken chain."""

    @property
    def signed(self) -> str:
        """What the issuer signed, as kept lists know it (``keys.kept.token_digest``)."""

    @property
    def disclosures(self) -> int | None:
        """How many disclosures are shown; None in a format without."""

    @property
    def holder_signed(self) -> bytes | None:
        """What the holder signed, without the signature; None when there is no proof."""

    def verified_by(self, key: PublicKey) -> Credential:
        """Return the credential if ``key`` signed it and every disclosure has its place.

        Raises:
            InvalidSignature, AlgorithmNotAllowed: another key, or one that allows another algorithm.
            DisclosureError, NestedTooDeep, MalformedToken: the disclosures.
            CredentialRuleBroken: a rule of the format.
        """

    def holder_key(self, credential: Credential) -> PublicKey:
        """Return the key that ``credential`` is bound to; raises HolderKeyMissing, HolderKeyUnsupported."""

    def proved_by(self, key: PublicKey) -> KeyBinding:
        """Return the holder's proof if ``key`` signed it over exactly what is shown; raises KeyBindingError."""


def selecting(issuer: str | None, vct: str | None, iat: datetime | None) -> tuple[str, str, datetime]:
    """Return what selects the key: without it there is nobody to trust (invariant 1).

    Raises:
        VctInvalid, RegisteredClaimInvalid: a part of it is absent.
    """
    if vct is None:
        raise VctInvalid("vct is absent")
    if issuer is None or iat is None:
        raise RegisteredClaimInvalid("iss or iat is absent")
    return issuer, vct, iat


def signed_part(jwt: str | None) -> bytes | None:
    """Return what the signature of a holder's JWT is over, of whatever stands in its place; None for none."""
    return None if jwt is None else jwt.rpartition(".")[0].encode("utf-8", "replace")


def timestamp(seconds: float) -> str:
    """Return a NumericDate as text: UTC, ISO 8601."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment(seconds: float | None) -> datetime | None:
    """Return a NumericDate as a moment."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
