"""After a use: deletion is asked for, a verifier is reported, and both are remembered."""

import pytest

from tests.support.desk import NOW
from tests.support.vp_wallet import AskedWallet
from tests.support.wallet_fakes import ID_CARD
from wallet_api import Wanted
from wallet_api.errors import UnknownRecord
from wallet_api.openid4vp.errors import NotAnExchange
from wallet_api.openid4vp.ports import Complaint, ReportedVerifier
from wallet_api.records import Afterwards


@pytest.fixture
def entry(wallet: AskedWallet) -> str:
    """A use of the licence."""
    wallet.hold()
    wallet.ask()
    return str(wallet.share(wallet.open()).presentation_id)


def acts(wallet: AskedWallet, entry: str) -> list[Afterwards]:
    exchange = wallet.town.wallets.shown_one(wallet.holder_id, entry).exchange
    assert exchange is not None
    assert all(at == NOW for _, at in exchange.afterwards)
    return [act for act, _ in exchange.afterwards]


def test_a_request_for_deletion_names_the_party_the_day_and_the_fields(wallet: AskedWallet, entry: str) -> None:
    asked = wallet.aftercare.ask_deletion(wallet.holder_id, entry)
    for words in ("示例银行", "2026年03月02日 10:30", "营业执照", "法定代表人", "第四十七条", entry):
        assert words in asked.text_zh
    for words in ("Example Bank", "2026-03-02 10:30", "Business Licence", "article 47", entry):
        assert words in asked.text_en
    assert "陈大文" not in asked.text_zh + asked.text_en
    assert acts(wallet, entry) == [Afterwards.DELETION_ASKED]


def test_asking_again_gives_the_text_and_no_second_act(wallet: AskedWallet, entry: str) -> None:
    first = wallet.aftercare.ask_deletion(wallet.holder_id, entry)
    assert wallet.aftercare.ask_deletion(wallet.holder_id, entry) == first
    assert acts(wallet, entry) == [Afterwards.DELETION_ASKED]


def test_a_report_tells_the_operator_which_verifier_and_nothing_else(wallet: AskedWallet, entry: str) -> None:
    wallet.aftercare.report(wallet.holder_id, entry, Complaint.OVER_ASKING)
    assert wallet.operator.reports == [ReportedVerifier(str(wallet.client_id), Complaint.OVER_ASKING, NOW)]
    assert acts(wallet, entry) == [Afterwards.REPORTED]


def test_a_button_pressed_again_makes_no_second_report(wallet: AskedWallet, entry: str) -> None:
    """The audit trail keeps every report for ever, and all departments' acts wait for its head."""
    for complaint in (Complaint.OVER_ASKING, Complaint.OVER_ASKING, Complaint.OTHER):
        wallet.aftercare.report(wallet.holder_id, entry, complaint)
    assert [one.complaint for one in wallet.operator.reports] == [Complaint.OVER_ASKING]
    assert acts(wallet, entry) == [Afterwards.REPORTED]


def test_two_acts_at_once_are_both_kept(wallet: AskedWallet, entry: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """While a report goes to the operator, the same holder asks for deletion."""
    reported = wallet.operator.verifier_reported

    def meanwhile(report: ReportedVerifier) -> None:
        wallet.aftercare.ask_deletion(wallet.holder_id, entry)
        reported(report)

    monkeypatch.setattr(wallet.operator, "verifier_reported", meanwhile)
    wallet.aftercare.report(wallet.holder_id, entry, Complaint.OTHER)
    assert acts(wallet, entry) == [Afterwards.DELETION_ASKED, Afterwards.REPORTED]


def test_an_entry_of_another_holder_is_not_there(wallet: AskedWallet, entry: str) -> None:
    other = wallet.town.citizen("440799198811230220").holder_id
    with pytest.raises(UnknownRecord):
        wallet.aftercare.ask_deletion(other, entry)
    with pytest.raises(UnknownRecord):
        wallet.aftercare.report(other, entry, Complaint.OTHER)


def test_a_code_was_shown_to_nobody_that_the_wallet_knows(wallet: AskedWallet) -> None:
    wallet.town.holding(wallet.holder, ID_CARD)
    shown = wallet.town.wallet.showing.show_qr(wallet.holder_id, Wanted(("name",), type_id=ID_CARD), purpose="入住")
    with pytest.raises(NotAnExchange):
        wallet.aftercare.ask_deletion(wallet.holder_id, shown.presented.presentation_id)
