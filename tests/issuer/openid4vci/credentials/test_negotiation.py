"""What readers of the metadata prefer."""

import pytest

from issuer.openid4vci.credentials.negotiation import locales_for, wants_signed

BOTH = frozenset({"zh-CN", "en"})
CHINESE, ENGLISH = frozenset({"zh-CN"}), frozenset({"en"})


@pytest.mark.parametrize(
    ("header", "locales"),
    [
        (None, BOTH),
        ("", BOTH),
        ("en", ENGLISH),
        ("EN-gb", ENGLISH),
        ("zh", CHINESE),
        ("zh-Hant-HK;q=0.8", CHINESE),
        ("zh-CN,zh;q=0.9,en;q=0.8", BOTH),
        ("fr-ch, fr;q=0.9, en;q=0.8, de;q=0.7", ENGLISH),
        ("fr-ch, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5", BOTH),
        ("fr", BOTH),
        ("*", BOTH),
        ("*, en;q=0", CHINESE),
        ("zh, en;q=0.000", CHINESE),
        ("en;q=0", BOTH),
        ("en-GB, en;q=0", ENGLISH),
        ("en;level=1", ENGLISH),
        ("fr," * 40 + "en", BOTH),
    ],
)
def test_display_is_for_the_languages_asked_for(header: str | None, locales: frozenset[str]) -> None:
    """Section 7, 12.2.2: Accept-Language; 4.1.1 it never leads to 406."""
    assert locales_for(header) == locales


@pytest.mark.parametrize(
    ("header", "signed"),
    [
        (None, False),
        ("*/*", False),
        ("application/json", False),
        ("application/jwt", True),
        ("Application/JWT;q=0.9, */*;q=0.1", True),
        ("application/jwt, application/json;q=0.5", True),
        ("application/json, application/jwt", False),
        ("application/jwt;q=0, application/json", False),
        ("application/json;q=0, application/jwt", True),
    ],
)
def test_a_signature_is_made_for_who_asks_for_it(header: str | None, signed: bool) -> None:
    """4.1.6 On Accept: application/jwt."""
    assert wants_signed(header) == signed
