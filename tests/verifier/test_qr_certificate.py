"""The QR certificate at a counter: every way in which a code is not what it seems has its own reason."""

import zlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from schemas.formats.cose import cbor
from schemas.formats.sd_cwt import kbt, labels
from schemas.order import CredentialFormat
from schemas.qr import base45, compact
from schemas.qr.dictionary import dictionary
from tests.support.desk import ANOTHER, MARKET_KEY, NOW, Desk, p256
from tests.support.forms import Shown, full_sd_cwt, kbt_text, present

FIELDS = ("business_scope", "legal_representative")
IN_ORDER = Shown()


def code(data: bytes) -> str:
    return packed(compact.deflate(data))


def packed(stream: bytes) -> str:
    return compact.PREFIX + base45.encode(stream)


def shown(desk: Desk, terms: Shown = IN_ORDER, *fields: str, **changes: Any) -> bytes:
    made = full_sd_cwt(desk.certificate(**changes))
    return kbt.from_text(kbt_text(made, terms, *(fields or FIELDS)))


def changed(data: bytes, change: Callable[[list[bytes]], list[bytes]]) -> bytes:
    """The same signatures around changed disclosures."""
    outer = cbor.loads_strict(data)
    header = cbor.loads_strict(outer.value[0])
    inner = header[labels.KCWT].value
    inner[1] = {labels.SD_CLAIMS: change(inner[1][labels.SD_CLAIMS])}
    outer.value[0] = cbor.dumps(header)
    return cbor.dumps(outer)


def test_a_code_in_order_is_valid(desk: Desk) -> None:
    report = desk.verify(code(shown(desk)))
    assert set(FIELDS) <= report.accepted_claims().keys()
    assert report.format == CredentialFormat.SD_CWT


def test_the_text_of_the_code_and_the_token_say_the_same(desk: Desk) -> None:
    assert desk.flaws(present(CredentialFormat.SD_CWT, desk.certificate())) == []


@pytest.mark.parametrize(
    ("at", "reason"),
    [
        (NOW - timedelta(seconds=61), "presentation_too_old"),
        (NOW + timedelta(seconds=11), "presentation_in_future"),
    ],
    ids=["a screenshot", "a wrong clock"],
)
def test_a_code_of_another_minute_is_refused(desk: Desk, at: Any, reason: str) -> None:
    assert desk.flaws(code(shown(desk, Shown(at=at)))) == [("presentation", reason)]


@pytest.mark.parametrize("seconds", [-60, 10])
def test_a_code_within_a_minute_is_taken(desk: Desk, seconds: int) -> None:
    assert desk.flaws(code(shown(desk, Shown(at=NOW + timedelta(seconds=seconds))))) == []


def test_a_code_shown_twice_is_refused_however_it_is_packed(desk: Desk) -> None:
    data = shown(desk)
    desk.remember(code(data))
    stored = zlib.compressobj(0, zlib.DEFLATED, -15)
    again = packed(b"\x01" + stored.compress(data) + stored.flush())
    assert again != code(data)
    assert desk.flaws(again) == [("presentation", "presentation_replayed")]


def test_a_code_for_another_counter_is_refused(desk: Desk) -> None:
    other = Shown(audience="urn:ecert:counter:17")
    assert desk.flaws(code(shown(desk, other))) == [("presentation", "audience_mismatch")]


def test_the_counters_challenge_must_come_back(desk: Desk) -> None:
    data = code(shown(desk, Shown(nonce="AAECAwQFBgc")))
    assert desk.flaws(data, nonce="AAECAwQFBgc") == []
    assert desk.flaws(data, nonce="BAECAwQFBgc") == [("presentation", "nonce_mismatch")]


def test_a_code_signed_by_another_wallet_is_refused(desk: Desk) -> None:
    assert desk.flaws(code(shown(desk, Shown(holder=p256(77))))) == [
        ("holder_binding", "key_binding_signature_invalid")
    ]


def test_a_code_signed_by_another_kind_of_key_is_refused(desk: Desk) -> None:
    assert desk.flaws(code(shown(desk, Shown(holder=ANOTHER)))) == [("holder_binding", "key_binding_algorithm_refused")]


def test_a_code_of_an_issuers_withdrawn_key_is_refused(desk: Desk) -> None:
    desk.withdraw(MARKET_KEY)
    assert desk.flaws(code(shown(desk)))[0] == ("issuer", "key_withdrawn")


def test_a_certificate_signed_by_a_stranger_is_refused(desk: Desk) -> None:
    assert desk.flaws(code(shown(desk, signer=p256(78))))[0] == ("issuer", "unknown_issuer_key")


@pytest.mark.parametrize(
    ("change", "flaw"),
    [
        (lambda given: given[:1], ("holder_binding", "key_binding_signature_invalid")),
        (lambda given: given[::-1], ("holder_binding", "key_binding_signature_invalid")),
        (lambda given: [*given, given[0]], ("disclosure", "disclosure_twice")),
        (lambda given: [given[0].replace("食".encode(), "药".encode())], ("disclosure", "disclosure_unreferenced")),
        (lambda given: [*given, cbor.dumps([bytes(16), "x", 1])], ("disclosure", "disclosure_unreferenced")),
        (lambda given: [b"\x00"], ("disclosure", "malformed_disclosure")),
        (lambda given: [], ("format", "malformed_sd_cwt")),
    ],
    ids=["taken away", "swapped", "twice", "altered", "added", "no disclosure", "an empty list"],
)
def test_disclosures_changed_on_the_way_are_refused(
    desk: Desk, change: Callable[[list[bytes]], list[bytes]], flaw: tuple[str, str]
) -> None:
    assert desk.flaws(code(changed(shown(desk), change))) == [flaw]


def test_a_stale_status_list_is_not_enough(desk: Desk) -> None:
    desk.status_iat = NOW - timedelta(hours=25)
    desk.status_exp = None
    assert desk.flaws(code(shown(desk))) == [("status", "status_list_stale")]


def test_a_bomb_is_not_inflated(desk: Desk) -> None:
    stream = zlib.compressobj(9, zlib.DEFLATED, -15, 9, zlib.Z_DEFAULT_STRATEGY, dictionary(1))
    bomb = b"\x01" + stream.compress(b"\0" * 1_000_000) + stream.flush()
    assert desk.flaws(packed(bomb)) == [("format", "inflated_too_large")]


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("ZK1:lower case", "malformed_base45"),
        (packed(b"\xc8\x03\x00"), "unknown_dictionary"),
        (packed(b"\x01\xff\xff"), "malformed_packing"),
        (code(b"\xa1\x01"), "malformed_cbor"),
        (code(b"\xa2\x01\x02\x01\x03"), "cbor_duplicate_key"),
        (code(b"\xbf\x01\x02\xff"), "cbor_indefinite_length"),
        (code(b"\xa1\x18\x01\x02"), "cbor_not_shortest"),
        (code(b"\xa2\x02\x02\x01\x03"), "cbor_key_order"),
    ],
)
def test_a_code_that_is_not_encoded_by_the_rules_is_refused(desk: Desk, given: str, reason: str) -> None:
    assert desk.flaws(given) == [("format", reason)]
