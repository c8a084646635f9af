"""Encrypted credential requests and responses (OpenID4VCI 1.0, 10): ECDH-ES on P-256, A128GCM and A256GCM, ``DEF``.

A wallet that wants its answer encrypted encrypts the request, too: the key that it names for the answer must not be
exchanged on the way (8.2, 10). Every department has a key of its own, which every worker derives.
"""

from collections.abc import Mapping
from typing import Any

from issuer.openid4vci.credentials.ports import Message, ResponseEncryption
from issuer.openid4vci.errors import InvalidCredentialRequest, InvalidEncryptionParameters
from keys import jwe, strict_json
from keys.errors import EcertError, TooLarge
from keys.jwe import DecryptionKey

JSON = "application/json"
JWT = "application/jwt"
_WANTED = "credential_response_encryption"


class EncryptedMessages:
    """Fulfils ``ports.Messages``; ``required`` refuses requests in the clear."""

    def __init__(self, secret: bytes, *, required: bool = False) -> None:
        self._key_of = _Keys(secret)
        self._required = required

    def metadata(self, department: str) -> Mapping[str, Any]:
        """Return both members of the metadata (12.2.4)."""
        jwk = dict(self._key_of(department).jwk)
        return {
            "credential_request_encryption": {
                "jwks": {"keys": [jwk]},
                "enc_values_supported": list(jwe.ENCS),
                "zip_values_supported": list(jwe.ZIPS),
                "encryption_required": self._required,
            },
            _WANTED: {
                "alg_values_supported": [jwe.ALG],
                "enc_values_supported": list(jwe.ENCS),
                "zip_values_supported": list(jwe.ZIPS),
                "encryption_required": self._required,
            },
        }

    def read_request(
        self, content_type: str | None, body: bytes, *, department: str
    ) -> tuple[dict[str, Any], ResponseEncryption | None]:
        """Return the members, and how the answer is to be encrypted; raises as ``ports.Messages``."""
        media_type = (content_type or "").partition(";")[0].strip().lower()
        if media_type == JWT:
            members = _members(self._decrypted(body, department))
            return members, self._wanted(members)
        if media_type != JSON:
            raise InvalidCredentialRequest("request is neither JSON nor a JWT")
        members = _members(body)
        if self._required or _WANTED in members:
            raise InvalidEncryptionParameters("request must be encrypted, so that its answer can be")
        return members, None

    def write_response(self, members: Mapping[str, Any], encryption: ResponseEncryption | None) -> Message:
        """Return the answer; raises InvalidEncryptionParameters when the wallet's key is none."""
        plaintext = strict_json.dumps(members)
        if encryption is None:
            return Message(JSON, plaintext)
        token = jwe.encrypt(
            plaintext,
            to=encryption.jwk,
            enc=encryption.enc,
            compressed=encryption.zip is not None,
            header={"cty": "json"},
        )
        return Message(JWT, token.encode())

    def _decrypted(self, body: bytes, department: str) -> bytes:
        try:
            read = jwe.decrypt(body.decode("ascii"), keys=[self._key_of(department)])
        except TooLarge:
            raise
        except (EcertError, UnicodeDecodeError) as exc:
            raise InvalidEncryptionParameters("request cannot be decrypted") from exc
        # 10: the kid of our key must stand in the header.
        if read.header.get("kid") is None:
            raise InvalidEncryptionParameters("request is encrypted without a kid")
        return read.plaintext

    def _wanted(self, members: Mapping[str, Any]) -> ResponseEncryption | None:
        if _WANTED not in members:
            if self._required:
                raise InvalidEncryptionParameters("request names no key for its answer")
            return None
        wanted = members[_WANTED]
        if not isinstance(wanted, dict) or not isinstance(wanted.get("jwk"), dict):
            raise InvalidEncryptionParameters("credential_response_encryption has no jwk")
        if wanted.get("enc") not in jwe.ENCS or wanted.get("zip", jwe.ZIPS[0]) not in jwe.ZIPS:
            raise InvalidEncryptionParameters("credential_response_encryption asks for what is not offered")
        _check_key(wanted["jwk"])
        return ResponseEncryption(wanted["jwk"], wanted["enc"], wanted.get("zip"))


class _Keys:
    """The departments' keys, each derived once."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self._made: dict[str, DecryptionKey] = {}

    def __call__(self, department: str) -> DecryptionKey:
        if department not in self._made:
            self._made[department] = DecryptionKey.derive(self._secret, f"credential requests {department}")
        return self._made[department]


def _members(body: bytes) -> dict[str, Any]:
    try:
        return strict_json.loads_object(body)
    except EcertError as exc:
        raise InvalidCredentialRequest("request is no JSON object") from exc


def _check_key(jwk: Mapping[str, Any]) -> None:
    # 10: alg is required in it. A key that cannot be encrypted to is found before anything is signed.
    if jwk.get("alg") != jwe.ALG:
        raise InvalidEncryptionParameters("key for the answer does not name an alg that is offered")
    try:
        jwe.encrypt(b"", to=jwk, enc=jwe.ENCS[0])
    except EcertError as exc:
        raise InvalidEncryptionParameters("key for the answer is no key to encrypt to") from exc
