"""4.9, 4.1.6: encrypted requests and responses, one flaw at a time; signed metadata."""

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from issuer.openid4vci.credentials.encryption import EncryptedMessages
from issuer.openid4vci.credentials.signed_metadata import SignedMetadata
from issuer.openid4vci.errors import InvalidCredentialRequest, InvalidEncryptionParameters
from keys import jwe, jws
from keys.errors import TooLarge
from keys.jwe import DecryptionKey
from keys.signer import SoftwareSigner

MESSAGES = EncryptedMessages(bytes(32))
STRICT = EncryptedMessages(bytes(32), required=True)
WALLET = DecryptionKey.derive(bytes(32), "wallet")
WALLET_JWK = {name: value for name, value in WALLET.jwk.items() if name not in ("kid", "use")}
REQUEST = {"credential_configuration_id": "a", "proofs": {"jwt": ["…"]}}


def wanted(**changed: Any) -> dict[str, Any]:
    return {"credential_response_encryption": {"jwk": WALLET_JWK, "enc": "A256GCM"} | changed}


def encrypted(members: Any, *, to: Any = None, compressed: bool = False) -> bytes:
    key = to or MESSAGES.metadata("amr")["credential_request_encryption"]["jwks"]["keys"][0]
    return jwe.encrypt(orjson.dumps(members), to=key, enc="A128GCM", compressed=compressed).encode()


def test_the_metadata_name_a_key_a_department() -> None:
    """4.1.5: a JWK Set object, a kid, an alg, and the same lists for the answer."""
    found = MESSAGES.metadata("amr")
    key = found["credential_request_encryption"]["jwks"]["keys"][0]
    assert key["alg"] == "ECDH-ES"
    assert key["kid"]
    assert key != MESSAGES.metadata("psb")["credential_request_encryption"]["jwks"]["keys"][0]
    assert found["credential_response_encryption"]["enc_values_supported"] == ["A128GCM", "A256GCM"]
    assert not found["credential_request_encryption"]["encryption_required"]
    assert STRICT.metadata("amr")["credential_response_encryption"]["encryption_required"]


def test_a_request_in_the_clear_is_answered_in_the_clear() -> None:
    read = MESSAGES.read_request("application/json; charset=utf-8", orjson.dumps(REQUEST), department="amr")
    assert read == (REQUEST, None)
    made = MESSAGES.write_response({"credentials": []}, None)
    assert (made.media_type, made.body) == ("application/json", b'{"credentials":[]}')


@pytest.mark.parametrize("compressed", [False, True])
def test_an_encrypted_request_is_answered_encrypted(compressed: bool) -> None:
    """4.9.1, 4.9.2: the answer goes to the jwk of the request, by its alg, with the enc and zip asked for."""
    asked = REQUEST | wanted(**({"zip": "DEF"} if compressed else {}))
    body = encrypted(asked, compressed=compressed)
    members, encryption = MESSAGES.read_request("application/jwt", body, department="amr")
    assert members == asked
    made = MESSAGES.write_response({"credentials": ["示例"]}, encryption)
    assert made.media_type == "application/jwt"
    read = jwe.decrypt(made.body.decode(), keys=[WALLET])
    assert orjson.loads(read.plaintext) == {"credentials": ["示例"]}
    assert read.header["enc"] == "A256GCM"
    assert read.header.get("zip") == ("DEF" if compressed else None)
    assert "kid" not in read.header


def test_an_encrypted_request_may_ask_for_an_answer_in_the_clear() -> None:
    assert MESSAGES.read_request("application/jwt", encrypted(REQUEST), department="amr") == (REQUEST, None)
    with pytest.raises(InvalidEncryptionParameters):
        STRICT.read_request("application/jwt", encrypted(REQUEST), department="amr")


def test_an_answer_s_encryption_is_not_asked_for_in_the_clear() -> None:
    """4.9.3: response encryption requested in an unencrypted request."""
    with pytest.raises(InvalidEncryptionParameters):
        MESSAGES.read_request("application/json", orjson.dumps(REQUEST | wanted()), department="amr")


def test_a_request_in_the_clear_is_refused_where_encryption_is_required() -> None:
    """4.9.3: encryption_required violated."""
    with pytest.raises(InvalidEncryptionParameters):
        STRICT.read_request("application/json", orjson.dumps(REQUEST), department="amr")


@pytest.mark.parametrize(
    "flawed",
    [
        {"jwk": "text"},
        {"jwk": WALLET_JWK | {"alg": "UNSUPPORTED_ALG"}},
        {"jwk": {name: value for name, value in WALLET_JWK.items() if name != "alg"}},
        {"jwk": WALLET_JWK | {"x": WALLET_JWK["y"]}},
        {"jwk": WALLET_JWK | {"d": "AA"}},
        {"enc": "A128CBC-HS256"},
        {"enc": None},
        {"zip": "GZIP"},
    ],
)
def test_parameters_that_are_not_offered_are_refused(flawed: dict[str, Any]) -> None:
    """4.9.3, module 18: unsupported alg, enc, zip or key."""
    with pytest.raises(InvalidEncryptionParameters):
        MESSAGES.read_request("application/jwt", encrypted(REQUEST | wanted(**flawed)), department="amr")


def test_encryption_parameters_that_are_no_object_are_refused() -> None:
    asked = REQUEST | {"credential_response_encryption": []}
    with pytest.raises(InvalidEncryptionParameters):
        MESSAGES.read_request("application/jwt", encrypted(asked), department="amr")


def test_a_request_for_another_department_s_key_is_refused() -> None:
    with pytest.raises(InvalidEncryptionParameters):
        MESSAGES.read_request("application/jwt", encrypted(REQUEST), department="psb")


@pytest.mark.parametrize("body", [b"a.b.c", b"\xff", b""])
def test_a_body_that_is_no_jwe_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidEncryptionParameters):
        MESSAGES.read_request("application/jwt", body, department="amr")


def test_a_request_without_the_key_s_name_is_refused() -> None:
    key = MESSAGES.metadata("amr")["credential_request_encryption"]["jwks"]["keys"][0]
    unnamed = {name: value for name, value in key.items() if name != "kid"}
    with pytest.raises(InvalidEncryptionParameters, match="kid"):
        MESSAGES.read_request("application/jwt", encrypted(REQUEST, to=unnamed), department="amr")


def test_a_bomb_stays_too_large() -> None:
    key = MESSAGES.metadata("amr")["credential_request_encryption"]["jwks"]["keys"][0]
    bomb = jwe.encrypt(bytes(jwe.MAX_PLAINTEXT + 1), to=key, enc="A128GCM", compressed=True)
    with pytest.raises(TooLarge):
        MESSAGES.read_request("application/jwt", bomb.encode(), department="amr")


@pytest.mark.parametrize(
    ("content_type", "body"),
    [("application/json", b"[]"), ("text/plain", b"{}"), (None, b"{}"), ("application/json", b"")],
)
def test_what_is_no_json_object_is_refused(content_type: str | None, body: bytes) -> None:
    with pytest.raises(InvalidCredentialRequest):
        MESSAGES.read_request(content_type, body, department="amr")


class Keys:
    """The signing key of one department."""

    def __init__(self) -> None:
        self.key = SoftwareSigner.generate().with_chain([b"leaf"])

    def signer(self, department: str) -> SoftwareSigner:
        assert department == "amr"
        return self.key

    def issuer_uri(self, department: str) -> str:
        raise NotImplementedError


def test_signed_metadata_are_all_metadata_by_the_department_s_key() -> None:
    """4.1.6: typ, x5c, sub, iat, exp in the future, and every parameter as a claim."""
    keys, now = Keys(), datetime(2026, 11, 1, tzinfo=UTC)
    metadata = {"credential_issuer": "https://example.org/issuers/amr", "credential_endpoint": "…"}
    token = jws.peek(SignedMetadata(keys).signed(metadata, department="amr", now=now))
    assert token.header.typ == "openidvci-issuer-metadata+jwt"
    assert token.header.x5c() == (b"leaf",)
    claims = token.verified_by(keys.key.public_key)
    assert metadata.items() <= claims.items()
    assert claims["sub"] == metadata["credential_issuer"]
    assert claims["exp"] > claims["iat"] == int(now.timestamp())
