"""Receiving: checked before it is kept, refused with a reason, nothing lost, and the same when repeated."""

from dataclasses import replace

import pytest

from keys.signer import SoftwareSigner
from schemas.order import HolderId, HolderRef
from schemas.report import Check, Outcome
from tests.support.wallet_fakes import ID_CARD, NAME, NUMBER, Town
from wallet_api.errors import CredentialRefused
from wallet_api.records import Refusal

PASSED = Check("signature", Outcome.PASSED, "ok")


def test_a_batch_is_kept(town: Town, citizen: HolderRef) -> None:
    batch = [town.credential(citizen), town.vc_jwt(citizen)]
    receipt = town.wallet.receiving.receive(batch)
    assert receipt.kept == tuple(one.credential_id for one in batch)
    assert receipt.refused == ()
    assert {one.credential.token for one in town.wallets.holdings(citizen.holder_id)} == {one.token for one in batch}


def test_an_empty_batch_is_no_fault(town: Town) -> None:
    town.wallet.receiving.deliver([])


def test_repeating_a_delivery_changes_nothing(town: Town, citizen: HolderRef) -> None:
    credential = town.holding(citizen)
    before = town.wallets.holdings(citizen.holder_id)
    town.later(hours=1)
    receipt = town.wallet.receiving.receive([credential])
    assert receipt.kept == (credential.credential_id,)
    assert town.wallets.holdings(citizen.holder_id) == before


def test_a_credential_by_a_stranger_never_appears(town: Town, citizen: HolderRef) -> None:
    forged = Town(issuer=SoftwareSigner.generate()).credential(citizen, credential_id="forged")
    receipt = town.wallet.receiving.receive([forged])
    assert receipt.refused == (Refusal(forged.credential_id, "signature", "signature_invalid"),)
    assert town.wallets.holdings(citizen.holder_id) == []
    assert town.wallet.holdings.certificates(citizen.holder_id) == ()


def test_the_others_of_a_batch_are_kept(town: Town, citizen: HolderRef) -> None:
    good = town.credential(citizen)
    forged = Town(issuer=SoftwareSigner.generate()).credential(citizen, credential_id="forged")
    with pytest.raises(CredentialRefused, match="1 credentials were not kept: signature_invalid") as caught:
        town.wallet.receiving.deliver([forged, good])
    assert [refusal.credential_id for refusal in caught.value.refusals] == ["forged"]
    assert [one.credential for one in town.wallets.holdings(citizen.holder_id)] == [good]


def test_a_credential_for_an_unknown_holder_is_refused(town: Town, citizen: HolderRef) -> None:
    lost = town.credential(citizen, holder_id=HolderId("nobody"))
    assert town.wallet.receiving.receive([lost]).refused[0].reason == "holder_key_unknown"


def test_a_credential_without_a_holder_key_is_refused(town: Town, citizen: HolderRef) -> None:
    unbound = town.credential(citizen, holder_kid=None)
    assert town.wallet.receiving.receive([unbound]).refused[0].reason == "holder_key_unknown"


def test_a_credential_bound_to_another_key_than_it_says_is_refused(town: Town, citizen: HolderRef) -> None:
    other = town.credential(town.citizen("440799198811230220", "李小明"))
    assert citizen.key is not None
    mislabelled = replace(other, holder_id=citizen.holder_id, holder_kid=citizen.key.kid)
    assert town.wallet.receiving.receive([mislabelled]).refused[0].reason == "holder_key_mismatch"


def test_a_credential_that_names_no_key_is_refused(town: Town, citizen: HolderRef) -> None:
    bare = town.credential(citizen, claims={"cnf": None})
    assert town.wallet.receiving.receive([bare]).refused[0].reason == "holder_key_mismatch"


@pytest.mark.parametrize("confirmation", [{}, {"jwk": 1}, {"jwk": {"kty": "oct"}}], ids=["empty", "number", "kind"])
def test_a_credential_with_a_broken_confirmation_is_refused(
    town: Town, citizen: HolderRef, confirmation: object
) -> None:
    broken = town.credential(citizen, claims={"cnf": confirmation})
    assert town.wallet.receiving.receive([broken]).refused[0].reason == "malformed"


def test_a_text_that_is_no_token_is_refused(town: Town, citizen: HolderRef) -> None:
    assert town.wallet.receiving.receive([town.credential(citizen, token="x~y~")]).refused[0].reason == "malformed"


def test_what_cannot_be_held_is_not_given_to_the_check(town: Town, citizen: HolderRef) -> None:
    town.wallet.receiving.receive([town.credential(citizen, holder_kid=None)])
    assert town.check.asked == 0


def test_a_status_that_is_not_published_yet_is_no_reason_to_refuse(town: Town, citizen: HolderRef) -> None:
    town.check.rows = (PASSED, Check("status", Outcome.UNKNOWN, "status_list_missing"))
    town.holding(citizen)
    assert len(town.wallets.holdings(citizen.holder_id)) == 1


def test_a_status_that_failed_is_a_reason(town: Town, citizen: HolderRef) -> None:
    town.check.rows = (PASSED, Check("status", Outcome.FAILED, "revoked"))
    refusal = town.wallet.receiving.receive([town.credential(citizen)]).refused[0]
    assert (refusal.check, refusal.reason) == ("status", "revoked")


def test_a_certificate_may_come_before_it_takes_effect(town: Town, citizen: HolderRef) -> None:
    town.check.rows = (PASSED, Check("validity", Outcome.FAILED, "not_yet_valid"))
    town.holding(citizen)
    assert len(town.wallets.holdings(citizen.holder_id)) == 1


def test_a_certificate_that_is_over_is_refused(town: Town, citizen: HolderRef) -> None:
    town.check.rows = (PASSED, Check("validity", Outcome.FAILED, "expired"))
    assert town.wallet.receiving.receive([town.credential(citizen)]).refused[0].reason == "expired"


def test_anything_else_unknown_is_a_reason(town: Town, citizen: HolderRef) -> None:
    town.check.rows = (PASSED, Check("issuer", Outcome.UNKNOWN, "trust_list_stale"))
    assert town.wallet.receiving.receive([town.credential(citizen)]).refused[0].check == "issuer"


def test_a_report_without_rows_accepts_nothing(town: Town, citizen: HolderRef) -> None:
    town.check.rows = ()
    assert town.wallet.receiving.receive([town.credential(citizen)]).refused[0].reason == "not_checked"


def test_a_credential_of_another_type_than_it_says_is_refused(town: Town, citizen: HolderRef) -> None:
    town.check.type_id = "business_licence"
    assert town.wallet.receiving.receive([town.credential(citizen)]).refused[0].reason == "type_mismatch"


def test_the_type_that_the_report_names_fits(town: Town, citizen: HolderRef) -> None:
    town.check.type_id = ID_CARD
    town.holding(citizen)


def test_a_refusal_tells_nothing_of_the_person(town: Town, citizen: HolderRef) -> None:
    town.check.rows = ()
    with pytest.raises(CredentialRefused) as caught:
        town.wallet.receiving.deliver([town.credential(citizen)])
    text = str(caught.value) + repr(caught.value.refusals)
    assert NAME not in text
    assert NUMBER not in text


def test_two_credentials_of_one_id_are_judged_each_for_itself(town: Town, citizen: HolderRef) -> None:
    """The right one must not let in a forged one that bears its id."""
    good = town.credential(citizen)
    forged = replace(
        Town(issuer=SoftwareSigner.generate()).credential(citizen, credential_id="forged"),
        credential_id=good.credential_id,
    )
    receipt = town.wallet.receiving.receive([forged, good])
    assert [refusal.reason for refusal in receipt.refused] == ["signature_invalid"]
    assert [one.credential for one in town.wallets.holdings(citizen.holder_id)] == [good]


def test_a_credential_of_another_format_than_it_says_is_refused(town: Town, citizen: HolderRef) -> None:
    """Kept, it could not be read, and would stand in the way of all others whenever one is shown."""
    town.check.format = "vc+jwt"
    assert town.wallet.receiving.receive([town.credential(citizen)]).refused[0].reason == "format_mismatch"
