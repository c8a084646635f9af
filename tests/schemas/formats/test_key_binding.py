"""Key binding: both ways of making it, and each way in which it does not hold."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from keys import jws
from keys.algorithms import Algorithm
from keys.encoding import b64url_text
from keys.errors import InvalidSignature
from keys.public import PublicKey
from keys.signer import SoftwareSigner
from schemas.formats import key_binding, sd_jwt_build, sd_jwt_vc
from schemas.formats import sd_jwt as sd_jwt_module
from schemas.formats.errors import FormatError, HolderKeyMissing, HolderKeyUnsupported
from schemas.formats.sd_jwt import SdJwt

AUDIENCE, NONCE, IAT = "urn:ecert:counter", "n-0S6_WzA2Mj", 1_760_000_000


@pytest.fixture
def presented(claims: dict[str, Any], issuer: SoftwareSigner, salt: Callable[[], bytes]) -> SdJwt:
    return sd_jwt_vc.issue(claims, ["name", "legal_representative"], issuer, salt=salt).present([("name",)])


@pytest.fixture
def shown(presented: SdJwt, holder: SoftwareSigner) -> SdJwt:
    return key_binding.bind(presented, holder, audience=AUDIENCE, nonce=NONCE, iat=IAT)


def _refused(shown: SdJwt, key: PublicKey) -> str:
    with pytest.raises(FormatError) as caught:
        key_binding.verified_by(shown, key)
    return caught.value.code


def test_the_proof_comes_back_for_the_callers_policy(shown: SdJwt, holder: SoftwareSigner) -> None:
    read = SdJwt.parse(shown.text())
    assert key_binding.verified_by(read, holder.public_key) == key_binding.KeyBinding(AUDIENCE, NONCE, IAT, None, None)


def test_the_header_holds_only_algorithm_and_type(shown: SdJwt) -> None:
    assert dict(jws.peek(shown.key_binding or "").header.parameters) == {"alg": "ES256", "typ": "kb+jwt"}


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_a_device_signs_what_was_prepared(presented: SdJwt, algorithm: Algorithm) -> None:
    device = SoftwareSigner.generate(algorithm)
    prepared = key_binding.prepare(presented, device.public_key, audience=AUDIENCE, nonce=NONCE, iat=IAT)
    shown = prepared.completed(device.sign(prepared.signing_input))
    assert key_binding.verified_by(SdJwt.parse(shown.text()), device.public_key).nonce == NONCE


def test_both_ways_give_the_same_bytes(presented: SdJwt) -> None:
    device = SoftwareSigner.generate(Algorithm.EDDSA)
    prepared = key_binding.prepare(presented, device.public_key, audience=AUDIENCE, nonce=NONCE, iat=IAT)
    bound = key_binding.bind(presented, device, audience=AUDIENCE, nonce=NONCE, iat=IAT)
    assert prepared.completed(device.sign(prepared.signing_input)).text() == bound.text()


def test_a_signature_of_another_device_completes_nothing(
    presented: SdJwt, holder: SoftwareSigner, stranger: SoftwareSigner
) -> None:
    prepared = key_binding.prepare(presented, holder.public_key, audience=AUDIENCE, nonce=NONCE, iat=IAT)
    with pytest.raises(InvalidSignature):
        prepared.completed(stranger.sign(prepared.signing_input))


@pytest.mark.parametrize("sd_alg", ["sha-384", "sha-512"])
def test_sd_hash_is_taken_by_the_hash_of_the_disclosures(
    claims: dict[str, Any], issuer: SoftwareSigner, holder: SoftwareSigner, salt: Callable[[], bytes], sd_alg: str
) -> None:
    payload, disclosures = sd_jwt_build.build(claims, ["name"], salt=salt, sd_alg=sd_alg)
    issued = sd_jwt_module.sign(payload, disclosures, issuer, typ="dc+sd-jwt")
    shown = key_binding.bind(issued, holder, audience=AUDIENCE, nonce=NONCE, iat=IAT)
    assert key_binding.verified_by(SdJwt.parse(shown.text()), holder.public_key).nonce == NONCE


def test_a_missing_key_binding_is_refused(presented: SdJwt, holder: SoftwareSigner) -> None:
    assert _refused(presented, holder.public_key) == "key_binding_missing"


def test_the_key_of_another_holder_is_refused(shown: SdJwt, stranger: SoftwareSigner) -> None:
    assert _refused(shown, stranger.public_key) == "key_binding_signature_invalid"


def test_an_algorithm_that_the_key_does_not_allow_is_refused(shown: SdJwt) -> None:
    key = SoftwareSigner.generate(Algorithm.EDDSA).public_key
    assert _refused(shown, key) == "key_binding_algorithm_refused"


@pytest.mark.parametrize("alg", ["none", "HS256"])
def test_an_algorithm_of_no_key_of_ours_is_refused(shown: SdJwt, holder: SoftwareSigner, alg: str) -> None:
    _, payload, signature = (shown.key_binding or "").split(".")
    head = b64url_text(json.dumps({"alg": alg, "typ": "kb+jwt"}).encode())
    assert _refused(shown.with_key_binding(f"{head}.{payload}.{signature}"), holder.public_key) == (
        "key_binding_algorithm_refused"
    )


@pytest.mark.parametrize("text", ["x", "a.b.c", "e30.e30.e30", "a" * 9000])
def test_a_key_binding_that_is_no_jwt_is_refused(shown: SdJwt, holder: SoftwareSigner, text: str) -> None:
    code = _refused(shown.with_key_binding(text), holder.public_key)
    assert code in ("key_binding_malformed", "key_binding_algorithm_refused")


def test_an_embedded_key_is_refused(shown: SdJwt, holder: SoftwareSigner) -> None:
    head = b64url_text(json.dumps({"alg": "ES256", "typ": "kb+jwt", "jwk": holder.public_key.jwk}).encode())
    _, payload, signature = (shown.key_binding or "").split(".")
    assert _refused(shown.with_key_binding(f"{head}.{payload}.{signature}"), holder.public_key) == (
        "key_binding_malformed"
    )


def test_another_type_is_refused(shown: SdJwt, holder: SoftwareSigner) -> None:
    payload = jws.peek(shown.key_binding or "").peeked_payload
    for typ in ("jwt", "dc+sd-jwt", "KB+JWT"):
        other = jws.sign(payload, holder, typ=typ, kid=False)
        assert _refused(shown.with_key_binding(other), holder.public_key) == "key_binding_wrong_type"


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("aud", [None, ["urn:ecert:counter"], 1]),
        ("nonce", [None, 1]),
        ("sd_hash", [None, 1]),
        ("iat", [None, "1760000000", True, -1, 1e300]),
        ("exp", [None, "soon"]),
        ("nbf", [[]]),
    ],
)
def test_a_claim_of_the_wrong_kind_is_refused(
    shown: SdJwt, holder: SoftwareSigner, name: str, values: list[Any]
) -> None:
    claims = jws.peek(shown.key_binding or "").peek_claims()
    for value in values:
        other = jws.sign(json.dumps(claims | {name: value}).encode(), holder, typ="kb+jwt")
        assert _refused(shown.with_key_binding(other), holder.public_key) == "key_binding_claim_invalid"


@pytest.mark.parametrize("name", ["aud", "nonce", "sd_hash", "iat"])
def test_an_absent_claim_is_refused(shown: SdJwt, holder: SoftwareSigner, name: str) -> None:
    claims = jws.peek(shown.key_binding or "").peek_claims()
    del claims[name]
    other = jws.sign(json.dumps(claims).encode(), holder, typ="kb+jwt")
    assert _refused(shown.with_key_binding(other), holder.public_key) == "key_binding_claim_invalid"


def test_expiry_of_the_proof_comes_back_too(shown: SdJwt, holder: SoftwareSigner) -> None:
    claims = jws.peek(shown.key_binding or "").peek_claims() | {"exp": 5, "nbf": 4.5}
    other = shown.with_key_binding(jws.sign(json.dumps(claims).encode(), holder, typ="kb+jwt"))
    proof = key_binding.verified_by(other, holder.public_key)
    assert (proof.exp, proof.nbf) == (5, 4.5)


def test_a_disclosure_removed_or_added_after_signing_is_refused(
    shown: SdJwt, presented: SdJwt, holder: SoftwareSigner
) -> None:
    for other in (
        SdJwt(shown.issuer_jwt, (), shown.key_binding),
        SdJwt(shown.issuer_jwt, (*shown.disclosures, "x"), shown.key_binding),
    ):
        assert _refused(other, holder.public_key) == "sd_hash_mismatch"


def test_an_sd_hash_that_is_not_ascii_is_refused(shown: SdJwt, holder: SoftwareSigner) -> None:
    claims = jws.peek(shown.key_binding or "").peek_claims() | {"sd_hash": "摘要"}
    other = shown.with_key_binding(jws.sign(json.dumps(claims).encode(), holder, typ="kb+jwt"))
    assert _refused(other, holder.public_key) == "sd_hash_mismatch"


def test_the_holders_key_is_the_one_in_cnf(claims: dict[str, Any], holder: SoftwareSigner) -> None:
    assert key_binding.holder_key(claims) == holder.public_key


def test_a_credential_without_cnf_names_no_holder_key() -> None:
    with pytest.raises(HolderKeyMissing):
        key_binding.holder_key({})


@pytest.mark.parametrize(
    "cnf", ["x", {}, {"kid": "x"}, {"jwk": "x"}, {"jwk": {"kty": "RSA"}}, {"jwk": {"kty": "EC", "d": "x"}}]
)
def test_another_way_of_naming_the_key_is_not_followed(cnf: Any) -> None:
    with pytest.raises(HolderKeyUnsupported):
        key_binding.holder_key({"cnf": cnf})
