"""The catalogue is whole, immutable, and quick to load without anything beyond the base install."""

import subprocess
import sys
from collections import Counter

import pytest

from schemas.catalogue import AssuranceLevel, Disclosure, Kind
from schemas.errors import MissingHolder, UnknownCodeList, UnknownDepartment, UnknownType
from schemas.holders import HolderClaim, holders_of
from schemas.types import (
    all_types,
    by_vct,
    certificate_type,
    code_list,
    code_lists,
    credential_fields,
    department,
    departments,
    envelope_fields,
    record_fields,
)


def test_there_are_40_types_with_639_fields_of_their_own() -> None:
    assert (len(all_types()), sum(len(ctype.fields) for ctype in all_types())) == (40, 639)


def test_disclosure_classes_are_those_of_the_catalogue_of_types() -> None:
    counted = Counter(member.disclosure for ctype in all_types() for member in ctype.fields)
    assert counted == {Disclosure.ALWAYS: 198, Disclosure.SELECTIVE: 414, Disclosure.DERIVED_SELECTIVE: 27}


def test_sensitive_fields_are_counted() -> None:
    assert sum(member.sensitive for ctype in all_types() for member in ctype.fields) == 111


def test_holder_kinds_are_those_of_the_catalogue_of_types() -> None:
    assert Counter(ctype.holder_kind for ctype in all_types()) == {
        "natural_person": 21,
        "legal_entity": 11,
        "thing_vehicle": 2,
        "thing_real_property": 2,
        "thing_equipment": 1,
        "thing_project": 3,
    }


def test_document_kinds_are_those_of_the_catalogue_of_types() -> None:
    assert Counter(ctype.document_kind for ctype in all_types()) == {"证件": 13, "证照": 22, "证明": 5}


def test_there_are_22_departments() -> None:
    assert len(departments()) == 22


def test_a_type_is_found_by_its_vct() -> None:
    assert by_vct("urn:ecert:business_licence:1") is certificate_type("business_licence")


def test_a_revision_that_does_not_exist_is_unknown() -> None:
    with pytest.raises(UnknownType):
        by_vct("urn:ecert:business_licence:2")


def test_an_unknown_type_is_refused() -> None:
    with pytest.raises(UnknownType):
        certificate_type("fishing_licence")


def test_an_unknown_department_is_refused() -> None:
    with pytest.raises(UnknownDepartment):
        department("navy")


def test_an_unknown_code_list_is_refused() -> None:
    with pytest.raises(UnknownCodeList):
        code_list("colours")


def test_a_department_is_found_by_its_id() -> None:
    assert department("psb").name_zh == "江门市公安局"


def test_a_code_list_has_both_languages() -> None:
    assert (code_list("gender").values["1"], code_list("gender").values_en["1"]) == ("男", "Male")


def test_the_data_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        certificate_type("business_licence").validity["rule"] = "none"  # type: ignore[index]


def test_common_fields_are_nine_in_the_envelope_and_seven_in_the_record() -> None:
    assert (len(envelope_fields()), len(record_fields())) == (9, 7)


def test_every_code_list_is_labelled_twice() -> None:
    assert all(set(known.values) == set(known.values_en) for known in code_lists().values())


def test_a_credential_has_a_digest_beside_each_image() -> None:
    names = [member.name for member in credential_fields("resident_id_card")]
    assert names.index("photo_digest") == names.index("photo") + 1


def test_a_field_of_the_type_hides_the_common_one() -> None:
    names = Counter(member.name for member in credential_fields("business_licence"))
    assert max(names.values()) == 1


def test_no_credential_requires_an_image() -> None:
    required = [m for t in all_types() for m in credential_fields(t.id) if m.kind is Kind.IMAGE and m.required]
    assert required == []


def test_loading_imports_nothing_beyond_the_base_install() -> None:
    code = (
        "import sys; from schemas.types import all_types; all_types();"
        "print(sorted(set(sys.modules) & {'pydantic', 'yaml', 'stdnum', 'qrcode', 'PIL', 'jsonschema'}))"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"


def test_a_marriage_has_two_holders() -> None:
    ctype = certificate_type("marriage_certificate")
    claims = {member.name: member.example for member in ctype.fields}
    assert [holder.name for holder in holders_of(ctype, claims)] == ["陈大文", "李小明"]


def test_a_real_property_binds_to_each_of_its_owners() -> None:
    ctype = certificate_type("real_estate_ownership_certificate")
    claims = {member.name: member.example for member in ctype.fields}
    assert [holder.name for holder in holders_of(ctype, claims)] == ["陈大文", "李小明"]


def test_a_birth_certificate_without_a_father_has_the_mother_as_holder() -> None:
    ctype = certificate_type("birth_medical_certificate")
    claims = {"mother_name": "李小明", "mother_id_number": "440799199208150247", "mother_id_type": "111"}
    assert holders_of(ctype, claims) == (HolderClaim("111", "440799199208150247", "李小明"),)


def test_claims_without_any_holder_are_refused() -> None:
    with pytest.raises(MissingHolder):
        holders_of(certificate_type("real_estate_ownership_certificate"), {})


def test_a_holder_may_name_another_code_type() -> None:
    claims = {"owner_id_number": "91440799MA5X00014T", "owner_name": "示例公司", "holder_code_type": "001"}
    assert holders_of(certificate_type("vehicle_licence"), claims)[0].code_type == "001"


def test_a_holder_is_not_shown_by_repr() -> None:
    assert "440799" not in repr(HolderClaim("111", "440799199208150247", "李小明"))


def test_identity_papers_need_presence_and_everything_else_a_real_name() -> None:
    presence = {ctype.id for ctype in all_types() if ctype.assurance is AssuranceLevel.PRESENCE}
    assert presence == {"resident_id_card", "household_register", "hk_macao_resident_permit"}
    assert Counter(ctype.assurance for ctype in all_types()) == {
        AssuranceLevel.PRESENCE: 3,
        AssuranceLevel.REAL_NAME: 37,
    }


def test_the_assurance_of_a_type_is_no_part_of_its_metadata() -> None:
    from schemas.generate.type_metadata import type_metadata

    assert "assurance" not in str(type_metadata(certificate_type("resident_id_card"), base="https://example.org"))
