"""What an issuer sent, as a credential of the wallet. Read unverified: ``wallet_api.receiving`` checks it as any other.

The credential's id is a digest of its text, so that the same credential is never kept twice.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from keys import jws, strict_json
from keys.encoding import b64url_text
from keys.errors import EcertError
from schemas.formats import bitstring_credential, vc_model
from schemas.formats.claims import optional_moment
from schemas.formats.data_integrity.options import read_all
from schemas.formats.errors import RegisteredClaimInvalid
from schemas.formats.sd_jwt import SdJwt
from schemas.formats.status_claim import StatusReference, status_reference
from schemas.formats.vc_jose_cose import jwt_vc_json
from schemas.order import CredentialFormat, CredentialId, Identifier, IssuedCredential, StatusRef
from wallet_api.openid4vci.configurations import Configuration
from wallet_api.openid4vci.errors import CredentialResponseInvalid
from wallet_api.openid4vci.sources import Asked

SHORT_LIVED = timedelta(days=7, hours=1)  # ADR 5: what can turn back is signed for at most 7 days


@dataclass(frozen=True, slots=True)
class _Read:
    issuer: Any
    claims: Mapping[str, Any]
    issued_at: datetime | None
    expires_at: datetime | None
    status: StatusRef | None


def credential_of(token: str, *, asked: Asked, configuration: Configuration) -> IssuedCredential:
    """Return the credential of ``token``, as what was asked for; its type, signature and key are not judged here.

    Raises:
        CredentialResponseInvalid: not of the format, of another issuer, without identifier, dates or status reference.
    """
    try:
        read = _READERS[configuration.format](token)
    except (EcertError, LookupError, TypeError, ValueError, AttributeError, OverflowError):
        raise CredentialResponseInvalid(f"credential is none of the format {configuration.format}") from None
    if read.issuer != asked.issuer:
        raise CredentialResponseInvalid("credential is signed in the name of another issuer")
    identifier = read.claims.get("certificate_identifier")
    if not isinstance(identifier, str) or not 0 < len(identifier) <= 256:
        raise CredentialResponseInvalid("credential has no certificate_identifier")
    if read.issued_at is None or read.expires_at is None:
        raise CredentialResponseInvalid("credential does not say from when until when it holds")
    if read.status is None:
        raise CredentialResponseInvalid("credential names no status list")
    return IssuedCredential(
        credential_id=CredentialId(b64url_text(hashlib.sha256(token.encode()).digest()[:18])),
        identifier=Identifier(identifier),
        type_id=configuration.type_id,
        holder_id=asked.holder_id,
        format=configuration.format,
        short_lived=read.expires_at - read.issued_at <= SHORT_LIVED,
        holder_kid=asked.kid,
        token=token,
        issued_at=read.issued_at,
        expires_at=read.expires_at,
        status=read.status,
    )


def _sd_jwt_vc(token: str) -> _Read:
    claims = SdJwt.parse_issued(token).peek_claims()
    return _Read(claims.get("iss"), claims, _moment(claims, "iat"), _moment(claims, "exp"), _status(claims))


def _jwt_vc_json(token: str) -> _Read:
    claims = jws.peek(token).peek_claims()
    read = jwt_vc_json.check(claims)
    issued = _moment(claims, "iat") or read.not_before
    return _Read(read.issuer, _subject(read.document), issued, read.not_after, _status(claims))


def _ldp_vc(token: str) -> _Read:
    document = strict_json.loads_object(token.encode())
    model, proof = vc_model.read(document), read_all(document)[0]
    ends = [end for end in (model.valid_until, proof.expires) if end is not None]
    entries = bitstring_credential.read_entries(document["credentialStatus"])
    status = StatusRef(entries[0].list_credential, entries[0].index)
    return _Read(model.issuer, _subject(document), proof.created or model.valid_from, min(ends, default=None), status)


def _subject(document: Mapping[str, Any]) -> Mapping[str, Any]:
    subject = document["credentialSubject"]
    if not isinstance(subject, dict):
        raise TypeError("a certificate has one subject")
    return subject


_READERS = {
    CredentialFormat.SD_JWT_VC: _sd_jwt_vc,
    CredentialFormat.JWT_VC_JSON: _jwt_vc_json,
    CredentialFormat.LDP_VC: _ldp_vc,
}


def _moment(claims: Mapping[str, Any], name: str) -> datetime | None:
    return optional_moment(claims, name, RegisteredClaimInvalid)


def _status(claims: Mapping[str, Any]) -> StatusRef | None:
    found: StatusReference | None = status_reference(claims)
    return None if found is None else StatusRef(found.uri, found.index)
