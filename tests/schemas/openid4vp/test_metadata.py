"""``client_metadata``: both ways, the example of appendix B.3.4 in our words, and every member out of form."""

from typing import Any

import pytest

from keys.jwe import ENCS, DecryptionKey
from schemas.openid4vp.errors import InvalidPresentationRequest
from schemas.openid4vp.metadata import FORMATS, ClientMetadata, read_metadata

ALGS = {"sd-jwt_alg_values": ["ES256", "ES384"], "kb-jwt_alg_values": ["ES256", "ES384"]}


def test_what_we_say_of_ourselves_is_read_back(key: DecryptionKey) -> None:
    said = ClientMetadata((key.jwk,), ENCS, FORMATS)
    assert read_metadata(said.document()) == said
    assert said.encryption() == (key.jwk, "A128GCM")
    assert said.document()["encrypted_response_enc_values_supported"] == ["A128GCM", "A256GCM"]


def test_without_keys_there_are_three_members_less() -> None:
    said = ClientMetadata(formats=FORMATS)
    assert said.document().keys() == {"vp_formats_supported"}
    assert read_metadata(said.document()) == said


def test_unknown_members_are_passed_over() -> None:
    document = {"vp_formats_supported": {"dc+sd-jwt": ALGS}, "client_name": "示例", "logo_uri": 7}
    assert read_metadata(document) == ClientMetadata(formats={"dc+sd-jwt": ALGS})
    assert read_metadata({}) == ClientMetadata()


def test_the_default_encryption_is_a128gcm(key: DecryptionKey) -> None:
    assert read_metadata({"jwks": {"keys": [key.jwk]}}).encryption() == (key.jwk, "A128GCM")


def test_the_first_key_that_fits_is_taken(key: DecryptionKey) -> None:
    others = [
        {"kty": "OKP", "crv": "X25519", "kid": "1", "alg": "ECDH-ES"},
        dict(key.jwk) | {"kid": "2", "use": "sig"},
        {name: value for name, value in key.jwk.items() if name != "alg"} | {"kid": "3"},
    ]
    bare = {name: value for name, value in key.jwk.items() if name != "use"}
    encs = {"encrypted_response_enc_values_supported": ["A128CBC-HS256", "A256GCM"]}
    said = read_metadata({"jwks": {"keys": [*others, bare]}} | encs)
    assert said.encryption() == (bare, "A256GCM")


@pytest.mark.parametrize("flaw", ["no key", "no encryption"])
def test_what_we_cannot_encrypt_to_is_refused(key: DecryptionKey, flaw: str) -> None:
    said = ClientMetadata() if flaw == "no key" else ClientMetadata((key.jwk,), ("A128CBC-HS256",))
    with pytest.raises(InvalidPresentationRequest, match="no key and encryption"):
        said.encryption()


@pytest.mark.parametrize(
    ("document", "why"),
    [
        ([], "no object"),
        ({"vp_formats_supported": []}, "object of objects"),
        ({"vp_formats_supported": {"dc+sd-jwt": []}}, "object of objects"),
        ({"jwks": []}, "array of 1 to 20 keys"),
        ({"jwks": {}}, "array of 1 to 20 keys"),
        ({"jwks": {"keys": []}}, "array of 1 to 20 keys"),
        ({"jwks": {"keys": ["x"]}}, "array of 1 to 20 keys"),
        ({"jwks": {"keys": [{"kid": str(n)} for n in range(21)]}}, "array of 1 to 20 keys"),
        ({"jwks": {"keys": [{}]}}, "no kid of its own"),
        ({"jwks": {"keys": [{"kid": ""}]}}, "no kid of its own"),
        ({"jwks": {"keys": [{"kid": "1"}, {"kid": "1"}]}}, "no kid of its own"),
        ({"encrypted_response_enc_values_supported": "A128GCM"}, "array of texts"),
        ({"encrypted_response_enc_values_supported": []}, "array of texts"),
        ({"encrypted_response_enc_values_supported": [1]}, "array of texts"),
    ],
)
def test_a_member_out_of_form_is_refused(document: Any, why: str) -> None:
    with pytest.raises(InvalidPresentationRequest, match=why):
        read_metadata(document)
