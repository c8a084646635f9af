"""The fictional relying parties fit their registry."""

from ecert.parties.access import party_registry
from ecert.parties.fictional import fictional_registrations, register_fictional
from tests.support.ecert_world import World
from verifier.purposes.model import Sector
from verifier.purposes.shipped import shipped


def test_every_sector_has_a_party_with_all_its_purposes_and_is_registered_once(world: World) -> None:
    made = register_fictional(world.container)
    assert register_fictional(world.container) == made
    assert sorted(party_registry(world.container).all(), key=lambda each: each.party_id) == sorted(
        made, key=lambda each: each.party_id
    )
    assert {each.body.sector for each in made} == set(Sector)
    assert {purpose for each in made for purpose in each.purposes} == set(shipped())


def test_their_numbers_are_of_the_county_that_there_is_not() -> None:
    assert all(
        each.credit_code[2:8] == "440799" and each.name_zh.startswith("示例") for each in fictional_registrations()
    )
