"""The wallet as a client: attested by its provider, which is this server (attestation-based client authentication).

Attestation  {"typ": "oauth-client-attestation+jwt", "x5c": [...]}    by the provider's key
             {"iss": provider, "sub": client_id, "iat", "nbf", "exp", "cnf": {"jwk": instance key}}
PoP          {"typ": "oauth-client-attestation-pop+jwt"}              by the instance key
             {"iss": client_id, "aud": server, "jti", "iat", "challenge"?}

``sub`` is the client_id that all instances share (HAIP 4.4.1): it tells the wallet, not its holder. A holder has an
instance key for each authorization server, so that two servers cannot join what they know.

The same key attests holders' keys, those in the wallet server's custody alone (OpenID4VCI 1.0, D.1):

Key attestation  {"typ": "key-attestation+jwt", "x5c": [...]}
                 {"iss": provider, "iat", "exp", "attested_keys": [key], "nonce": c_nonce}
"""

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from keys.encoding import b64url_text
from keys.public import PublicKey
from keys.signer import Signer
from wallet_api.openid4vci import jwt

KEY_NAME = "wallet-provider"
"""The name of the provider's key in the key store."""
ATTESTATION_TYP = "oauth-client-attestation+jwt"
KEY_TYP = "key-attestation+jwt"
POP_TYP = "oauth-client-attestation-pop+jwt"
GOOD_FOR = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class WalletProvider:
    """Who vouches for instances of this wallet: by which key, under which names."""

    signer: Signer = field(repr=False)
    issuer: str
    client_id: str

    def attestation(self, instance: PublicKey, *, now: datetime) -> str:
        """Return the attestation of an instance key, good for ``GOOD_FOR``."""
        iat = jwt.seconds(now)
        claims = {"iss": self.issuer, "sub": self.client_id, "iat": iat, "nbf": iat}
        ends = {"exp": iat + int(GOOD_FOR.total_seconds()), "cnf": {"jwk": instance.jwk}}
        return jwt.sign(self.signer, self._header(ATTESTATION_TYP), claims | ends)

    def key_attestation(self, key: PublicKey, *, nonce: str | None, now: datetime) -> str:
        """Return the statement that a holder's key is in this server's custody, for one credential request.

        It names no level of ``key_storage`` or ``user_authentication``: nobody has evaluated ours (ADR 30).
        """
        iat = jwt.seconds(now)
        claims: dict[str, object] = {"iss": self.issuer, "iat": iat, "exp": iat + int(GOOD_FOR.total_seconds())}
        claims["attested_keys"] = [dict(key.jwk)]
        return jwt.sign(self.signer, self._header(KEY_TYP), claims if nonce is None else claims | {"nonce": nonce})

    def _header(self, typ: str) -> dict[str, object]:
        header: dict[str, object] = {"typ": typ, "kid": self.signer.public_key.kid}
        if self.signer.chain:
            header["x5c"] = [base64.b64encode(der).decode("ascii") for der in self.signer.chain]
        return header


def proof_of_possession(
    instance: Signer,
    *,
    client_id: str,
    audience: str,
    challenge: str | None,
    now: datetime,
    randomness: Callable[[int], bytes],
) -> str:
    """Return the proof that the instance holds its key, for one request to the server ``audience``."""
    claims = {"iss": client_id, "aud": audience, "jti": b64url_text(randomness(16)), "iat": jwt.seconds(now)}
    return jwt.sign(instance, {"typ": POP_TYP}, claims if challenge is None else claims | {"challenge": challenge})
