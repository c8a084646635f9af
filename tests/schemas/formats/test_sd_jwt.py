"""SD-JWT: issuing, taking apart, presenting; round trips over any claims and any choice."""

import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.algorithms import Algorithm
from keys.encoding import b64url_decode, b64url_text
from keys.errors import InvalidSignature
from keys.signer import SoftwareSigner
from schemas.formats import sd_jwt, sd_jwt_build
from schemas.formats.disclosures import ClaimPath, b64url_each
from schemas.formats.errors import (
    DigestTwice,
    KeyBindingUnexpected,
    MalformedSdJwt,
    NestedTooDeep,
    ReservedClaimName,
    TooManyDisclosures,
    UnknownClaimPath,
    UnsupportedHashAlgorithm,
    WeakSalt,
)
from schemas.formats.sd_jwt import SdJwt
from tests.support.sd_yaml import pruned

TYP = "example+sd-jwt"
ED25519 = SoftwareSigner.generate(Algorithm.EDDSA)


def _random_salt() -> bytes:
    return secrets.token_bytes(16)


def _payload(issued: SdJwt) -> dict[str, Any]:
    payload: dict[str, Any] = json.loads(issued.issuer_jws.peeked_payload)
    return payload


def test_the_same_salts_and_an_ed25519_key_give_the_same_bytes(claims: Mapping[str, Any]) -> None:
    def once() -> str:
        numbers: Iterator[int] = iter(range(100))
        salts = lambda: next(numbers).to_bytes(16, "big")  # noqa: E731
        return sd_jwt.issue(claims, ["name", ("scope", 0)], ED25519, typ=TYP, salt=salts, decoys=3).text()

    assert once() == once()


def test_names_and_paths_of_one_step_give_the_same_bytes(claims: Mapping[str, Any]) -> None:
    def once(selective: sd_jwt_build.Selective) -> tuple[dict[str, Any], tuple[str, ...]]:
        numbers: Iterator[int] = iter(range(100))
        return sd_jwt_build.build(claims, selective, salt=lambda: next(numbers).to_bytes(18, "big"))

    assert once(["scope", "name", "address"]) == once([("scope",), ("name",), ("address",)])


@given(st.lists(st.binary(max_size=8)) | st.lists(st.binary(min_size=5, max_size=5)))
def test_encoding_together_gives_what_encoding_alone_gives(items: list[bytes]) -> None:
    assert b64url_each(items) == [b64url_text(item) for item in items]


def test_the_header_is_written_from_the_key(
    claims: Mapping[str, Any], issuer: SoftwareSigner, salt: Callable[[], bytes]
) -> None:
    header = sd_jwt.issue(claims, ["name"], issuer, typ=TYP, salt=salt).issuer_jws.header
    assert dict(header.parameters) == {"alg": "ES256", "typ": TYP, "kid": issuer.public_key.kid}


def test_the_chain_stands_in_the_header_only_when_asked_for(claims: Mapping[str, Any], issuer: SoftwareSigner) -> None:
    signer = issuer.with_chain([b"a certificate"])
    assert sd_jwt.sign(claims, (), signer, typ=TYP, x5c=True).issuer_jws.header.x5c() == (b"a certificate",)
    assert sd_jwt.sign(claims, (), signer, typ=TYP).issuer_jws.header.x5c() == ()


def test_without_a_selective_claim_the_payload_stays_as_it_is(
    claims: Mapping[str, Any], issuer: SoftwareSigner, salt: Callable[[], bytes]
) -> None:
    issued = sd_jwt.issue(claims, [], issuer, typ=TYP, salt=salt, decoys=5)
    assert _payload(issued) == claims
    assert issued.text().count("~") == 1


def test_digests_are_sorted_so_that_their_order_tells_nothing(
    claims: Mapping[str, Any], issuer: SoftwareSigner, salt: Callable[[], bytes]
) -> None:
    issued = sd_jwt.issue(claims, ["name", "legal_representative", "address", "scope"], issuer, typ=TYP, salt=salt)
    digests = _payload(issued)["_sd"]
    assert len(digests) == 4
    assert digests == sorted(digests)


def test_decoys_stand_among_the_digests_of_objects_and_arrays(
    claims: Mapping[str, Any], issuer: SoftwareSigner, salt: Callable[[], bytes]
) -> None:
    issued = sd_jwt.issue(claims, ["name", ("address", "city"), ("scope", 1)], issuer, typ=TYP, salt=salt, decoys=4)
    payload = _payload(issued)
    assert [len(payload["_sd"]), len(payload["address"]["_sd"]), len(payload["scope"])] == [5, 5, 7]
    assert issued.verified_by(issuer.public_key).claims == claims


def test_a_disclosure_holds_salt_name_and_value(
    claims: Mapping[str, Any], issuer: SoftwareSigner, salt: Callable[[], bytes]
) -> None:
    (disclosure,) = sd_jwt.issue(claims, ["legal_representative"], issuer, typ=TYP, salt=salt).disclosures
    assert json.loads(b64url_decode(disclosure)) == ["AAAAAAAAAAAAAAAAAAAAAQ", "legal_representative", "陈大文"]


@pytest.mark.parametrize("path", ["absent", ("absent",), ("address", "absent"), ("scope", 3), ("name", "x"), ()])
def test_a_path_to_no_claim_is_refused_when_issuing(
    claims: Mapping[str, Any], issuer: SoftwareSigner, salt: Callable[[], bytes], path: str | ClaimPath
) -> None:
    with pytest.raises(UnknownClaimPath):
        sd_jwt.issue(claims, [path], issuer, typ=TYP, salt=salt)


@pytest.mark.parametrize("name", ["_sd", "...", "_sd_alg"])
@pytest.mark.parametrize("where", [lambda n: {n: 1}, lambda n: {"a": {n: 1}}, lambda n: {"a": [[{n: 1}]]}])
@pytest.mark.parametrize("selective", [["b"], [("c", "d")]])
def test_a_reserved_name_is_refused_when_issuing(
    issuer: SoftwareSigner,
    salt: Callable[[], bytes],
    name: str,
    where: Callable[[str], dict[str, Any]],
    selective: list[str | ClaimPath],
) -> None:
    with pytest.raises(ReservedClaimName):
        sd_jwt.issue({"b": 1, "c": {"d": 1}} | where(name), selective, issuer, typ=TYP, salt=salt)


def test_a_short_salt_is_refused(claims: Mapping[str, Any], issuer: SoftwareSigner) -> None:
    with pytest.raises(WeakSalt):
        sd_jwt.issue(claims, ["name"], issuer, typ=TYP, salt=lambda: b"15 bytes, no 16")


def test_equal_disclosures_from_a_repeating_salt_are_refused(issuer: SoftwareSigner) -> None:
    with pytest.raises(DigestTwice):
        sd_jwt.issue({"a": ["x", "x"]}, [("a", 0), ("a", 1)], issuer, typ=TYP, salt=lambda: b"0123456789abcdef")


@pytest.mark.parametrize("sd_alg", ["sha-256", "sha-384", "sha-512"])
def test_each_accepted_hash_is_written_and_read(
    claims: Mapping[str, Any], issuer: SoftwareSigner, salt: Callable[[], bytes], sd_alg: str
) -> None:
    payload, disclosures = sd_jwt_build.build(claims, ["name"], salt=salt, sd_alg=sd_alg)
    issued = sd_jwt.sign(payload, disclosures, issuer, typ=TYP)
    assert issued.peek_hash_name() == sd_alg
    assert issued.verified_by(issuer.public_key).claims == claims


def test_another_hash_is_refused_when_issuing(claims: Mapping[str, Any], salt: Callable[[], bytes]) -> None:
    with pytest.raises(UnsupportedHashAlgorithm):
        sd_jwt_build.build(claims, ["name"], salt=salt, sd_alg="md5")


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", MalformedSdJwt),
        ("a.b.c", MalformedSdJwt),
        ("a.b.c~~", MalformedSdJwt),
        ("a.b.c~d~~", MalformedSdJwt),
        ("a.b.c~证~", MalformedSdJwt),
        ("~" * 262_145, MalformedSdJwt),
        ("a.b.c~" + "d~" * 513, TooManyDisclosures),
    ],
)
def test_a_text_of_another_form_is_refused(text: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        SdJwt.parse(text)


def test_as_many_disclosures_as_the_limit_are_taken_apart() -> None:
    assert len(SdJwt.parse("a.b.c~" + "d~" * 512).disclosures) == 512


def test_a_holder_refuses_an_issued_credential_with_key_binding() -> None:
    with pytest.raises(KeyBindingUnexpected):
        SdJwt.parse_issued("a.b.c~d~e.f.g")


def test_text_gives_back_what_was_parsed() -> None:
    for text in ("a.b.c~", "a.b.c~d~", "a.b.c~d~e~f.g.h", "a.b.c~f.g.h"):
        assert SdJwt.parse(text).text() == text


def test_the_claims_of_another_key_are_not_given(
    claims: Mapping[str, Any], issuer: SoftwareSigner, stranger: SoftwareSigner, salt: Callable[[], bytes]
) -> None:
    with pytest.raises(InvalidSignature):
        sd_jwt.issue(claims, ["name"], issuer, typ=TYP, salt=salt).verified_by(stranger.public_key)


def test_verified_claims_say_where_disclosures_stood(
    claims: Mapping[str, Any], issuer: SoftwareSigner, salt: Callable[[], bytes]
) -> None:
    issued = sd_jwt.issue(claims, ["address", ("address", "city"), ("scope", 2)], issuer, typ=TYP, salt=salt)
    shown = issued.present([("address", "city"), ("scope", 2)])
    assert shown.verified_by(issuer.public_key).disclosed == {("address",), ("address", "city"), ("scope", 2)}


def test_a_chosen_claim_brings_its_parents_and_not_its_children(
    claims: dict[str, Any], issuer: SoftwareSigner, salt: Callable[[], bytes]
) -> None:
    selective = ["name", "address", ("address", "city"), ("address", "street")]
    issued = sd_jwt.issue(claims, selective, issuer, typ=TYP, salt=salt)
    del claims["name"]
    for chosen, address in ([("address", "city")], {"city": "江门市"}), ([("address",)], {}):
        shown = issued.present(chosen)
        assert shown.verified_by(issuer.public_key).claims == claims | {"address": address}


def test_none_in_a_path_chooses_every_element(
    claims: dict[str, Any], issuer: SoftwareSigner, salt: Callable[[], bytes]
) -> None:
    issued = sd_jwt.issue(claims, ["name", "scope", ("scope", 0), ("scope", 2)], issuer, typ=TYP, salt=salt)
    del claims["name"]
    assert issued.present([("scope", None)]).verified_by(issuer.public_key).claims == claims


def test_a_claim_in_the_clear_may_be_chosen_and_needs_no_disclosure(
    claims: Mapping[str, Any], issuer: SoftwareSigner, salt: Callable[[], bytes]
) -> None:
    assert sd_jwt.issue(claims, ["name"], issuer, typ=TYP, salt=salt).present([("vct",)]).disclosures == ()


@pytest.mark.parametrize(
    "path",
    [(), ("absent",), ("scope", 3), ("scope", -1), ("scope", "0"), ("address", 0), ("address", None), ("name", None)],
)
def test_a_path_to_no_claim_is_refused_when_presenting(
    claims: Mapping[str, Any], issuer: SoftwareSigner, salt: Callable[[], bytes], path: ClaimPath
) -> None:
    issued = sd_jwt.issue(claims, ["name", ("scope", 0)], issuer, typ=TYP, salt=salt)
    with pytest.raises(UnknownClaimPath):
        issued.present([path])


def test_presenting_drops_the_key_binding() -> None:
    issued = sd_jwt.issue({"a": 1}, ["a"], ED25519, typ=TYP, salt=_random_salt)
    assert issued.with_key_binding("e.f.g").present([("a",)]).key_binding is None


@pytest.mark.parametrize("inner", [lambda v: {"a": v}, lambda v: [v]])
def test_disclosures_that_nest_too_deep_are_refused(inner: Callable[[Any], Any]) -> None:
    value: Any = 1
    path: list[str | int] = ["top"]
    paths: list[ClaimPath] = []
    for _ in range(20):  # two levels each: neither the payload nor a disclosure is deep by itself
        value = inner(inner(value))
        path += ["a", "a"] if isinstance(value, dict) else [0, 0]
        paths.append(tuple(path))
    issued = sd_jwt.issue({"top": value}, paths, ED25519, typ=TYP, salt=_random_salt)
    with pytest.raises(NestedTooDeep):
        issued.verified_by(ED25519.public_key)


# Round trips: any claims, any selection of what may be hidden, any choice of what is shown.
_names = st.text(max_size=6).filter(lambda name: name not in ("_sd", "...", "_sd_alg"))
_scalars = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
_values = st.recursive(
    _scalars | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_names, inner, max_size=4),
    max_leaves=15,
)


def _paths(value: Any, path: ClaimPath = ()) -> Iterator[ClaimPath]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, item in items:
        yield (*path, step)
        yield from _paths(item, (*path, step))


@given(st.dictionaries(_names, _values, max_size=5), st.data(), st.integers(0, 2))
def test_any_choice_of_any_claims_comes_out_as_chosen(claims: dict[str, Any], data: st.DataObject, decoys: int) -> None:
    paths = list(_paths(claims))
    selective = set(data.draw(st.lists(st.sampled_from(paths), unique=True)) if paths else [])
    chosen = data.draw(st.lists(st.sampled_from(paths), unique=True)) if paths else []
    issued = sd_jwt.issue(claims, selective, ED25519, typ=TYP, salt=_random_salt, decoys=decoys)
    shown = SdJwt.parse(SdJwt.parse_issued(issued.text()).present(chosen).text())
    kept = {path[:length] for path in chosen for length in range(1, len(path) + 1)}
    assert shown.verified_by(ED25519.public_key).claims == pruned(claims, frozenset(selective - kept))


def test_the_signed_claims_are_peeked_whole_and_verifying_twice_gives_the_same(
    claims: Mapping[str, Any], issuer: SoftwareSigner, salt: Callable[[], bytes]
) -> None:
    issued = SdJwt.parse(sd_jwt.issue(claims, ["name"], issuer, typ=TYP, salt=salt).text())
    assert len(issued.peek_signed_claims()["_sd"]) == 1
    first, second = (issued.verified_by(issuer.public_key).claims for _ in range(2))
    assert first == second
    assert "_sd" not in first


def test_the_signed_payload_is_read_once_however_often_it_is_looked_at() -> None:
    shown = SdJwt.parse(
        sd_jwt.issue({"iss": "x"}, [], SoftwareSigner.generate(), typ="t", salt=lambda: bytes(16)).text()
    )
    assert shown.peek_signed_claims() is shown.peek_signed_claims()
