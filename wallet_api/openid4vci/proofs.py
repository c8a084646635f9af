"""Key proofs (OpenID4VCI 1.0, 7, 8.2.1.1 and appendix F.1): what the holder's key signs for a credential.

{"alg", "typ": "openid4vci-proof+jwt", "jwk": {...} | "kid": "did:key:...", "key_attestation"?}
{"iss": client_id?, "aud": <credential issuer>, "iat": <seconds>, "nonce": <c_nonce>?}
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from keys import did
from keys.public import PublicKey
from wallet_api.openid4vci import jwt
from wallet_api.openid4vci.configurations import Configuration
from wallet_api.openid4vci.discovery import IssuerMetadata
from wallet_api.openid4vci.errors import CredentialResponseInvalid
from wallet_api.openid4vci.web import Web

TYP = "openid4vci-proof+jwt"
_MAX_NONCE = 1_024


async def fresh_nonce(web: Web, metadata: IssuerMetadata) -> str | None:
    """Return a ``c_nonce``, one for each credential request; None from an issuer without a nonce endpoint.

    Raises:
        CredentialResponseInvalid: the answer holds none (7.2).
    """
    if metadata.nonce_endpoint is None:
        return None
    answer = await web.post_nothing(metadata.nonce_endpoint)
    nonce = (answer.members or {}).get("c_nonce")
    if answer.status != 200 or not isinstance(nonce, str) or not 0 < len(nonce) <= _MAX_NONCE:
        raise CredentialResponseInvalid("nonce endpoint gave no c_nonce")
    return nonce


@dataclass(frozen=True, slots=True)
class ProofTerms:
    """For whom a proof is: the issuer, the client (None, an anonymous one, leaves ``iss`` out, F.1), the nonce; and
    who attests the key."""

    issuer: str
    client_id: str | None
    nonce: str | None
    attestation: str | None = field(default=None, repr=False)


def proof_input(configuration: Configuration, key: PublicKey, *, terms: ProofTerms, now: datetime) -> bytes:
    """Return what the holder's key has to sign."""
    header: dict[str, Any] = {"typ": TYP}
    if configuration.as_jwk:
        header["jwk"] = key.jwk
    else:
        header["kid"] = did.verification_method(did.to_did_key(key))
    if terms.attestation is not None:
        header["key_attestation"] = terms.attestation
    claims: dict[str, Any] = {} if terms.client_id is None else {"iss": terms.client_id}
    claims |= {"aud": terms.issuer, "iat": jwt.seconds(now)}
    return jwt.signing_input(key, header, claims if terms.nonce is None else claims | {"nonce": terms.nonce})
