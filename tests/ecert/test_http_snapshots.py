"""A holder asks for a certificate of facts, and it is in the wallet."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from ecert.registers import UnsafeRegisterWarning
from tests.support.ecert_world import StillClock, World, world_in

PATH = "/v1/wallet/snapshots"
INSURED = {"type_id": "social_insurance_certificate"}


@pytest.fixture
def town(seeded_home: Path, tmp_path: Path, clock: StillClock) -> Iterator[World]:
    """A world whose registers make their answers up."""
    home = shutil.copytree(seeded_home, tmp_path / "home")
    with pytest.warns(UnsafeRegisterWarning), world_in(home, clock, UNSAFE_REGISTER="yes") as made:
        yield made


def test_the_certificate_is_in_the_wallet(town: World) -> None:
    person = town.person()
    answer = town.client.post(PATH, json=INSURED, headers=town.token("holder", holder_id=person))
    made = answer.json()
    assert (answer.status_code, made["delivered"]) == (201, True)
    held = town.container.wallet.holdings.certificates(person)
    assert made["identifier"] in {one.identifier for one in held}
    town.client.get("/v1/wallet/certificates", headers=town.token("holder", holder_id=person))


def test_an_organisation_has_no_insurance(town: World) -> None:
    header = town.token("holder", holder_id=town.enterprise())
    answer = town.client.post(PATH, json=INSURED, headers=header)
    assert (answer.status_code, answer.json()["code"]) == (422, "snapshot_refused")


def test_five_in_a_day_are_enough(town: World) -> None:
    header = town.token("holder", holder_id=town.person())
    answers = [town.client.post(PATH, json=INSURED, headers=header) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [201] * 5 + [429]
    assert 0 < int(answers[-1].headers["retry-after"]) <= 2 * 86_400


def test_without_a_register_there_is_nothing(world: World) -> None:
    header = world.token("holder", holder_id=world.person())
    answer = world.client.post(PATH, json=INSURED, headers=header)
    assert (answer.status_code, answer.json()["code"]) == (422, "snapshot_refused")
    unknown = world.client.post(PATH, json={"type_id": "unknown"}, headers=header)
    assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown_type")


def test_the_types_are_listed_in_two_languages(world: World) -> None:
    listed = world.client.get(PATH, headers=world.token("holder", holder_id=world.person())).json()["types"]
    assert {one["type_id"] for one in listed} == {"social_insurance_certificate", "housing_fund_certificate"}
    assert all(one["name_zh"] and one["name_en"] and one["department_zh"] for one in listed)
