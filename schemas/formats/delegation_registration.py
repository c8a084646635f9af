"""The city's word on a delegation: the trust anchor signs the digest of what it says, before the holder does.

    registration = register(claims, anchor_signer)             the wallet server does it once it has looked at the right
    is_registered(digest_of(claims), registration, anchor)     a verifier, offline

A holder's key signs what its holder likes: that somebody is a guardian, or that a recall will show at a place that was
never given out. Both are the city's to say. The JWS (``TYP``) has one member::

    {"digest": "base64url of SHA-256 over the delegation's claims in canonical form (RFC 8785), without registration"}
"""

import hashlib
from collections.abc import Mapping
from typing import Any

from keys import jws, strict_json
from keys.anchor import Anchor
from keys.encoding import b64url_text
from keys.errors import KeysError
from keys.signer import Signer
from schemas.formats.data_integrity import jcs

TYP = "ecert-delegation+jwt"
MEMBER = "registration"


def register(claims: Mapping[str, Any], signer: Signer) -> str:
    """Return the registration of what a delegation says; raises JsonNotCanonicalizable."""
    return jws.sign(strict_json.dumps({"digest": digest_of(claims)}), signer, typ=TYP)


def digest_of(claims: Mapping[str, Any]) -> str:
    """Return the digest of a delegation's claims, whatever registration stands among them."""
    said = {name: value for name, value in claims.items() if name != MEMBER}
    return b64url_text(hashlib.sha256(jcs.canonical(said)).digest())


def is_registered(digest: str, registration: str | None, anchor: Anchor | None) -> bool:
    """Tell whether ``anchor`` signed this digest."""
    if registration is None or anchor is None:
        return False
    try:
        return anchor.payload(registration, typ=TYP) == {"digest": digest}
    except KeysError:
        return False
