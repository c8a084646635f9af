"""What an order can have wrong, one flaw at a time, and what follows from it when nothing is."""

import base64
import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from issuer import Rules
from issuer.errors import OrderRefused
from issuer.profile import Profile, ProfileConfig
from keys.encoding import b64url_text
from schemas import types
from schemas.catalogue import HolderRule, TypeId
from schemas.formats.sd_jwt import SdJwt
from schemas.order import HolderId, HolderRef, Order

PNG = b"\x89PNG\r\n\x1a\n" + bytes(30)
PHOTO = "data:image/png;base64," + base64.b64encode(PNG).decode()
PHOTO_DIGEST = "sha256-" + b64url_text(hashlib.sha256(PNG).digest())


def problems(desk: Any, type_id: str = "business_licence", **changes: Any) -> list[tuple[str, str]]:
    with pytest.raises(OrderRefused) as caught:
        desk.issue(type_id, **changes)
    return [(problem.field, problem.rule) for problem in caught.value.problems]


def intent(desk: Any, type_id: str = "business_licence", **changes: Any) -> Any:
    return desk.issuer.prepare(desk.order(type_id, **changes)).intent


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"name": None}, ("name", "required")),
        ({"name": 7}, ("name", "type")),
        ({"nonsense": "x"}, ("?", "unknown_field")),
        ({"unified_social_credit_code": "91440799MA5X00014A"}, ("unified_social_credit_code", "number")),
        ({"entity_type": "9999"}, ("entity_type", "code_list")),
        ({"approval_date": "2019-02-30"}, ("approval_date", "date")),
    ],
)
def test_a_claim_that_breaks_its_rule_is_refused(desk: Any, changes: dict[str, Any], problem: tuple[str, str]) -> None:
    assert problems(desk, **changes) == [problem]


def test_everything_that_is_wrong_is_said_at_once(desk: Any) -> None:
    assert problems(desk, name=None, entity_type="9999", approval_date="soon") == [
        ("name", "required"),
        ("entity_type", "code_list"),
        ("approval_date", "date"),
    ]


def test_a_refusal_holds_no_value(desk: Any) -> None:
    with pytest.raises(OrderRefused) as caught:
        desk.issue(legal_representative="示例\x07秘密")
    text = str(caught.value) + "".join(each.message_zh + each.message_en for each in caught.value.problems)
    assert "秘密" not in text


def test_a_refusal_speaks_both_languages(desk: Any) -> None:
    with pytest.raises(OrderRefused) as caught:
        desk.issue(name=None)
    (problem,) = caught.value.problems
    assert (problem.message_zh, problem.message_en) == ("名称: 必填", "Name is required")


def test_a_refused_order_leaves_no_trace(desk: Any) -> None:
    problems(desk, name=None)
    assert (desk.ledger.unfinished(limit=1), desk.directory.holders, desk.delivery.arrived) == ([], {}, {})


def test_an_unknown_type_is_refused(desk: Any) -> None:
    with pytest.raises(OrderRefused, match="unknown_type"):
        desk.issuer.prepare(Order(TypeId("nothing"), (), {}))


def test_an_order_without_holders_is_refused(desk: Any) -> None:
    order = Order(TypeId("business_licence"), (), desk.claims())
    with pytest.raises(OrderRefused, match="holders"):
        desk.issuer.prepare(order)


def test_claims_that_name_no_holder_are_refused(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every type of today requires a holder's number; one of tomorrow may not."""
    kind = replace(types.certificate_type("business_licence"), holders=(HolderRule("owner_number", "001", None),))
    monkeypatch.setattr("issuer.prepare.type_of", lambda _: kind)
    assert [each.rule for each in desk.issuer.problems(kind.id, desk.claims())] == ["holder"]


def test_a_certificate_that_has_ended_is_not_issued(desk: Any) -> None:
    assert problems(desk, term_to="2026-03-01") == [("term_to", "expired")]


def test_a_certificate_is_issued_on_its_last_day(desk: Any) -> None:
    (credential, *_) = desk.issue(term_to="2026-03-02").credentials
    assert credential.expires_at == datetime(2026, 3, 2, 16, tzinfo=UTC)


def test_a_certificate_whose_dates_do_not_follow_is_refused(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every type of today requires the date that its rule needs; one of tomorrow may not."""
    kind = types.certificate_type("business_licence")
    kind = replace(kind, validity={**kind.validity, "expires": "review_date"})
    monkeypatch.setattr("issuer.prepare.type_of", lambda _: kind)
    found = desk.issuer.problems(kind.id, desk.claims())
    assert [(each.field, each.rule) for each in found] == [("review_date", "validity")]


def test_a_certificate_dated_into_the_future_is_refused(desk: Any) -> None:
    assert ("issue_date", "national.period") in problems(desk, approval_date="2026-03-03")


def test_texts_are_brought_into_normal_form(desk: Any) -> None:
    claims = intent(desk, name=" 示例e\u0301有限公司 ").claims
    assert claims["name"] == "示例\u00e9有限公司"


def test_an_image_comes_with_its_digest(desk: Any) -> None:
    claims = intent(desk, "resident_id_card", photo=PHOTO).claims
    assert (claims["photo"], claims["photo_digest"]) == (PHOTO, PHOTO_DIGEST)


def test_the_digest_of_an_image_may_stand_alone(desk: Any) -> None:
    claims = intent(desk, "resident_id_card", photo=PHOTO_DIGEST).claims
    assert "photo" not in claims
    assert claims["photo_digest"] == PHOTO_DIGEST


def test_a_digest_that_is_not_the_images_is_refused(desk: Any) -> None:
    wrong = "sha256-" + "A" * 43
    assert problems(desk, "resident_id_card", photo=PHOTO, photo_digest=wrong) == [("photo_digest", "image_digest")]


def test_image_and_digest_are_selective(desk: Any) -> None:
    (credential, *_) = desk.issue("resident_id_card", photo=PHOTO).credentials
    payload = SdJwt.parse(credential.token).issuer_jws.peek_claims()
    assert not {"photo", "photo_digest"} & payload.keys()


def test_a_long_term_certificate_has_no_last_day(desk: Any) -> None:
    made = intent(desk, term_to="长期")
    assert made.dates.expires is None
    assert "expiring_date" not in made.claims


def test_a_type_without_a_date_of_issue_is_dated_by_its_own_field(desk: Any) -> None:
    assert intent(desk, approval_date="2026-03-01").claims["issue_date"] == "2026-03-01"


def test_a_stable_derived_claim_is_signed_only_when_true(desk: Any) -> None:
    claims = intent(desk, "resident_id_card").claims
    ages = {name: value for name, value in claims.items() if name.startswith("age_over")}
    assert ages
    assert all(ages.values())
    assert "age_over_65" not in ages


def test_times_are_rounded_down_to_the_hour(desk: Any) -> None:
    (credential, *_) = desk.issue().credentials
    assert credential.issued_at == datetime(2026, 3, 2, 1, tzinfo=UTC)
    assert SdJwt.parse(credential.token).peek_claims()["iat"] == credential.issued_at.timestamp()


def test_a_credential_ends_after_a_year_at_the_latest(desk: Any) -> None:
    (credential, *_) = desk.issue(term_to="长期").credentials
    assert credential.expires_at - credential.issued_at == timedelta(days=365)


def test_a_short_lived_credential_ends_after_a_week(desk: Any) -> None:
    (short,) = [each for each in desk.issue("minimum_living_certificate").credentials if each.short_lived]
    assert short.expires_at - short.issued_at == timedelta(days=7)


def test_a_credential_ends_on_the_birthday_that_changes_a_claim(desk: Any) -> None:
    """Someone born on 2008-05-06 is 18 on 2026-05-06: the wallet fetches the credential that says so."""
    claims = desk.citizen("2008-05-06")
    claims |= {"valid_from": "2024-06-01", "valid_to": "2034-06-01"}
    (credential, *_) = desk.issue("resident_id_card", **claims).credentials
    assert credential.expires_at == datetime(2026, 5, 5, 16, tzinfo=UTC)


def test_a_credential_holds_the_key_of_its_holder(desk: Any) -> None:
    issued = desk.issue()
    (holder,) = desk.directory.holders.values()
    claims = SdJwt.parse(issued.credentials[0].token).peek_claims()
    assert claims["cnf"] == {"jwk": holder.key.jwk}


def test_a_holder_without_a_key_gets_an_unbound_credential(desk: Any) -> None:
    order = Order(TypeId("business_licence"), (HolderRef(HolderId("holder-1"), None),), desk.claims())
    claims = SdJwt.parse(desk.issuer.issue(order).credentials[0].token).peek_claims()
    assert "cnf" not in claims


def test_a_certificate_that_takes_effect_later_is_not_valid_before(desk: Any) -> None:
    claims = {"valid_from": "2026-04-01", "valid_to": None, "issue_date": "2026-03-02"}
    issued = desk.issue("labour_dispatch_licence", **claims | {"valid_to": "2029-03-31"})
    payload = SdJwt.parse(issued.credentials[0].token).peek_claims()
    assert payload["nbf"] == datetime(2026, 3, 31, 16, tzinfo=UTC).timestamp()


def test_a_profile_chooses_the_formats(make_desk: Any) -> None:
    desk = make_desk(rules=Rules(Profile.of(ProfileConfig(formats=("vc+jwt",)))))
    formats = [each.format.value for each in desk.issue("minimum_living_certificate").credentials]
    assert formats == ["vc+jwt"]


def test_a_lint_that_finds_something_stops_the_issue(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from issuer import lints
    from issuer.lints.model import Finding

    finding = Finding("name", "中文", "English")
    monkeypatch.setattr(lints, "LINTS", {"house.rule": lambda draft: [finding]})
    assert problems(desk) == [("name", "house.rule")]


def test_a_skipped_lint_stops_nothing(make_desk: Any) -> None:
    config = ProfileConfig(skip_lints=("national.period",))
    desk = make_desk(rules=Rules(Profile.of(config)))
    assert desk.issue(approval_date="2026-03-03", term_from=date(2026, 3, 3).isoformat()).credentials
