"""One certificate's presentation without the holder's signature (OpenID4VP 1.0, appendix B). Pure.

dc+sd-jwt     the disclosures that the pointers need, and a Key Binding JWT (B.3.6), with hashes of what is authorised
jwt_vc_json   the credential in a JWT with a ``vp`` claim (B.1.3.1)
ldp_vc        the credential, derived where it can be, in a presentation with challenge and domain (B.1.3.2)
"""

from collections.abc import Mapping, Sequence
from typing import Any

from keys import did, strict_json
from keys.encoding import b64url, b64url_text
from keys.public import PublicKey
from schemas.dcql import Match
from schemas.formats import key_binding, vc_model
from schemas.formats.sd_jwt import SdJwt
from schemas.formats.vc_jose_cose import presentations
from schemas.openid4vp.response import Presentation
from schemas.openid4vp.transaction_data import TransactionData, hash_claims
from schemas.order import CredentialFormat, IssuedCredential
from wallet_api import tokens, vcdm_tokens
from wallet_api.openid4vp.choices import asked_fields
from wallet_api.unsigned import Proof, Unsigned


def unsigned(
    credential: IssuedCredential, match: Match, proof: Proof, key: PublicKey, *, authorised: Sequence[TransactionData]
) -> Unsigned:
    """Return what the holder's key signs; the same input gives the same bytes. ``authorised``: for an SD-JWT VC."""
    if credential.format is CredentialFormat.SD_JWT_VC:
        return _sd_jwt(credential, match, proof, key, hash_claims(authorised))
    if credential.format is CredentialFormat.JWT_VC_JSON:
        return _vp_jwt(credential.token, proof, key)
    chosen = asked_fields(match) & tokens.field_names(credential).selective
    return vcdm_tokens.unsigned(credential, sorted(chosen), proof, key)


def presentation_of(credential: IssuedCredential, text: str) -> Presentation:
    """Return a signed presentation as it stands in a VP Token: for ``ldp_vc`` an object (8.1)."""
    return strict_json.loads_object(text.encode()) if credential.format is CredentialFormat.LDP_VC else text


def _sd_jwt(
    credential: IssuedCredential, match: Match, proof: Proof, key: PublicKey, extra: Mapping[str, Any]
) -> Unsigned:
    presented = SdJwt.parse_issued(credential.token).present(match.pointers)
    iat = int(proof.at.timestamp())
    bound = key_binding.prepare(presented, key, audience=proof.audience, nonce=proof.nonce, iat=iat, extra=extra)
    text = bound.signing_input.decode("ascii")
    return Unsigned(bound.signing_input, text, "text", lambda signature: bound.completed(signature).text())


def _vp_jwt(token: str, proof: Proof, key: PublicKey) -> Unsigned:
    holder = did.to_did_key(key)
    header = {"alg": key.algorithm.value, "typ": "JWT", "kid": did.verification_method(holder)}
    payload = {
        "iss": holder,
        "aud": proof.audience,
        "nonce": proof.nonce,
        "iat": int(proof.at.timestamp()),
        "vp": {
            "@context": [vc_model.CONTEXT_V1],
            "type": [presentations.TYPE],
            "verifiableCredential": [token],
        },
    }
    signing_input = b64url(strict_json.dumps(header)) + b"." + b64url(strict_json.dumps(payload))
    text = signing_input.decode("ascii")

    def completed(signature: bytes) -> str:
        key.verify(signature, signing_input)
        return f"{text}.{b64url_text(signature)}"

    return Unsigned(signing_input, text, "text", completed)
