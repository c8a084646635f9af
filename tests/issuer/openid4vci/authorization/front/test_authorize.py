"""The authorization endpoint: requests that are taken and refused, and what comes by a browser."""

from datetime import timedelta
from typing import Any

import pytest

from issuer.openid4vci.errors import (
    IdentityRefused,
    IdentityUnavailable,
    InvalidRequestUri,
    LoginCancelled,
    LoginError,
    NoLogin,
)
from issuer.openid4vci.grants import CodeGrant, Grant, Kind
from issuer.openid4vci.ports import AssuranceLevel, Entitlement
from keys.encoding import b64url_decode
from schemas.order import HolderId
from tests.support.authorization_front import (
    CHALLENGE,
    CLIENT,
    ISSUER,
    LICENCE,
    OTHER,
    PUBLIC,
    QUERIED,
    REDIRECT,
    FakeProofing,
    Front,
    page,
    returned,
)

FOOD = "food_business_licence.dc+sd-jwt"
AUTHORIZE = "/issuers/amr/authorize"


@pytest.fixture
def front() -> Front:
    front = Front()
    front.holder("business_licence")
    return front


def error(answer: Any) -> tuple[int, str]:
    """Return status and error of an error page; it sends nobody anywhere."""
    found = page(answer)
    assert found["page"] == "openid4vci/error"
    assert found["zh"]
    assert found["en"]
    assert "location" not in answer.headers
    return answer.status_code, found["error"]


# The whole way.


def test_a_holder_logs_in_consents_and_the_wallet_gets_a_code(front: Front) -> None:
    """3.1, 4.3.4 code, state unchanged, iss; nothing else."""
    front.reach_consent()
    answer = front.consent()
    assert answer.headers["location"].startswith(f"{REDIRECT}?")
    found = returned(answer)
    assert set(found) == {"code", "state", "iss"}
    assert (found["state"], found["iss"]) == ("af0ifjsldkj", ISSUER)
    assert len(b64url_decode(found["code"])) == 32


def test_the_code_stands_for_what_was_asked(front: Front) -> None:
    """4.3.6 bound to client, redirect_uri, PKCE and key; for the holder who logged in, every order that waits."""
    front.reach_consent(dpop_jkt="k" * 43)
    holder_id = front.directory.resolve("001", "91440799MA0000000X", "").holder_id
    assert front.grant(front.consent()) == CodeGrant(
        Grant("amr", holder_id, (LICENCE,)), CLIENT, REDIRECT, CHALLENGE, "k" * 43
    )


def test_a_code_is_gone_after_45_seconds(front: Front) -> None:
    """3.26, 4.3.6 the lifetime of a code."""
    from issuer.openid4vci.errors import InvalidGrant

    front.reach_consent()
    answer = front.consent()
    front.clock.move(timedelta(seconds=45))
    with pytest.raises(InvalidGrant):
        front.grant(answer)


def test_every_redirect_is_303(front: Front) -> None:
    """4.3.8 never 307: a form does not go on to the client."""
    steps = [front.open(front.request_uri()), front.log_in(), front.consent()]
    assert [step.status_code for step in steps] == [303, 303, 303]


def test_without_state_none_comes_back(front: Front) -> None:
    """3.3 no state sent, none returned."""
    front.reach_consent(state=...)
    assert set(returned(front.consent())) == {"code", "iss"}


@pytest.mark.parametrize("state", ["x" * 1000, "-._~" * 32, "a b&c=d%20"])
def test_a_state_comes_back_as_it_went(front: Front, state: str) -> None:
    """2.5, 3.14 long states and all characters."""
    front.reach_consent(state=state)
    assert returned(front.consent())["state"] == state


def test_the_query_of_the_redirect_uri_stays(front: Front) -> None:
    """2.5, 4.3.4 the second client's query."""
    front.reach_consent(OTHER)
    location = front.consent().headers["location"]
    assert location.startswith(f"{QUERIED}&code=")


def test_authorization_details_are_answered_by_identifiers_later(front: Front) -> None:
    """4.5.2 the grant remembers that they were asked for."""
    details = '[{"type": "openid_credential", "credential_configuration_id": "business_licence.dc+sd-jwt"}]'
    front.reach_consent(scope=..., authorization_details=details)
    assert front.grant(front.consent()).grant.identified


# Denial.


@pytest.mark.parametrize("client", [CLIENT, OTHER])
def test_a_holder_who_denies_is_sent_back_with_access_denied(front: Front, client: str) -> None:
    """3.2, 4.3.5 error, state, iss; the query of the redirect_uri stays."""
    front.reach_consent(client)
    answer = front.consent("deny")
    found = returned(answer)
    assert set(found) - {"dummy1", "dummy2"} == {"error", "error_description", "state", "iss"}
    assert (found["error"], found["state"], found["iss"]) == ("access_denied", "af0ifjsldkj", ISSUER)
    assert answer.headers["location"].startswith(REDIRECT if client == CLIENT else QUERIED)
    assert not [kind for kind, _ in front.state.kept if kind == Kind.CODE]


def test_who_cancels_at_the_login_form_is_sent_back_with_access_denied(front: Front) -> None:
    """3.2 before anybody has logged in."""
    front.open(front.request_uri())
    assert returned(front.log_in(deny="1"))["error"] == "access_denied"
    assert front.proofing.finished == []


def test_who_cancels_at_the_identity_provider_is_sent_back_with_access_denied() -> None:
    """3.2 at a provider elsewhere."""
    front = Front(FakeProofing("https://id.example/authorize?x=y", failure=LoginCancelled))
    front.open(front.request_uri())
    assert returned(front.send("GET", "/identity/callback?error=access_denied"))["error"] == "access_denied"


# The front channel.


def test_only_what_was_pushed_counts(front: Front) -> None:
    """3.13, 3.15, 3.39 parameters of the front channel are ignored."""
    front.open(front.request_uri(state=...), state="other", scope=FOOD, redirect_uri="https://evil.example")
    front.log_in()
    answer = front.consent()
    assert answer.headers["location"].startswith(f"{REDIRECT}?")
    assert "state" not in returned(answer)


def test_another_state_on_the_front_channel_is_ignored(front: Front) -> None:
    """3.13 the pushed one is used."""
    front.open(front.request_uri(), state="other")
    front.log_in()
    assert returned(front.consent())["state"] == "af0ifjsldkj"


def test_a_request_that_was_not_pushed_is_an_error_page(front: Front) -> None:
    """3.18, 4.3.5 everything on the front channel."""
    assert error(front.send("GET", AUTHORIZE, params=front.form())) == (400, "invalid_request")


def test_a_request_without_a_client_is_an_error_page(front: Front) -> None:
    """4.3.2 client_id is needed."""
    answer = front.send("GET", AUTHORIZE, params={"request_uri": front.request_uri()})
    assert error(answer) == (400, "invalid_request")


def test_an_unknown_request_uri_is_an_error_page(front: Front) -> None:
    """4.3.5 an invalid request_uri."""
    assert error(front.open("urn:ietf:params:oauth:request_uri:x")) == (400, "invalid_request_uri")


def test_a_request_uri_of_another_client_is_an_error_page(front: Front) -> None:
    """3.32 client 2 with client 1's request_uri."""
    assert error(front.open(front.request_uri(), OTHER)) == (400, "invalid_request_uri")


def test_a_request_uri_of_another_issuer_is_an_error_page(front: Front) -> None:
    """4.3.5 pushed to another department."""
    params = {"client_id": CLIENT, "request_uri": front.request_uri()}
    assert error(front.send("GET", "/issuers/psb/authorize", params=params)) == (400, "invalid_request_uri")


def test_a_request_uri_is_too_old_after_90_seconds(front: Front) -> None:
    """3.31, 4.3.7 it expires as expires_in said."""
    request_uri = front.request_uri()
    front.clock.move(timedelta(seconds=89))
    assert front.open(request_uri).status_code == 303
    front.clock.move(timedelta(seconds=1))
    assert error(front.open(request_uri)) == (400, "invalid_request_uri")


def test_a_login_may_take_longer_than_the_request_uri_lives(front: Front) -> None:
    """4.3.7 it was opened in time."""
    front.open(front.request_uri())
    front.clock.move(timedelta(minutes=9))
    front.log_in()
    front.clock.move(timedelta(seconds=59))
    assert "code" in returned(front.consent())


def test_a_request_uri_can_be_opened_again_before_the_authorization_completes(front: Front) -> None:
    """3.29 opened, abandoned, opened again."""
    request_uri = front.request_uri()
    front.open(request_uri)
    front.cookies.clear()
    front.open(request_uri)
    front.log_in()
    assert "code" in returned(front.consent())


@pytest.mark.parametrize("answer", ["approve", "deny"])
def test_a_request_uri_is_used_when_the_authorization_is_complete(front: Front, answer: str) -> None:
    """3.30 it is refused afterwards."""
    request_uri = front.request_uri()
    front.open(request_uri)
    front.log_in()
    front.consent(answer)
    assert error(front.open(request_uri)) == (400, "invalid_request_uri")


def test_of_two_browsers_with_one_request_one_completes(front: Front) -> None:
    """3.30 the second one at the consent page."""
    request_uri = front.request_uri()
    front.open(request_uri)
    front.log_in()
    first, front.cookies = front.cookies, {}
    front.open(request_uri)
    front.log_in()
    assert "code" in returned(front.consent())
    front.cookies = first
    assert error(front.consent()) == (400, InvalidRequestUri.error)


def test_a_parameter_twice_is_an_error_page(front: Front) -> None:
    """4.3.2 RFC 6749, 3.1."""
    answer = front.send("GET", f"{AUTHORIZE}?client_id=a&client_id=b")
    assert error(answer) == (400, "invalid_request")


def test_an_unknown_department_is_not_found(front: Front) -> None:
    assert front.send("GET", "/issuers/nobody/authorize").json()["code"] == "unknown_department"


def test_nothing_is_for_other_origins(front: Front) -> None:
    """4.11.2 no CORS on the authorization endpoint."""
    headers = {"origin": "https://evil.example"}
    answer = front.send("GET", AUTHORIZE, headers=headers)
    assert not [name for name in answer.headers if name.startswith("access-control")]


# Login.


def test_the_login_asks_for_the_highest_level_that_is_wanted(front: Front) -> None:
    """invariant 11: the level of what is asked for."""
    front.open(front.request_uri())
    (login,) = front.proofing.begun
    assert (login.level, login.return_uri) == (AssuranceLevel.REAL_NAME, f"{PUBLIC}/identity/callback")


def test_the_login_page_says_who_asks(front: Front) -> None:
    answer = front.open(front.request_uri())
    assert answer.headers["location"] == f"{ISSUER}/authorize/login"
    shown = page(front.send("GET", f"{AUTHORIZE}/login"))
    assert (shown["page"], shown["client"], shown["issuer_zh"]) == ("login", CLIENT, "江门市市场监督管理局")
    assert shown["answered_at"] == "https://wallet.example"


def test_what_the_provider_keeps_comes_back_to_it(front: Front) -> None:
    front.open(front.request_uri())
    front.log_in(username="someone")
    ((parameters, login),) = front.proofing.finished
    assert (parameters["username"], login.kept) == ("someone", {"secret": "kept"})


def test_a_provider_elsewhere_sends_the_browser_back() -> None:
    """4.3 login by an identity provider elsewhere."""
    front = Front(FakeProofing("https://id.example/authorize?x=y"))
    front.holder("business_licence")
    assert front.open(front.request_uri()).headers["location"] == "https://id.example/authorize?x=y"
    answer = front.send("GET", "/identity/callback?code=a&state=b")
    assert answer.headers["location"] == f"{ISSUER}/authorize/consent"
    assert front.proofing.finished[0][0] == {"code": "a", "state": "b"}
    assert "code" in returned(front.consent())


def test_a_form_takes_nobody_by_the_way_of_a_provider_elsewhere(front: Front) -> None:
    """The callback has no token: with an embedded provider it is no way in."""
    front.open(front.request_uri())
    assert error(front.send("GET", "/identity/callback?username=x")) == (400, LoginError.error)
    assert front.proofing.finished == []


def test_a_provider_elsewhere_has_no_form_here() -> None:
    front = Front(FakeProofing("https://id.example/"))
    front.open(front.request_uri())
    assert error(front.send("GET", f"{AUTHORIZE}/login")) == (400, NoLogin.error)


def test_a_wrong_login_shows_the_form_again(front: Front) -> None:
    front.open(front.request_uri())
    front.proofing.failure = IdentityRefused
    answer = front.log_in()
    assert (answer.status_code, page(answer)["refused"]) == (403, True)
    front.proofing.failure = None
    assert front.log_in().status_code == 303


def test_an_identity_that_does_not_hold_is_an_error_page() -> None:
    front = Front(FakeProofing("https://id.example/", failure=IdentityRefused))
    front.open(front.request_uri())
    assert error(front.send("GET", "/identity/callback?code=a")) == (403, IdentityRefused.error)


def test_a_provider_that_does_not_answer_is_an_error_page() -> None:
    front = Front(FakeProofing(failure=IdentityUnavailable))
    assert error(front.open(front.request_uri())) == (503, "temporarily_unavailable")


def test_who_has_logged_in_does_not_log_in_again() -> None:
    front = Front(FakeProofing("https://id.example/"))
    front.holder("business_licence")
    front.open(front.request_uri())
    front.send("GET", "/identity/callback?code=a")
    assert error(front.send("GET", "/identity/callback?code=a")) == (400, NoLogin.error)


def test_two_answers_of_one_login_make_one_session() -> None:
    """Of two at once one gets the session."""
    front = Front(FakeProofing("https://id.example/"))
    front.holder("business_licence")
    front.open(front.request_uri())
    before = dict(front.cookies)
    front.send("GET", "/identity/callback?code=a")
    front.cookies = before
    assert error(front.send("GET", "/identity/callback?code=a")) == (400, NoLogin.error)


def test_logins_and_openings_are_limited(front: Front) -> None:
    """Issue 4, operations: the rules authorize and login."""
    request_uri = front.request_uri()
    front.open(request_uri)
    front.log_in()
    by_rule = [hit for hit in front.limits.hits if hit[0] != "par"]
    assert by_rule == [
        ("authorize", "address 127.0.0.1"),
        ("login", f"request {request_uri}"),
        ("login", "address 127.0.0.1"),
    ]
    front.open(request_uri)
    front.limits.refused.add("login")
    answer = front.log_in()
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "30")
    front.limits.refused.add("authorize")
    assert front.open(request_uri).status_code == 429


# The session.


def test_the_cookie_is_for_this_host_and_for_no_script(front: Front) -> None:
    """__Host-, Secure, HttpOnly, SameSite=Lax, ten minutes."""
    cookie = front.open(front.request_uri()).headers["set-cookie"]
    name, _, rest = cookie.partition("=")
    attributes = set(rest.split("; ")[1:])
    assert name == "__Host-ecert-login"
    assert attributes == {"Path=/", "Max-Age=600", "HttpOnly", "SameSite=Lax", "Secure"}


def test_over_plain_http_on_this_machine_the_cookie_is_one_that_a_browser_keeps() -> None:
    front = Front(public_url="http://127.0.0.1:8440")
    answer = front.open(_pushed_by_hand(front))
    assert answer.headers["set-cookie"].startswith("ecert-login=")
    assert "Secure" not in answer.headers["set-cookie"]


def _pushed_by_hand(front: Front) -> str:
    from issuer.openid4vci.authorization.front.requests import AuthorizationRequest

    request = AuthorizationRequest("amr", CLIENT, REDIRECT, CHALLENGE, (LICENCE,), identified=False)
    value = {"request": request.document(), "until": (front.clock() + timedelta(seconds=90)).timestamp()}
    front.state.put(Kind.PUSHED_REQUEST, "urn:x", value, expires_at=front.clock() + timedelta(minutes=9))
    return "urn:x"


def test_the_cookie_changes_with_the_login_and_goes_at_the_end(front: Front) -> None:
    """Session fixation: what somebody planted before does not go on with the person."""
    front.open(front.request_uri())
    before = dict(front.cookies)
    front.log_in()
    assert front.cookies != before
    assert "Max-Age=0" in front.consent().headers["set-cookie"]
    front.cookies = before
    assert error(front.send("GET", f"{AUTHORIZE}/consent")) == (400, NoLogin.error)


@pytest.mark.parametrize("path", ["login", "consent"])
def test_a_browser_without_a_login_gets_an_error_page(front: Front, path: str) -> None:
    assert error(front.send("GET", f"{AUTHORIZE}/{path}")) == (400, NoLogin.error)


def test_a_login_ends_after_ten_minutes(front: Front) -> None:
    front.open(front.request_uri())
    front.clock.move(timedelta(minutes=10))
    assert error(front.send("GET", f"{AUTHORIZE}/login")) == (400, NoLogin.error)


def test_the_consent_page_is_for_who_has_logged_in(front: Front) -> None:
    front.open(front.request_uri())
    assert error(front.send("GET", f"{AUTHORIZE}/consent")) == (400, NoLogin.error)


def test_a_login_at_one_issuer_is_none_at_another(front: Front) -> None:
    front.open(front.request_uri())
    assert error(front.send("GET", "/issuers/psb/authorize/login")) == (400, NoLogin.error)


@pytest.mark.parametrize("token", [None, "", "wrong", "错"])
def test_a_form_of_another_site_is_refused(front: Front, token: str | None) -> None:
    """CSRF: the token of the session must come with the form."""
    front.reach_consent()
    data = {"approve": "1"} | ({} if token is None else {"token": token})
    assert error(front.send("POST", f"{AUTHORIZE}/consent", data=data)) == (400, NoLogin.error)


def test_a_login_form_of_another_site_is_refused(front: Front) -> None:
    front.open(front.request_uri())
    assert error(front.send("POST", f"{AUTHORIZE}/login", data={"token": "x"})) == (400, NoLogin.error)
    assert front.proofing.finished == []


def test_a_consent_without_an_answer_changes_nothing(front: Front) -> None:
    front.reach_consent()
    token = front.token("consent")
    for data in ({"token": token}, {"token": token, "approve": "1", "deny": "1"}):
        assert error(front.send("POST", f"{AUTHORIZE}/consent", data=data)) == (400, "invalid_request")
    assert "code" in returned(front.consent())


def test_a_consent_counts_once(front: Front) -> None:
    front.reach_consent()
    token, cookies = front.token("consent"), dict(front.cookies)
    front.consent()
    front.cookies = cookies
    answer = front.send("POST", f"{AUTHORIZE}/consent", data={"token": token, "approve": "1"})
    assert error(answer) == (400, NoLogin.error)


def test_of_two_consents_at_once_one_counts(front: Front) -> None:
    """Both have found the session; one of them ends it."""
    from issuer.openid4vci.authorization.front.logins import Logins

    front.reach_consent()
    logins = Logins(front.state, randomness=bytes)
    cookie = front.cookies["__Host-ecert-login"]
    logins.end(cookie, now=front.clock())
    with pytest.raises(NoLogin):
        logins.end(cookie, now=front.clock())


def test_a_body_that_cannot_be_read_is_an_error_page(front: Front) -> None:
    front.reach_consent()
    assert error(front.send("POST", f"{AUTHORIZE}/consent", json={})) == (400, "invalid_request")


def test_the_pages_run_no_script_and_their_forms_lead_to_the_wallet_alone(front: Front) -> None:
    front.open(front.request_uri())
    policies = [front.send("GET", f"{AUTHORIZE}/login").headers["content-security-policy"]]
    front.log_in()
    policies.append(front.send("GET", f"{AUTHORIZE}/consent").headers["content-security-policy"])
    for policy in policies:
        assert "form-action 'self' https://wallet.example" in policy
        assert "frame-ancestors 'none'" in policy
        assert "script-src" not in policy


def test_an_error_pages_form_leads_nowhere(front: Front) -> None:
    policy = front.send("GET", AUTHORIZE).headers["content-security-policy"]
    assert policy.endswith("form-action 'self'")


def test_no_page_is_stored(front: Front) -> None:
    front.open(front.request_uri())
    for path in ("login", "consent"):
        assert front.send("GET", f"{AUTHORIZE}/{path}").headers["cache-control"] == "no-store"


# Who may get what.


def test_the_consent_page_says_which_issuer_client_certificates_and_fields(front: Front) -> None:
    shown = front.reach_consent(scope=f"{LICENCE} business_licence.ldp_vc")
    assert (shown["page"], shown["client"]) == ("openid4vci/consent", CLIENT)
    assert shown["answered_at"] == "https://wallet.example"
    assert shown["issuer_en"]
    assert shown["person"] == "江门市示例贸易有限公司"
    (licence,) = shown["granted"]
    assert (licence["name_zh"], licence["name_en"]) == ("营业执照", "Business Licence")
    assert licence["formats"] == ["SD-JWT VC", "W3C VC (JSON-LD)"]
    assert ["统一社会信用代码", "Unified social credit code"] in [field[:2] for field in licence["fields"]]


def test_what_no_order_waits_for_is_not_granted(front: Front) -> None:
    shown = front.reach_consent(scope=f"{LICENCE} {FOOD}")
    assert [each["name_zh"] for each in shown["absent"]] == ["食品经营许可证"]
    assert front.grant(front.consent()).grant.configuration_ids == (LICENCE,)


def test_what_needs_a_higher_level_is_not_granted(front: Front) -> None:
    """invariant 11: the type's level."""
    front.holder("business_licence", level=AssuranceLevel.ACCOUNT)
    shown = front.reach_consent()
    assert shown["page"] == "openid4vci/nothing"
    assert [each["level"] for each in shown["too_low"]] == [["实名", "real name"]]


def test_who_has_nothing_to_get_sees_a_page_and_goes_back(front: Front) -> None:
    front.holder()
    assert front.reach_consent()["page"] == "openid4vci/nothing"
    assert returned(front.consent("deny"))["error"] == "access_denied"


def test_who_has_nothing_to_get_gets_no_code_by_saying_yes(front: Front) -> None:
    front.holder()
    front.reach_consent()
    assert returned(front.consent())["error"] == "access_denied"


def test_an_order_that_came_after_the_login_is_not_consented_to(front: Front) -> None:
    holder_id = front.holder("business_licence")
    front.open(front.request_uri(scope=f"{LICENCE} {FOOD}"))
    front.log_in()
    front.entitlements.waiting[holder_id].append(Entitlement("order-9", "food_business_licence", True))
    assert [each["name_zh"] for each in page(front.send("GET", f"{AUTHORIZE}/consent"))["absent"]] == ["食品经营许可证"]
    assert front.grant(front.consent()).grant.configuration_ids == (LICENCE,)


def test_an_order_that_went_after_the_login_is_not_granted(front: Front) -> None:
    holder_id = front.holder("business_licence")
    front.open(front.request_uri())
    front.log_in()
    front.entitlements.waiting[holder_id].clear()
    assert returned(front.consent())["error"] == "access_denied"


# From an offer.


def test_an_offers_holder_gets_what_the_offer_reaches(front: Front) -> None:
    """4.12.4 the offer binds holder and orders."""
    holder_id = front.holder("business_licence", "food_business_licence")
    state = front.offer(holder_id, LICENCE, orders=("order-business_licence",))
    shown = front.reach_consent(issuer_state=state, scope=f"{LICENCE} {FOOD} business_licence.ldp_vc")
    assert [each["name_zh"] for each in shown["absent"]] == ["食品经营许可证", "营业执照"]
    grant = front.grant(front.consent()).grant
    assert (grant.order_ids, grant.configuration_ids) == (("order-business_licence",), (LICENCE,))


def test_an_offer_is_used_once(front: Front) -> None:
    """4.12 single use."""
    holder_id = front.holder("business_licence")
    state = front.offer(holder_id, LICENCE)
    front.reach_consent(issuer_state=state)
    front.consent()
    assert front.state.get(Kind.ISSUER_STATE, state, now=front.clock()) is None


def test_an_offer_is_for_its_holder_alone(front: Front) -> None:
    """4.12 somebody else logs in."""
    state = front.offer(HolderId("holder-99"), LICENCE)
    shown = front.reach_consent(issuer_state=state)
    assert (shown["page"], shown["foreign"], shown["absent"]) == ("openid4vci/nothing", True, [])
    assert returned(front.consent())["error"] == "access_denied"
    assert front.state.get(Kind.ISSUER_STATE, state, now=front.clock()) is not None


def test_an_offer_that_was_used_meanwhile_gives_nothing(front: Front) -> None:
    """4.12 single use, by another browser in between."""
    holder_id = front.holder("business_licence")
    state = front.offer(holder_id, LICENCE)
    request_uri = front.request_uri(issuer_state=state)
    front.state.take(Kind.ISSUER_STATE, state, now=front.clock())
    front.open(request_uri)
    front.log_in()
    shown = page(front.send("GET", f"{AUTHORIZE}/consent"))
    assert (shown["page"], shown["gone"]) == ("openid4vci/nothing", True)
    assert returned(front.consent())["error"] == "access_denied"


def test_of_two_browsers_one_uses_the_offer(front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    """4.12 single use, both at the same moment."""
    holder_id = front.holder("business_licence")
    front.reach_consent(issuer_state=front.offer(holder_id, LICENCE))
    token = front.token("consent")
    take = front.state.take

    def quicker(kind: str, key: str, **kwargs: Any) -> Any:
        return None if kind == Kind.ISSUER_STATE else take(kind, key, **kwargs)

    monkeypatch.setattr(front.state, "take", quicker)
    answer = front.send("POST", f"{AUTHORIZE}/consent", data={"token": token, "approve": "1"})
    assert returned(answer)["error"] == "access_denied"


def test_no_personal_data_stands_in_an_address(front: Front) -> None:
    """invariant 4."""
    answers = [front.open(front.request_uri()), front.log_in(username="91440799MA0000000X"), front.consent()]
    for answer in answers:
        assert "91440799" not in answer.headers["location"]
        assert "holder-1" not in answer.headers["location"]
