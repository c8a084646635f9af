"""The modules of the OpenID Foundation's verifier plans (shared checklist, sections 5 and 6), by their names.

Positive ones are accepted; each flaw is refused with 400, for its own reason, and nothing of it is kept as verified.
"""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import jwt
import pytest
from cryptography import x509

from keys import jws, strict_json
from keys.chain import load_certificate
from keys.encoding import b64url_decode, b64url_text
from keys.jwe import DecryptionKey
from schemas.openid4vp.response import Response
from schemas.report import Verdict
from tests.support.desk import HOLDER, LIST, NOW, STRANGER, forged, seconds
from tests.support.vp_verifier import PUBLIC_URL, SD_JWT_QUERY, Attests, Verifier
from verifier.errors import PresentationRefused
from verifier.openid4vp.endpoint import Posted
from verifier.openid4vp.requests import Begun
from verifier.openid4vp.transactions import State

FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def verifier() -> Verifier:
    return Verifier()


def changed_binding(shown: str, signer: Any = HOLDER, **claims: Any) -> str:
    """The presentation with other claims in its key binding, properly signed."""
    credential, _, binding = shown.rpartition("~")
    token = jws.peek(binding)
    body = strict_json.dumps(token.peek_claims() | claims)
    return f"{credential}~{forged(dict(token.header.parameters), body, signer)}"


def spoilt(token: str) -> str:
    """The JWS with one byte of its signature changed."""
    head, body, signature = token.split(".")
    raw = bytearray(b64url_decode(signature))
    raw[7] ^= 1
    return f"{head}.{body}.{b64url_text(bytes(raw))}"


def bad_credential_signature(verifier: Verifier, begun: Begun) -> str:
    credential, *rest = verifier.shown(begun).split("~")
    disclosed = "~".join((spoilt(credential), *rest[:-1], ""))
    digest = b64url_text(hashlib.sha256(disclosed.encode()).digest())
    return changed_binding(disclosed + rest[-1], sd_hash=digest)


def bad_kb_signature(verifier: Verifier, begun: Begun) -> str:
    credential, _, binding = verifier.shown(begun).rpartition("~")
    return f"{credential}~{spoilt(binding)}"


def bad_sd_hash(verifier: Verifier, begun: Begun) -> str:
    shown = verifier.shown(begun)
    digest = jws.peek(shown.rpartition("~")[2]).peek_claims()["sd_hash"]
    return changed_binding(shown, sd_hash=digest + "INVALID")


def by_a_year(days: int) -> Callable[[Verifier, Begun], str]:
    return lambda verifier, begun: changed_binding(verifier.shown(begun), iat=seconds(NOW + timedelta(days=days)))


MODULES: dict[str, tuple[Callable[[Verifier, Begun], str], str]] = {
    "invalid-kb-jwt-signature": (bad_kb_signature, "holder: key_binding_signature_invalid"),
    "invalid-credential-signature": (bad_credential_signature, "signature: invalid_signature"),
    "invalid-sd-hash": (bad_sd_hash, "holder: sd_hash_mismatch"),
    "invalid-kb-jwt-nonce": (lambda v, b: v.shown(b, nonce="b3RoZXI"), "holder: nonce_mismatch"),
    "invalid-kb-jwt-aud": (
        lambda v, b: v.shown(b, audience=b.transaction.audience + "INVALID"),
        "holder: audience_mismatch",
    ),
    "kb-jwt-iat-in-past": (by_a_year(-365), "holder: presentation_too_old"),
    "kb-jwt-iat-in-future": (by_a_year(365), "holder: presentation_in_future"),
    "an audience without its prefix": (
        lambda v, b: v.shown(b, audience=str(b.transaction.audience).partition(":")[2]),
        "holder: audience_mismatch",
    ),
    "signed by another holder": (lambda v, b: v.shown(b, holder=STRANGER), "holder: key_binding_signature_invalid"),
}


def test_1_happy_flow(verifier: Verifier) -> None:
    begun = verifier.begin()
    answered = verifier.answer(begun, verifier.shown(begun))
    kept = verifier.stored(begun)
    assert kept.state is State.ANSWERED
    assert kept.result is not None
    assert kept.result["verdict"] == "valid"
    assert answered.transaction.result is not None
    (shown,) = answered.transaction.result["credentials"]
    assert shown["claims"]["business_scope"] == "示例食品销售和餐饮服务"
    assert "legal_representative" not in shown["claims"]
    assert answered.redirect_uri.startswith(f"{PUBLIC_URL}/openid4vp/done?response_code=")


def test_2_minimal_cnf_jwk(verifier: Verifier) -> None:
    begun = verifier.begin()
    shown = verifier.shown(begun)
    cnf = jws.peek(shown.split("~", maxsplit=1)[0]).peek_claims()["cnf"]
    assert cnf["jwk"].keys() == {"kty", "crv", "x", "y"}
    assert verifier.answer(begun, shown).transaction.state is State.ANSWERED


def test_3_request_uri_method_post(verifier: Verifier) -> None:
    begun = verifier.begin()
    name = begun.transaction.transaction_id
    form = Posted(b"wallet_nonce=qPmxiNFCR3QTm19POc8u&wallet_metadata=%7B%7D&unknown=1", FORM)
    answer = verifier.endpoint.request(name, address="a", posted=form)
    assert (answer.status, answer.media_type) == (200, "application/oauth-authz-req+jwt")
    first = jws.peek(answer.body.decode()).peek_claims()
    assert first["wallet_nonce"] == "qPmxiNFCR3QTm19POc8u"
    other = verifier.endpoint.request(name, address="a", posted=Posted(b"wallet_nonce=b3RoZXI", FORM))
    assert jws.peek(other.body.decode()).peek_claims()["wallet_nonce"] == "b3RoZXI"
    for body in (b"", b"wallet_metadata=%7B%7D"):  # a wallet may send none
        plain = verifier.endpoint.request(name, address="a", posted=Posted(body, FORM))
        assert "wallet_nonce" not in jws.peek(plain.body.decode()).peek_claims()
    empty = verifier.endpoint.request(name, address="a", posted=Posted(b"", None))
    assert empty.status == 200
    assert verifier.answer(begun, verifier.shown(begun)).transaction.state is State.ANSWERED


def test_4_request_uri_fetched_twice(verifier: Verifier) -> None:
    begun = verifier.begin()
    name = begun.transaction.transaction_id
    twice = [jws.peek(verifier.requests.request_object(name)).peek_claims() for _ in range(2)]
    assert twice[0] == twice[1]
    assert verifier.answer(begun, verifier.shown(begun)).transaction.state is State.ANSWERED


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize("encrypted", [True, False], ids=["direct_post.jwt", "direct_post"])
def test_6_to_12_are_refused_for_their_own_reason(verifier: Verifier, module: str, encrypted: bool) -> None:
    make, reason = MODULES[module]
    begun = verifier.begin(encrypted=encrypted)
    shown = make(verifier, begun)
    response = Response({"licence": (shown,)}, verifier.state_of(begun))
    body = "&".join(f"{name}={quote(value, safe='')}" for name, value in verifier.fields(begun, response).items())
    answer = verifier.endpoint.response(begun.transaction.transaction_id, Posted(body.encode(), FORM), address="a")
    said = strict_json.loads_object(answer.body)
    assert (answer.status, answer.media_type) == (400, "application/json")
    assert said == {"error": "invalid_request", "error_description": reason}
    kept = verifier.stored(begun)
    assert kept.result is not None
    assert (kept.result["verdict"], kept.result["credentials"]) == ("invalid", [])
    assert "示例食品" not in strict_json.dumps(kept.document()).decode()


# 6.1 Authorization request envelope


def claims_of(verifier: Verifier, begun: Begun) -> dict[str, Any]:
    return jws.peek(verifier.requests.request_object(begun.transaction.transaction_id)).peek_claims()


def test_6_1_1_the_link_has_client_id_and_request_uri_and_nothing_else(verifier: Verifier) -> None:
    begun = verifier.begin()
    parts = urlsplit(begun.link or "")
    query = {name: value[0] for name, value in parse_qs(parts.query).items()}
    assert (parts.scheme, query.keys()) == ("openid4vp", {"client_id", "request_uri", "request_uri_method"})
    assert query["client_id"] == claims_of(verifier, begun)["client_id"]
    assert query["request_uri_method"] == "post"
    assert query["request_uri"] == begun.request_uri


def test_6_1_2_the_request_uri_is_https_without_fragment(verifier: Verifier) -> None:
    begun = verifier.begin()
    parts = urlsplit(begun.request_uri or "")
    assert (parts.scheme, parts.netloc, parts.fragment) == ("https", "verifier.example", "")


def test_6_1_3_the_request_object_is_signed_by_the_leaf_and_the_anchor_stays_out(verifier: Verifier) -> None:
    token = verifier.requests.request_object(verifier.begin().transaction.transaction_id)
    header = jws.peek(token).header
    assert (header.alg, header.typ) == ("ES256", "oauth-authz-req+jwt")
    (leaf,) = map(load_certificate, header.x5c())
    assert leaf.issuer != leaf.subject
    leaf.verify_directly_issued_by(x509.load_der_x509_certificate(verifier.party.root))
    options: Any = {"verify_exp": False, "verify_iat": False}
    assert jwt.decode(token, leaf.public_key(), ["ES256"], audience="https://self-issued.me/v2", options=options)


def test_6_1_4_x509_hash_is_of_the_leaf(verifier: Verifier) -> None:
    begun = verifier.begin()
    token = verifier.requests.request_object(begun.transaction.transaction_id)
    leaf = jws.peek(token).header.x5c()[0]
    assert str(begun.transaction.request.client_id) == "x509_hash:" + b64url_text(hashlib.sha256(leaf).digest())


def test_6_1_5_and_7_the_claims(verifier: Verifier) -> None:
    claims = claims_of(verifier, verifier.begin())
    assert claims.keys() == {
        "response_type",
        "response_mode",
        "nonce",
        "dcql_query",
        "client_id",
        "response_uri",
        "state",
        "client_metadata",
        "aud",
        "iat",
        "exp",
    }
    assert claims["response_type"] == "vp_token"
    assert claims["aud"] == "https://self-issued.me/v2"
    assert (claims["iat"], claims["exp"]) == (seconds(NOW), seconds(NOW) + 300)
    assert len(b64url_decode(claims["nonce"])) >= 16
    assert len(b64url_decode(claims["state"])) >= 16


def test_6_1_7_every_transaction_has_a_nonce_a_state_and_a_response_uri_of_its_own(verifier: Verifier) -> None:
    both = [claims_of(verifier, verifier.begin()) for _ in range(2)]
    for name in ("nonce", "state", "response_uri"):
        assert both[0][name] != both[1][name]


def test_6_1_8_transaction_data_is_opt_in(verifier: Verifier) -> None:
    assert "transaction_data" not in claims_of(verifier, verifier.begin())


def test_6_1_9_verifier_info_is_an_array_of_format_and_data() -> None:
    verifier = Verifier(attests=Attests())
    (info,) = claims_of(verifier, verifier.begin())["verifier_info"]
    assert info["format"] == "jwt"
    assert info["data"].startswith("water water.account x509_hash:")


# 6.2 client_metadata


def test_6_2_client_metadata_has_three_members_and_a_key_for_encryption(verifier: Verifier) -> None:
    metadata = claims_of(verifier, verifier.begin())["client_metadata"]
    assert metadata.keys() == {"jwks", "encrypted_response_enc_values_supported", "vp_formats_supported"}
    assert metadata["encrypted_response_enc_values_supported"] == ["A128GCM", "A256GCM"]
    assert metadata["vp_formats_supported"]["dc+sd-jwt"]["sd-jwt_alg_values"][0] == "ES256"
    assert metadata["vp_formats_supported"]["dc+sd-jwt"]["kb-jwt_alg_values"][0] == "ES256"
    (key,) = metadata["jwks"]["keys"]
    assert key.keys() == {"kty", "crv", "x", "y", "kid", "use", "alg"}
    assert (key["kty"], key["crv"], key["use"], key["alg"]) == ("EC", "P-256", "enc", "ECDH-ES")


def test_6_2_4_the_key_is_fresh_and_every_worker_derives_it(verifier: Verifier) -> None:
    keys = [claims_of(verifier, verifier.begin())["client_metadata"]["jwks"]["keys"][0] for _ in range(2)]
    assert keys[0]["kid"] != keys[1]["kid"]
    begun = verifier.begin()
    derived = DecryptionKey.derive(b"\x07" * 32, f"openid4vp {begun.transaction.transaction_id}")
    assert verifier.requests.key(begun.transaction.transaction_id).kid == derived.kid


# 6.3 DCQL


def test_6_3_1_the_query_names_ids_formats_and_types_and_nothing_else(verifier: Verifier) -> None:
    asked = claims_of(verifier, verifier.begin())["dcql_query"]
    assert asked.keys() == {"credentials"}
    (credential,) = asked["credentials"]
    assert credential.keys() == {"id", "format", "meta", "claims"}
    assert (credential["format"], credential["meta"].keys()) == ("dc+sd-jwt", {"vct_values"})
    assert credential["claims"] == [{"path": ["business_scope"]}]


def test_6_3_3_one_credential_of_any_type_may_be_asked_for(verifier: Verifier) -> None:
    pid = SD_JWT_QUERY | {"meta": {"vct_values": ["urn:eudi:pid:1"]}, "claims": [{"path": ["given_name"]}]}
    asked = claims_of(verifier, verifier.begin(pid))["dcql_query"]
    assert asked["credentials"] == [pid]


def test_6_3_5_trusted_authorities_by_aki_are_asked_for(verifier: Verifier) -> None:
    by_aki = {"trusted_authorities": [{"type": "aki", "values": ["s9tIpPmhxdiuNkHMEWNpYim8S8Y"]}]}
    asked = claims_of(verifier, verifier.begin(SD_JWT_QUERY | by_aki))["dcql_query"]
    assert asked["credentials"][0]["trusted_authorities"] == by_aki["trusted_authorities"]


# 6.4 The response


def test_6_4_2_success_is_a_redirect_uri_with_a_fresh_response_code(verifier: Verifier) -> None:
    codes = []
    for _ in range(2):
        begun = verifier.begin()
        response = Response({"licence": (verifier.shown(begun),)}, verifier.state_of(begun))
        body = "&".join(f"{name}={value}" for name, value in verifier.fields(begun, response).items())
        posted = Posted(body.encode(), f"{FORM};charset=utf-8")
        answer = verifier.endpoint.response(begun.transaction.transaction_id, posted, address="a")
        assert answer.status == 200
        said = strict_json.loads_object(answer.body)
        assert said.keys() == {"redirect_uri"}
        codes.append(parse_qs(urlsplit(said["redirect_uri"]).query)["response_code"][0])
    assert codes[0] != codes[1]
    assert all(len(b64url_decode(code)) >= 16 for code in codes)


@pytest.mark.parametrize("error", ["access_denied", "invalid_request", "wallet_unavailable"])
@pytest.mark.parametrize("clear", [True, False], ids=["in the clear", "as the mode asks"])
def test_6_4_4_a_wallets_error_is_taken(verifier: Verifier, error: str, clear: bool) -> None:
    begun = verifier.begin()
    response = Response(state=verifier.state_of(begun), error=error, error_description="持证人张三不同意")
    fields = response.form() if clear else verifier.fields(begun, response)
    answered = verifier.answers.answer(begun.transaction.transaction_id, fields)
    assert (answered.transaction.state, answered.transaction.error) == (State.DECLINED, error)
    assert "response_code=" in answered.redirect_uri
    assert "张三" not in strict_json.dumps(verifier.stored(begun).document()).decode()


# 6.5 Verification steps


def test_6_5_1_an_issuer_that_nobody_listed_is_refused(verifier: Verifier) -> None:
    begun = verifier.begin()
    with pytest.raises(PresentationRefused, match="trust: unknown_issuer"):
        verifier.answer(begun, verifier.shown(begun, certificate=verifier.desk.certificate(signer=STRANGER)))


def test_6_5_4_what_is_revoked_is_refused(verifier: Verifier) -> None:
    verifier.desk.statuses[4711] = 1
    begun = verifier.begin()
    with pytest.raises(PresentationRefused, match="status: revoked"):
        verifier.answer(begun, verifier.shown(begun))


def test_6_5_4_a_status_that_nobody_knows_is_never_valid(verifier: Verifier) -> None:
    verifier.desk.lists = {}
    begun = verifier.begin()
    answered = verifier.answer(begun, verifier.shown(begun))
    result = answered.transaction.result
    assert result is not None
    assert (result["verdict"], result["credentials"]) == (Verdict.INDETERMINATE.value, [])


def test_6_5_4_a_list_of_an_issuer_elsewhere_is_fetched_before_the_answer_is_judged(verifier: Verifier) -> None:
    verifier.desk.lists = {}
    verifier.elsewhere = {LIST: verifier.desk.status_list_token()}
    begun = verifier.begin()
    result = verifier.answer(begun, verifier.shown(begun)).transaction.result
    assert result is not None
    assert result["verdict"] == Verdict.VALID.value


def test_6_5_4_what_is_over_is_refused(verifier: Verifier) -> None:
    begun = verifier.begin()
    old = verifier.desk.certificate(exp=NOW - timedelta(days=1))
    with pytest.raises(PresentationRefused, match="validity: "):
        verifier.answer(begun, verifier.shown(begun, certificate=old))


def test_a_disclosure_that_nobody_signed_is_refused(verifier: Verifier) -> None:
    begun = verifier.begin()
    credential, rest = verifier.shown(begun).split("~", maxsplit=1)
    extra = b64url_text(strict_json.dumps(["c2FsdA", "registered_capital", "9"]))
    binding = rest.rpartition("~")
    disclosed = f"{credential}~{binding[0]}~{extra}~"
    digest = b64url_text(hashlib.sha256(disclosed.encode()).digest())
    with pytest.raises(PresentationRefused, match="signature: "):
        verifier.answer(begun, changed_binding(disclosed + binding[2], sd_hash=digest))


def test_the_clock_may_differ_by_a_minute_and_a_person_may_read_for_five(verifier: Verifier) -> None:
    for seconds_ago, taken in ((300, True), (301, False), (-60, True), (-61, False)):
        begun = verifier.begin()
        shown = verifier.shown(begun, at=NOW - timedelta(seconds=seconds_ago))
        if taken:
            assert verifier.answer(begun, shown).transaction.state is State.ANSWERED
        else:
            with pytest.raises(PresentationRefused):
                verifier.answer(begun, shown)
