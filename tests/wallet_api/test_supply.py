"""The supply of purpose certificates: what is counted, and when a wallet may fetch more."""

from dataclasses import replace
from datetime import timedelta

import pytest

from schemas.order import HolderRef, IssuedCredential
from tests.support.wallet_fakes import ID_CARD, NAME, Town
from wallet_api import Wanted
from wallet_api.errors import EnoughAhead
from wallet_api.supply import MAX_UNUSED, check_room

IDENTITY = ("name", "age_over_18", "photo_digest")
AGE = ("age_over_18", "photo_digest")


def keep(town: Town, *credentials: IssuedCredential) -> None:
    first = credentials[0]
    town.wallet.receiving.deliver([replace(each, identifier=first.identifier) for each in credentials])


def left(town: Town, citizen: HolderRef) -> dict[str, int]:
    (held,) = town.wallet.holdings.certificates(citizen.holder_id)
    return dict(town.wallet.holdings.certificate(citizen.holder_id, held.identifier).ahead)


def test_a_certificate_without_any_has_none_of_each_purpose(town: Town, citizen: HolderRef) -> None:
    keep(town, town.credential(citizen))
    found = left(town, citizen)
    assert list(found)[:1] == ["identity"]
    assert set(found.values()) == {0}


def test_each_counts_for_the_purpose_that_it_was_made_for(town: Town, citizen: HolderRef) -> None:
    ahead = [town.sd_cwt(citizen, fields) for fields in (IDENTITY, AGE, IDENTITY)]
    keep(town, town.credential(citizen), *ahead)
    found = left(town, citizen)
    assert (found.pop("identity"), found.pop("age")) == (2, 1)
    assert not any(found.values())


def test_a_full_sd_cwt_is_not_counted(town: Town, citizen: HolderRef) -> None:
    keep(town, town.credential(citizen), town.sd_cwt(citizen, IDENTITY, full=True))
    assert left(town, citizen)["identity"] == 0


def test_one_that_was_shown_is_not_counted(town: Town, citizen: HolderRef) -> None:
    ahead = [town.sd_cwt(citizen, IDENTITY) for _ in range(2)]
    keep(town, town.credential(citizen), *ahead)
    wanted = Wanted(IDENTITY, type_id=ID_CARD)
    town.wallet.showing.show_qr(citizen.holder_id, wanted, purpose="办理入住")
    assert left(town, citizen)["identity"] == 1


def test_one_that_is_over_is_not_counted(town: Town, citizen: HolderRef) -> None:
    ends = replace(town.sd_cwt(citizen, IDENTITY), expires_at=town.now + timedelta(hours=1))
    keep(town, town.credential(citizen), ends)
    assert left(town, citizen)["identity"] == 1
    town.later(hours=1)
    assert left(town, citizen)["identity"] == 0


def test_one_without_a_field_that_the_purpose_needs_is_not_counted(town: Town, citizen: HolderRef) -> None:
    keep(town, town.credential(citizen), town.sd_cwt(citizen, ("name", "age_over_18")))
    assert left(town, citizen)["identity"] == 0


def test_a_purpose_that_shows_nothing_of_the_certificate_is_left_out(town: Town, citizen: HolderRef) -> None:
    keep(town, town.credential(citizen, claims={"name": NAME}))
    found = left(town, citizen)
    assert "identity" in found
    assert "age" not in found


def test_claims_of_the_day_are_seen_beside_purpose_certificates(town: Town, citizen: HolderRef) -> None:
    """The newest short-lived credential is one for a purpose, which holds no more than the purpose needs."""
    today = town.credential(citizen, short_lived=True)
    town.later(hours=1)
    ahead = town.sd_cwt(citizen, AGE)
    keep(town, today, ahead)
    (held,) = town.wallet.holdings.certificates(citizen.holder_id)
    seen = town.wallet.holdings.certificate(citizen.holder_id, held.identifier).claims
    assert {"name", "address"} <= {claim.name for claim in seen}


def test_up_to_the_limit_there_is_room() -> None:
    check_room({"identity": 4}, "identity", count=MAX_UNUSED - 4)
    check_room({"identity": MAX_UNUSED}, "age", count=MAX_UNUSED)


def test_beyond_the_limit_nothing_more_is_fetched() -> None:
    with pytest.raises(EnoughAhead, match="6 unused and 5 more"):
        check_room({"identity": 6}, "identity", count=5)
