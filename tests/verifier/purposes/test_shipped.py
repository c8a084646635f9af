"""The shipped purposes: what their data must keep."""

import pytest

from schemas.catalogue import TypeId
from schemas.dcql import Query, read_query
from schemas.items import all_items, item, query, role_names, roles
from schemas.types import by_vct, credential_fields
from verifier.purposes.model import Purpose, Sector
from verifier.purposes.narrowing import check_within
from verifier.purposes.reading import document, read_purpose
from verifier.purposes.shipped import item_purpose_id, shipped

PURPOSES = tuple(shipped().values())
OF_SECTORS = tuple(each for each in PURPOSES if each.sector is not Sector.GOVERNMENT)
# A datum, and the claim that says what is needed of it: nobody ships a purpose with both, or with the datum alone.
DERIVED = {"birth_date": {"resident_id_card", "elderly_preferential_card", "disabled_person_certificate"}}


def asked(query: Query) -> dict[str, set[str]]:
    """The claims that a query asks for, by type."""
    made: dict[str, set[str]] = {}
    for each in query.credentials:
        (vct,) = each.types[0]
        names = {str(claim.path[0]) for claim in each.claims or ()}
        made.setdefault(by_vct(vct).id, set()).update(names)
    return made


def test_every_sector_has_a_purpose() -> None:
    assert {each.sector for each in PURPOSES} == set(Sector)


@pytest.mark.parametrize("purpose", OF_SECTORS, ids=lambda each: each.purpose_id)
def test_a_purpose_is_of_its_sector_and_for_no_item(purpose: Purpose) -> None:
    assert purpose.purpose_id.startswith(purpose.sector.replace("_", "-") + ".")
    assert purpose.item_code is None
    assert "《" in purpose.legal_basis_zh
    assert purpose.legal_basis_en.isascii()


def test_a_purpose_asks_for_claims_that_its_types_have() -> None:
    for purpose in PURPOSES:
        for kind, names in asked(purpose.query).items():
            assert names, purpose.purpose_id
            assert {field.name for field in credential_fields(TypeId(kind))} >= names, purpose.purpose_id


def test_a_query_is_read_back_equal_and_binds_to_the_holder() -> None:
    for purpose in PURPOSES:
        assert read_query(purpose.query.document()) == purpose.query
        assert read_purpose(document(purpose)) == purpose
        assert all(each.holder_binding and not each.multiple for each in purpose.query.credentials)
        check_within(purpose.query, purpose.query)


@pytest.mark.parametrize("purpose", OF_SECTORS, ids=lambda each: each.purpose_id)
def test_a_derived_claim_is_preferred_and_no_picture_is_asked_for(purpose: Purpose) -> None:
    for kind, names in asked(purpose.query).items():
        assert "photo" not in names
        for datum, kinds in DERIVED.items():
            assert not (datum in names and kind in kinds)


def test_every_role_of_every_item_has_a_purpose_that_asks_for_what_the_item_asks() -> None:
    for service in all_items():
        for role in roles(service):
            found = shipped()[item_purpose_id(service.basic_code, role)]
            assert (found.query, found.item_code) == (query(service, role), service.code)
            assert item(found.item_code or "") is service
            check_within(found.query, query(service, role))
    assert len(PURPOSES) - len(OF_SECTORS) == sum(len(roles(service)) for service in all_items())


def test_every_role_has_names_and_every_name_a_role() -> None:
    assert set(role_names()) == {role for service in all_items() for role in roles(service)}
    assert all(zh and en.isascii() for zh, en in role_names().values())


def test_names_are_different_within_a_sector() -> None:
    for sector in Sector:
        of_sector = [each for each in OF_SECTORS if each.sector is sector]
        assert len({each.name_zh for each in of_sector}) == len(of_sector) == len({each.name_en for each in of_sector})


def test_an_alternative_does_not_make_the_holder_show_more_than_the_first() -> None:
    """An age is confirmed by the fact alone; nothing beside it."""
    assert asked(shipped()["bank.adult-check"].query) == {"resident_id_card": {"age_over_18"}}
    assert asked(shipped()["bus.disabled-pass"].query) == {"disabled_person_certificate": {"is_disabled_holder"}}
