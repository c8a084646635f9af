"""Step 7: the issuer's own, fresh status list decides; what is not known is never valid."""

import zlib
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from keys import strict_json
from keys.did import to_did_key
from keys.encoding import b64url_text
from schemas.formats import status_token
from schemas.formats.status_list import StatusList
from schemas.report import Outcome, Verdict
from tests.support.desk import (
    CIVIL_KEY,
    DAY,
    HOUR,
    INDEX,
    LIST,
    MARKET,
    MARKET_KEY,
    NOW,
    OTHER_LIST,
    STRANGER,
    Desk,
    forged,
    seconds,
)
from verifier import Policy, accept_status_list, verify
from verifier.evidence import StatusEvidence, UnreachedStatus, UntrustedStatus


def _row(desk: Desk, **policy: Any) -> tuple[Verdict, str, Outcome]:
    report = desk.verify(desk.certificate().present(), **policy)
    row = report.check("status")
    return report.verdict, row.reason, row.outcome


@pytest.mark.parametrize(("value", "reason"), [(1, "revoked"), (2, "suspended"), (3, "replaced")])
def test_ends_are_told_apart(desk: Desk, value: int, reason: str) -> None:
    desk.statuses[INDEX] = value
    assert _row(desk) == (Verdict.INVALID, reason, Outcome.FAILED)
    facts = desk.verify(desk.certificate().present()).check("status").facts
    assert facts == {"list": LIST, "index": INDEX, "value": value, "age_seconds": 3600}


def test_another_certificates_end_is_its_own(desk: Desk) -> None:
    desk.statuses |= {INDEX - 1: 1, INDEX + 1: 1}
    assert _row(desk)[0] is Verdict.VALID


def test_a_value_that_has_no_meaning_here_is_not_valid(desk: Desk) -> None:
    statuses = StatusList.from_statuses({INDEX: 9}, bits=4, size=1 << 14)
    times = status_token.Times(seconds(NOW), None, None)
    desk.lists = {LIST: status_token.issue(statuses, MARKET_KEY, uri=LIST, times=times)}
    assert _row(desk) == (Verdict.INVALID, "status_other", Outcome.FAILED)


def test_without_the_list_the_status_is_unknown(desk: Desk) -> None:
    desk.lists = {}
    assert _row(desk) == (Verdict.INDETERMINATE, "status_list_missing", Outcome.UNKNOWN)


def test_a_list_that_could_not_be_had_is_unknown_with_the_reason(desk: Desk) -> None:
    known = replace(desk.evidence(), status_lists={LIST: UnreachedStatus(LIST, "unreachable")})
    report = verify(desk.certificate().present(), policy=Policy(accepted_types=None), evidence=known, now=NOW)
    row = report.check("status")
    assert (report.verdict, row.reason) == (Verdict.INDETERMINATE, "status_list_not_fetched")
    assert row.facts == {"because": "unreachable", "list": LIST, "index": INDEX}
    assert report.wanted_lists == ()


def test_a_list_that_is_not_here_is_wanted(desk: Desk) -> None:
    assert desk.verify(desk.certificate().present()).wanted_lists == ()
    desk.lists = {}
    assert desk.verify(desk.certificate().present()).wanted_lists == (LIST,)
    assert "wanted_lists" not in desk.verify(desk.certificate().present()).to_dict()


def _of_a_stranger(desk: Desk) -> str:
    return desk.certificate(signer=STRANGER).present()


def _of_an_unknown_issuer(desk: Desk) -> str:
    return desk.certificate(issuer="https://other.example/issuers/amr").present()


def _of_its_own_key(desk: Desk) -> str:
    return desk.certificate(issuer=to_did_key(MARKET_KEY.public_key)).present()


def _over(desk: Desk) -> str:
    return desk.certificate(exp=NOW - DAY).present()


def _by_a_stale_trust_list(desk: Desk) -> str:
    desk.trust_next = NOW - HOUR
    return desk.certificate().present()


@pytest.mark.parametrize(
    "flaw", [_of_a_stranger, _of_an_unknown_issuer, _of_its_own_key, _over, _by_a_stale_trust_list]
)
def test_what_is_not_verified_or_is_invalid_anyway_makes_no_list_wanted(
    desk: Desk, flaw: Callable[[Desk], str]
) -> None:
    """An address that an unverified text names is never asked."""
    desk.lists = {}
    assert desk.verify(flaw(desk), did_issuers=True).wanted_lists == ()


def test_where_the_status_is_not_asked_for_no_list_is_wanted(desk: Desk) -> None:
    desk.lists = {}
    assert desk.verify(desk.certificate().present(), require_status=False).wanted_lists == ()


def test_a_certificate_without_a_reference_has_no_known_status(desk: Desk) -> None:
    report = desk.verify(desk.certificate(status=None).present())
    assert report.verdict is Verdict.INDETERMINATE
    assert report.check("status").reason == "status_not_referenced"
    assert report.status_age_seconds is None


def test_an_index_outside_the_list_is_unknown(desk: Desk) -> None:
    shown = desk.certificate(status={"status_list": {"idx": 1 << 16, "uri": LIST}}).present()
    assert desk.flaws(shown) == [("status", "status_index_out_of_bounds")]


def test_a_list_of_yesterday_is_indeterminate_and_says_its_age(desk: Desk) -> None:
    desk.status_iat = NOW - timedelta(hours=26)
    report = desk.verify(desk.certificate().present())
    assert report.verdict is Verdict.INDETERMINATE
    assert report.check("status").reason == "status_list_stale"
    assert report.check("status").facts == {"age_seconds": 26 * 3600, "list": LIST, "index": INDEX}
    assert report.status_age_seconds == 26 * 3600


def test_a_list_of_exactly_24_hours_still_counts(desk: Desk) -> None:
    desk.status_iat = NOW - DAY
    assert _row(desk)[0] is Verdict.VALID


def test_a_list_older_than_seven_days_stops_the_counter(desk: Desk) -> None:
    desk.status_iat = NOW - 7 * DAY - timedelta(seconds=1)
    assert _row(desk) == (Verdict.INDETERMINATE, "status_hard_stop", Outcome.UNKNOWN)


def test_the_limits_of_age_are_the_policys(desk: Desk) -> None:
    desk.status_iat = NOW - 2 * HOUR
    assert _row(desk, status_max_age=HOUR)[1] == "status_list_stale"
    assert _row(desk, status_hard_stop=HOUR)[1] == "status_hard_stop"


def test_a_list_past_its_own_end_is_unknown(desk: Desk) -> None:
    desk.status_exp = NOW
    assert _row(desk) == (Verdict.INDETERMINATE, "status_list_expired", Outcome.UNKNOWN)


def test_a_list_without_an_end_counts_by_its_age(desk: Desk) -> None:
    desk.status_exp = None
    assert _row(desk)[0] is Verdict.VALID


def test_a_list_from_the_future_is_unknown(desk: Desk) -> None:
    desk.status_iat = NOW + timedelta(seconds=11)
    assert _row(desk) == (Verdict.INDETERMINATE, "status_list_in_future", Outcome.UNKNOWN)


def test_an_old_list_that_says_revoked_is_believed(desk: Desk) -> None:
    desk.status_iat, desk.statuses[INDEX] = NOW - 2 * DAY, 1
    assert _row(desk) == (Verdict.INVALID, "revoked", Outcome.FAILED)


def test_a_list_signed_by_a_stranger_is_not_believed(desk: Desk) -> None:
    desk.status_signer = STRANGER
    report = desk.verify(desk.certificate().present())
    assert report.verdict is Verdict.INDETERMINATE
    assert report.check("status").reason == "status_list_untrusted"
    assert report.check("status").facts == {"because": "unknown_issuer_key", "list": LIST, "index": INDEX}


def test_a_list_signed_by_another_issuer_does_not_speak_for_this_one(desk: Desk) -> None:
    desk.status_signer = CIVIL_KEY
    assert _row(desk) == (Verdict.INDETERMINATE, "status_list_of_another_issuer", Outcome.UNKNOWN)


def test_a_list_that_belongs_elsewhere_is_not_believed(desk: Desk) -> None:
    desk.lists = {LIST: desk.status_list_token(uri=OTHER_LIST)}
    assert _row(desk) == (Verdict.INDETERMINATE, "status_list_untrusted", Outcome.UNKNOWN)


def test_a_list_signed_with_a_withdrawn_key_is_not_believed(desk: Desk) -> None:
    token = desk.status_list_token()
    desk.withdraw(MARKET_KEY)
    assert accept_status_list(token, uri=LIST, trust=desk.trust()) == UntrustedStatus(LIST, "key_withdrawn")


def test_a_list_from_before_the_issuer_was_listed_is_not_believed(desk: Desk) -> None:
    desk.status_iat = NOW - 400 * DAY
    found = accept_status_list(desk.status_list_token(), uri=LIST, trust=desk.trust())
    assert found == UntrustedStatus(LIST, "unknown_issuer_key")


def test_a_list_names_the_issuer_whose_key_signed_it(desk: Desk) -> None:
    found = accept_status_list(desk.status_list_token(), uri=LIST, trust=desk.trust())
    assert isinstance(found, StatusEvidence)
    assert found.issuers == {MARKET}


def test_a_list_that_was_changed_is_not_believed(desk: Desk) -> None:
    token = desk.status_list_token()
    found = accept_status_list(token[:-8] + "AAAAAAAA", uri=LIST, trust=desk.trust())
    assert found == UntrustedStatus(LIST, "invalid_signature")


def _token(**claims: Any) -> str:
    header = {"alg": "ES256", "typ": "statuslist+jwt", "kid": MARKET_KEY.public_key.kid}
    return forged(header, strict_json.dumps({"sub": LIST, "iat": seconds(NOW), **claims}), MARKET_KEY)


def test_a_decompression_bomb_is_not_inflated(desk: Desk) -> None:
    lst = b64url_text(zlib.compress(bytes(64 << 20)))
    found = accept_status_list(_token(status_list={"bits": 2, "lst": lst}), uri=LIST, trust=desk.trust())
    assert found == UntrustedStatus(LIST, "status_list_too_large")


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"iat": "now"}, "status_token_invalid"),
        ({"iat": 1e300}, "status_token_invalid"),
        ({"status_list": {"bits": 3, "lst": "eJwDAAAAAAE"}}, "status_bits_invalid"),
        ({"status_list": {"bits": 2, "lst": "AAAA"}}, "status_list_malformed"),
        ({"status_list": []}, "status_list_malformed"),
    ],
)
def test_a_list_that_is_malformed_is_not_believed(desk: Desk, claims: dict[str, Any], reason: str) -> None:
    assert accept_status_list(_token(**claims), uri=LIST, trust=desk.trust()) == UntrustedStatus(LIST, reason)


@pytest.mark.parametrize("text", ["", "a.b.c", "x" * (5 << 20)], ids=["empty", "parts", "oversized"])
def test_what_is_no_token_is_not_believed(desk: Desk, text: str) -> None:
    assert isinstance(accept_status_list(text, uri=LIST, trust=desk.trust()), UntrustedStatus)


def test_a_certificate_is_no_status_list(desk: Desk) -> None:
    token = desk.certificate().sd_jwt().issuer_jwt
    assert accept_status_list(token, uri=LIST, trust=desk.trust()) == UntrustedStatus(LIST, "wrong_type")


def test_where_the_status_is_not_asked_for_not_knowing_it_is_no_hindrance(desk: Desk) -> None:
    desk.lists = {}
    assert _row(desk, require_status=False) == (Verdict.VALID, "status_not_required", Outcome.SKIPPED)


def test_where_the_status_is_not_asked_for_a_known_end_is_still_one(desk: Desk) -> None:
    desk.statuses[INDEX] = 1
    assert _row(desk, require_status=False) == (Verdict.INVALID, "revoked", Outcome.FAILED)


def test_the_status_of_a_vc_jwt_is_judged_alike(desk: Desk) -> None:
    desk.statuses[INDEX] = 2
    assert desk.flaws(desk.certificate().vc_jwt(), require_key_binding=False) == [("status", "suspended")]
