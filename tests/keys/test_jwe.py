"""Encrypted tokens: made by one implementation and read by the other, and everything that is refused."""

import base64
import json
import zlib
from typing import Any

import pytest
from jwcrypto import jwe as other
from jwcrypto import jwk as other_jwk

from keys import jwe
from keys.errors import DecryptionFailed, EcertError, EncryptionRefused, MalformedToken, TooLarge
from keys.jwe import DecryptionKey

KEY = DecryptionKey.derive(bytes(range(32)), "test")
ANOTHER = DecryptionKey.derive(bytes(range(32)), "another")
TEXT = '{"持证主体": "示例"}'.encode()


def by_another(header: dict[str, Any], plaintext: bytes = TEXT) -> str:
    token = other.JWE(plaintext, json.dumps(header), algs=["ECDH-ES", "A128GCM", "A256GCM", "A128CBC-HS256", "DEF"])
    token.add_recipient(other_jwk.JWK(**{name: KEY.jwk[name] for name in ("kty", "crv", "x", "y")}))
    return token.serialize(compact=True)


def test_the_same_secret_and_info_give_the_same_key() -> None:
    assert DecryptionKey.derive(bytes(range(32)), "test").jwk == KEY.jwk
    assert ANOTHER.kid != KEY.kid
    assert DecryptionKey.generate().kid != DecryptionKey.generate().kid


@pytest.mark.parametrize(
    "changed",
    [{"crv": "@type"}, {"crv": "P-384"}, {"kty": "OKP"}, {"x": "AA"}, {"d": "AA"}, {"y": None}],
    ids=["unknown curve", "another curve", "another kind", "short", "private", "no y"],
)
def test_an_ephemeral_key_that_is_none_on_the_curve_is_refused(changed: dict[str, Any]) -> None:
    head, rest = jwe.encrypt(TEXT, to=KEY.jwk, enc="A128GCM").split(".", 1)
    header = json.loads(base64.urlsafe_b64decode(head + "=="))
    header["epk"] |= changed
    altered = base64.urlsafe_b64encode(json.dumps(header).encode()).decode().rstrip("=")
    with pytest.raises(MalformedToken, match="epk"):
        jwe.decrypt(f"{altered}.{rest}", keys=[KEY])


@pytest.mark.parametrize("epk", [None, "text", []])
def test_an_ephemeral_key_that_is_no_object_is_refused(epk: Any) -> None:
    header = base64.urlsafe_b64encode(json.dumps({"alg": "ECDH-ES", "enc": "A128GCM", "epk": epk}).encode()).decode()
    with pytest.raises(MalformedToken, match="epk"):
        jwe.peek_header(f"{header.rstrip('=')}....")


def test_a_key_says_what_it_is_for() -> None:
    assert KEY.jwk["alg"] == "ECDH-ES"
    assert KEY.jwk["use"] == "enc"
    assert KEY.jwk["kid"] == KEY.kid
    assert "d" not in KEY.jwk


@pytest.mark.parametrize("enc", jwe.ENCS)
@pytest.mark.parametrize("compressed", [False, True])
def test_what_is_encrypted_is_read_by_another_implementation(enc: str, compressed: bool) -> None:
    private = other_jwk.JWK.generate(kty="EC", crv="P-256")
    to = private.export_public(as_dict=True) | {"kid": "theirs", "alg": "ECDH-ES"}
    token = jwe.encrypt(TEXT, to=to, enc=enc, compressed=compressed, header={"cty": "json"})
    read = other.JWE(algs=["ECDH-ES", "A128GCM", "A256GCM", "DEF"])
    read.deserialize(token, private)
    assert read.payload == TEXT
    assert read.jose_header["kid"] == "theirs"
    assert read.jose_header["cty"] == "json"
    assert read.jose_header.get("zip") == ("DEF" if compressed else None)


@pytest.mark.parametrize("enc", jwe.ENCS)
@pytest.mark.parametrize("compressed", [False, True])
def test_what_another_implementation_encrypted_is_read(enc: str, compressed: bool) -> None:
    header = {"alg": "ECDH-ES", "enc": enc, "kid": KEY.kid, "apu": "YXB1", "apv": "YXB2", "cty": "json"}
    read = jwe.decrypt(by_another(header | ({"zip": "DEF"} if compressed else {})), keys=[ANOTHER, KEY])
    assert read.plaintext == TEXT
    assert read.header["apu"] == "YXB1"


def test_the_key_agreement_of_rfc_7518_appendix_c() -> None:
    """RFC 7518, appendix C: a token to Bob's key is read with Bob's private key as printed there."""
    bob = {
        "kty": "EC",
        "crv": "P-256",
        "x": "weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ",
        "y": "e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck",
        "d": "VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw",
    }
    token = jwe.encrypt(TEXT, to={name: bob[name] for name in ("kty", "crv", "x", "y")}, enc="A128GCM")
    read = other.JWE(algs=["ECDH-ES", "A128GCM"])
    read.deserialize(token, other_jwk.JWK(**bob))
    assert read.payload == TEXT


def test_a_token_without_a_kid_is_for_an_only_key() -> None:
    token = by_another({"alg": "ECDH-ES", "enc": "A128GCM"})
    assert jwe.decrypt(token, keys=[KEY]).plaintext == TEXT
    with pytest.raises(DecryptionFailed):
        jwe.decrypt(token, keys=[KEY, ANOTHER])


def test_a_token_for_another_key_is_refused() -> None:
    token = by_another({"alg": "ECDH-ES", "enc": "A128GCM"})
    with pytest.raises(DecryptionFailed, match="cannot be decrypted"):
        jwe.decrypt(token, keys=[ANOTHER])
    with pytest.raises(DecryptionFailed, match="none of the keys"):
        jwe.decrypt(by_another({"alg": "ECDH-ES", "enc": "A128GCM", "kid": KEY.kid}), keys=[ANOTHER])


@pytest.mark.parametrize("part", [2, 3, 4])
def test_an_altered_token_is_refused(part: int) -> None:
    parts = by_another({"alg": "ECDH-ES", "enc": "A128GCM"}).split(".")
    parts[part] = ("B" if parts[part][0] != "B" else "C") + parts[part][1:]
    with pytest.raises(DecryptionFailed):
        jwe.decrypt(".".join(parts), keys=[KEY])


def test_an_encrypted_key_where_none_may_be_is_refused() -> None:
    parts = by_another({"alg": "ECDH-ES", "enc": "A128GCM"}).split(".")
    parts[1] = "AAAA"
    with pytest.raises(DecryptionFailed):
        jwe.decrypt(".".join(parts), keys=[KEY])


def forged(header: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(header).encode()).decode().rstrip("=") + "..AAAA.AAAA.AAAA"


EPK = {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}


@pytest.mark.parametrize(
    "token",
    [
        "a.b.c",
        "é....",
        "!....",
        "W10....",
        forged({"alg": "RSA-OAEP", "enc": "A128GCM"}),
        forged({"alg": "dir", "enc": "A128GCM"}),
        forged({"alg": "ECDH-ES"}),
        forged({"alg": "ECDH-ES", "enc": "A128CBC-HS256"}),
        forged({"alg": "ECDH-ES", "enc": "A128GCM", "zip": "GZIP"}),
        forged({"alg": "ECDH-ES", "enc": "A128GCM", "crit": ["x"], "x": 1}),
        forged({"alg": "ECDH-ES", "enc": "A128GCM", "jku": "https://example.org"}),
    ],
)
def test_a_token_of_another_form_is_refused(token: str) -> None:
    with pytest.raises(MalformedToken):
        jwe.decrypt(token, keys=[KEY])


@pytest.mark.parametrize("epk", [None, "text", [], {}, EPK, EPK | {"crv": "P-384"}, KEY.jwk | {"d": "AA"}])
def test_an_ephemeral_key_that_is_none_is_refused(epk: Any) -> None:
    header = {"alg": "ECDH-ES", "enc": "A128GCM"} | ({} if epk is None else {"epk": dict(epk) if epk == {} else epk})
    with pytest.raises(EcertError):
        jwe.decrypt(forged(header), keys=[KEY])


def test_a_token_is_read_up_to_its_limit() -> None:
    with pytest.raises(TooLarge, match="characters"):
        jwe.decrypt("a" * (jwe.MAX_JWE + 1), keys=[KEY])
    with pytest.raises(MalformedToken, match="compact"):
        jwe.decrypt("a" * jwe.MAX_JWE, keys=[KEY])


def test_a_bomb_is_not_inflated_beyond_the_limit() -> None:
    fits = jwe.encrypt(bytes(jwe.MAX_PLAINTEXT), to=KEY.jwk, enc="A128GCM", compressed=True)
    assert len(jwe.decrypt(fits, keys=[KEY]).plaintext) == jwe.MAX_PLAINTEXT
    bomb = jwe.encrypt(bytes(jwe.MAX_PLAINTEXT + 1), to=KEY.jwk, enc="A128GCM", compressed=True)
    with pytest.raises(TooLarge, match="plaintext"):
        jwe.decrypt(bomb, keys=[KEY])


@pytest.mark.parametrize(
    "data", [b"\xff\xff", zlib.compress(b"x", wbits=-15)[:-1], zlib.compress(b"x", wbits=-15) + b"y"]
)
def test_compressed_data_that_is_none_is_refused(data: bytes) -> None:
    with pytest.raises(DecryptionFailed):
        jwe._Deflate().decompress(data)


@pytest.mark.parametrize(
    "to",
    [
        "text",
        {},
        KEY.jwk | {"alg": "ECDH-ES+A128KW"},
        KEY.jwk | {"use": "sig"},
        KEY.jwk | {"kid": 1},
        KEY.jwk | {"kid": "k" * 257},
        KEY.jwk | {"d": "AA"},
        KEY.jwk | {"x": KEY.jwk["y"]},
        {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},
    ],
)
def test_a_receiver_s_key_of_another_kind_is_refused(to: Any) -> None:
    with pytest.raises(EncryptionRefused):
        jwe.encrypt(TEXT, to=to, enc="A128GCM")


def test_another_content_encryption_is_refused() -> None:
    with pytest.raises(EncryptionRefused, match="enc"):
        jwe.encrypt(TEXT, to=KEY.jwk, enc="A128CBC-HS256")
