"""Key binding (RFC 9901, 4.3 and 7.3): the holder's proof, made for one verifier and one moment.

    shown = key_binding.bind(sd_jwt.present(paths), signer, audience=..., nonce=..., iat=...)     # a key we hold
    prepared = key_binding.prepare(sd_jwt.present(paths), key, audience=..., nonce=..., iat=...)  # a device's key
    shown = prepared.completed(signature_from_the_device)

    proof = key_binding.verified_by(shown, key_binding.holder_key(claims))

``verified_by`` checks signature, type and ``sd_hash``. It cannot know the verifier's audience, nonce and time: the
caller's policy judges ``proof.audience``, ``proof.nonce``, ``proof.iat`` and, when present, ``exp`` and ``nbf``.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from keys import jws, strict_json
from keys.encoding import b64url, b64url_text
from keys.errors import AlgorithmNotAllowed, InvalidSignature, MalformedKey, MalformedToken
from keys.public import PublicKey
from keys.signer import Signer
from schemas.formats.claims import is_number, optional_number
from schemas.formats.disclosures import hash_function
from schemas.formats.errors import (
    HolderKeyMissing,
    HolderKeyUnsupported,
    KeyBindingAlgorithmRefused,
    KeyBindingClaimInvalid,
    KeyBindingMalformed,
    KeyBindingMissing,
    KeyBindingSignatureInvalid,
    KeyBindingWrongType,
    SdHashMismatch,
)
from schemas.formats.sd_jwt import SdJwt

TYP = "kb+jwt"
MAX_BYTES = 8_192


@dataclass(frozen=True, slots=True)
class KeyBinding:
    """A proof that holds for this presentation; whether it is for this verifier and this moment is the caller's."""

    audience: str
    nonce: str
    iat: float
    exp: float | None
    nbf: float | None


@dataclass(frozen=True, slots=True)
class PreparedKeyBinding:
    """A Key Binding JWT that lacks its signature: a device's key signs ``signing_input``."""

    signing_input: bytes
    presented: SdJwt
    key: PublicKey

    def completed(self, signature: bytes) -> SdJwt:
        """Return the SD-JWT+KB; raises InvalidSignature when ``signature`` (JOSE form) is not the key's."""
        self.key.verify(signature, self.signing_input)
        return self.presented.with_key_binding(f"{self.signing_input.decode('ascii')}.{b64url_text(signature)}")


def bind(presented: SdJwt, signer: Signer, *, audience: str, nonce: str, iat: int) -> SdJwt:
    """Return ``presented`` with a Key Binding JWT signed by ``signer``."""
    payload = strict_json.dumps(_claims(presented, audience, nonce, iat))
    return presented.with_key_binding(jws.sign(payload, signer, typ=TYP, kid=False))


def prepare(
    presented: SdJwt,
    key: PublicKey,
    *,
    audience: str,
    nonce: str,
    iat: int,
    extra: Mapping[str, Any] = MappingProxyType({}),
) -> PreparedKeyBinding:
    """Return what a device that keeps the holder's key has to sign.

    ``extra`` are further claims, as OpenID4VP defines some (``transaction_data_hashes``); none replaces ours.
    """
    header = strict_json.dumps({"alg": key.algorithm.value, "typ": TYP})
    payload = strict_json.dumps({**extra, **_claims(presented, audience, nonce, iat)})
    signing_input = b64url(header) + b"." + b64url(payload)
    return PreparedKeyBinding(signing_input, presented, key)


def holder_key(claims: Mapping[str, Any]) -> PublicKey:
    """Return the key that ``cnf`` names by ``jwk`` (RFC 7800, 3.2).

    Raises:
        HolderKeyMissing: no ``cnf``.
        HolderKeyUnsupported: another confirmation method, or a key that is not supported.
    """
    confirmation = claims.get("cnf")
    if confirmation is None:
        raise HolderKeyMissing("credential names no holder key")
    jwk = confirmation.get("jwk") if type(confirmation) is dict else None
    if type(jwk) is not dict:
        raise HolderKeyUnsupported("cnf names the holder's key in another way than by jwk")
    try:
        return PublicKey.from_jwk(jwk)
    except MalformedKey as exc:
        raise HolderKeyUnsupported("cnf holds a key that is not supported") from exc


def verified_by(shown: SdJwt, key: PublicKey) -> KeyBinding:
    """Return the proof if the holder's ``key`` signed it over exactly what is shown (RFC 9901, 7.3, step 5).

    Raises:
        KeyBindingError: a subclass for each way in which it does not hold.
        UnsupportedHashAlgorithm: ``_sd_alg`` is not accepted.
    """
    if shown.key_binding is None:  # step 2
        raise KeyBindingMissing("presentation carries no key binding")
    try:
        token = jws.peek(shown.key_binding, max_bytes=MAX_BYTES)
        claims = token.verified_by(key)  # steps b, c
    except AlgorithmNotAllowed as exc:
        raise KeyBindingAlgorithmRefused("key binding names an alg that the holder's key does not allow") from exc
    except InvalidSignature as exc:
        raise KeyBindingSignatureInvalid("key binding is not signed by the holder's key") from exc
    except MalformedToken as exc:
        raise KeyBindingMalformed("key binding is not a well-formed JWT") from exc
    if token.header.typ != TYP:  # step d
        raise KeyBindingWrongType(f"key binding has another typ than {TYP}")
    proof = _read(claims)
    if not hmac.compare_digest(claims["sd_hash"].encode(), _sd_hash(shown)):  # step g
        raise SdHashMismatch("sd_hash is not the hash of what is shown")
    return proof


def _read(claims: dict[str, Any]) -> KeyBinding:
    for name in ("aud", "nonce", "sd_hash"):
        if type(claims.get(name)) is not str:
            raise KeyBindingClaimInvalid(f"key binding's {name} is no text")
    if not is_number(claims.get("iat")):
        raise KeyBindingClaimInvalid("key binding's iat is no number")
    exp, nbf = (optional_number(claims, name, KeyBindingClaimInvalid) for name in ("exp", "nbf"))
    return KeyBinding(claims["aud"], claims["nonce"], claims["iat"], exp, nbf)


def _claims(presented: SdJwt, audience: str, nonce: str, iat: int) -> dict[str, Any]:
    return {"iat": iat, "aud": audience, "nonce": nonce, "sd_hash": _sd_hash(presented).decode("ascii")}


def _sd_hash(presented: SdJwt) -> bytes:
    # 4.3.1: over the ASCII text, by the hash of the disclosures.
    function = hash_function(presented.peek_hash_name())
    return b64url(function(presented.bound_text().encode("ascii")).digest())
