"""What every store of status lists must do (``issuer.ports.StatusStore``): editions, history, and the outbox."""

from dataclasses import replace
from datetime import timedelta

import pytest

from issuer.errors import UnknownStatusList
from issuer.outbox import PublishedDocument
from issuer.ports import Ledger
from issuer.records import ActKind, PublishedList, State
from tests.support.ledger_contract import NOW, an_act, an_intent, identifier_of, issued

HOUR = timedelta(hours=1)
NOWHERE = "https://ecert.example/status/none"


def an_edition(uri: str, sequence: int = 1, **changes: object) -> PublishedList:
    """Return a plausible edition of a list."""
    made = PublishedList(
        uri,
        f"token-{sequence}",
        NOW,
        NOW + 24 * HOUR,
        sequence,
        {"cwt": b"cwt-%d" % sequence, "revocation.jwt": b"bits"},
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def revoke(ledger: Ledger, serial: str = "A1") -> str:
    """Issue a certificate, revoke it, and return its list."""
    uri = issued(ledger, an_intent(serial))[0].status.uri
    act = an_act(ActKind.REVOKE, identifier_of(serial))
    ledger.apply(act, expected=State.ISSUED, new=State.REVOKED, value=1)
    return uri


class StatusStoreContract:
    """The contract; a subclass gives the fixtures ``ledger`` and ``small_ledger``."""

    def test_a_new_list_has_no_edition(self, ledger: Ledger) -> None:
        uri = issued(ledger, an_intent("A1"))[0].status.uri
        found = ledger.snapshot(uri)
        assert (dict(found.values), found.sequence, found.waiting) == ({}, 0, ())
        assert ledger.document(uri, "jwt") is None

    def test_an_unknown_list_has_no_snapshot(self, ledger: Ledger) -> None:
        with pytest.raises(UnknownStatusList):
            ledger.snapshot(NOWHERE)

    def test_a_decision_stands_in_the_values_and_in_the_outbox(self, ledger: Ledger) -> None:
        found = ledger.snapshot(revoke(ledger))
        assert set(found.values.values()) == {1}
        assert len(found.waiting) == 1

    def test_a_decision_is_asked_when_it_was_taken(self, ledger: Ledger) -> None:
        uri = revoke(ledger)
        (entry,) = ledger.outbox_of(identifier_of("A1"))
        assert (entry.identifier, entry.uri, entry.value) == (identifier_of("A1"), uri, 1)
        assert (entry.asked_at, entry.step, entry.sequence) == (NOW, "asked", None)

    def test_a_decision_asks_each_list_that_it_touches(self, small_ledger: Ledger) -> None:
        credentials = issued(small_ledger, an_intent("A1", credentials=10))
        act = an_act(ActKind.REVOKE, identifier_of("A1"))
        small_ledger.apply(act, expected=State.ISSUED, new=State.REVOKED, value=1)
        entries = small_ledger.outbox_of(identifier_of("A1"))
        assert sorted(entry.uri for entry in entries) == sorted({each.status.uri for each in credentials})
        assert small_ledger.waiting().lists == 2

    def test_a_replacement_asks_when_it_was_planned(self, ledger: Ledger) -> None:
        issued(ledger, an_intent("A1"))
        old = identifier_of("A1")
        planned = NOW + HOUR
        issued(ledger, an_intent("A1", version=2, replaces=old, planned_at=planned))
        (entry,) = ledger.outbox_of(old)
        assert (entry.value, entry.asked_at) == (3, planned)

    def test_a_certificate_without_a_decision_has_no_entry(self, ledger: Ledger) -> None:
        issued(ledger, an_intent("A1"))
        assert ledger.outbox_of(identifier_of("A1")) == []
        assert ledger.outbox_of(identifier_of("NONE")) == []

    def test_what_waits_is_counted_from_the_oldest(self, ledger: Ledger) -> None:
        revoke(ledger, "A1")
        revoke(ledger, "B1")
        found = ledger.waiting()
        assert (found.entries, found.lists, found.oldest) == (2, 1, NOW)

    def test_where_nothing_waits_there_is_no_oldest(self, ledger: Ledger) -> None:
        found = ledger.waiting()
        assert (found.entries, found.lists, found.oldest) == (0, 0, None)

    def test_a_signed_edition_is_shown_to_nobody(self, ledger: Ledger) -> None:
        uri = revoke(ledger)
        assert ledger.record_signed(an_edition(uri))
        assert ledger.published(uri) is None
        assert [ledger.document(uri, name) for name in ("jwt", "cwt")] == [None, None]

    def test_a_signed_edition_marks_what_it_covers_as_signed(self, ledger: Ledger) -> None:
        uri = revoke(ledger)
        ledger.record_signed(an_edition(uri, covers=ledger.snapshot(uri).waiting))
        (entry,) = ledger.outbox_of(identifier_of("A1"))
        assert (entry.step, entry.signed_at, entry.sequence, entry.pending) == ("signed", NOW, 1, True)
        assert ledger.waiting().entries == 1

    def test_a_sequence_is_taken_once(self, ledger: Ledger) -> None:
        uri = revoke(ledger)
        assert ledger.record_signed(an_edition(uri, 2))
        assert not ledger.record_signed(an_edition(uri, 2, token="another"))
        assert not ledger.record_signed(an_edition(uri, 1))
        assert ledger.snapshot(uri).sequence == 2

    def test_a_published_edition_is_shown_in_every_form(self, ledger: Ledger) -> None:
        uri = revoke(ledger)
        edition = an_edition(uri)
        ledger.record_signed(edition)
        ledger.record_published(edition, at=NOW + HOUR)
        assert ledger.published(uri) == edition
        expires = NOW + 24 * HOUR
        assert ledger.document(uri, "jwt") == PublishedDocument(uri, "jwt", b"token-1", NOW, expires, 1)
        assert ledger.document(uri, "cwt") == PublishedDocument(uri, "cwt", b"cwt-1", NOW, expires, 1)
        assert ledger.document(uri, "suspension.jwt") is None

    def test_an_edition_that_was_not_recorded_before_is_published_whole(self, ledger: Ledger) -> None:
        uri = revoke(ledger)
        ledger.record_published(an_edition(uri))
        assert ledger.document(uri, "cwt") is not None

    def test_publishing_marks_what_is_covered_and_nothing_else(self, ledger: Ledger) -> None:
        uri = revoke(ledger)
        covers = ledger.snapshot(uri).waiting
        revoke(ledger, "B1")
        ledger.record_published(an_edition(uri, covers=covers), at=NOW + HOUR)
        (entry,), (other,) = (ledger.outbox_of(identifier_of(serial)) for serial in ("A1", "B1"))
        assert (entry.step, entry.signed_at, entry.published_at, entry.sequence) == ("published", NOW, NOW + HOUR, 1)
        assert other.step == "asked"
        assert len(ledger.snapshot(uri).waiting) == 1

    def test_an_edition_of_another_with_the_same_sequence_is_not_shown(self, ledger: Ledger) -> None:
        uri = revoke(ledger)
        ledger.record_signed(an_edition(uri))
        ledger.record_published(an_edition(uri, token="another", covers=ledger.snapshot(uri).waiting))
        assert ledger.published(uri) is None
        assert ledger.waiting().entries == 1

    def test_a_later_edition_covers_what_an_abandoned_one_said(self, ledger: Ledger) -> None:
        uri = revoke(ledger)
        covers = ledger.snapshot(uri).waiting
        ledger.record_signed(an_edition(uri, 1, covers=covers))
        ledger.record_published(an_edition(uri, 2, covers=covers))
        (entry,) = ledger.outbox_of(identifier_of("A1"))
        assert (entry.step, entry.sequence) == ("published", 2)
        assert ledger.document(uri, "jwt", at=NOW).body == b"token-2"  # type: ignore[union-attr]

    def test_a_moment_of_the_past_is_answered_by_the_edition_of_then(self, ledger: Ledger) -> None:
        uri = revoke(ledger)
        for sequence in (1, 2):
            since = NOW + sequence * HOUR
            ledger.record_published(an_edition(uri, sequence, issued_at=since, expires_at=since + 2 * HOUR))
        found = [ledger.document(uri, "cwt", at=NOW + minutes * HOUR / 60) for minutes in (59, 60, 119, 120, 239, 240)]
        assert [None if each is None else each.sequence for each in found] == [None, 1, 1, 2, 2, None]

    def test_editions_that_are_over_are_forgotten_but_the_newest_shown_one(self, ledger: Ledger) -> None:
        uri = revoke(ledger)
        for sequence in (1, 2):
            ledger.record_published(an_edition(uri, sequence))
        ledger.record_signed(an_edition(uri, 3))
        assert ledger.forget_editions(before=NOW + 23 * HOUR) == 0
        assert ledger.forget_editions(before=NOW + 24 * HOUR) == 1
        assert ledger.published(uri) == an_edition(uri, 2)
        assert ledger.document(uri, "cwt") is not None
        assert ledger.snapshot(uri).sequence == 3

    def test_an_edition_that_an_earlier_one_speaks_for_is_forgotten(self, ledger: Ledger) -> None:
        uri = revoke(ledger)
        for sequence, content in enumerate("aaba", 1):
            since = NOW + sequence * HOUR
            ledger.record_published(
                an_edition(uri, sequence, issued_at=since, expires_at=since + 24 * HOUR, content=content)
            )
        assert ledger.forget_editions(before=NOW) == 1
        found = [ledger.document(uri, "cwt", at=NOW + hours * HOUR) for hours in (1, 2, 3, 4)]
        assert [each and each.sequence for each in found] == [1, 1, 3, 4]

    def test_what_was_fetched_is_seen(self, ledger: Ledger) -> None:
        uri = revoke(ledger)
        ledger.record_published(an_edition(uri, 2, covers=ledger.snapshot(uri).waiting))
        assert ledger.mark_seen(uri, 1, at=NOW + HOUR) == 0
        assert ledger.mark_seen(uri, 3, at=NOW + HOUR) == 1
        assert ledger.mark_seen(uri, 3, at=NOW + 2 * HOUR) == 0
        (entry,) = ledger.outbox_of(identifier_of("A1"))
        assert (entry.step, entry.seen_at) == ("seen", NOW + HOUR)

    def test_what_is_not_published_is_not_seen(self, ledger: Ledger) -> None:
        uri = revoke(ledger)
        ledger.record_signed(an_edition(uri, covers=ledger.snapshot(uri).waiting))
        assert ledger.mark_seen(uri, 1, at=NOW) == 0
        assert ledger.mark_seen(NOWHERE, 1, at=NOW) == 0
