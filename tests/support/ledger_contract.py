"""What every ledger must do, as tests: the fake in memory and the SQL adapter run the same ones.

class TestMyLedger(LedgerContract):
    @pytest.fixture
    def ledger(self) -> Ledger: ...        # an empty ledger
    @pytest.fixture
    def small_ledger(self) -> Ledger: ...  # an empty ledger whose status lists have 8 entries
"""

import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from issuer.errors import RowKeyConflict, StateChanged, TooManyCredentials, UnknownCertificate, UnknownStatusList
from issuer.ports import Ledger
from issuer.records import (
    Act,
    ActKind,
    CredentialIntent,
    Intent,
    PublishedList,
    RecordedIntent,
    State,
    StatusValue,
)
from keys.encoding import b64url_text
from keys.signer import SoftwareSigner
from schemas.catalogue import TypeId
from schemas.order import (
    CredentialFormat,
    CredentialId,
    HolderId,
    HolderRef,
    Identifier,
    IssuedCredential,
    LegalDates,
)

NOW = datetime(2026, 3, 2, 1, 23, 45, tzinfo=UTC)
HOLDER_KEY = SoftwareSigner.generate().public_key
PREFIX = "1.2.156.3005.2.11440799MB2X00071F001.11440799MB2X00071F"


def identifier_of(serial: str, version: int = 1) -> Identifier:
    """Return an identifier with this serial; the check character is not looked at by a ledger."""
    return Identifier(f"{PREFIX}.{serial}.{version:03}.0")


def an_intent(serial: str, *, version: int = 1, credentials: int = 2, **changes: Any) -> Intent:
    """Return a plausible intent; ``changes`` replaces fields of it."""
    holders = (HolderRef(HolderId(f"holder-{serial}"), HOLDER_KEY), HolderRef(HolderId(f"other-{serial}"), None))
    made = tuple(
        CredentialIntent(
            CredentialId(f"{serial}-{version}-{number}"),
            CredentialFormat.VC_JWT if number % 2 else CredentialFormat.SD_JWT_VC,
            holders[number % 2],
            short_lived=number > 1,
        )
        for number in range(credentials)
    )
    fields: dict[str, Any] = {
        "identifier": identifier_of(serial, version),
        "version": version,
        "type_id": TypeId("business_licence"),
        "revision": 1,
        "department": "amr",
        "holders": holders,
        "claims": {"name": "示例公司", "list": ["甲", {"n": 1}], "on": True, "none": None},
        "dates": LegalDates(date(2026, 3, 1), date(2026, 3, 2), None),
        "credentials": made,
        "planned_at": NOW,
    }
    return Intent(**(fields | changes))


_HEADER = b64url_text(b'{"kid":"kid-1"}')


def signed(recorded: RecordedIntent, *, mark: str = "") -> list[IssuedCredential]:
    """Return credentials for a recorded intent; the tokens are not real ones."""
    intent = recorded.intent
    return [
        IssuedCredential(
            credential_id=planned.credential_id,
            identifier=intent.identifier,
            type_id=intent.type_id,
            holder_id=planned.holder.holder_id,
            format=planned.format,
            short_lived=planned.short_lived,
            holder_kid="holder-1",
            token=f"{_HEADER}.token{mark}.{planned.credential_id}~disclosure~",
            issued_at=NOW,
            expires_at=NOW + timedelta(days=365),
            status=status,
        )
        for planned, status in zip(intent.credentials, recorded.statuses, strict=True)
    ]


def issued(ledger: Ledger, intent: Intent) -> list[IssuedCredential]:
    """Record an intent and its signatures."""
    (recorded,) = ledger.record_intents([intent])
    credentials = signed(recorded)
    ledger.record_issued([(recorded.intent.identifier, credentials)])
    return credentials


def an_act(kind: ActKind, identifier: Identifier) -> Act:
    """Return an act with all that the law asks for."""
    return Act(kind, identifier, "吊销", "officer-7", "江市监案〔2026〕7号", NOW, "note")


class LedgerContract:
    """The contract; a subclass gives the fixtures ``ledger`` and ``small_ledger``."""

    def test_a_recorded_intent_comes_back_as_it_was(self, ledger: Ledger) -> None:
        intent = an_intent("A1")
        (recorded,) = ledger.record_intents([intent])
        assert (recorded.intent, recorded.issued, len(recorded.statuses)) == (intent, (), 2)

    def test_a_recorded_intent_is_a_prepared_certificate(self, ledger: Ledger) -> None:
        ledger.record_intents([an_intent("A1")])
        record = ledger.certificate(identifier_of("A1"))
        assert (record.intent, record.state, record.credentials) == (an_intent("A1"), State.PREPARED, ())

    def test_no_status_index_is_given_twice(self, ledger: Ledger) -> None:
        first = ledger.record_intents([an_intent(f"A{n}") for n in range(40)])
        second = ledger.record_intents([an_intent(f"B{n}") for n in range(40)])
        given = [status for recorded in first + second for status in recorded.statuses]
        assert len(set(given)) == len(given) == 160

    def test_status_indexes_are_not_given_in_order(self, ledger: Ledger) -> None:
        recorded = ledger.record_intents([an_intent(f"A{n}") for n in range(20)])
        indexes = [status.index for each in recorded for status in each.statuses]
        assert indexes not in (sorted(indexes), sorted(indexes, reverse=True))

    def test_a_status_list_belongs_to_one_department(self, ledger: Ledger) -> None:
        first, second = ledger.record_intents([an_intent("A1"), an_intent("B1", department="mca")])
        owners = {row.uri: row.department for row in ledger.status_lists()}
        assert [owners[each.statuses[0].uri] for each in (first, second)] == ["amr", "mca"]

    def test_a_status_list_counts_what_is_taken(self, ledger: Ledger) -> None:
        ledger.record_intents([an_intent("A1", credentials=3)])
        (row,) = ledger.status_lists()
        assert row.taken == 3
        assert row.size >= 3

    def test_a_full_list_is_followed_by_another(self, small_ledger: Ledger) -> None:
        recorded = small_ledger.record_intents([an_intent(f"A{n}", credentials=3) for n in range(6)])
        given = [status for each in recorded for status in each.statuses]
        assert len(set(given)) == 18
        assert [row.taken for row in small_ledger.status_lists()] == [8, 8, 2]
        assert all(0 <= status.index < 8 for status in given)

    def test_a_known_row_key_gives_the_first_intent(self, ledger: Ledger) -> None:
        (first,) = ledger.record_intents([an_intent("A1", row_key="r1", row_digest="d1")])
        (second,) = ledger.record_intents([an_intent("B1", row_key="r1", row_digest="d1")])
        assert second == first

    def test_a_row_key_twice_in_one_batch_gives_one_certificate(self, ledger: Ledger) -> None:
        intents = [an_intent(serial, row_key="r1", row_digest="d1") for serial in ("A1", "B1")]
        first, second = ledger.record_intents(intents)
        assert first == second

    def test_a_known_row_key_comes_back_with_what_was_signed(self, ledger: Ledger) -> None:
        credentials = issued(ledger, an_intent("A1", row_key="r1", row_digest="d1"))
        (again,) = ledger.record_intents([an_intent("B1", row_key="r1", row_digest="d1")])
        assert again.issued == tuple(credentials)

    def test_a_row_key_belongs_to_its_department(self, ledger: Ledger) -> None:
        ledger.record_intents([an_intent("A1", row_key="r1", row_digest="d1")])
        (other,) = ledger.record_intents([an_intent("B1", row_key="r1", row_digest="d2", department="mca")])
        assert other.intent.identifier == identifier_of("B1")

    def test_a_row_key_with_another_content_is_refused(self, ledger: Ledger) -> None:
        ledger.record_intents([an_intent("A1", row_key="r1", row_digest="d1")])
        with pytest.raises(RowKeyConflict):
            ledger.record_intents([an_intent("B1"), an_intent("C1", row_key="r1", row_digest="d2")])
        assert ledger.serial_taken(["A1", "B1", "C1"]) == {"A1"}

    def test_an_act_names_the_proposal_that_it_was_done_for(self, ledger: Ledger) -> None:
        issued(ledger, an_intent("A1"))
        act = replace(an_act(ActKind.SUSPEND, identifier_of("A1")), proposal="p-1")
        ledger.apply(act, expected=State.ISSUED, new=State.SUSPENDED, value=2)
        assert ledger.certificate(identifier_of("A1")).acts == (act,)

    def test_many_certificates_are_looked_up_together(self, ledger: Ledger) -> None:
        for serial in ("A1", "B1"):
            issued(ledger, an_intent(serial))
        names = [identifier_of(serial) for serial in ("A1", "B1", "C1")]
        assert ledger.standings(names) == {each: ledger.standing(each) for each in names[:2]}
        assert ledger.standings([]) == {}

    def test_a_row_key_leads_to_its_certificate_signed_or_not(self, ledger: Ledger) -> None:
        ledger.record_intents([an_intent("A1", row_key="r1", row_digest="d1")])
        assert ledger.recorded_as("amr", "r1") == identifier_of("A1")
        assert (ledger.recorded_as("amr", "r2"), ledger.recorded_as("mca", "r1")) == (None, None)

    def test_signatures_make_a_prepared_certificate_an_issued_one(self, ledger: Ledger) -> None:
        credentials = issued(ledger, an_intent("A1"))
        record = ledger.certificate(identifier_of("A1"))
        assert (record.state, record.credentials) == (State.ISSUED, tuple(credentials))

    def test_signatures_recorded_again_change_nothing(self, ledger: Ledger) -> None:
        (recorded,) = ledger.record_intents([an_intent("A1")])
        first = signed(recorded)
        assert ledger.record_issued([(recorded.intent.identifier, first)]) == set()
        late = ledger.record_issued([(recorded.intent.identifier, signed(recorded, mark="2"))])
        assert late == {recorded.intent.identifier}
        assert ledger.certificate(identifier_of("A1")).credentials == tuple(first)

    def test_signatures_of_many_are_recorded_together(self, ledger: Ledger) -> None:
        recorded = ledger.record_intents([an_intent(f"A{n}") for n in range(5)])
        ledger.record_issued([(each.intent.identifier, signed(each)) for each in recorded])
        states = {ledger.certificate(each.intent.identifier).state for each in recorded}
        assert states == {State.ISSUED}

    def test_an_intent_without_signatures_is_unfinished(self, ledger: Ledger) -> None:
        issued(ledger, an_intent("A1"))
        recorded = ledger.record_intents([an_intent("B1"), an_intent("C1")])
        assert ledger.unfinished(limit=10) == recorded
        assert ledger.unfinished(limit=1) == recorded[:1]

    def test_an_unknown_certificate_is_refused(self, ledger: Ledger) -> None:
        with pytest.raises(UnknownCertificate):
            ledger.certificate(identifier_of("A1"))

    def test_an_act_on_an_unknown_certificate_is_refused(self, ledger: Ledger) -> None:
        act = an_act(ActKind.REVOKE, identifier_of("A1"))
        with pytest.raises(UnknownCertificate):
            ledger.apply(act, expected=State.ISSUED, new=State.REVOKED, value=1)

    def test_an_act_is_kept_with_its_reasons(self, ledger: Ledger) -> None:
        issued(ledger, an_intent("A1"))
        act = an_act(ActKind.REVOKE, identifier_of("A1"))
        record = ledger.apply(act, expected=State.ISSUED, new=State.REVOKED, value=1)
        assert record == replace(ledger.certificate(identifier_of("A1")), credentials=())
        assert (record.state, record.acts) == (State.REVOKED, (act,))

    def test_the_lists_of_a_certificate_are_found(self, ledger: Ledger) -> None:
        credentials = issued(ledger, an_intent("A1"))
        issued(ledger, an_intent("B1", department="mca"))
        assert ledger.lists_of(identifier_of("A1")) == [credentials[0].status.uri]
        assert ledger.lists_of(identifier_of("C1")) == []

    def test_a_certificate_has_so_many_credentials_in_force_and_no_more(
        self, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Two formats are counted apart; what is being signed counts, what has expired does not."""
        monkeypatch.setattr("issuer.records.MAX_IN_FORCE", 3)
        issued(ledger, an_intent("A1", credentials=2))
        one = an_intent("A1").credentials[0]

        def more(name: str, *, form: CredentialFormat = one.format, later: int = 0) -> Any:
            made = replace(one, credential_id=CredentialId(name), format=form)
            at = NOW + timedelta(days=later)
            return ledger.add_credentials(
                identifier_of("A1"), replace(an_intent("A1"), credentials=(made,), planned_at=at)
            )

        more("second")
        more("third")
        with pytest.raises(TooManyCredentials):
            more("fourth")
        other = next(each for each in CredentialFormat if each != one.format)
        more("another format", form=other)
        more("later", later=365)

    def test_an_act_reaches_every_credential(self, ledger: Ledger) -> None:
        credentials = issued(ledger, an_intent("A1", credentials=3))
        issued(ledger, an_intent("B1"))
        act = an_act(ActKind.SUSPEND, identifier_of("A1"))
        ledger.apply(act, expected=State.ISSUED, new=State.SUSPENDED, value=2)
        uri = credentials[0].status.uri
        assert ledger.status_values(uri) == {each.status.index: StatusValue.SUSPENDED for each in credentials}

    def test_a_reinstated_certificate_leaves_no_value(self, ledger: Ledger) -> None:
        credentials = issued(ledger, an_intent("A1"))
        suspend, reinstate = (an_act(kind, identifier_of("A1")) for kind in (ActKind.SUSPEND, ActKind.REINSTATE))
        ledger.apply(suspend, expected=State.ISSUED, new=State.SUSPENDED, value=2)
        record = ledger.apply(reinstate, expected=State.SUSPENDED, new=State.ISSUED, value=0)
        assert ledger.status_values(credentials[0].status.uri) == {}
        assert record.acts == (suspend, reinstate)

    def test_an_act_that_expects_another_state_changes_nothing(self, ledger: Ledger) -> None:
        credentials = issued(ledger, an_intent("A1"))
        act = an_act(ActKind.REINSTATE, identifier_of("A1"))
        with pytest.raises(StateChanged):
            ledger.apply(act, expected=State.SUSPENDED, new=State.ISSUED, value=0)
        assert ledger.certificate(identifier_of("A1")).acts == ()
        assert ledger.status_values(credentials[0].status.uri) == {}

    def test_serials_in_use_are_found(self, ledger: Ledger) -> None:
        ledger.record_intents([an_intent("A1"), an_intent("B1")])
        assert ledger.serial_taken(["B1", "C1"]) == {"B1"}
        assert ledger.serial_taken([]) == set()

    def test_values_of_an_unknown_list_are_refused(self, ledger: Ledger) -> None:
        with pytest.raises(UnknownStatusList):
            ledger.status_values("https://ecert.example/status/none")

    def test_the_newest_token_is_published(self, ledger: Ledger) -> None:
        uri = self._a_list(ledger)
        for sequence in (1, 2):
            ledger.record_published(self._token(uri, sequence))
        assert ledger.published(uri) == self._token(uri, 2)

    def test_a_token_of_an_earlier_sequence_is_not_published(self, ledger: Ledger) -> None:
        uri = self._a_list(ledger)
        for sequence in (2, 1):
            ledger.record_published(self._token(uri, sequence))
        assert ledger.published(uri) == self._token(uri, 2)

    def test_the_first_token_of_a_sequence_stays(self, ledger: Ledger) -> None:
        """Two publishers raced: the second one sees that it lost, and publishes again."""
        uri = self._a_list(ledger)
        ledger.record_published(self._token(uri, 1))
        ledger.record_published(self._token(uri, 1, token="another"))
        assert ledger.published(uri) == self._token(uri, 1)

    def test_a_list_that_was_never_published_has_no_token(self, ledger: Ledger) -> None:
        assert ledger.published(self._a_list(ledger)) is None

    def test_digests_are_those_of_the_issuer_signed_parts(self, ledger: Ledger) -> None:
        credentials = issued(ledger, an_intent("A1"))
        ledger.record_intents([an_intent("B1")])
        wanted = [each.token.split("~")[0].encode() for each in credentials]
        digests = {b64url_text(hashlib.sha256(part).digest()) for part in wanted}
        assert set(ledger.issued_digests("kid-1")) == digests
        assert ledger.issued_digests("kid-2") == []

    def test_what_no_wallet_confirmed_is_undelivered(self, ledger: Ledger) -> None:
        first, second = issued(ledger, an_intent("A1")), issued(ledger, an_intent("B1"))
        assert ledger.undelivered(limit=10) == first + second
        assert ledger.undelivered(limit=1) == first[:1]

    def test_what_a_wallet_confirmed_is_delivered(self, ledger: Ledger) -> None:
        first, second = issued(ledger, an_intent("A1")), issued(ledger, an_intent("B1"))
        ledger.mark_delivered(first)
        ledger.mark_delivered(first[:1])
        assert ledger.undelivered(limit=10) == second

    def test_what_is_fetched_waits_for_no_wallet(self, ledger: Ledger) -> None:
        first = an_intent("A1")
        mixed = (replace(first.credentials[0], fetched=True), first.credentials[1])
        (_, pushed) = issued(ledger, replace(first, credentials=mixed))
        recorded = ledger.add_credentials(identifier_of("A1"), self._further(fetched=True))
        ledger.record_issued([(identifier_of("A1"), signed(recorded))])
        assert ledger.undelivered(limit=10) == [pushed]

    def test_what_was_to_be_fetched_is_so_after_a_crash(self, ledger: Ledger) -> None:
        issued(ledger, an_intent("A1"))
        ledger.add_credentials(identifier_of("A1"), self._further(fetched=True))
        (waiting,) = ledger.unfinished(limit=10)
        assert [each.fetched for each in waiting.intent.credentials] == [True]

    def test_how_a_certificate_stands_is_told_without_its_credentials(self, ledger: Ledger) -> None:
        issued(ledger, an_intent("A1"))
        self._revoke(ledger)
        whole = ledger.certificate(identifier_of("A1"))
        assert ledger.standing(identifier_of("A1")) == replace(whole, credentials=(), acts=())
        with pytest.raises(UnknownCertificate):
            ledger.standing(identifier_of("B1"))

    def test_a_signed_replacement_replaces_the_old_one(self, ledger: Ledger) -> None:
        old = issued(ledger, an_intent("A1"))
        issued(ledger, self._replacement())
        assert ledger.certificate(identifier_of("A1")).state is State.REPLACED
        assert ledger.certificate(identifier_of("A1", 2)).state is State.ISSUED
        replaced = {each.status.index: StatusValue.REPLACED for each in old}
        assert ledger.status_values(old[0].status.uri) == replaced

    def test_the_decision_to_replace_is_among_the_old_ones_acts(self, ledger: Ledger) -> None:
        issued(ledger, an_intent("A1"))
        issued(ledger, self._replacement())
        assert ledger.certificate(identifier_of("A1")).acts == (an_act(ActKind.REPLACE, identifier_of("A1")),)
        assert ledger.certificate(identifier_of("A1", 2)).intent == self._replacement()

    def test_an_unsigned_replacement_changes_nothing_yet(self, ledger: Ledger) -> None:
        issued(ledger, an_intent("A1"))
        recorded = ledger.record_intents([self._replacement()])
        assert ledger.certificate(identifier_of("A1")).state is State.ISSUED
        assert ledger.unfinished(limit=10) == recorded

    def test_a_certificate_is_replaced_by_one_intent(self, ledger: Ledger) -> None:
        issued(ledger, an_intent("A1"))
        ledger.record_intents([self._replacement()])
        with pytest.raises(StateChanged):
            ledger.record_intents([self._replacement()])

    def test_a_revoked_certificate_is_not_replaced(self, ledger: Ledger) -> None:
        issued(ledger, an_intent("A1"))
        self._revoke(ledger)
        with pytest.raises(StateChanged):
            ledger.record_intents([self._replacement()])

    def test_a_certificate_revoked_before_its_replacement_is_signed_stays_revoked(self, ledger: Ledger) -> None:
        old = issued(ledger, an_intent("A1"))
        (recorded,) = ledger.record_intents([self._replacement()])
        self._revoke(ledger)
        with pytest.raises(StateChanged):
            ledger.record_issued([(recorded.intent.identifier, signed(recorded))])
        assert ledger.certificate(identifier_of("A1")).state is State.REVOKED
        assert ledger.certificate(identifier_of("A1", 2)).state is State.PREPARED
        assert set(ledger.status_values(old[0].status.uri).values()) == {StatusValue.INVALID}

    def test_a_replacement_that_can_never_be_signed_is_not_unfinished(self, ledger: Ledger) -> None:
        issued(ledger, an_intent("A1"))
        ledger.record_intents([self._replacement()])
        self._revoke(ledger)
        assert ledger.unfinished(limit=10) == []

    def test_further_credentials_have_status_indexes_of_their_own(self, ledger: Ledger) -> None:
        first = issued(ledger, an_intent("A1"))
        recorded = ledger.add_credentials(identifier_of("A1"), self._further())
        assert (recorded.intent, recorded.issued) == (self._further(), ())
        assert not {each.status for each in first} & set(recorded.statuses)

    def test_further_credentials_are_unfinished_until_signed(self, ledger: Ledger) -> None:
        issued(ledger, an_intent("A1"))
        recorded = ledger.add_credentials(identifier_of("A1"), self._further())
        (waiting,) = ledger.unfinished(limit=10)
        assert (waiting.intent.credentials, waiting.statuses) == (recorded.intent.credentials, recorded.statuses)

    def test_signed_further_credentials_are_the_certificates_own(self, ledger: Ledger) -> None:
        first = issued(ledger, an_intent("A1"))
        recorded = ledger.add_credentials(identifier_of("A1"), self._further())
        ledger.record_issued([(identifier_of("A1"), signed(recorded))])
        assert ledger.certificate(identifier_of("A1")).credentials == (*first, *signed(recorded))
        assert ledger.unfinished(limit=10) == []

    def test_an_act_reaches_further_credentials(self, ledger: Ledger) -> None:
        first = issued(ledger, an_intent("A1"))
        recorded = ledger.add_credentials(identifier_of("A1"), self._further())
        ledger.record_issued([(identifier_of("A1"), signed(recorded))])
        self._revoke(ledger)
        reached = {each.status.index for each in first} | {status.index for status in recorded.statuses}
        assert set(ledger.status_values(first[0].status.uri)) == reached

    def test_a_revoked_certificate_gets_no_further_credentials(self, ledger: Ledger) -> None:
        issued(ledger, an_intent("A1"))
        self._revoke(ledger)
        with pytest.raises(StateChanged):
            ledger.add_credentials(identifier_of("A1"), self._further())

    def test_further_credentials_of_an_unknown_certificate_are_refused(self, ledger: Ledger) -> None:
        with pytest.raises(UnknownCertificate):
            ledger.add_credentials(identifier_of("A1"), self._further())

    @staticmethod
    def _revoke(ledger: Ledger) -> None:
        act = an_act(ActKind.REVOKE, identifier_of("A1"))
        ledger.apply(act, expected=State.ISSUED, new=State.REVOKED, value=1)

    @staticmethod
    def _replacement() -> Intent:
        old = identifier_of("A1")
        return an_intent("A1", version=2, replaces=old, decision=an_act(ActKind.REPLACE, old))

    @staticmethod
    def _further(*, fetched: bool = False) -> Intent:
        holder = HolderRef(HolderId("holder-A1"), HOLDER_KEY)
        made = CredentialIntent(CredentialId("A1-more"), CredentialFormat.SD_JWT_VC, holder, False, fetched=fetched)
        return replace(an_intent("A1"), credentials=(made,))

    @staticmethod
    def _a_list(ledger: Ledger) -> str:
        (recorded,) = ledger.record_intents([an_intent("A1")])
        return recorded.statuses[0].uri

    @staticmethod
    def _token(uri: str, sequence: int, *, token: str = "") -> PublishedList:
        return PublishedList(uri, token or f"token-{sequence}", NOW, NOW + timedelta(hours=24), sequence)
