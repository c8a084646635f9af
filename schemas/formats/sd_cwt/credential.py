"""The profile: what stands in an e-certificate as SD-CWT (docs/adr/0015), for the QR code and offline counters.

Registered claims, ``vct``, the status reference, and the type's fields by integer keys in one private-use claim. A
purpose certificate has nothing redacted; a full one has every selective field redacted; a printed copy has no ``cnf``
and says who made it, why, when, until when.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cbor2 import CBORTag

from keys.encoding import b64url_decode, b64url_text
from keys.errors import MalformedKey
from keys.public import PublicKey
from keys.signer import Signer
from schemas.formats.claims import is_number
from schemas.formats.cose import cwt
from schemas.formats.cose.key import from_cose_key, to_cose_key
from schemas.formats.disclosures import Salt
from schemas.formats.errors import HolderKeyUnsupported, UnknownClaimPath, VctInvalid
from schemas.formats.sd_cwt import claim_map, labels, redaction, token
from schemas.formats.sd_cwt.errors import ClaimValueInvalid, ConfirmationMissing, PrintedCopyInvalid
from schemas.formats.sd_cwt.token import UnverifiedSdCwt
from schemas.formats.status_claim import StatusReference, status_reference

_MAKER, _CAUSE, _MADE, _EXPIRES = range(1, 5)
_LONGEST = 200  # characters of maker and cause


@dataclass(frozen=True, slots=True)
class PrintedCopy:
    """What makes a printed copy one (加注件): maker, cause, and its times as NumericDates."""

    maker: str
    cause: str
    made_at: float
    expires_at: float


@dataclass(frozen=True, slots=True)
class Content:
    """What an issuer signs. ``fields`` by name; ``redacted`` names those that the holder may leave undisclosed.

    ``subject`` is a pseudonym for this credential alone. Exactly one of ``holder_key`` and ``printed_copy`` is given.
    """

    issuer: str
    subject: str
    vct: str
    iat: int
    exp: int
    fields: Mapping[str, Any] = field(repr=False)
    redacted: frozenset[str] = frozenset()
    status: StatusReference | None = None
    holder_key: PublicKey | None = None
    printed_copy: PrintedCopy | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """What an SD-CWT says of an e-certificate, by name."""

    issuer: str | None
    vct: str
    iat: float | None
    nbf: float | None
    exp: float | None
    status: StatusReference | None
    cnf: PublicKey | None
    printed_copy: PrintedCopy | None
    claims: Mapping[str, Any] = field(repr=False)


def issue(content: Content, signer: Signer, *, salt: Salt) -> bytes:
    """Return the signed SD-CWT of ``content``.

    Raises:
        UnknownType, ClaimKeyUnknown: the fields are not those of the type.
        PrintedCopyInvalid: both a holder's key and a printed copy, or neither.
        SdCwtTimesContradict: ``exp`` is not after ``iat``.
        WeakSalt: a salt has not exactly 128 bits.
    """
    if (content.holder_key is None) == (content.printed_copy is None):
        raise PrintedCopyInvalid("a credential has either a holder's key or the mark of a printed copy")
    keyed = claim_map.to_keys(content.vct, content.fields)
    hidden = {claim_map.key_of(content.vct, name) for name in content.redacted}
    marked: dict[Any, Any] = {
        labels.ISS: content.issuer,
        labels.SUB: content.subject,
        labels.EXP: content.exp,
        labels.IAT: content.iat,
        labels.VCT: content.vct,
        labels.FIELDS: {
            CBORTag(labels.TO_BE_REDACTED, key) if key in hidden else key: value for key, value in keyed.items()
        },
    }
    if content.status is not None:
        marked[labels.STATUS] = content.status.claim()
    if content.holder_key is not None:
        marked[labels.CNF] = {labels.COSE_KEY: to_cose_key(content.holder_key, compressed=True)}
    if content.printed_copy is not None:
        marked[labels.PRINTED_COPY] = _write_copy(content.printed_copy)
    # The thumbprint's 32 bytes, not its text: eleven characters less in a code.
    header: dict[int | str, Any] = {labels.KID: b64url_decode(signer.public_key.kid)}
    return token.issue(marked, signer, salt=salt, protected=header, bound=content.holder_key is not None)


def read(claims: Mapping[Any, Any]) -> Opened:
    """Return what the claims say (verified ones, or peeked ones for a first look).

    Raises:
        CwtClaimInvalid, VctInvalid, StatusClaimInvalid: a registered claim is not of its kind.
        UnknownType, ClaimKeyUnknown, ClaimValueInvalid: the fields are not those of the type.
        ConfirmationMissing, HolderKeyUnsupported, PrintedCopyInvalid: nobody's key, and no printed copy.
    """
    cwt.check_claims(claims)
    vct = claims.get(labels.VCT)
    if type(vct) is not str or not vct:
        raise VctInvalid("vct is absent or no text")
    fields = claims.get(labels.FIELDS, {})
    if type(fields) is not dict:
        raise ClaimValueInvalid("the claim of the fields is no map")
    holder_key, copy = _holder_key(claims), _read_copy(claims)
    if holder_key is None and copy is None:
        raise ConfirmationMissing("cnf is absent, and the document is no printed copy")
    if holder_key is not None and copy is not None:
        raise PrintedCopyInvalid("a printed copy names a holder's key")
    status = {"status": claims[labels.STATUS]} if labels.STATUS in claims else {}
    return Opened(
        issuer=claims.get(labels.ISS),
        vct=vct,
        iat=claims.get(labels.IAT),
        nbf=claims.get(labels.NBF),
        exp=claims.get(labels.EXP),
        status=status_reference(status),
        cnf=holder_key,
        printed_copy=copy,
        claims=claim_map.from_keys(vct, fields),
    )


def kid_of(unverified: UnverifiedSdCwt) -> str | None:
    """Return the ``kid`` as the text of a thumbprint: 32 bytes are one, anything else is its own text."""
    kid = unverified.message.header.kid
    if kid is None:
        return None
    return b64url_text(kid) if len(kid) == 32 else kid.decode("utf-8", "replace")


def selective_fields(unverified: UnverifiedSdCwt) -> dict[str, bytes]:
    """Return the disclosure of each redacted field by the field's name; raises as ``read`` and ``redaction.read``."""
    claims = unverified.peek_claims()
    names = claim_map.names(str(claims.get(labels.VCT)))
    # A disclosure of the registered claim 2 looks like one of the field 2: where its digest stands tells them apart.
    hidden = redaction.digests_of(claims.get(labels.FIELDS))
    disclosed = [redaction.read(raw) for raw in unverified.disclosures if redaction.digest(raw) in hidden]
    return {names[each.parts[1]]: each.raw for each in disclosed if len(each.parts) == 2 and each.parts[1] in names}


def choose(unverified: UnverifiedSdCwt, fields: Iterable[str]) -> UnverifiedSdCwt:
    """Return the SD-CWT with the disclosures of ``fields`` alone; a field in the clear needs none.

    Raises:
        UnknownClaimPath: a field is neither redacted nor in the clear.
    """
    selective = selective_fields(unverified)
    in_the_clear = read(redaction.place(unverified.peek_claims(), ()).claims).claims
    chosen = []
    for name in dict.fromkeys(fields):
        if name in selective:
            chosen.append(selective[name])
        elif name not in in_the_clear:
            raise UnknownClaimPath(f"field {name} does not stand in this credential")
    return unverified.with_disclosures(chosen)


def _holder_key(claims: Mapping[Any, Any]) -> PublicKey | None:
    if labels.CNF not in claims:
        return None
    confirmation = claims[labels.CNF]
    if type(confirmation) is not dict or labels.COSE_KEY not in confirmation:
        raise HolderKeyUnsupported("cnf names the holder's key in another way than by a COSE_Key")
    try:
        return from_cose_key(confirmation[labels.COSE_KEY])
    except MalformedKey as exc:
        raise HolderKeyUnsupported("cnf holds a key that is not supported") from exc


def _write_copy(copy: PrintedCopy) -> dict[int, Any]:
    written = {_MAKER: copy.maker, _CAUSE: copy.cause, _MADE: copy.made_at, _EXPIRES: copy.expires_at}
    _read_copy({labels.PRINTED_COPY: written})
    return written


def _read_copy(claims: Mapping[Any, Any]) -> PrintedCopy | None:
    if labels.PRINTED_COPY not in claims:
        return None
    value = claims[labels.PRINTED_COPY]
    members = value if type(value) is dict else {}
    maker, cause, made, expires = (members.get(key) for key in (_MAKER, _CAUSE, _MADE, _EXPIRES))
    if not all(type(text) is str and 0 < len(text) <= _LONGEST and text.isprintable() for text in (maker, cause)):
        raise PrintedCopyInvalid(f"a printed copy's maker or cause is no text of 1 to {_LONGEST} characters")
    if not (is_number(made) and is_number(expires)) or made >= expires:  # type: ignore[operator]
        raise PrintedCopyInvalid("a printed copy's times are no moments, or in the wrong order")
    return PrintedCopy(maker, cause, made, expires)  # type: ignore[arg-type]
