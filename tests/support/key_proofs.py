"""Key proofs and key attestations as a wallet makes them, with one flaw at a time; and the attesters that we trust."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from issuer.openid4vci.authorization.ports import Attester
from issuer.openid4vci.credentials.attesters import KnownAttesters
from keys import strict_json
from keys.encoding import b64url
from keys.signer import Signer, SoftwareSigner
from tests.support.keys import Chain, Draft

NOW = datetime(2026, 3, 2, 1, 23, 45, tzinfo=UTC)
"""The moment at which everything here is made: that of the issuing desk's clock."""
ISSUER = "https://ecert.example/issuers/amr"
CLIENT = "https://wallet.example"
PROVIDER = "https://provider.example"


def signed(signer: Signer, header: Mapping[str, Any], claims: Mapping[str, Any] | bytes) -> str:
    """Return a JWS with exactly this header; a member that is ``...`` is left out, of the claims too."""
    head = b64url(strict_json.dumps(given(header)))
    body = b64url(claims if isinstance(claims, bytes) else strict_json.dumps(given(claims)))
    return (head + b"." + body + b"." + b64url(signer.sign(head + b"." + body))).decode()


def given(members: Mapping[str, Any]) -> dict[str, Any]:
    """Return the members that are not ``...``."""
    return {name: value for name, value in members.items() if value is not ...}


def spoilt(token: str) -> str:
    """Return a token with another signature."""
    head, _, signature = token.rpartition(".")
    return f"{head}.{signature[:-8]}{'A' * 8 if not signature.endswith('A' * 8) else 'B' * 8}"


def seconds(**past: float) -> int:
    """Return ``NOW`` less that time, in seconds."""
    return int((NOW - timedelta(**past)).timestamp())


@dataclass(frozen=True)
class Provider:
    """A wallet provider that attests keys by a chain to its anchor."""

    chain: Chain = field(default_factory=Chain.good)

    @property
    def signer(self) -> SoftwareSigner:
        assert isinstance(self.chain.leaf.key, ec.EllipticCurvePrivateKey)
        return SoftwareSigner(self.chain.leaf.key)

    @property
    def attesters(self) -> KnownAttesters:
        return KnownAttesters((Attester(PROVIDER, anchors=(self.chain.root.der(),)),))

    def attestation(
        self,
        *signers: Signer,
        nonce: Any,
        header: Mapping[str, Any] | None = None,
        claims: Mapping[str, Any] | None = None,
        by: Signer | None = None,
    ) -> str:
        """Return an attestation of the signers' keys; ``header`` and ``claims`` are the flaws."""
        head = {
            "typ": "key-attestation+jwt",
            "alg": "ES256",
            "x5c": [base64.b64encode(der).decode() for der in self.chain.ders],
        }
        body = {
            "iss": PROVIDER,
            "iat": seconds(),
            "exp": seconds(hours=-1),
            "attested_keys": [dict(each.public_key.jwk) for each in signers],
            "key_storage": ["iso_18045_high"],
            "user_authentication": ["iso_18045_moderate"],
            "nonce": nonce,
        }
        return signed(by or self.signer, head | dict(header or {}), body | dict(claims or {}))


def proof(
    signer: Signer,
    *,
    nonce: Any,
    header: Mapping[str, Any] | None = None,
    claims: Mapping[str, Any] | None = None,
    by: Signer | None = None,
) -> str:
    """Return a ``jwt`` proof by a key; ``header`` and ``claims`` are the flaws."""
    head = {"typ": "openid4vci-proof+jwt", "alg": signer.public_key.algorithm.value, "jwk": signer.public_key.jwk}
    body = {"iss": CLIENT, "aud": ISSUER, "iat": seconds(), "nonce": nonce}
    return signed(by or signer, head | dict(header or {}), body | dict(claims or {}))


def certificate_of(key: ec.EllipticCurvePrivateKey) -> str:
    """Return a self-signed certificate of a key as a member of ``x5c``."""
    return base64.b64encode(Draft("device", "device", key, key, ()).der()).decode()
