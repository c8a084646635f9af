"""Metadata of issuers and servers, honest and not."""

from typing import Any

import pytest

from schemas.types import all_types
from tests.support.vci_issuer import CARD, ISSUER, answer, saying
from tests.support.vci_wallet import ReceivingWallet, run
from wallet_api.openid4vci.configurations import labels_of, read_configuration
from wallet_api.openid4vci.errors import IssuerMetadataInvalid, ReceiveError, ServerMetadataInvalid


def test_the_issuers_metadata_are_asked_once_in_five_minutes(wallet: ReceivingWallet) -> None:
    first = run(wallet.parts.discovery.issuer(ISSUER))
    wallet.town.later(minutes=4)
    assert run(wallet.parts.discovery.issuer(ISSUER)) is first
    wallet.town.later(minutes=2)
    assert run(wallet.parts.discovery.issuer(ISSUER)) is not first
    assert len(wallet.issuer.asked) == 2


def test_few_metadata_are_kept(wallet: ReceivingWallet) -> None:
    wallet.issuer.lies["openid-credential-issuer"] = lambda request, _: answer(
        200,
        wallet.issuer.metadata()
        | {"credential_issuer": request.url.replace("/.well-known/openid-credential-issuer", "")},
    )
    for number in range(300):
        run(wallet.parts.discovery.issuer(f"{ISSUER}/{number}"))
    assert len(wallet.parts.discovery._kept) == 256


def test_what_cannot_be_held_is_left_out(wallet: ReceivingWallet) -> None:
    metadata = run(wallet.parts.discovery.issuer(ISSUER))
    assert set(metadata.configurations) == {CARD}
    assert metadata.servers == (ISSUER,)
    assert (metadata.name_zh, metadata.name_en) == ("示例市公安局", "Public Security")


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        ({"credential_issuer": f"{ISSUER}/"}, "another one"),
        ({"credential_issuer": "https://evil.example"}, "another one"),
        ({"credential_endpoint": None}, "credential_endpoint is absent"),
        ({"credential_endpoint": "http://city.example/credential"}, "credential_endpoint"),
        ({"nonce_endpoint": "nowhere"}, "nonce_endpoint"),
        ({"deferred_credential_endpoint": 7}, "deferred_credential_endpoint"),
        ({"notification_endpoint": "ftp://city.example"}, "notification_endpoint"),
        ({"credential_configurations_supported": None}, "credential_configurations_supported"),
        ({"credential_configurations_supported": {str(n): {} for n in range(1_001)}}, "up to 1000"),
        ({"authorization_servers": []}, "authorization_servers"),
        ({"authorization_servers": ["http://as.example"]}, "authorization_servers"),
    ],
)
def test_an_issuer_that_says_something_wrong_is_refused(
    wallet: ReceivingWallet, changes: dict[str, Any], names: str
) -> None:
    """4.1.2, 4.1.3, 4.1.4"""
    wallet.issuer.lies["openid-credential-issuer"] = saying(**changes)
    with pytest.raises(IssuerMetadataInvalid, match=names):
        run(wallet.parts.discovery.issuer(ISSUER))


def test_an_issuer_without_metadata_is_refused(wallet: ReceivingWallet) -> None:
    """4.1.1: 404, and a page with status 200 is no metadata either."""
    wallet.issuer.lies["openid-credential-issuer"] = lambda *_: answer(404)
    with pytest.raises(IssuerMetadataInvalid, match="404"):
        run(wallet.parts.discovery.issuer(ISSUER))


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        ({"issuer": "https://evil.example"}, "another one"),
        ({"token_endpoint": None}, "token_endpoint is absent"),
        ({"token_endpoint": "http://city.example/token"}, "token_endpoint"),
        ({"authorization_endpoint": "nowhere"}, "authorization_endpoint"),
        ({"pushed_authorization_request_endpoint": []}, "pushed_authorization_request_endpoint"),
        ({"challenge_endpoint": "nowhere"}, "challenge_endpoint"),
    ],
)
def test_a_server_that_says_something_wrong_is_refused(
    wallet: ReceivingWallet, changes: dict[str, Any], names: str
) -> None:
    """4.2.1, 4.2.2"""
    wallet.issuer.lies["oauth-authorization-server"] = saying(**changes)
    with pytest.raises(ServerMetadataInvalid, match=names):
        run(wallet.parts.discovery.server(ISSUER))


def test_a_slash_at_the_end_of_a_server_does_not_stand_in_the_address(wallet: ReceivingWallet) -> None:
    """RFC 8414, 3.1"""
    wallet.issuer.lies["oauth-authorization-server"] = saying(issuer=f"{ISSUER}/")
    assert run(wallet.parts.discovery.server(f"{ISSUER}/")).issuer == f"{ISSUER}/"
    assert wallet.issuer.asked[0].url.endswith("/issuers/psb")


def card(**changes: Any) -> dict[str, Any]:
    entry = ReceivingWallet().issuer.metadata()["credential_configurations_supported"][CARD] | changes
    return {name: value for name, value in entry.items() if value is not None}


@pytest.mark.parametrize(
    "entry",
    [
        None,
        card(format="mso_mdoc"),
        card(format=["dc+sd-jwt"]),
        card(vct="urn:eudi:pid:1"),
        card(vct=None),
        card(cryptographic_binding_methods_supported=None),
        card(cryptographic_binding_methods_supported=["cose_key"]),
        card(proof_types_supported={"attestation": {}}),
        card(proof_types_supported={"jwt": {"proof_signing_alg_values_supported": []}}),
        *(
            card(
                proof_types_supported={
                    "jwt": {"proof_signing_alg_values_supported": ["ES256"], "key_attestations_required": levels}
                }
            )
            for levels in ({"key_storage": ["iso_18045_moderate"]}, {"user_authentication": []}, None, [], True)
        ),
        card(format="ldp_vc"),
        card(format="jwt_vc_json", credential_definition={"type": ["VerifiableCredential", "Unknown"]}),
        card(format="jwt_vc_json", credential_definition={"type": ["ResidentIdCard", "BusinessLicence"]}),
    ],
)
def test_a_configuration_that_this_wallet_cannot_hold(entry: Any) -> None:
    assert read_configuration("x", entry) is None


@pytest.mark.parametrize("form", ["ldp_vc", "jwt_vc_json"])
def test_a_vcdm_type_is_found_by_its_name(form: str) -> None:
    entry = card(format=form, credential_definition={"type": ["VerifiableCredential", "ResidentIdCard"]})
    found = read_configuration("x", entry)
    assert found is not None
    assert (found.type_id, found.format) == ("resident_id_card", form)


def test_our_own_metadata_can_all_be_held() -> None:
    from issuer.openid4vci.credentials.metadata import MetadataOptions, issuer_metadata
    from keys.algorithms import Algorithm

    departments = sorted({ctype.department for ctype in all_types()})
    for department in departments:
        options = MetadataOptions(Algorithm.ES256)
        made = issuer_metadata(department, issuer=f"https://x.example/issuers/{department}", options=options)
        for name, entry in made["credential_configurations_supported"].items():
            found = read_configuration(name, entry)
            if "key_attestations_required" not in entry["proof_types_supported"]["jwt"]:
                assert found is not None, name
                assert found.fields
                assert name == f"{found.type_id}.{found.format}"


@pytest.mark.parametrize(
    ("display", "labels"),
    [
        ([{"name": "甲", "locale": "zh"}, {"name": "A", "locale": "en-US"}], ("甲", "A")),
        ([{"name": "A", "locale": "en"}], ("A", "A")),
        ([{"name": "A"}], ("A", "A")),
        ([{"name": 7, "locale": "en"}, 8, {"name": "B", "locale": 9}], ("零", "zero")),
        (None, ("零", "zero")),
        ([{"name": "x" * 500, "locale": "zh"}], ("x" * 120, "x" * 120)),
    ],
)
def test_labels_in_two_languages(display: Any, labels: tuple[str, str]) -> None:
    assert labels_of(display, "name", ("零", "zero")) == labels


@pytest.mark.parametrize("claims", [None, [7], [{"path": "name"}], [{"path": [0]}], [{"path": []}]])
def test_a_description_of_claims_that_is_none_describes_none(claims: Any) -> None:
    found = read_configuration("x", card(credential_metadata={"claims": claims}))
    assert found is not None
    assert found.fields == ()


def test_a_scope_of_several_words_is_none() -> None:
    found = read_configuration("x", card(scope="a b"))
    assert found is not None
    assert found.scope is None


def test_every_refusal_has_a_code_of_its_own() -> None:
    codes = [error.code for error in ReceiveError.__subclasses__()]
    assert len(set(codes)) == len(codes)
