"""What a withdrawn key signed by the ledger is kept, and nothing else is."""

from typing import Any

from issuer import signed_kept_lists
from issuer.kept import kept_lists
from keys.anchor import Anchor
from keys.kept import read_kept_list
from keys.signer import SoftwareSigner

ANCHOR = SoftwareSigner.generate()


def test_the_anchor_signs_what_the_ledger_knows(desk: Any) -> None:
    issued = desk.issue()
    kid = desk.key().kid
    (text,) = signed_kept_lists(desk.ledger, kid, anchor=ANCHOR, now=desk.clock())
    kept = read_kept_list(text, Anchor((ANCHOR.public_key,)))
    assert kept.kid == kid
    assert all(kept.keeps(each.token.split("~")[0]) for each in issued.credentials)
    assert len(kept) == 2


def test_what_another_key_signed_is_not_kept(desk: Any) -> None:
    old = desk.key().kid
    desk.issue()
    desk.keys.rotate("amr")
    later = desk.issue()
    (kept,) = kept_lists(desk.ledger, old, now=desk.clock())
    assert not any(kept.keeps(each.token.split("~")[0]) for each in later.credentials)


def test_a_key_that_signed_nothing_has_an_empty_list(desk: Any) -> None:
    (kept,) = kept_lists(desk.ledger, desk.key().kid, now=desk.clock())
    assert len(kept) == 0


def test_more_digests_than_a_list_holds_are_several_lists(desk: Any) -> None:
    for _ in range(3):
        desk.issue()
    lists = kept_lists(desk.ledger, desk.key().kid, now=desk.clock(), max_digests=4)
    assert [len(kept) for kept in lists] == [4, 2]
