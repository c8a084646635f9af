"""Client identifiers with their prefixes (OpenID4VP 1.0, 5.9): who asks, and by what a wallet knows it."""

import hashlib
import re
from dataclasses import dataclass
from enum import StrEnum

from keys.encoding import b64url_text
from schemas.openid4vp.errors import InvalidPresentationRequest

MAX_LENGTH = 2_000
_DNS = re.compile(r"(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*")


class Prefix(StrEnum):
    """The prefixes that we know; ``pre_registered`` stands for none."""

    REDIRECT_URI = "redirect_uri"
    X509_SAN_DNS = "x509_san_dns"
    X509_HASH = "x509_hash"
    DECENTRALIZED_IDENTIFIER = "decentralized_identifier"
    PRE_REGISTERED = ""

    @property
    def signed(self) -> bool:
        """Whether a request with it must be signed; by a redirect URI it cannot be, and nobody has registered it."""
        return self not in (Prefix.REDIRECT_URI, Prefix.PRE_REGISTERED)


_DID = re.compile(r"did:[a-z0-9]{1,32}:[A-Za-z0-9._:%-]+")
_REFUSED = frozenset({"origin", "openid_federation", "verifier_attestation", "https", "did"})


@dataclass(frozen=True, slots=True)
class ClientId:
    """A client identifier taken apart; ``str()`` is the whole, which is the audience of every presentation (14.10)."""

    prefix: Prefix
    name: str

    def __str__(self) -> str:
        return f"{self.prefix}:{self.name}" if self.prefix else self.name


def x509_hash(leaf: bytes) -> ClientId:
    """Return the identifier of whoever has the leaf certificate (DER)."""
    return ClientId(Prefix.X509_HASH, b64url_text(hashlib.sha256(leaf).digest()))


def read_client_id(text: object) -> ClientId:
    """Return a client identifier.

    Raises:
        InvalidPresentationRequest: no text, too long, a name that its prefix cannot have, or a prefix that is not
            taken: ``origin`` is never one (5.9.3), federations and verifier attestations have no anchors here.
    """
    if not isinstance(text, str) or not 0 < len(text) <= MAX_LENGTH:
        raise InvalidPresentationRequest(f"client_id is no text of 1 to {MAX_LENGTH} characters")
    before, colon, name = text.partition(":")
    if not colon:
        return ClientId(Prefix.PRE_REGISTERED, text)
    # 5.9.2: without a name before the colon there is no prefix, and no client of ours is registered by such a name.
    if not before or before in _REFUSED or before not in set(Prefix):
        raise InvalidPresentationRequest("client_id has a prefix that is not supported")
    prefix = Prefix(before)
    if not _is_name(prefix, name):
        raise InvalidPresentationRequest("client_id has a name that its prefix does not allow")
    return ClientId(prefix, name)


def _is_name(prefix: Prefix, name: str) -> bool:
    if prefix is Prefix.X509_SAN_DNS:
        return _DNS.fullmatch(name) is not None
    if prefix is Prefix.X509_HASH:
        return re.fullmatch(r"[A-Za-z0-9_-]{43}", name) is not None
    if prefix is Prefix.DECENTRALIZED_IDENTIFIER:
        return _DID.fullmatch(name) is not None
    return bool(name)
