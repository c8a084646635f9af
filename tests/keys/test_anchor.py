"""The trust anchor: its two written forms, and the documents that it signs."""

import pytest

from keys import jws, strict_json
from keys.algorithms import Algorithm
from keys.anchor import Anchor
from keys.errors import (
    AlgorithmNotAllowed,
    DuplicateMember,
    InvalidSignature,
    MalformedKey,
    MalformedToken,
    UnexpectedType,
    UnknownAnchor,
)
from keys.public import PublicKey
from keys.signer import SoftwareSigner

ONE, TWO = SoftwareSigner.generate(), SoftwareSigner.generate()
ANCHOR = Anchor((ONE.public_key,))


@pytest.mark.parametrize("keys", [(ONE.public_key,), (ONE.public_key, TWO.public_key)])
def test_what_is_written_is_read_again(keys: tuple[PublicKey, ...]) -> None:
    assert Anchor.from_json(Anchor(keys).to_json()) == Anchor(keys)


def test_one_key_is_written_as_a_jwk() -> None:
    written = strict_json.loads_object(ANCHOR.to_json())
    assert written == ONE.public_key.jwk | {"kid": ONE.public_key.kid, "alg": "ES256", "use": "sig"}


@pytest.mark.parametrize(
    ("raw", "fact"),
    [
        (b'{"keys":[]}', "0 keys"),
        (b'{"keys":{}}', "neither"),
        (b'{"keys":[1]}', "neither"),
        (b'{"kty":"oct","k":"AA"}', "private"),
        (b'{"kty":"RSA","n":"AA","e":"AQAB"}', "lacks"),
        (strict_json.dumps({"keys": [ONE.public_key.jwk] * 2}), "twice"),
        (strict_json.dumps({"keys": [ONE.public_key.jwk] * 20}), "17 keys"),
        (b" " * 65_537, "limit"),
    ],
)
def test_what_is_no_anchor_is_refused(raw: bytes, fact: str) -> None:
    with pytest.raises(MalformedKey, match=fact):
        Anchor.from_json(raw)


def test_a_member_twice_is_refused() -> None:
    with pytest.raises(DuplicateMember):
        Anchor.from_json(b'{"kty":"EC","kty":"EC"}')


def test_a_list_is_no_anchor() -> None:
    with pytest.raises(MalformedToken):
        Anchor.from_json(b"[]")


def test_the_payload_of_a_signed_document_comes_out() -> None:
    assert ANCHOR.payload(jws.sign(b'{"a":1}', ONE, typ="t"), typ="t") == {"a": 1}


def test_the_second_pinned_key_signs_as_well() -> None:
    anchor = Anchor((ONE.public_key, TWO.public_key))
    assert anchor.payload(jws.sign(b"{}", TWO, typ="t"), typ="t") == {}


def test_a_key_that_is_not_pinned_is_refused() -> None:
    with pytest.raises(UnknownAnchor):
        ANCHOR.payload(jws.sign(b"{}", TWO, typ="t"), typ="t")


def test_a_document_that_names_no_key_is_refused() -> None:
    with pytest.raises(UnknownAnchor):
        ANCHOR.payload(jws.sign(b"{}", ONE, typ="t", kid=False), typ="t")


def test_a_stranger_who_names_the_pinned_key_is_refused() -> None:
    head = jws.sign(b"{}", ONE, typ="t").split(".")[0]
    _, payload, signature = jws.sign(b"{}", TWO, typ="t").split(".")
    with pytest.raises(InvalidSignature):
        ANCHOR.payload(f"{head}.{payload}.{signature}", typ="t")


def test_another_typ_is_refused() -> None:
    with pytest.raises(UnexpectedType):
        ANCHOR.payload(jws.sign(b"{}", ONE, typ="t"), typ="u")


def test_alg_is_the_keys_even_where_kid_is_right() -> None:
    edwards = SoftwareSigner.generate(Algorithm.EDDSA)
    head = jws.sign(b"{}", edwards, typ="t", kid=False, extra=(("kid", ONE.public_key.kid),)).split(".")[0]
    _, payload, signature = jws.sign(b"{}", ONE, typ="t").split(".")
    with pytest.raises(AlgorithmNotAllowed):
        ANCHOR.payload(f"{head}.{payload}.{signature}", typ="t")
