"""Status lists as evidence: one that an issuer of the trust list signed, in whatever form, or why it is not believed.

Token Status Lists as JWT and CWT; bitstring credentials (W3C) as vc+jwt and with an embedded Data Integrity proof.
Lists of recalled delegations are Token Status Lists as JWT that the trust anchor signed, and nothing else.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from keys import jws, strict_json
from keys.anchor import Anchor
from keys.errors import EcertError, NotTrusted, TooLarge, UnknownAnchor, UnknownIssuerKey
from keys.public import PublicKey
from keys.trust import TrustEntry, TrustList
from schemas.formats import bitstring_credential, data_integrity, status_cwt, status_token, vc_jwt
from schemas.formats.bitstring_credential import BitstringList
from schemas.formats.claims import optional_number
from schemas.formats.data_integrity import options as proofs
from schemas.formats.errors import BitstringListInvalid, StatusBitsInvalid, StatusTokenInvalid
from schemas.formats.issued import cose_kid, method_kid
from schemas.formats.status_token import StatusToken
from verifier.evidence import StatusEvidence, UntrustedStatus

MAX_LIST = 16_777_216  # characters, or bytes of a CWT
MAX_DOCUMENT = 4_325_376  # characters of a list as JSON: the longest encodedList, and 128 kB round it


@dataclass(frozen=True, slots=True)
class _Read:
    """What a list says once a key was found that signed it; ``issuer`` where the document itself names one."""

    uri: str | None
    expires_at: datetime | None
    statuses: object
    issuer: str | None = None
    ttl: float | None = None


@dataclass(frozen=True, slots=True)
class _Opened:
    """A list that nobody has checked yet: what selects its key, and how it is read by it."""

    kid: str | None
    chain: tuple[bytes, ...]
    issued_at: datetime
    read_by: Callable[[PublicKey], _Read]


def accept_status_list(text: str | bytes, *, uri: str, trust: TrustList) -> StatusEvidence | UntrustedStatus:
    """Return the status list of a document found at ``uri``, or why it is not believed; bytes are a CWT.

    It is believed when an issuer of the trust list signed it with a key that it has at that moment and that is not
    withdrawn, and when it says itself that it belongs at ``uri`` (Token Status List, 8.3).
    """
    try:
        opened = _opened(text)
        owners = dict(_owners(opened, trust))
        if not owners:
            return UntrustedStatus(uri, UnknownIssuerKey.code)
        key = next(iter(owners.values()))
        if trust.withdrawal(key.kid) is not None:
            return UntrustedStatus(uri, "key_withdrawn")
        read = opened.read_by(key)
    except EcertError as exc:
        return UntrustedStatus(uri, exc.code)
    if read.uri != uri:
        return UntrustedStatus(uri, "status_list_of_another_uri")
    # A bitstring credential speaks for the issuer that it names, a token for every issuer that has the key.
    issuers = frozenset(owners) if read.issuer is None else frozenset(owners) & {read.issuer}
    return StatusEvidence(uri, issuers, opened.issued_at, read.expires_at, read.statuses, read.ttl)  # type: ignore[arg-type]


def accept_recall_list(text: str, *, uri: str, anchor: Anchor) -> StatusEvidence | UntrustedStatus:
    """Return the list of recalled delegations of a token found at ``uri``, or why it is not believed.

    It is believed when ``anchor`` signed it, it says that it belongs at ``uri``, and a place in it is one bit.
    """
    try:
        token = status_token.parse(text)
        read = token.verified_by(_pinned(anchor, token.issuer_jws.header.kid))
    except EcertError as exc:
        return UntrustedStatus(uri, exc.code)
    if read.uri != uri:
        return UntrustedStatus(uri, "status_list_of_another_uri")
    if read.statuses.bits != 1:
        return UntrustedStatus(uri, StatusBitsInvalid.code)
    exp = read.times.exp
    ends = None if exp is None else _moment(exp)
    return StatusEvidence(uri, frozenset(), _moment(read.times.iat), ends, read.statuses)


def _pinned(anchor: Anchor, kid: str | None) -> PublicKey:
    for key in anchor.keys:
        if key.kid == kid:
            return key
    raise UnknownAnchor("list is signed by a key that is not pinned")


def _opened(text: str | bytes) -> _Opened:
    if len(text) > MAX_LIST:
        raise TooLarge(f"status list has {len(text)} characters, limit {MAX_LIST}")
    if isinstance(text, bytes):
        return _of_cwt(text)
    if text.startswith("{"):
        return _of_document(text)
    typ = jws.peek(text, max_bytes=MAX_LIST).header.typ
    return _of_vc_jwt(text) if typ == vc_jwt.TYP else _of_token(text)


def _of_token(text: str) -> _Opened:
    token = status_token.parse(text)
    header = token.issuer_jws.header
    # Chooses the key's period; the token's own reader refuses one without iat.
    iat = optional_number(token.issuer_jws.peek_claims(), "iat", StatusTokenInvalid) or 0
    return _Opened(header.kid, header.x5c(), _moment(iat), lambda key: _of_read(token.verified_by(key)))


def _of_cwt(data: bytes) -> _Opened:
    token = status_cwt.parse(data)
    chain = token.message.header.x5chain
    return _Opened(
        cose_kid(token.message), chain, _moment(token.peek_iat()), lambda key: _of_read(token.verified_by(key))
    )


def _of_vc_jwt(text: str) -> _Opened:
    token = jws.peek(text, max_bytes=MAX_LIST)
    said = bitstring_credential.read_list(token.peek_claims())

    def read_by(key: PublicKey) -> _Read:
        token.payload_verified_by(key)
        return _of_bitstring(said)

    return _Opened(token.header.kid, token.header.x5c(), _began(said.valid_from), read_by)


def _of_document(text: str) -> _Opened:
    if len(text) > MAX_DOCUMENT:
        raise TooLarge(f"status list has {len(text)} characters, limit {MAX_DOCUMENT}")
    document = strict_json.loads_object(text.encode("utf-8", "replace"))
    proof = proofs.read_all(document)[0]
    said = bitstring_credential.read_list(document)

    def read_by(key: PublicKey) -> _Read:
        data_integrity.verify(document, lambda _: key)
        return _of_bitstring(said)

    return _Opened(method_kid(proof), (), _began(proof.created or said.valid_from), read_by)


def _of_read(read: StatusToken) -> _Read:
    exp = read.times.exp
    return _Read(read.uri, None if exp is None else _moment(exp), read.statuses, ttl=read.times.ttl)


def _of_bitstring(said: BitstringList) -> _Read:
    ttl = None if said.ttl_ms is None else said.ttl_ms / 1000
    return _Read(said.id, said.valid_until, said, said.issuer, ttl)


def _began(moment: datetime | None) -> datetime:
    if moment is None:
        raise BitstringListInvalid("validFrom is absent, so that nobody knows how old the list is")
    return moment


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _owners(opened: _Opened, trust: TrustList) -> Iterator[tuple[str, PublicKey]]:
    for entry in trust.entries.values():
        if (key := _key_of(entry, opened)) is not None:
            yield entry.issuer, key


def _key_of(entry: TrustEntry, opened: _Opened) -> PublicKey | None:
    try:
        entry.check_entitled(vct=None, at=opened.issued_at)
        return entry.select(kid=opened.kid, chain=opened.chain, at=opened.issued_at)
    except NotTrusted:
        return None
