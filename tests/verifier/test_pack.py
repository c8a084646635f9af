"""The pack, opened: signed by the anchor, never older than before, each document by its own signature."""

from dataclasses import replace
from datetime import timedelta

import pytest

from keys.anchor import Anchor
from keys.errors import InvalidSignature, MalformedToken, TooLarge, UnexpectedType
from keys.kept import token_digest
from keys.trust import write_trust_list
from schemas.formats.pack import write_pack
from tests.support.desk import ANCHOR, CIVIL_KEY, LIST, MARKET_KEY, NOW, OTHER_LIST, STRANGER, Desk
from verifier import open_pack
from verifier.errors import PackInconsistent, PackNotYetValid, PackVersionFell
from verifier.evidence import StatusEvidence, UntrustedStatus


def test_a_pack_gives_its_evidence(desk: Desk) -> None:
    evidence = desk.pack().evidence(seen=frozenset({"digest"}))
    assert evidence.trust == desk.trust()
    assert isinstance(evidence.status_lists[LIST], StatusEvidence)
    assert (evidence.seen, evidence.next_update) == ({"digest"}, desk.pack_next)


def test_a_pack_by_another_anchor_is_refused(desk: Desk) -> None:
    with pytest.raises(InvalidSignature):
        open_pack(desk.pack_text(), anchor=Anchor((STRANGER.public_key,)), now=NOW)


def test_an_older_pack_than_one_seen_before_is_refused(desk: Desk) -> None:
    with pytest.raises(PackVersionFell, match="version 7, version 8 was seen") as caught:
        open_pack(desk.pack_text(), anchor=desk.anchor, now=NOW, floor_version=8)
    assert caught.value.code == "pack_version_fell"


def test_the_same_pack_again_is_accepted(desk: Desk) -> None:
    assert open_pack(desk.pack_text(), anchor=desk.anchor, now=NOW, floor_version=7).version == 7


def test_a_pack_of_tomorrow_is_refused(desk: Desk) -> None:
    desk.pack_issued = NOW + timedelta(seconds=11)
    with pytest.raises(PackNotYetValid):
        desk.pack()


def test_a_trust_list_inside_that_is_not_the_anchors_is_refused(desk: Desk) -> None:
    content = replace(desk.pack_content(), trust_list=write_trust_list(desk.trust(), STRANGER))
    with pytest.raises(InvalidSignature):
        open_pack(write_pack(content, ANCHOR), anchor=desk.anchor, now=NOW)


def test_a_pack_in_the_place_of_the_trust_list_is_refused(desk: Desk) -> None:
    content = replace(desk.pack_content(), trust_list=desk.pack_text())
    with pytest.raises(UnexpectedType):
        open_pack(write_pack(content, ANCHOR), anchor=desk.anchor, now=NOW)


def test_a_status_list_that_is_not_believed_stays_with_its_reason(desk: Desk) -> None:
    desk.lists = {LIST: desk.status_list_token(signer=STRANGER), OTHER_LIST: desk.status_list_token(uri=OTHER_LIST)}
    lists = desk.pack().status_lists
    assert lists[LIST] == UntrustedStatus(LIST, "unknown_issuer_key")
    assert isinstance(lists[OTHER_LIST], StatusEvidence)


def test_a_kept_list_under_another_keys_name_is_refused(desk: Desk) -> None:
    desk.keep(MARKET_KEY, token_digest("one"))
    desk.kept = {CIVIL_KEY.public_key.kid: desk.kept[MARKET_KEY.public_key.kid]}
    with pytest.raises(PackInconsistent):
        desk.pack()


def test_a_kept_list_by_the_issuer_itself_is_refused(desk: Desk) -> None:
    desk.kept = {MARKET_KEY.public_key.kid: desk.status_list_token()}
    with pytest.raises(UnexpectedType):
        desk.pack()


def test_text_that_is_no_pack_is_refused(desk: Desk) -> None:
    with pytest.raises(MalformedToken):
        open_pack("no pack", anchor=desk.anchor, now=NOW)


def test_an_oversized_pack_is_refused(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    text = desk.pack_text()
    monkeypatch.setattr("schemas.formats.pack.MAX_PACK", 1000)
    with pytest.raises(TooLarge):
        open_pack(text, anchor=desk.anchor, now=NOW)
