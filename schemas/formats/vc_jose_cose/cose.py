"""Credentials and presentations as COSE_Sign1 (VC-JOSE-COSE, 3.3): the payload is the document in JSON.

data = cose.issue(document, signer, kind=Kind.CREDENTIAL)
credential = credential_by(cose.parse(data, kind=Kind.CREDENTIAL), key)
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from keys import strict_json
from keys.public import PublicKey
from keys.signer import Signer
from schemas.formats.cose import sign1
from schemas.formats.vc_jose_cose.documents import check_document, check_secured
from schemas.formats.vc_jose_cose.kinds import NO_HINTS, KeyHints, Kind, check_types

_NO_CLAIMS: frozenset[str] = frozenset()  # the payload is no claims set: nothing stands beside the members


@dataclass(frozen=True, slots=True)
class UnverifiedCose:
    """A secured document whose signature nobody has checked yet."""

    message: sign1.UnverifiedSign1
    kind: Kind

    def peek_document(self) -> dict[str, Any]:
        """Return the document, unverified; raises MalformedToken."""
        return strict_json.loads_object(self.message.peeked_payload or b"")

    def secured_by(self, key: PublicKey) -> dict[str, Any]:
        """Return the document if ``key`` secured it (``documents.check_secured``).

        Raises:
            InvalidSignature, AlgorithmNotAllowed, CosePayloadDetached: of the message.
            MalformedToken: the payload is no JSON object, or names a member twice.
            VcClaimForbidden, VcModelInvalid, VpModelInvalid, EnvelopeInvalid: of the document.
        """
        return check_secured(strict_json.loads_object(self.message.verified_by(key)), self.kind)


def issue(document: Mapping[str, Any], signer: Signer, *, kind: Kind, hints: KeyHints = NO_HINTS) -> bytes:
    """Return the tagged COSE_Sign1 of ``document``; raises as ``check_document``, and takes no JWT claim."""
    check_document(document, kind, claims=_NO_CLAIMS)
    protected: dict[int | str, Any] = {sign1.CONTENT_TYPE: kind.content_type, sign1.TYP: kind.cose}
    if hints.kid is not None:
        protected[sign1.KID] = hints.kid.encode("utf-8")
    if hints.chain and signer.chain:
        protected[sign1.X5CHAIN] = sign1.chain_of(signer)
    return sign1.sign(strict_json.dumps(document), signer, protected=protected)


def parse(data: bytes, *, kind: Kind) -> UnverifiedCose:
    """Take a secured document apart without believing it; raises as ``sign1.peek``, and WrongType."""
    message = sign1.peek(data)
    header = message.header
    check_types(typ=header.typ, cty=header.content_type, expected=(kind.cose, kind.content_type))
    return UnverifiedCose(message, kind)
