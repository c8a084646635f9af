"""What a request asks for: which configuration, out of which order."""

from dataclasses import replace
from typing import Any

import pytest

from issuer.openid4vci.credentials.request import Chosen, choose
from issuer.openid4vci.errors import (
    InsufficientScope,
    InvalidCredentialRequest,
    UnknownCredentialConfiguration,
    UnknownCredentialIdentifier,
)
from issuer.openid4vci.grants import Grant
from issuer.openid4vci.ports import Entitlement
from schemas.order import HolderId

LICENCE = "business_licence.dc+sd-jwt"
GRANT = Grant("amr", HolderId("holder-1"), (LICENCE, "business_licence.ldp_vc"))
NEW, OLD = Entitlement("new", "business_licence", ready=True), Entitlement("old", "business_licence", ready=True)
OTHER = Entitlement("other", "food_business_licence", ready=True)


def chosen(members: Any, grant: Grant = GRANT, entitlements: Any = (OTHER, NEW, OLD)) -> Chosen:
    return choose(members, grant, entitlements)


def test_a_configuration_id_gives_the_newest_order_of_its_type() -> None:
    """4.8.2 credential_configuration_id."""
    found = chosen({"credential_configuration_id": LICENCE})
    assert (found.configuration.id, found.entitlement) == (LICENCE, NEW)


def test_an_identifier_gives_its_order_in_its_format() -> None:
    """4.8.2 credential_identifier."""
    found = chosen({"credential_identifier": "old.ldp_vc"})
    assert (found.configuration.id, found.entitlement) == ("business_licence.ldp_vc", OLD)


def test_both_forms_are_taken_whatever_the_token_response_named() -> None:
    """4.5.3 Accept both forms."""
    identified = replace(GRANT, identified=True)
    assert chosen({"credential_configuration_id": LICENCE}, identified).entitlement == NEW
    assert chosen({"credential_identifier": "old.dc+sd-jwt"}, identified).entitlement == OLD


def test_an_order_that_is_ready_comes_before_a_newer_one_that_is_not() -> None:
    waiting = replace(NEW, ready=False)
    asked = {"credential_configuration_id": LICENCE}
    assert chosen(asked, entitlements=(waiting, OLD)).entitlement == OLD
    assert chosen(asked, entitlements=(waiting, replace(OLD, ready=False))).entitlement == waiting


def test_an_offer_reaches_its_orders_alone() -> None:
    bound = replace(GRANT, order_ids=("old",))
    assert chosen({"credential_configuration_id": LICENCE}, bound).entitlement == OLD
    with pytest.raises(UnknownCredentialIdentifier):
        chosen({"credential_identifier": "new.dc+sd-jwt"}, bound)


def test_nothing_may_wait_in_a_configuration_of_the_token() -> None:
    assert chosen({"credential_configuration_id": LICENCE}, entitlements=(OTHER,)).entitlement is None


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"credential_configuration_id": None},
        {"credential_configuration_id": LICENCE, "credential_identifier": "new.dc+sd-jwt"},
        {"credential_configuration_id": 7},
        {"credential_configuration_id": ""},
        {"credential_identifier": [LICENCE]},
        {"format": "dc+sd-jwt", "vct": "urn:ecert:business_licence:1"},
    ],
)
def test_both_ids_none_or_no_text_is_malformed(members: Any) -> None:
    """4.8.5 Both or no ids: invalid_credential_request."""
    with pytest.raises(InvalidCredentialRequest):
        chosen(members)


@pytest.mark.parametrize(
    "name", ["0b9dd4a1-2b5c-4b7e-8a34-d1c6a5c3b0f1", "resident_id_card.dc+sd-jwt", "business_licence"]
)
def test_a_configuration_that_is_not_the_departments_is_unknown(name: str) -> None:
    """2.19 unknown_credential_configuration."""
    with pytest.raises(UnknownCredentialConfiguration):
        chosen({"credential_configuration_id": name}, replace(GRANT, identified=True))


@pytest.mark.parametrize(
    "name",
    [
        "unknown:0b9dd4a1-2b5c-4b7e-8a34-d1c6a5c3b0f1",
        "new",
        "new.",
        ".dc+sd-jwt",
        "new.mso_mdoc",
        "new.vc+jwt",
        "new.jwt_vc_json",
        "other.dc+sd-jwt",
    ],
)
def test_an_identifier_that_the_token_has_not_is_unknown(name: str) -> None:
    """2.20 unknown_credential_identifier, even when no authorization_details were returned."""
    with pytest.raises(UnknownCredentialIdentifier):
        chosen({"credential_identifier": name})


def test_an_identifier_is_never_of_a_format_that_is_not_fetched() -> None:
    wide = replace(GRANT, configuration_ids=("business_licence.vc+jwt",))
    with pytest.raises(UnknownCredentialIdentifier):
        chosen({"credential_identifier": "new.vc+jwt"}, wide)


def test_a_configuration_beyond_the_token_needs_another_token() -> None:
    """4.8.6 403 insufficient_scope (VCI 8.3.1.1)."""
    with pytest.raises(InsufficientScope) as refused:
        chosen({"credential_configuration_id": "business_licence.jwt_vc_json"})
    assert (refused.value.status, refused.value.error) == (403, "insufficient_scope")
