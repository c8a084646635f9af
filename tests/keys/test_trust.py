"""The trust list: what it selects, what it refuses, and that every member is checked on reading."""

import base64
import copy
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from keys import jws, strict_json
from keys.algorithms import Algorithm
from keys.anchor import Anchor
from keys.errors import (
    InvalidSignature,
    IssuerNotEntitled,
    MalformedTrustList,
    NotTrusted,
    TooLarge,
    UnexpectedType,
    UnknownAnchor,
    UnknownIssuer,
    UnknownIssuerKey,
)
from keys.signer import SoftwareSigner
from keys.trust import TYP, TrustedKey, TrustEntry, TrustList, Withdrawal, read_trust_list, write_trust_list

ISSUER = "https://ecert.example/issuers/civil-affairs"
VCT = "urn:ecert:marriage_certificate:1"
NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
DAY = timedelta(days=1)
ANCHOR = SoftwareSigner.generate()
OLD, PRESENT, STRANGER = (SoftwareSigner.generate() for _ in range(3))


def entry(**changes: Any) -> TrustEntry:
    fields: dict[str, Any] = {
        "issuer": ISSUER,
        "name_zh": "示例市民政局",
        "name_en": "Civil Affairs Bureau of Example City",
        "offices": ("civil-affairs",),
        "types": frozenset({VCT, "urn:ecert:divorce_certificate:1"}),
        "not_before": NOW - 900 * DAY,
        "not_after": None,
        "keys": (
            TrustedKey(OLD.public_key, NOW - 800 * DAY, NOW - 10 * DAY),
            TrustedKey(PRESENT.public_key, NOW - 30 * DAY),
        ),
    }
    return TrustEntry(**(fields | changes))


def trust_list(*entries: TrustEntry, withdrawn: Mapping[str, Withdrawal] | None = None) -> TrustList:
    return TrustList(
        version=7,
        issued_at=NOW,
        next_update=NOW + DAY,
        entries={item.issuer: item for item in entries or (entry(),)},
        withdrawn=withdrawn or {},
    )


def read(text: str) -> TrustList:
    return read_trust_list(text, Anchor((ANCHOR.public_key,)))


def test_a_written_list_is_read_as_it_was() -> None:
    withdrawal = Withdrawal(OLD.public_key.kid, NOW, "密钥泄露 key compromised")
    trust = trust_list(entry(not_after=NOW + DAY), withdrawn={withdrawal.kid: withdrawal})
    assert read(write_trust_list(trust, ANCHOR)) == trust


def test_fractions_of_seconds_are_cut_off() -> None:
    trust = trust_list(entry(not_before=NOW + timedelta(microseconds=999_999)))
    assert read(write_trust_list(trust, ANCHOR)).entries[ISSUER].not_before == NOW


def test_a_time_without_a_zone_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        write_trust_list(trust_list(entry(not_before=datetime(2026, 1, 1))), ANCHOR)  # noqa: DTZ001


def test_the_writer_refuses_what_a_reader_would_refuse() -> None:
    with pytest.raises(MalformedTrustList, match=r"entries\[0\]\.name\.zh: "):
        write_trust_list(trust_list(entry(name_zh="")), ANCHOR)


@pytest.mark.parametrize(("signer", "at"), [(PRESENT, NOW), (OLD, NOW - 100 * DAY), (OLD, NOW - 10 * DAY)])
def test_a_listed_key_is_selected_by_its_kid_in_its_period(signer: SoftwareSigner, at: datetime) -> None:
    key = trust_list().key_for(ISSUER, vct=VCT, kid=signer.public_key.kid, chain=(), at=at)
    assert key is signer.public_key


@pytest.mark.parametrize("at", [NOW - 9 * DAY, NOW - 801 * DAY])
def test_a_listed_key_is_refused_outside_its_period(at: datetime) -> None:
    with pytest.raises(UnknownIssuerKey, match="not in use"):
        trust_list().key_for(ISSUER, vct=VCT, kid=OLD.public_key.kid, chain=(), at=at)


def test_a_key_listed_twice_is_selected_by_the_period_that_fits() -> None:
    again = TrustedKey(OLD.public_key, NOW - DAY)
    trust = trust_list(entry(keys=(*entry().keys, again)))
    assert trust.key_for(ISSUER, vct=VCT, kid=OLD.public_key.kid, chain=(), at=NOW) == OLD.public_key


@pytest.mark.parametrize("kid", [STRANGER.public_key.kid, None, ""], ids=["stranger", "none", "empty"])
def test_a_kid_that_is_not_listed_selects_nothing(kid: str | None) -> None:
    with pytest.raises(UnknownIssuerKey, match="no such key"):
        trust_list().key_for(ISSUER, vct=VCT, kid=kid, chain=(), at=NOW)


def test_an_issuer_that_is_not_listed_is_unknown() -> None:
    with pytest.raises(UnknownIssuer):
        trust_list().key_for(ISSUER + "/", vct=VCT, kid=PRESENT.public_key.kid, chain=(), at=NOW)


def test_an_issuer_may_not_issue_a_type_of_another() -> None:
    with pytest.raises(IssuerNotEntitled, match="none of them"):
        trust_list().key_for(ISSUER, vct="urn:ecert:business_licence:1", kid=PRESENT.public_key.kid, chain=(), at=NOW)


def test_a_document_of_no_type_needs_no_entitlement_to_one() -> None:
    assert trust_list().key_for(ISSUER, vct=None, kid=PRESENT.public_key.kid, chain=(), at=NOW) == PRESENT.public_key


@pytest.mark.parametrize(
    "period",
    [{"not_before": NOW + DAY}, {"not_after": NOW - DAY}],
    ids=["before", "after"],
)
def test_an_issuer_may_not_issue_outside_its_own_period(period: dict[str, Any]) -> None:
    with pytest.raises(IssuerNotEntitled, match="listed from"):
        trust_list(entry(**period)).key_for(ISSUER, vct=VCT, kid=PRESENT.public_key.kid, chain=(), at=NOW)


def test_a_key_of_one_issuer_is_none_of_another() -> None:
    other = entry(issuer="https://ecert.example/issuers/housing", keys=(TrustedKey(STRANGER.public_key, NOW - DAY),))
    with pytest.raises(UnknownIssuerKey):
        trust_list(entry(), other).key_for(ISSUER, vct=VCT, kid=STRANGER.public_key.kid, chain=(), at=NOW)


def test_a_withdrawn_key_is_selected_and_reported() -> None:
    withdrawal = Withdrawal(PRESENT.public_key.kid, NOW - DAY, "密钥泄露 key compromised")
    trust = read(write_trust_list(trust_list(withdrawn={withdrawal.kid: withdrawal}), ANCHOR))
    key = trust.key_for(ISSUER, vct=VCT, kid=withdrawal.kid, chain=(), at=NOW)
    assert trust.withdrawal(key.kid) == withdrawal


def test_a_key_in_good_standing_has_no_withdrawal() -> None:
    assert trust_list().withdrawal(PRESENT.public_key.kid) is None


def test_every_refusal_has_one_root() -> None:
    assert all(issubclass(error, NotTrusted) for error in (UnknownIssuer, IssuerNotEntitled, UnknownIssuerKey))


def test_a_list_signed_by_another_key_is_refused() -> None:
    with pytest.raises(UnknownAnchor):
        read(write_trust_list(trust_list(), STRANGER))


def test_a_changed_list_is_refused() -> None:
    head, _, signature = write_trust_list(trust_list(), ANCHOR).split(".")
    _, payload, _ = write_trust_list(trust_list(entry(types=frozenset({"urn:ecert:all:1"}))), ANCHOR).split(".")
    with pytest.raises(InvalidSignature):
        read(f"{head}.{payload}.{signature}")


def test_another_document_of_the_anchor_is_not_a_trust_list() -> None:
    with pytest.raises(UnexpectedType):
        read(jws.sign(b"{}", ANCHOR, typ="ecert-pack+jwt"))


def test_a_list_over_the_limit_is_refused() -> None:
    with pytest.raises(TooLarge):
        read("a" * 8_388_609)


CHANGES: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
    "version is a text": (lambda d: d.update(version="7"), "version"),
    "version is true": (lambda d: d.update(version=True), "version"),
    "version is zero": (lambda d: d.update(version=0), "version"),
    "iat is missing": (lambda d: d.pop("iat"), "iat"),
    "iat is a fraction": (lambda d: d.update(iat=1.5), "iat"),
    "iat is after the year 9999": (lambda d: d.update(iat=253402300800), "iat"),
    "next_update is not after iat": (lambda d: d.update(next_update=d["iat"]), "next_update"),
    "entries is an object": (lambda d: d.update(entries={}), "entries"),
    "entries is missing": (lambda d: d.pop("entries"), "entries"),
    "entries holds a text": (lambda d: d.update(entries=["x"]), "entries[0]"),
    "an issuer stands twice": (lambda d: d["entries"].append(d["entries"][0]), "entries"),
    "too many entries": (lambda d: d.update(entries=[0] * 4097), "entries"),
    "withdrawn is missing": (lambda d: d.pop("withdrawn"), "withdrawn"),
    "a withdrawal stands twice": (lambda d: d["withdrawn"].append(d["withdrawn"][0]), "withdrawn"),
    "a withdrawal's kid is short": (lambda d: d["withdrawn"][0].update(kid="abc"), "withdrawn[0].kid"),
    "a withdrawal's kid is a number": (lambda d: d["withdrawn"][0].update(kid=1), "withdrawn[0].kid"),
    "a withdrawal has no time": (lambda d: d["withdrawn"][0].pop("at"), "withdrawn[0].at"),
    "a withdrawal has no reason": (lambda d: d["withdrawn"][0].pop("reason"), "withdrawn[0].reason"),
    "an issuer is no URI": (lambda d: d["entries"][0].update(issuer="民政局"), "entries[0].issuer"),
    "an issuer has a space": (lambda d: d["entries"][0].update(issuer="https://a b"), "entries[0].issuer"),
    "an issuer is too long": (lambda d: d["entries"][0].update(issuer="u:" + "a" * 1024), "entries[0].issuer"),
    "a name is a text": (lambda d: d["entries"][0].update(name="示例"), "entries[0].name"),
    "a name lacks English": (lambda d: d["entries"][0]["name"].pop("en"), "entries[0].name.en"),
    "a name turns direction": (lambda d: d["entries"][0]["name"].update(en="a\u202eb"), "entries[0].name.en"),
    "offices is missing": (lambda d: d["entries"][0].pop("offices"), "entries[0].offices"),
    "an office is a number": (lambda d: d["entries"][0].update(offices=[1]), "entries[0].offices"),
    "a type stands twice": (lambda d: d["entries"][0].update(types=["a", "a"]), "entries[0].types"),
    "a type is empty": (lambda d: d["entries"][0].update(types=[""]), "entries[0].types"),
    "an entry has no start": (lambda d: d["entries"][0].pop("not_before"), "entries[0].not_before"),
    "an entry ends before it starts": (lambda d: d["entries"][0].update(not_after=0), "entries[0].not_after"),
    "an end is null": (lambda d: d["entries"][0].update(not_after=None), "entries[0].not_after"),
    "an entry has neither key nor anchor": (lambda d: d["entries"][0].update(keys=[]), "entries[0].keys"),
    "a key is a text": (lambda d: d["entries"][0].update(keys=["x"]), "entries[0].keys[0]"),
    "a key has no JWK": (lambda d: d["entries"][0]["keys"][0].pop("jwk"), "entries[0].keys[0].jwk"),
    "a key is off its curve": (
        lambda d: d["entries"][0]["keys"][0]["jwk"].update(y="A" * 43),
        "entries[0].keys[0].jwk",
    ),
    "a key is private": (lambda d: d["entries"][0]["keys"][0]["jwk"].update(d="AA"), "entries[0].keys[0].jwk"),
    "a key's period is reversed": (
        lambda d: d["entries"][0]["keys"][0].update(not_after=1),
        "entries[0].keys[0].not_after",
    ),
    "an anchor is no base64": (lambda d: d["entries"][0].update(anchors=["%"]), "entries[0].anchors"),
    "an anchor is a number": (lambda d: d["entries"][0].update(anchors=[1]), "entries[0].anchors"),
    "an anchor is no certificate": (
        lambda d: d["entries"][0].update(anchors=[base64.b64encode(b"0").decode()]),
        "entries[0].anchors",
    ),
}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    withdrawal = Withdrawal(OLD.public_key.kid, NOW, "test")
    text = write_trust_list(trust_list(withdrawn={withdrawal.kid: withdrawal}), ANCHOR)
    return jws.peek(text).peek_claims()


@pytest.mark.parametrize("flaw", CHANGES)
def test_one_flaw_is_refused_by_the_name_of_its_member(document: dict[str, Any], flaw: str) -> None:
    change, field = CHANGES[flaw]
    changed = copy.deepcopy(document)
    change(changed)
    with pytest.raises(MalformedTrustList) as refused:
        read(jws.sign(strict_json.dumps(changed), ANCHOR, typ=TYP))
    assert (refused.value.field, refused.value.code) == (field, "malformed_trust_list")


def test_a_member_of_a_later_revision_is_passed_over(document: dict[str, Any]) -> None:
    assert read(jws.sign(strict_json.dumps(document | {"later": 1}), ANCHOR, typ=TYP)).version == 7


@pytest.mark.parametrize("algorithm", Algorithm)
def test_any_algorithm_may_sign_the_list(algorithm: Algorithm) -> None:
    signer = SoftwareSigner.generate(algorithm)
    assert read_trust_list(write_trust_list(trust_list(), signer), Anchor((signer.public_key,))) == trust_list()
