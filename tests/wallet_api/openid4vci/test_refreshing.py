"""What the wallet fetches by itself: what ends, what was replaced, what was deferred; spread, bounded, and once."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from keys.errors import KeyNotFound
from schemas.order import HolderId
from tests.support.vci_issuer import answer, broken, saying
from tests.support.vci_wallet import ReceivingWallet, run
from tests.support.wallet_fakes import identifier_of
from wallet_api.openid4vci import schedule
from wallet_api.openid4vci.sources import SourceState
from wallet_api.openid4vci.waking import wake


def test_a_credential_near_its_end_is_fetched_again(wallet: ReceivingWallet) -> None:
    wallet.accept()
    wallet.town.later(days=364)
    assert wallet.round() == 1
    assert len(wallet.holdings()) == 2
    source = wallet.only_source()
    assert source.due_at > wallet.town.now
    assert wallet.holdings()[0].credential.credential_id == source.credential_id


def test_what_is_not_due_is_left_alone(wallet: ReceivingWallet) -> None:
    wallet.accept()
    before = len(wallet.issuer.asked)
    assert wallet.round() == 0
    assert len(wallet.issuer.asked) == before


def test_a_refresh_token_is_used_before_it_lies_too_long(wallet: ReceivingWallet) -> None:
    wallet.accept()
    for _ in range(12):
        wallet.town.later(days=30)
        wallet.round()
    assert wallet.issuer.times("token") > 6
    assert wallet.issuer.times("credential") == 2  # the first, and the one of the last two weeks


def test_a_replaced_certificate_is_fetched_again(wallet: ReceivingWallet) -> None:
    wallet.accept()
    wallet.issuer.serial = identifier_of("20260001", 2)
    wallet.states.state = "replaced"
    assert wake(wallet.sources, wallet.holder_id, identifier_of("20260001", 2), now=wallet.town.now) == 1
    assert wallet.round() == 1
    assert {one.credential.identifier for one in wallet.holdings()} == {
        identifier_of("20260001"),
        identifier_of("20260001", 2),
    }


def test_another_certificate_wakes_nothing(wallet: ReceivingWallet) -> None:
    wallet.accept()
    assert wake(wallet.sources, wallet.holder_id, identifier_of("20269999"), now=NOW) == 0
    assert wake(wallet.sources, HolderId("nobody"), identifier_of("20260001"), now=NOW) == 0


@pytest.mark.parametrize("state", ["revoked", "cancelled"])
def test_nothing_more_comes_of_what_was_ended(wallet: ReceivingWallet, state: str) -> None:
    wallet.accept()
    wallet.states.state = state
    wallet.town.later(days=364)
    wallet.round()
    source = wallet.only_source()
    assert (source.state, source.reason) == (SourceState.OVER, state)
    assert wallet.issuer.times("credential") == 1


def test_long_after_the_end_nobody_asks_any_more(wallet: ReceivingWallet) -> None:
    wallet.accept()
    wallet.town.later(days=396)
    wallet.round()
    assert (wallet.only_source().state, wallet.only_source().reason) == (SourceState.OVER, "expired")


def test_without_a_refresh_token_nothing_can_be_fetched(wallet: ReceivingWallet) -> None:
    wallet.issuer.lies["token"] = saying(refresh_token=None)
    wallet.accept()
    wallet.town.later(days=40)
    wallet.round()
    assert (wallet.only_source().state, wallet.only_source().reason) == (SourceState.OVER, "no_refresh_token")


def test_a_credential_that_the_wallet_lost_ends_its_source(wallet: ReceivingWallet) -> None:
    wallet.accept()
    wallet.town.wallets._holdings.clear()
    wallet.town.later(days=40)
    wallet.round()
    assert wallet.only_source().state is SourceState.OVER


def test_a_server_that_is_down_is_asked_again_later(wallet: ReceivingWallet) -> None:
    wallet.accept()
    wallet.town.later(days=364)
    wallet.issuer.lies["token"] = broken
    wallet.round()
    source = wallet.only_source()
    assert (source.state, source.reason) == (SourceState.KEPT, "protocol_http_failed")
    assert source.due_at > wallet.town.now
    wallet.issuer.lies.clear()
    wallet.town.later(hours=12)
    wallet.round()
    assert len(wallet.holdings()) == 2
    assert wallet.only_source().reason is None


def test_a_bad_answer_does_not_end_a_source_that_works(wallet: ReceivingWallet) -> None:
    wallet.accept()
    wallet.town.later(days=364)
    wallet.issuer.lies["credential"] = lambda *_: answer(200, {})
    wallet.round()
    assert (wallet.only_source().state, wallet.only_source().reason) == (
        SourceState.KEPT,
        "credential_response_invalid",
    )


def test_a_refresh_token_that_is_refused_ends_it(wallet: ReceivingWallet) -> None:
    wallet.accept()
    wallet.town.later(days=364)
    wallet.issuer.refresh.clear()
    wallet.round()
    assert (wallet.only_source().state, wallet.only_source().reason) == (
        SourceState.OVER,
        "token_refused:invalid_grant",
    )


def test_an_issuer_that_left_the_trust_list_gets_no_refresh_token(wallet: ReceivingWallet) -> None:
    wallet.accept()
    wallet.town.later(days=364)
    wallet.trust.listed.clear()
    asked = wallet.issuer.times("token")
    wallet.round()
    assert wallet.issuer.times("token") == asked
    assert wallet.only_source().reason == "credential_issuer_not_trusted"


def test_what_a_device_has_to_sign_waits_for_it(wallet: ReceivingWallet) -> None:
    wallet.accept()
    wallet.with_device()
    wallet.town.later(days=364)
    wallet.round()
    source = wallet.only_source()
    assert (source.state, source.reason) == (SourceState.KEPT, "device_signature_needed")
    assert wallet.issuer.times("credential") == 1


def test_a_round_has_a_limit(wallet: ReceivingWallet) -> None:
    wallet.accept()
    source = wallet.only_source()
    for number in range(5):
        wallet.sources.put(replace(source, source_id=f"s{number}"))
    wallet.town.later(days=364)
    assert run(wallet.refreshing.round(limit=2)) == 2


def test_two_workers_do_not_fetch_the_same(wallet: ReceivingWallet) -> None:
    wallet.accept()
    wallet.town.later(days=364)
    now = wallet.town.now
    assert wallet.sources.claim(now=now, until=now + timedelta(minutes=1), limit=9)
    assert wallet.round() == 0


def test_a_broken_source_does_not_stop_the_others(wallet: ReceivingWallet) -> None:
    wallet.accept()
    source = wallet.only_source()
    wallet.sources.put(replace(source, source_id="broken", due_at=wallet.town.now - timedelta(days=1)))
    failing = wallet.town.wallets.holding
    calls = iter([KeyNotFound("no key"), None])

    def holding(*args: object) -> object:
        error = next(calls)
        if error is not None:
            raise error
        return failing(*args)  # type: ignore[arg-type]

    wallet.town.wallets.holding = holding  # type: ignore[method-assign,assignment]
    wallet.town.later(days=364)
    with pytest.raises(KeyNotFound):
        wallet.round()
    assert wallet.issuer.times("credential") == 2


def test_a_source_without_a_certificate_is_over(wallet: ReceivingWallet) -> None:
    wallet.accept()
    source = replace(wallet.only_source(), certificate=None, credential_id=None, due_at=wallet.town.now)
    wallet.sources.put(source)
    wallet.round()
    assert wallet.only_source().state is SourceState.OVER


NOW = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.mark.parametrize(("days", "ahead"), [(365, 14), (42, 14), (7, 7 / 3), (1, 1 / 3)])
def test_the_window_is_the_last_third_and_two_weeks_at_most(days: int, ahead: float) -> None:
    begins, ends = schedule.window(NOW, NOW + timedelta(days=days))
    assert ends - begins == timedelta(days=ahead)


def test_certificates_that_end_on_one_day_are_spread() -> None:
    shares = [schedule.share(f"source-{number}") for number in range(1_000)]
    assert all(0 <= each < 1 for each in shares)
    for tenth in range(10):
        assert 60 < sum(tenth <= each * 10 < tenth + 1 for each in shares) < 140


def test_what_failed_is_tried_again_within_hours() -> None:
    for number in range(50):
        assert timedelta(hours=3) <= schedule.again(str(number), now=NOW) - NOW <= timedelta(hours=9)
