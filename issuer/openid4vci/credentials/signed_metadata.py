"""Signed metadata (OpenID4VCI 1.0, 12.2.3): all metadata as the claims of a JWT by the department's signing key."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from issuer.ports import SigningKeys
from keys import jws, strict_json

TYP = "openidvci-issuer-metadata+jwt"
LIFETIME = timedelta(days=1)


class SignedMetadata:
    """Fulfils ``ports.SignsMetadata``."""

    def __init__(self, keys: SigningKeys) -> None:
        self._keys = keys

    def signed(self, metadata: Mapping[str, Any], *, department: str, now: datetime) -> str:
        """Return the metadata as a JWT: ``x5c`` with the leaf first and no anchor (HAIP 1.0, 4.1), no ``kid``."""
        claims = {
            **metadata,
            "sub": metadata["credential_issuer"],
            "iss": metadata["credential_issuer"],
            "iat": int(now.timestamp()),
            "exp": int((now + LIFETIME).timestamp()),
        }
        return jws.sign(strict_json.dumps(claims), self._keys.signer(department), typ=TYP, x5c=True)
