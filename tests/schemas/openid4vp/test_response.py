"""The response: as a form, as a JWE, over the DC API; both ways, with jwcrypto on the other side; and its flaws."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from jwcrypto import jwe, jwk

from keys.jwe import ENCS, DecryptionKey, encrypt
from schemas.openid4vp import errors
from schemas.openid4vp.errors import InvalidPresentationRequest, InvalidPresentationResponse
from schemas.openid4vp.metadata import ClientMetadata
from schemas.openid4vp.response import MAX_PRESENTATIONS, Response, read_encrypted, read_form, read_members

ANSWER = Response({"licence": ("eyJ~", "eyK~"), "card": ({"type": ["VerifiablePresentation"]},)}, "the-state")
REFUSAL = Response(state="the-state", error="access_denied", error_description="no")


@pytest.mark.parametrize("response", [ANSWER, REFUSAL, Response({"a": ("x",)}), Response(error="invalid_request")])
def test_a_response_is_read_back_in_every_form(response: Response, key: DecryptionKey) -> None:
    assert read_members(response.members()) == response
    assert read_form(response.form()) == response
    assert read_encrypted(response.encrypted(ClientMetadata((key.jwk,), ENCS)), keys=[key]) == response


def test_a_form_holds_texts_alone() -> None:
    form = ANSWER.form()
    assert json.loads(form["vp_token"]) == ANSWER.members()["vp_token"]
    assert (form["state"], REFUSAL.form()["error"]) == ("the-state", "access_denied")


def test_unknown_fields_are_passed_over() -> None:
    assert read_form(ANSWER.form() | {"presentation_submission": "{}"}) == ANSWER


def test_nothing_that_was_shown_is_printed() -> None:
    assert "eyJ" not in repr(ANSWER)


@pytest.mark.parametrize("enc", ENCS)
def test_another_library_encrypts_to_us(key: DecryptionKey, enc: str) -> None:
    header = {"alg": "ECDH-ES", "enc": enc, "kid": key.kid, "apu": "YXB1", "apv": "YXB2"}
    token = jwe.JWE(json.dumps(ANSWER.members()), json.dumps(header), algs=["ECDH-ES", enc])
    token.add_recipient(jwk.JWK(**key.jwk))
    assert read_encrypted(token.serialize(compact=True), keys=[key]) == ANSWER


@pytest.mark.parametrize("enc", ENCS)
def test_another_library_decrypts_what_we_encrypt(enc: str) -> None:
    theirs = jwk.JWK.generate(kty="EC", crv="P-256")
    said = theirs.export_public(as_dict=True) | {"kid": "1", "use": "enc", "alg": "ECDH-ES"}
    token = ANSWER.encrypted(ClientMetadata((said,), (enc,)))
    read = jwe.JWE(algs=["ECDH-ES", enc])
    read.deserialize(token, theirs)
    assert json.loads(read.payload) == ANSWER.members()
    assert json.loads(read.objects["protected"])["kid"] == "1"


def test_without_a_key_nothing_is_encrypted() -> None:
    with pytest.raises(InvalidPresentationRequest):
        ANSWER.encrypted(ClientMetadata())


@pytest.mark.parametrize(
    ("members", "why"),
    [
        ({}, "no object with presentations"),
        ({"vp_token": {}}, "no object with presentations"),
        ({"vp_token": "eyJ~"}, "no object with presentations"),
        ({"vp_token": ["eyJ~"]}, "no object with presentations"),
        ({"vp_token": {"a": "eyJ~"}}, "no array of presentations"),
        ({"vp_token": {"a": []}}, "no array of presentations"),
        ({"vp_token": {"a": [1]}}, "no array of presentations"),
        ({"vp_token": {"a": ["x"]}, "state": 1}, "state is no text"),
        ({"vp_token": {"a": ["x"]}, "error": "access_denied"}, "beside a vp_token"),
        ({"error": 1}, "no error code"),
        ({"error": ""}, "no error code"),
        ({"error": "a" * 101}, "no error code"),
        ({"error": '"quoted"'}, "no error code"),
        ({"error": "拒绝"}, "no error code"),
    ],
)
def test_what_is_no_response_is_refused(members: dict[str, Any], why: str) -> None:
    with pytest.raises(InvalidPresentationResponse, match=why) as refused:
        read_members(members)
    assert refused.value.reason == "malformed"


def test_as_many_presentations_as_the_limit_and_no_more() -> None:
    shown = ["x"] * MAX_PRESENTATIONS
    assert read_members({"vp_token": {"a": shown}}).presentations["a"] == tuple(shown)
    with pytest.raises(InvalidPresentationResponse, match="more than 50") as refused:
        read_members({"vp_token": {"a": shown, "b": ["x"]}})
    assert refused.value.reason == "too_many"


def test_a_description_is_cut_short_or_left_out() -> None:
    assert read_members({"error": "x", "error_description": "a" * 501}).error_description == "a" * 500
    assert read_members({"error": "x", "error_description": 7}).error_description is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "malformed_token"),
        ("[]", "malformed_token"),
        ('{"a":["x"],"a":["y"]}', "duplicate_member"),
        ("\ud800", "malformed_token"),
    ],
)
def test_a_vp_token_that_is_no_json_object_is_refused(text: str, reason: str) -> None:
    with pytest.raises(InvalidPresentationResponse, match="no JSON object") as refused:
        read_form({"vp_token": text})
    assert refused.value.reason == reason


def _other(key: DecryptionKey) -> str:
    return ANSWER.encrypted(ClientMetadata((DecryptionKey.generate().jwk,), ENCS))


def _bytes(key: DecryptionKey) -> str:
    return encrypt(b'{"vp_token":{"a":["\xff"]}}', to=key.jwk, enc="A128GCM")


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda key: "", "malformed_token"),
        (lambda key: "a.b.c.d.e", "malformed_token"),
        (_other, "decryption_failed"),
        (_bytes, "malformed_token"),
        (lambda key: encrypt(b"[]", to=key.jwk, enc="A256GCM"), "malformed_token"),
    ],
    ids=["empty", "no token", "another key", "no UTF-8", "no object"],
)
def test_a_jwe_that_holds_no_response_is_refused(
    key: DecryptionKey, make: Callable[[DecryptionKey], str], reason: str
) -> None:
    with pytest.raises(InvalidPresentationResponse) as refused:
        read_encrypted(make(key), keys=[key])
    assert refused.value.reason == reason


def test_every_refusal_of_a_wallet_has_its_word() -> None:
    words = {
        errors.PresentationRequestRefused: "invalid_request",
        errors.InvalidPresentationRequest: "invalid_request",
        errors.VerifierNotAuthenticated: "invalid_request",
        errors.VpFormatsNotSupported: "vp_formats_not_supported",
        errors.InvalidRequestUriMethod: "invalid_request_uri_method",
        errors.InvalidTransactionData: "invalid_transaction_data",
        errors.PresentationDeclined: "access_denied",
    }
    assert {kind: kind.error for kind in words} == words
