"""JWS: the header comes from the key, and what no token may hold is refused before anything is believed."""

import base64
import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys import jws, strict_json
from keys.algorithms import Algorithm
from keys.encoding import b64url_text
from keys.errors import (
    AlgorithmNotAllowed,
    DuplicateMember,
    ForbiddenHeader,
    InvalidSignature,
    KeysError,
    MalformedToken,
    TooLarge,
)
from keys.public import PublicKey
from keys.signer import SoftwareSigner

SIGNER = SoftwareSigner.generate()
KEY = SIGNER.public_key
CHAIN = (b"leaf", b"above")


def token(header: Any, payload: bytes = b"{}", signature: bytes | None = None) -> str:
    """Return a token with any header, signed by SIGNER."""
    raw = header if isinstance(header, bytes) else strict_json.dumps(header)
    signing_input = f"{b64url_text(raw)}.{b64url_text(payload)}"
    return f"{signing_input}.{b64url_text(signature or SIGNER.sign(signing_input.encode()))}"


@pytest.mark.parametrize("algorithm", Algorithm)
def test_what_is_signed_is_verified(algorithm: Algorithm) -> None:
    signer = SoftwareSigner.generate(algorithm)
    text = jws.sign(b'{"a":1}', signer, typ="t")
    assert jws.peek(text).verified_by(signer.public_key) == {"a": 1}


def test_the_header_is_written_from_the_key() -> None:
    header = jws.peek(jws.sign(b"{}", SIGNER, typ="t")).header
    assert dict(header.parameters) == {"alg": "ES256", "typ": "t", "kid": KEY.kid}
    assert (header.alg, header.typ, header.kid, header.x5c()) == ("ES256", "t", KEY.kid, ())


def test_the_chain_goes_into_the_header_only_when_asked() -> None:
    signer = SIGNER.with_chain(CHAIN)
    chains = [jws.peek(jws.sign(b"{}", signer, typ="t", x5c=switch)).header.x5c() for switch in (True, False)]
    assert chains == [CHAIN, ()]


def test_the_keys_name_may_be_left_out() -> None:
    assert jws.peek(jws.sign(b"{}", SIGNER, typ="t", kid=False)).header.kid is None


def test_more_members_may_be_added() -> None:
    header = jws.peek(jws.sign(b"{}", SIGNER, typ="vc+jwt", extra=(("cty", "vc"),))).header
    assert header.parameters["cty"] == "vc"


@pytest.mark.parametrize("name", ["alg", "typ", "kid"])
def test_a_member_that_the_key_decides_cannot_be_added(name: str) -> None:
    with pytest.raises(ForbiddenHeader):
        jws.sign(b"{}", SIGNER, typ="t", extra=((name, "x"),))


def test_a_key_may_be_called_by_both_names_of_ed25519() -> None:
    signer = SoftwareSigner.generate(Algorithm.EDDSA)
    signing_input = f'{b64url_text(b"""{"alg":"Ed25519"}""")}.{b64url_text(b"{}")}'
    text = f"{signing_input}.{b64url_text(signer.sign(signing_input.encode()))}"
    assert jws.peek(text).verified_by(signer.public_key) == {}


def test_a_payload_need_not_be_json() -> None:
    assert jws.peek(token({"alg": "ES256"}, b"foo")).payload_verified_by(KEY) == b"foo"


def test_claims_are_seen_before_the_signature_only_as_peeked() -> None:
    assert jws.peek(token({"alg": "ES256"}, b'{"iss":"x"}', b"y" * 64)).peek_claims() == {"iss": "x"}


@pytest.mark.parametrize("payload", [b"foo", b"[]", b""])
def test_claims_are_an_object(payload: bytes) -> None:
    with pytest.raises(MalformedToken):
        jws.peek(token({"alg": "ES256"}, payload)).verified_by(KEY)


def test_a_claim_twice_is_refused_even_when_signed() -> None:
    with pytest.raises(DuplicateMember):
        jws.peek(token({"alg": "ES256"}, b'{"iss":"a","iss":"b"}')).verified_by(KEY)


def test_another_key_is_refused() -> None:
    with pytest.raises(InvalidSignature):
        jws.peek(token({"alg": "ES256"})).verified_by(SoftwareSigner.generate().public_key)


@pytest.mark.parametrize("alg", ["ES384", "EdDSA", "Ed25519"])
def test_an_algorithm_of_another_key_is_refused(alg: str) -> None:
    with pytest.raises(AlgorithmNotAllowed, match="the key allows ES256"):
        jws.peek(token({"alg": alg})).verified_by(KEY)


@pytest.mark.parametrize("alg", ["none", "None", "nOnE", "HS256", "RS256", "ES256K", "", None, 1, ["ES256"]])
def test_an_algorithm_that_no_key_has_is_refused(alg: Any) -> None:
    with pytest.raises(AlgorithmNotAllowed):
        jws.peek(token({"alg": alg}))


def test_a_header_without_algorithm_is_refused() -> None:
    with pytest.raises(AlgorithmNotAllowed):
        jws.peek(token({}))


@pytest.mark.parametrize(
    "member",
    [
        {"jku": "https://a.example"},
        {"x5u": "https://a.example"},
        {"crit": ["x"]},
        {"crit": []},
        {"b64": False},
        {"b64": True},
    ],
    ids=str,
)
def test_what_is_never_followed_is_refused(member: dict[str, Any]) -> None:
    with pytest.raises(ForbiddenHeader):
        jws.peek(token({"alg": "ES256"} | member))


def test_an_embedded_key_gives_no_trust() -> None:
    with pytest.raises(ForbiddenHeader):
        jws.peek(token({"alg": "ES256", "jwk": KEY.jwk}))


def test_an_embedded_key_is_there_to_be_proved_where_that_is_asked() -> None:
    peeked = jws.peek(token({"alg": "ES256", "jwk": KEY.jwk}), embedded_jwk=True)
    assert PublicKey.from_jwk(peeked.header.parameters["jwk"]) == KEY


@pytest.mark.parametrize("member", [{"typ": 1}, {"typ": []}, {"kid": 1}, {"kid": {}}], ids=str)
def test_names_are_texts(member: dict[str, Any]) -> None:
    with pytest.raises(MalformedToken):
        jws.peek(token({"alg": "ES256"} | member))


@pytest.mark.parametrize(
    "header", [b"", b"[]", b'"x"', b"{", b'{"alg":"ES256","alg":"ES256"}', b'{"alg":"none","\\u0061lg":"ES256"}']
)
def test_a_header_is_an_object_with_each_member_once(header: bytes) -> None:
    with pytest.raises(MalformedToken):
        jws.peek(token(header))


@pytest.mark.parametrize("x5c", ["text", {}, {"QUJD": 1}, 1, None, [1], ["%"], ["证"], ["QUJ"]], ids=str)
def test_x5c_is_a_list_of_base64(x5c: Any) -> None:
    peeked = jws.peek(token({"alg": "ES256", "x5c": x5c}))
    with pytest.raises(MalformedToken):
        peeked.header.x5c()


def test_x5c_is_standard_base64() -> None:
    der = b"\xfb\xff\xfe"
    assert base64.b64encode(der) == b"+//+"
    assert jws.peek(jws.sign(b"{}", SIGNER.with_chain((der,)), typ="t", x5c=True)).header.x5c() == (der,)


@pytest.mark.parametrize("text", ["", ".", "..", "a.b", "a.b.c.d", "a.b.c.d.e", "证.b.c", '{"payload":""}', "\ud800.."])
def test_a_token_has_three_parts(text: str) -> None:
    with pytest.raises(MalformedToken):
        jws.peek(text)


@pytest.mark.parametrize("part", [0, 1, 2])
@pytest.mark.parametrize(
    "change", [lambda p: p + "=", lambda p: p + "\n", lambda p: " " + p, lambda p: p + "A" * (5 - len(p) % 4)]
)
def test_each_part_is_base64url_in_its_only_form(part: int, change: Any) -> None:
    parts = token({"alg": "ES256"}, b"{}").split(".")
    parts[part] = change(parts[part])
    with pytest.raises(MalformedToken):
        jws.peek(".".join(parts))


def test_a_token_has_a_limit() -> None:
    text = token({"alg": "ES256"}, b"{}")
    assert jws.peek(text, max_bytes=len(text))
    with pytest.raises(TooLarge):
        jws.peek(text, max_bytes=len(text) - 1)


def test_a_header_has_a_limit() -> None:
    length = jws._MAX_HEADER * 3 // 4 - len(b'{"alg":"ES256","x":""}')
    assert jws.peek(token({"alg": "ES256", "x": "y" * length}))
    with pytest.raises(TooLarge, match="header has 16386 characters, limit 16384"):
        jws.peek(token({"alg": "ES256", "x": "y" * (length + 1)}))


@pytest.mark.parametrize(("more", "kept"), [(0, True), (1, False)])
def test_a_header_is_remembered_up_to_a_length(more: int, kept: bool) -> None:
    length = jws._MAX_KEPT * 3 // 4 + more  # in base64url a third longer
    header = strict_json.dumps({"alg": "ES256", "x": "y" * (length - len(b'{"alg":"ES256","x":""}'))})
    text = token(header)
    assert (jws.peek(text).header is jws.peek(text).header) is kept


def test_a_flood_of_headers_takes_no_more_memory_than_is_set_aside_for_it() -> None:
    deep = "[" + ",".join(["[]"] * 1_000) + "]"  # nothing grows more by being parsed
    longest = "[" + ",".join(["[]"] * 4_000) + "]"
    floods = [[token(f'{{"alg":"ES256","n":{n},"x":{each}}}'.encode()) for n in range(300)] for each in (deep, longest)]
    jws._kept_header.cache_clear()
    tracemalloc.start()
    try:
        for texts in floods:
            for text in texts:
                jws.peek(text)
        assert tracemalloc.get_traced_memory()[0] < 16_000_000
    finally:
        tracemalloc.stop()
        jws._kept_header.cache_clear()


def test_the_parameters_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        jws.peek(token({"alg": "ES256"})).header.parameters["alg"] = "none"  # type: ignore[index]


@given(st.text(max_size=80) | st.text("eyJA.-_", max_size=80))
def test_any_text_is_refused_with_our_error(text: str) -> None:
    with pytest.raises(KeysError):
        jws.peek(text).verified_by(KEY)
