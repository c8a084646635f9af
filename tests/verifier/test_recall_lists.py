"""Lists of recalled delegations: the anchor's alone, each at its own place, one bit a place."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from keys import jws, strict_json
from keys.anchor import Anchor
from schemas.formats import status_token
from tests.support.delegations import PLACE
from tests.support.desk import ANCHOR, BASE, LIST, MARKET_KEY, NOW, RECALL_LIST, STRANGER, Desk, forged, with_payload
from verifier import open_pack
from verifier.evidence import StatusEvidence, UntrustedStatus
from verifier.status import accept_status_list
from verifier.status_lists import accept_recall_list


def test_a_list_of_the_anchor_says_what_was_recalled(desk: Desk) -> None:
    desk.recalled[PLACE] = 1
    found = accept_recall_list(desk.recall_list_token(), uri=RECALL_LIST, anchor=desk.anchor)
    assert isinstance(found, StatusEvidence)
    assert (found.statuses[PLACE], found.statuses[PLACE + 1]) == (1, 0)  # type: ignore[index]
    assert (found.uri, found.issuers, found.issued_at, found.expires_at) == (
        RECALL_LIST,
        frozenset(),
        desk.recall_iat,
        desk.recall_exp,
    )


def test_a_list_need_not_say_when_it_ends(desk: Desk) -> None:
    desk.recall_exp = None
    found = accept_recall_list(desk.recall_list_token(), uri=RECALL_LIST, anchor=desk.anchor)
    assert isinstance(found, StatusEvidence)
    assert found.expires_at is None


def test_while_the_anchor_changes_either_key_signs(desk: Desk) -> None:
    both = Anchor((STRANGER.public_key, ANCHOR.public_key))
    assert isinstance(accept_recall_list(desk.recall_list_token(), uri=RECALL_LIST, anchor=both), StatusEvidence)


def of_another_typ(desk: Desk) -> str:
    token = jws.peek(desk.recall_list_token())
    return forged({**token.header.parameters, "typ": "ecert-pack+jwt"}, token.peeked_payload, ANCHOR)


def by_another_key(desk: Desk) -> str:
    token = jws.peek(desk.recall_list_token())
    return forged(dict(token.header.parameters), token.peeked_payload, STRANGER)


FLAWS: dict[str, tuple[Callable[[Desk], str], str]] = {
    "an issuer's": (lambda desk: desk.recall_list_token(signer=MARKET_KEY), "unknown_anchor"),
    "by another key under the anchor's name": (by_another_key, "invalid_signature"),
    "of another place": (
        lambda desk: desk.recall_list_token(uri=f"{BASE}/wallet/status/2"),
        "status_list_of_another_uri",
    ),
    "of two bits a place": (lambda desk: desk.recall_list_token(bits=2), "status_bits_invalid"),
    "another document of the anchor": (of_another_typ, "wrong_type"),
    "no token": (lambda desk: "no", "malformed_token"),
    "nothing": (lambda desk: "", "malformed_token"),
    "without its place": (
        lambda desk: with_payload(desk.recall_list_token(), ANCHOR, sub=None),
        "status_token_invalid",
    ),
    "without its moment": (
        lambda desk: with_payload(desk.recall_list_token(), ANCHOR, iat=None),
        "status_token_invalid",
    ),
    "with an end that is none": (
        lambda desk: with_payload(desk.recall_list_token(), ANCHOR, exp="soon"),
        "status_token_invalid",
    ),
    "without a list": (
        lambda desk: with_payload(desk.recall_list_token(), ANCHOR, status_list=None),
        "status_list_malformed",
    ),
}


@pytest.mark.parametrize(("made", "reason"), FLAWS.values(), ids=FLAWS.keys())
def test_a_list_with_a_flaw_is_not_believed(desk: Desk, made: Callable[[Desk], str], reason: str) -> None:
    found = accept_recall_list(made(desk), uri=RECALL_LIST, anchor=desk.anchor)
    assert found == UntrustedStatus(RECALL_LIST, reason)


def test_a_list_beyond_the_limit_is_not_read(desk: Desk) -> None:
    long = "x" * (status_token.MAX_TOKEN + 1)
    assert accept_recall_list(long, uri=RECALL_LIST, anchor=desk.anchor) == UntrustedStatus(RECALL_LIST, "too_large")


def test_neither_list_is_taken_for_the_other(desk: Desk) -> None:
    recalls = accept_status_list(desk.recall_list_token(), uri=RECALL_LIST, trust=desk.trust())
    assert recalls == UntrustedStatus(RECALL_LIST, "unknown_issuer_key")
    statuses = accept_recall_list(desk.status_list_token(), uri=LIST, anchor=desk.anchor)
    assert statuses == UntrustedStatus(LIST, "unknown_anchor")


def test_a_pack_opens_its_lists_and_keeps_one_that_is_not_believed(desk: Desk) -> None:
    other = f"{BASE}/wallet/status/2"
    desk.recall_lists = {RECALL_LIST: desk.recall_list_token(), other: desk.recall_list_token()}
    evidence = desk.evidence()
    assert isinstance(evidence.recall_lists[RECALL_LIST], StatusEvidence)
    assert evidence.recall_lists[other] == UntrustedStatus(other, "status_list_of_another_uri")
    assert RECALL_LIST not in evidence.status_lists


def test_a_pack_without_the_member_knows_of_no_recall(desk: Desk) -> None:
    payload = jws.peek(desk.pack_text()).peek_claims()
    del payload["recall_lists"]
    old = jws.sign(strict_json.dumps(payload), ANCHOR, typ="ecert-pack+jwt")
    pack = open_pack(old, anchor=desk.anchor, now=NOW + timedelta(seconds=1))
    assert pack.evidence().recall_lists == {}
