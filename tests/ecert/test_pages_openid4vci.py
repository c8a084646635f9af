"""The pages of login and consent as a browser gets them: whole forms, stable ids, both languages, nothing inline."""

import re
import warnings
from datetime import date
from html.parser import HTMLParser
from typing import Any

import httpx
import pytest

from ecert import pages
from ecert.identity.unsafe import UnsafeDevelopmentProofing, UnsafeIdentityWarning
from issuer.openid4vci.ports import Entitlement
from schemas.order import HolderId
from tests.support.authorization_front import LICENCE, Front, returned
from tests.support.numbers import citizen_number, credit_code

NUMBER, PERSON = credit_code("MA000000"), citizen_number(date(1990, 1, 1))
AUTHORIZE = "/issuers/amr/authorize"
LOGIN = {"username": NUMBER, "name": "江门市<示例>贸易有限公司", "level": "real_name"}


class Elements(HTMLParser):
    """The elements of a page: by id, and the forms with their fields."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: dict[str, str] = {}
        self.forms: list[dict[str, Any]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if "id" in found:
            assert found["id"] not in self.ids
            self.ids[str(found["id"])] = tag
        if tag == "form":
            self.forms.append({"method": found.get("method"), "fields": {}})
        if tag in ("input", "select", "button") and "name" in found:
            self.forms[-1]["fields"][found["name"]] = found.get("value")

    def form_with(self, field: str) -> dict[str, Any]:
        """Return the fields of the first form that has this one."""
        return next(form["fields"] for form in self.forms if field in form["fields"])


@pytest.fixture
def front() -> Front:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UnsafeIdentityWarning)
        front = Front(UnsafeDevelopmentProofing(), render=pages.render)
    holder = front.directory.resolve("001", NUMBER, "").holder_id
    front.entitlements.waiting[holder] = [Entitlement("order-1", "business_licence", True)]
    return front


def shown(answer: httpx.Response) -> str:
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    text = answer.text
    assert re.findall(r"<script|<style|\sstyle=|\son[a-z]+=|javascript:", text) == []
    assert '<html lang="zh-CN">' in text
    assert 'lang="en"' in text
    return text


def get(front: Front, path: str) -> str:
    return shown(front.send("GET", f"{AUTHORIZE}/{path}"))


def log_in(front: Front, **changes: str) -> httpx.Response:
    token = Elements(get(front, "login")).form_with("username")["token"]
    return front.send("POST", f"{AUTHORIZE}/login", data={"token": token} | LOGIN | changes)


def test_the_login_form_has_the_ids_that_a_scripted_browser_knows(front: Front) -> None:
    """8.10 plain HTML forms with stable ids."""
    front.open(front.request_uri())
    found = Elements(get(front, "login"))
    expected = {"username": "input", "name": "input", "level": "select", "submit": "button", "deny": "button"}
    assert expected.items() <= found.ids.items()
    assert {form["method"] for form in found.forms} == {"post"}


def test_the_whole_way_through_the_real_pages(front: Front) -> None:
    front.open(front.request_uri())
    assert log_in(front).status_code == 303
    text = get(front, "consent")
    found = Elements(text)
    assert {"approve": "button", "deny": "button"}.items() <= found.ids.items()
    assert found.ids["answered-at"] == "dd"
    for words in (
        "授权结果发往",
        "The answer goes to",
        "江门市市场监督管理局",
        "https://wallet.example",
        "营业执照",
        "Business Licence",
        "统一社会信用代码",
    ):
        assert words in text
    data = {"token": found.form_with("approve")["token"], "approve": "1"}
    assert "code" in returned(front.send("POST", f"{AUTHORIZE}/consent", data=data))


def test_what_a_person_typed_stands_on_no_page_as_markup(front: Front) -> None:
    front.open(front.request_uri())
    log_in(front)
    assert "江门市&lt;示例&gt;贸易有限公司" in get(front, "consent")


def test_a_number_that_is_not_fictional_shows_the_form_again(front: Front) -> None:
    front.open(front.request_uri())
    answer = log_in(front, username=citizen_number(date(1990, 1, 1), division="440703"))
    assert answer.status_code == 403
    assert "refused" in Elements(shown(answer)).ids


def test_the_way_back_from_the_login_form(front: Front) -> None:
    front.open(front.request_uri())
    token = Elements(get(front, "login")).form_with("deny")["token"]
    answer = front.send("POST", f"{AUTHORIZE}/login", data={"token": token, "deny": "1"})
    assert returned(answer)["error"] == "access_denied"


def test_the_page_says_what_is_not_received_this_time(front: Front) -> None:
    front.open(front.request_uri(scope=f"{LICENCE} food_business_licence.dc+sd-jwt"))
    log_in(front)
    text = get(front, "consent")
    assert "食品经营许可证" in text
    assert "none waits for you" in text


def test_the_page_says_that_a_stronger_proof_is_needed(front: Front) -> None:
    front.open(front.request_uri())
    log_in(front, level="account")
    text = get(front, "consent")
    assert "needs a stronger proof of who you are: real name" in text
    assert {"deny": "button", "nothing-to-receive": "section"}.items() <= Elements(text).ids.items()
    assert "approve" not in Elements(text).ids


def test_the_page_says_that_an_offer_is_for_somebody_else(front: Front) -> None:
    state = front.offer(HolderId("holder-99"), LICENCE)
    front.open(front.request_uri(issuer_state=state))
    log_in(front)
    assert "foreign" in Elements(get(front, "consent")).ids


def test_the_page_says_that_an_offer_is_gone(front: Front) -> None:
    state = front.offer(front.directory.resolve("001", NUMBER, "").holder_id, LICENCE)
    request_uri = front.request_uri(issuer_state=state)
    front.state.take("issuer_state", state, now=front.clock())
    front.open(request_uri)
    log_in(front)
    assert "gone" in Elements(get(front, "consent")).ids


def test_an_error_page_has_a_fixed_marker(front: Front) -> None:
    """8.10 a marker that the scripted browser can find."""
    text = shown(front.send("GET", AUTHORIZE))
    assert '<section class="panel middle" id="authorization-error" data-error="invalid_request">' in text
    assert "授权无法继续" in text
    assert "Authorization cannot continue" in text
