"""A holder's own credentials as bytes: the names of their fields, their claims, and a presentation without signature.

They were checked when they were received, so they are read here without a key. Nothing is decided by it.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from keys.encoding import b64url_text
from keys.public import PublicKey
from schemas.formats import key_binding
from schemas.formats.sd_cwt import credential as sd_cwt
from schemas.formats.sd_cwt import kbt, redaction, token
from schemas.formats.sd_cwt.token import UnverifiedSdCwt
from schemas.formats.sd_jwt import SdJwt
from schemas.order import CredentialFormat, IssuedCredential
from schemas.validity import end_of_day
from schemas.values import read_date
from wallet_api import vcdm_tokens
from wallet_api.unsigned import FieldNames, Proof, Unsigned

__all__ = [
    "FieldNames",
    "Proof",
    "Unsigned",
    "claims_of",
    "field_names",
    "good_from",
    "handed_over",
    "holder_key",
    "unsigned",
]

# What the formats need (RFC 7519, 4.1; SD-JWT VC, 2.2.2; RFC 9901, 4.1): in every presentation, and no field of a type.
_OF_THE_FORMAT = frozenset(
    {"iss", "sub", "aud", "iat", "nbf", "exp", "jti", "cnf", "vct", "vct#integrity", "aka_vcts", "status"}
) | {"_sd", "_sd_alg"}


def field_names(credential: IssuedCredential) -> FieldNames:
    """Return the names of the fields in an issued credential; raises a FormatError for a broken one."""
    if credential.format is CredentialFormat.SD_CWT:
        opened = opened_sd_cwt(credential)
        return FieldNames(frozenset(sd_cwt.selective_fields(opened)), tuple(_in_the_clear(opened)))
    if credential.format is not CredentialFormat.SD_JWT_VC:
        return vcdm_tokens.field_names(credential)
    issued = SdJwt.parse_issued(credential.token)
    in_the_clear = issued.issuer_jws.peek_claims()
    selective = issued.peek_claims().keys() - in_the_clear.keys()
    return FieldNames(frozenset(selective), tuple(name for name in in_the_clear if name not in _OF_THE_FORMAT))


def good_from(credential: IssuedCredential) -> datetime:
    """Return the moment from which a credential is good: its issue, or the later ``nbf`` of a certificate to come."""
    if credential.format is CredentialFormat.SD_CWT:
        return _sd_cwt_good_from(credential)
    not_before = vcdm_tokens.begins(credential)
    return max(credential.issued_at, datetime.fromtimestamp(not_before, UTC))


def claims_of(credential: IssuedCredential) -> dict[str, Any]:
    """Return every claim of a credential, in each format under the same names."""
    if credential.format is CredentialFormat.SD_JWT_VC:
        return SdJwt.parse_issued(credential.token).peek_claims()
    if credential.format is CredentialFormat.SD_CWT:
        return dict(sd_cwt.read(opened_sd_cwt(credential).peek_placed().claims).claims)
    return vcdm_tokens.claims(credential)


def holder_key(credential: IssuedCredential) -> PublicKey | None:
    """Return the key that a credential is bound to; None for one that is bound to none.

    Raises:
        KeysError, FormatError, KeyError, TypeError: a broken credential.
    """
    if credential.format is not CredentialFormat.SD_CWT:
        return vcdm_tokens.holder_key(credential)
    return sd_cwt.read(redaction.place(opened_sd_cwt(credential).peek_claims(), ()).claims).cnf


def opened_sd_cwt(credential: IssuedCredential) -> UnverifiedSdCwt:
    """Return an issued SD-CWT with all its disclosures; raises a FormatError or a KeysError for a broken one."""
    return token.peek(kbt.from_text(credential.token))


def unsigned(credential: IssuedCredential, fields: Iterable[str], proof: Proof, key: PublicKey) -> Unsigned:
    """Return the presentation of ``fields`` that lacks the holder's signature; the same input gives the same bytes.

    Raises:
        UnknownClaimPath: a field does not stand in the credential.
    """
    iat = int(proof.at.timestamp())
    if credential.format is CredentialFormat.SD_CWT:
        chosen = sd_cwt.choose(opened_sd_cwt(credential), fields)
        made = kbt.prepare(chosen, key, audience=proof.audience, iat=iat, cnonce=proof.cnonce)
        text = b64url_text(made.signing_input)
        return Unsigned(made.signing_input, text, "base64url", lambda signature: kbt.to_text(made.completed(signature)))
    if credential.format is not CredentialFormat.SD_JWT_VC:
        return vcdm_tokens.unsigned(credential, fields, proof, key)
    presented = SdJwt.parse_issued(credential.token).present([(name,) for name in fields])
    bound = key_binding.prepare(presented, key, audience=proof.audience, nonce=proof.nonce, iat=iat)
    text = bound.signing_input.decode("ascii")
    return Unsigned(bound.signing_input, text, "text", lambda signature: bound.completed(signature).text())


def handed_over(credential: IssuedCredential, fields: Iterable[str]) -> str:
    """Return an SD-JWT VC with the disclosures of ``fields`` alone, without proof; raises UnknownClaimPath."""
    return SdJwt.parse_issued(credential.token).present([(name,) for name in fields]).text()


def _in_the_clear(opened: UnverifiedSdCwt) -> dict[str, Any]:
    return dict(sd_cwt.read(redaction.place(opened.peek_claims(), ()).claims).claims)


def _sd_cwt_good_from(credential: IssuedCredential) -> datetime:
    # An SD-CWT has no nbf after its iat (draft-ietf-spice-sd-cwt, 9, step 3): the legal date says when it begins.
    effective = read_date(_in_the_clear(opened_sd_cwt(credential)).get("effective_date"))
    return (
        credential.issued_at
        if effective is None
        else max(credential.issued_at, end_of_day(effective - timedelta(days=1)))
    )
