"""One flaw at a time in what an issuer signed or a holder sent; each is refused for its own code (RFC 9901, 7.1)."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest

from keys import jws
from keys.encoding import b64url_text
from keys.errors import EcertError
from keys.signer import SoftwareSigner
from schemas.formats.sd_jwt import SdJwt

SALT = "_26bc4LT-ac6q2KI6cBW5es"


def _disclosure(content: Any) -> str:
    return b64url_text(json.dumps(content).encode())


def _digest(disclosure: str) -> str:
    return b64url_text(hashlib.sha256(disclosure.encode()).digest())


Signed = Callable[..., SdJwt]


@pytest.fixture
def signed(issuer: SoftwareSigner) -> Signed:
    """Sign any payload at all, with any disclosures."""

    def sign(payload: Any, *disclosures: str) -> SdJwt:
        compact = jws.sign(json.dumps(payload).encode(), issuer, typ="example+sd-jwt")
        return SdJwt.parse("~".join((compact, *disclosures, "")))

    return sign


@pytest.fixture
def refused(issuer: SoftwareSigner) -> Callable[[SdJwt], str]:
    """The code for which an SD-JWT is refused."""

    def code(shown: SdJwt) -> str:
        with pytest.raises(EcertError) as caught:
            shown.verified_by(issuer.public_key)
        return caught.value.code

    return code


NAME = _disclosure([SALT, "name", "陈大文"])
AGE = _disclosure([SALT, "age", 18])
ELEMENT = _disclosure([SALT, "FR"])
SD = {"_sd": [_digest(NAME), _digest(AGE)]}
ARRAY = {"list": [{"...": _digest(ELEMENT)}, "DE"]}

FLAWS: dict[str, tuple[str, Any, tuple[str, ...]]] = {
    # step 2.d
    "another hash": ("unsupported_sd_alg", SD | {"_sd_alg": "md5"}, (NAME,)),
    "a truncated hash": ("unsupported_sd_alg", SD | {"_sd_alg": "sha-256-128"}, (NAME,)),
    "a hash that is no text": ("unsupported_sd_alg", SD | {"_sd_alg": ["sha-256"]}, (NAME,)),
    "digests of another hash than named": ("disclosure_unreferenced", SD | {"_sd_alg": "sha-512"}, (NAME,)),
    # step 3.b
    "digests that are no array": ("malformed_digests", {"_sd": _digest(NAME)}, ()),
    "digests that are null": ("malformed_digests", {"_sd": None}, ()),
    "a digest that is no text": ("malformed_digests", {"_sd": [17]}, ()),
    "an element's digest that is no text": ("malformed_digests", {"list": [{"...": [1]}]}, ()),
    "an element with more than its digest": ("malformed_digests", {"list": [{"...": "x", "also": 1}]}, ()),
    # 4.1, rule 7, and 4.1.1
    "a claim named with dots": ("reserved_claim_name", {"...": "x"}, ()),
    "a claim named with dots inside": ("reserved_claim_name", {"a": {"...": "x"}}, ()),
    "a hash name below the top": ("reserved_claim_name", {"a": {"_sd_alg": "sha-256"}}, ()),
    "a hash name in a disclosure": (
        "reserved_claim_name",
        {"_sd": [_digest(_disclosure([SALT, "a", {"_sd_alg": "sha-256"}]))]},
        (_disclosure([SALT, "a", {"_sd_alg": "sha-256"}]),),
    ),
    # step 3.c.ii.A
    "a disclosure that is no base64url": ("malformed_disclosure", {"_sd": [_digest("a+b/")]}, ("a+b/",)),
    "a disclosure that is no JSON": ("malformed_disclosure", {"_sd": [_digest("bm90")]}, ("bm90",)),
    **{
        f"a disclosure of {content!r}": (
            "malformed_disclosure",
            {"_sd": [_digest(_disclosure(content))]},
            (_disclosure(content),),
        )
        for content in (
            {},
            [],
            "text",
            [SALT],
            [SALT, "a", 1, 2],
            [1, "a", 1],
            [None, 1],
            [SALT, 1, 1],
            [SALT, None, 1],
        )
    },
    "an element's disclosure in an object": ("wrong_disclosure_kind", {"_sd": [_digest(ELEMENT)]}, (ELEMENT,)),
    # step 3.c.ii.B
    **{
        f"a disclosed claim named {name}": (
            "reserved_claim_name",
            {"_sd": [_digest(_disclosure([SALT, name, 1]))]},
            (_disclosure([SALT, name, 1]),),
        )
        for name in ("_sd", "...", "_sd_alg")
    },
    # step 3.c.ii.C
    "a disclosed claim that stands in the clear": ("claim_already_present", SD | {"name": "李小明"}, (NAME,)),
    "a claim disclosed twice with two salts": (
        "claim_already_present",
        {"_sd": [_digest(NAME), _digest(_disclosure(["another salt", "name", "李小明"]))]},
        (NAME, _disclosure(["another salt", "name", "李小明"])),
    ),
    # step 3.c.iii.A
    "a claim's disclosure in an array": ("wrong_disclosure_kind", {"list": [{"...": _digest(NAME)}]}, (NAME,)),
    # step 4
    "a digest twice in one object": ("digest_twice", {"_sd": [_digest(NAME), _digest(NAME)]}, (NAME,)),
    "a digest twice in two places": ("digest_twice", SD | {"a": {"_sd": [_digest(AGE)]}}, ()),
    "a decoy twice": ("digest_twice", {"_sd": ["decoy", "decoy"]}, ()),
    "a digest again in a disclosure": (
        "digest_twice",
        {"_sd": [_digest(AGE), _digest(_disclosure([SALT, "a", {"_sd": [_digest(AGE)]}]))]},
        (_disclosure([SALT, "a", {"_sd": [_digest(AGE)]}]),),
    ),
    "an element's digest twice": ("digest_twice", {"list": [{"...": "x"}, {"...": "x"}]}, ()),
    # step 5 and 4
    "a disclosure that no digest refers to": ("disclosure_unreferenced", {"_sd": [_digest(NAME)]}, (NAME, AGE)),
    "a disclosure without its parent": (
        "disclosure_unreferenced",
        {"_sd": [_digest(_disclosure([SALT, "a", {"_sd": [_digest(AGE)]}]))]},
        (AGE,),
    ),
    "a disclosure changed": ("disclosure_unreferenced", SD, (_disclosure([SALT, "name", "李小明"]),)),
    "a disclosure twice": ("disclosure_twice", SD, (NAME, NAME)),
    # JSON that is refused rather than guessed at
    "a member twice in a disclosure": (
        "duplicate_member",
        {"_sd": [_digest(b64url_text(b'["s","n",{"a":1,"a":2}]'))]},
        (b64url_text(b'["s","n",{"a":1,"a":2}]'),),
    ),
    "a disclosure that nests too deep": (
        "too_large",
        {"_sd": [_digest(b64url_text(b'["s","n",' + b"[" * 40 + b"]" * 40 + b"]"))]},
        (b64url_text(b'["s","n",' + b"[" * 40 + b"]" * 40 + b"]"),),
    ),
    "a payload that is no object": ("malformed_token", [SD], ()),
}


@pytest.mark.parametrize("flaw", FLAWS)
def test_a_flaw_is_refused_for_its_own_code(flaw: str, signed: Signed, refused: Callable[[SdJwt], str]) -> None:
    code, payload, disclosures = FLAWS[flaw]
    assert refused(signed(payload, *disclosures)) == code


def test_the_same_documents_without_a_flaw_are_accepted(signed: Signed, issuer: SoftwareSigner) -> None:
    shown = signed(SD | ARRAY, NAME, AGE, ELEMENT)
    assert shown.verified_by(issuer.public_key).claims == {"name": "陈大文", "age": 18, "list": ["FR", "DE"]}


def test_an_empty_digest_array_leaves_an_empty_object(signed: Signed, issuer: SoftwareSigner) -> None:
    assert signed({"a": {"_sd": []}}).verified_by(issuer.public_key).claims == {"a": {}}


def test_a_tampered_payload_is_refused(signed: Signed, refused: Callable[[SdJwt], str]) -> None:
    shown = signed(SD, NAME)
    head, _, signature = shown.issuer_jwt.split(".")
    other = b64url_text(json.dumps({"name": "李小明"}).encode())
    assert refused(SdJwt(f"{head}.{other}.{signature}")) == "invalid_signature"


@pytest.mark.parametrize("alg", ["none", "HS256", "RS256"])
def test_an_algorithm_of_no_key_of_ours_is_refused(signed: Signed, refused: Callable[[SdJwt], str], alg: str) -> None:
    _, payload, signature = signed(SD).issuer_jwt.split(".")
    head = b64url_text(json.dumps({"alg": alg, "typ": "example+sd-jwt"}).encode())
    assert refused(SdJwt(f"{head}.{payload}.{signature}")) == "algorithm_not_allowed"


def test_an_error_says_nothing_of_what_was_not_disclosed(signed: Signed, issuer: SoftwareSigner) -> None:
    for _, payload, disclosures in FLAWS.values():
        with pytest.raises(EcertError) as caught:
            signed(payload, *disclosures).verified_by(issuer.public_key)
        assert not any(secret in str(caught.value) for secret in ("陈大文", "李小明", SALT, _digest(NAME)))


def test_a_disclosed_integer_of_more_than_64_bits_is_refused(signed: Signed, refused: Callable[[SdJwt], str]) -> None:
    """It would be read as a float, and so as another number."""
    long = b64url_text(f'["{SALT}","quota",123456789012345678901234567890]'.encode())
    assert refused(signed({"_sd": [_digest(long)]}, long)) == "malformed_token"


def test_a_disclosed_decimal_number_is_read(signed: Signed, issuer: SoftwareSigner) -> None:
    area = _disclosure([SALT, "area", 120.5])
    assert signed({"_sd": [_digest(area)]}, area).verified_by(issuer.public_key).claims == {"area": 120.5}
