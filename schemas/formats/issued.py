"""What the issuer signed, of a credential in any format: the text that kept lists digest, and the key's name.

It is the same in the credential as issued and in whatever a holder shows of it.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from keys import strict_json
from keys.encoding import b64url_decode
from keys.errors import KeysError
from schemas.formats.cose import sign1
from schemas.formats.data_integrity import options as proofs
from schemas.formats.data_integrity.ecdsa_sd_2023.values import DERIVED_HEADER, BaseValue, DerivedValue
from schemas.formats.data_integrity.multibase import Base, decode
from schemas.formats.data_integrity.options import Proof
from schemas.formats.data_integrity.suites import Suite
from schemas.formats.sd_cwt import credential, kbt
from schemas.formats.sd_cwt.token import UnverifiedSdCwt
from schemas.order import CredentialFormat


@dataclass(frozen=True, slots=True)
class IssuerPart:
    """The signed text and the ``kid`` of the key that signed it, None where the credential names none."""

    text: str
    kid: str | None


def issuer_part(form: CredentialFormat, token: str) -> IssuerPart:
    """Return the issuer's part of an issued credential.

    Raises:
        FormatError, MalformedToken: as the format's reader; a JWT is not looked into, but for its header's ``kid``.
    """
    if form is CredentialFormat.LDP_VC:
        proof = proofs.read_all(strict_json.loads_object(token.encode()))[0]
        return IssuerPart(proof_signature(proof), method_kid(proof))
    if form is CredentialFormat.SD_CWT:
        opened = kbt.peek(kbt.from_text(token))
        return IssuerPart(sd_cwt_text(opened.sd_cwt), credential.kid_of(opened.sd_cwt))
    if form is CredentialFormat.VC_COSE:
        return IssuerPart(token, cose_kid(sign1.peek(b64url_decode(token))))
    text = token.partition("~")[0]
    return IssuerPart(text, _jwt_kid(text.partition(".")[0]))


@lru_cache(maxsize=256)
def _jwt_kid(header: str) -> str | None:
    # A department's tokens have one header, so that it is read once for a batch.
    try:
        kid = strict_json.loads_object(b64url_decode(header)).get("kid")
    except KeysError:
        return None
    return kid if isinstance(kid, str) else None


def proof_signature(proof: Proof) -> str:
    """Return the issuer's signature of a proof; one of ecdsa-sd-2023 stands in base and derived proofs alike."""
    return proof.value if proof.rules.name is not Suite.ECDSA_SD_2023 else sd_value(proof).base_signature.hex()


def sd_value(proof: Proof) -> BaseValue | DerivedValue:
    """Return the components of a proof of ecdsa-sd-2023; raises SelectiveDisclosureError for a malformed one."""
    derived = decode(proof.value, Base.BASE64URL)[:3] == DERIVED_HEADER
    return DerivedValue.parse(proof.value) if derived else BaseValue.parse(proof.value)


def method_kid(proof: Proof) -> str | None:
    """Return the fragment of the verification method, by which the issuer's trust list entry knows the key."""
    return proof.verification_method.partition("#")[2] or None


def sd_cwt_text(token: UnverifiedSdCwt) -> str:
    """Return an SD-CWT without its disclosures, as text."""
    return kbt.to_text(token.with_disclosures(()).to_bytes())


def cose_kid(message: sign1.UnverifiedSign1) -> str | None:
    """Return the ``kid`` of a COSE message as the text of a thumbprint."""
    kid: Any = message.header.kid
    return None if kid is None else kid.decode("utf-8", "replace")
