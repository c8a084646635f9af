"""The authorization server's metadata: row 4.2 of the checklist."""

import pytest

from issuer.openid4vci.authorization.metadata import server_metadata
from issuer.openid4vci.authorization.policy import Policy
from issuer.openid4vci.configuration import configurations
from tests.support.oauth import DEPARTMENT, ISSUER


def document(**policy: bool) -> dict[str, object]:
    return server_metadata(DEPARTMENT, issuer=ISSUER, policy=Policy(**policy))


def test_the_issuer_is_the_credential_issuers_identifier() -> None:
    """4.2.1"""
    assert document()["issuer"] == ISSUER


def test_the_discovery_members_say_what_the_server_demands() -> None:
    """4.2.2, 4.7.5, 8.2"""
    found = document()
    assert found["authorization_endpoint"] == f"{ISSUER}/authorize"
    assert found["token_endpoint"] == f"{ISSUER}/token"
    assert found["pushed_authorization_request_endpoint"] == f"{ISSUER}/par"
    assert found["response_types_supported"] == ["code"]
    assert found["grant_types_supported"] == [
        "authorization_code",
        "refresh_token",
        "urn:ietf:params:oauth:grant-type:pre-authorized_code",
    ]
    assert found["code_challenge_methods_supported"] == ["S256"]
    assert found["authorization_response_iss_parameter_supported"] is True
    assert found["require_pushed_authorization_requests"] is True
    assert found["dpop_signing_alg_values_supported"] == ["ES256", "ES384", "EdDSA"]


def test_the_clients_may_attest_or_sign() -> None:
    """4.2.3"""
    found = document()
    assert found["token_endpoint_auth_methods_supported"] == ["attest_jwt_client_auth", "private_key_jwt"]
    for name in (
        "token_endpoint_auth_signing_alg_values_supported",
        "client_attestation_signing_alg_values_supported",
        "client_attestation_pop_signing_alg_values_supported",
    ):
        assert found[name] == ["ES256", "ES384", "EdDSA"]


def test_the_challenge_endpoint_is_named_where_a_challenge_is_demanded() -> None:
    """4.2.3 Optional ``challenge_endpoint``."""
    assert "challenge_endpoint" not in document()
    assert document(challenges=True)["challenge_endpoint"] == f"{ISSUER}/challenge"


def test_there_are_no_keys_to_fetch() -> None:
    """4.2.4 ``jwks_uri`` is left out: nothing would use it."""
    assert "jwks_uri" not in document()


def test_every_configuration_has_its_scope() -> None:
    """4.2.5 Scopes are proper tokens (RFC 6749, 3.3); details may be asked for."""
    found = document()
    assert found["scopes_supported"] == list(configurations(DEPARTMENT))
    assert all(set(scope) <= set(map(chr, range(33, 127))) - set('"\\') for scope in configurations(DEPARTMENT))
    assert found["authorization_details_types_supported"] == ["openid_credential"]


@pytest.mark.parametrize("anonymous", [True, False])
def test_anonymous_access_is_said(anonymous: bool) -> None:
    """4.2.6"""
    assert document(anonymous=anonymous)["pre-authorized_grant_anonymous_access_supported"] is anonymous
