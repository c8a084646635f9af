"""Messages in the clear."""

from typing import Any

import pytest

from issuer.openid4vci.credentials.messages import NoEncryption
from issuer.openid4vci.errors import InvalidCredentialRequest, InvalidEncryptionParameters

PLAIN = NoEncryption()


def test_json_is_read_whatever_its_parameters() -> None:
    """4.8.2 POST JSON."""
    for content_type in ("application/json", "Application/JSON; charset=utf-8"):
        assert PLAIN.read_request(content_type, b'{"a":1}', department="amr") == ({"a": 1}, None)


def test_an_answer_is_json() -> None:
    """4.8.7 application/json."""
    message = PLAIN.write_response({"a": 1}, None)
    assert (message.media_type, message.body) == ("application/json", b'{"a":1}')


def test_the_metadata_offer_nothing() -> None:
    """4 Neither credential_request_encryption nor credential_response_encryption."""
    assert PLAIN.metadata("amr") == {}


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        (None, b"{}"),
        ("text/plain", b"{}"),
        ("application/x-www-form-urlencoded", b"{}"),
        ("application/json", b""),
        ("application/json", b"[]"),
        ("application/json", b"{"),
        ("application/json", b'{"proofs":1,"proofs":2}'),
        ("application/json", b'{"a":' + b"[" * 40 + b"]" * 40 + b"}"),
    ],
)
def test_what_is_no_json_object_is_malformed(content_type: Any, body: bytes) -> None:
    """4.8.5 Malformed request: invalid_credential_request."""
    with pytest.raises(InvalidCredentialRequest):
        PLAIN.read_request(content_type, body, department="amr")


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/jwt", b"a.b.c.d.e"),
        ("application/json", b'{"credential_response_encryption":{"jwk":{},"enc":"A128GCM"}}'),
        ("application/json", b'{"credential_response_encryption":null}'),
    ],
)
def test_encryption_is_refused(content_type: str, body: bytes) -> None:
    """4.9.3 400 invalid_encryption_parameters."""
    with pytest.raises(InvalidEncryptionParameters):
        PLAIN.read_request(content_type, body, department="amr")
