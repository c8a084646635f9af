"""An SD-CWT as the draft has it (draft-ietf-spice-sd-cwt, 4 and 8): COSE_Sign1, its disclosures in ``sd_claims``.

What its claims mean is not this module's: ``credential`` reads those of an e-certificate.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from cbor2 import CBORTag

from keys.public import PublicKey
from keys.signer import Signer
from schemas.formats.cose import cbor, cwt, sign1
from schemas.formats.disclosures import Salt
from schemas.formats.errors import UnsupportedHashAlgorithm, WrongType
from schemas.formats.sd_cwt import labels, redaction
from schemas.formats.sd_cwt.errors import ConfirmationMissing, MalformedSdCwt, SdCwtTimesContradict, SubjectMissing
from schemas.formats.sd_cwt.redaction import Placed

MAX_BYTES = 65_536
"""Of an SD-CWT or a Key Binding Token; what a QR code unpacks to is not larger."""


@dataclass(frozen=True, slots=True)
class UnverifiedSdCwt:
    """An SD-CWT that nobody has checked yet, with the disclosures that came with it."""

    message: sign1.UnverifiedSign1 = field(repr=False)
    disclosures: tuple[bytes, ...] = field(repr=False)

    def peek_claims(self) -> dict[Any, Any]:
        """Return the claims that stand in the clear, unverified; raises CborError and CwtClaimInvalid."""
        return cwt.read_claims(self.message.peeked_payload or b"", max_bytes=MAX_BYTES)

    def peek_placed(self) -> Placed:
        """Return the claims with the disclosures in their places, unverified; raises as ``verified_by``."""
        return redaction.place(self.peek_claims(), self.disclosures)

    def verified_by(self, key: PublicKey) -> Placed:
        """Return the claims, disclosures in their places, if ``key`` signed them (draft, 9, steps 2, 3 and 7).

        Raises:
            InvalidSignature, AlgorithmNotAllowed: not signed by ``key``.
            CborError, CwtClaimInvalid, DisclosureError, NeverSelective, ClaimKeyRefused, NestedTooDeep: the claims.
            SdCwtTimesContradict: ``nbf``, ``iat`` and ``exp``.
        """
        placed = redaction.place(cwt.read_claims(self.message.verified_by(key), max_bytes=MAX_BYTES), self.disclosures)
        check_times(placed.claims)
        return placed

    def with_disclosures(self, chosen: Sequence[bytes]) -> "UnverifiedSdCwt":
        """Return the same SD-CWT with other disclosures: the issuer did not sign them, the holder will."""
        return replace(self, disclosures=tuple(chosen))

    def item(self) -> CBORTag:
        """Return the CBOR item, with ``sd_claims`` only when something is disclosed."""
        others = {key: value for key, value in self.message.header.unprotected.items() if key != labels.SD_CLAIMS}
        shown = {labels.SD_CLAIMS: list(self.disclosures)} if self.disclosures else {}
        message = self.message
        return CBORTag(sign1.TAG, [message.protected_bytes, others | shown, message.peeked_payload, message.signature])

    def to_bytes(self) -> bytes:
        """Return the SD-CWT."""
        return cbor.dumps(self.item())


def issue(
    marked: Mapping[Any, Any], signer: Signer, *, salt: Salt, protected: Mapping[int | str, Any], bound: bool = True
) -> bytes:
    """Return the signed SD-CWT of ``marked`` (``redaction.redact``), with every disclosure.

    ``bound`` False makes one without ``cnf``: a printed copy, which no holder can prove.

    Raises:
        SubjectMissing, ConfirmationMissing: ``sub`` (in the clear or marked) or ``cnf`` is not there (draft, 6).
        SdCwtTimesContradict, CwtClaimInvalid, CborNotWritable: a claim breaks its rule.
        WeakSalt, NeverSelective, ClaimKeyRefused: as ``redact``.
    """
    if labels.SUB not in marked and CBORTag(labels.TO_BE_REDACTED, labels.SUB) not in marked:
        raise SubjectMissing("sub is neither in the clear nor redacted")
    if bound and labels.CNF not in marked:
        raise ConfirmationMissing("cnf is absent")
    redacted = redaction.redact(marked, salt=salt)
    check_times(redacted.claims)
    # sd_alg says SHA-256 when it is absent (draft, 7): three bytes that need not stand in a code.
    header: dict[int | str, Any] = {labels.TYP: labels.TYP_SD_CWT, **protected}
    shown: dict[int | str, Any] = {labels.SD_CLAIMS: list(redacted.disclosures)} if redacted.disclosures else {}
    return cwt.sign(redacted.claims, signer, protected=header, unprotected=shown)


def peek(data: bytes) -> UnverifiedSdCwt:
    """Take an SD-CWT apart without believing it; raises as ``from_item``, and CborError."""
    return from_item(cbor.loads_strict(data, max_bytes=MAX_BYTES))


def from_item(item: Any) -> UnverifiedSdCwt:
    """As ``peek``, for an item that was read already.

    Raises:
        WrongType: ``typ`` is not that of an SD-CWT.
        UnsupportedHashAlgorithm: ``sd_alg`` is not SHA-256.
        MalformedSdCwt: no tag 18, an empty list of disclosures, or a header parameter that has no place here.
        MalformedCose, CoseHeaderForbidden, AlgorithmNotAllowed: as ``sign1.peek``.
    """
    if type(item) is not CBORTag or item.tag != sign1.TAG:
        raise MalformedSdCwt("SD-CWT has not the tag of a COSE_Sign1")
    message = sign1.from_item(item)
    if not has_type(message, labels.SD_CWT_TYPES):
        raise WrongType("typ is not that of an SD-CWT")
    protected, unprotected = message.header.protected, message.header.unprotected
    algorithm = protected.get(labels.SD_ALG, labels.SHA_256)
    if type(algorithm) is not int or algorithm != labels.SHA_256:
        raise UnsupportedHashAlgorithm("sd_alg is not SHA-256")
    if labels.CWT_CLAIMS in protected or labels.SD_CLAIMS in protected or labels.SD_ALG in unprotected:
        # CWT Claims (RFC 9597) would be a second map with the same claims; one place for each is enough.
        raise MalformedSdCwt("a header parameter has no place in its header")
    disclosures = _list_of(unprotected, labels.SD_CLAIMS)
    _list_of(unprotected, labels.SD_AEAD_CLAIMS)  # not readable here: they stay undisclosed
    if not all(type(each) is bytes for each in disclosures):
        raise MalformedSdCwt("sd_claims holds something else than byte strings")
    return UnverifiedSdCwt(message, tuple(disclosures))


def check_times(claims: Mapping[Any, Any]) -> None:
    """Return if ``nbf`` <= ``iat`` < ``exp`` and ``nbf`` < ``exp``, where both exist; raises SdCwtTimesContradict."""
    nbf, iat, exp = (claims.get(label) for label in (labels.NBF, labels.IAT, labels.EXP))
    if is_above(nbf, iat, equal=False) or is_above(iat, exp, equal=True) or is_above(nbf, exp, equal=True):
        raise SdCwtTimesContradict("nbf is after iat, or exp is not after them")


def is_above(first: float | None, second: float | None, *, equal: bool) -> bool:
    """Tell whether both moments exist and the first is later, or (``equal``) not earlier."""
    if first is None or second is None:
        return False
    return first > second or (equal and first == second)


def has_type(message: sign1.UnverifiedSign1, accepted: frozenset[int | str]) -> bool:
    """Tell whether ``typ`` is one of ``accepted``."""
    return message.header.typ in accepted


def _list_of(header: Mapping[Any, Any], label: int) -> list[Any]:
    # Draft, 9, step 2: an empty array is invalid; without disclosures the parameter is left out.
    if label not in header:
        return []
    value = header[label]
    if type(value) is not list or not value:
        raise MalformedSdCwt(f"header parameter {label} is not an array with something in it")
    return value
