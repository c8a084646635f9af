"""Which credential shows what was chosen: pure, one difference at a time."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.catalogue import TypeId
from schemas.order import CredentialId, Identifier
from tests.support.wallet_fakes import NUMBER, identifier_of
from wallet_api import Wanted
from wallet_api.errors import FieldNotInCertificate, NoCredentialForFields, RequestInvalid
from wallet_api.selection import MAX_FIELDS, Candidate, lineage_of, select, version_of

NOW = datetime(2026, 3, 2, tzinfo=UTC)
TYPE = TypeId("marriage_certificate")
STANDARD = Candidate(
    credential_id=CredentialId("standard"),
    identifier=identifier_of("A"),
    type_id=TYPE,
    short_lived=False,
    issued_at=NOW - timedelta(days=30),
    good_from=NOW - timedelta(days=30),
    expires_at=NOW + timedelta(days=335),
    selective=frozenset({"name", "number"}),
    always=("register",),
)
SHORT = replace(
    STANDARD,
    credential_id=CredentialId("short"),
    short_lived=True,
    issued_at=NOW - timedelta(days=1),
    expires_at=NOW + timedelta(days=6),
    selective=frozenset({"name", "number", "is_married"}),
)
NEWER = replace(STANDARD, credential_id=CredentialId("newer"), identifier=identifier_of("B"), issued_at=NOW)


def chosen(*candidates: Candidate, fields: tuple[str, ...] = ("name",), now: datetime = NOW) -> str:
    return select(candidates, Wanted(fields, type_id=TYPE), now=now).candidate.credential_id


def test_the_standard_credential_is_taken_although_the_short_lived_one_is_newer() -> None:
    assert chosen(STANDARD, SHORT) == "standard"


def test_the_short_lived_one_is_taken_for_what_stands_only_there() -> None:
    assert chosen(STANDARD, SHORT, fields=("is_married",)) == "short"


def test_a_short_lived_one_that_is_over_shows_nothing() -> None:
    with pytest.raises(NoCredentialForFields, match="is_married"):
        chosen(STANDARD, SHORT, fields=("name", "is_married"), now=SHORT.expires_at)


def test_the_short_lived_one_stands_in_for_an_expired_standard_one() -> None:
    assert chosen(replace(STANDARD, expires_at=NOW), SHORT) == "short"


def test_the_refreshed_credential_is_taken() -> None:
    refreshed = replace(STANDARD, credential_id=CredentialId("refreshed"), issued_at=NOW - timedelta(days=2))
    assert chosen(STANDARD, refreshed) == "refreshed"


def test_the_certificate_issued_last_is_meant() -> None:
    assert chosen(STANDARD, NEWER) == "newer"


def test_a_refreshed_credential_does_not_make_its_certificate_the_newest() -> None:
    refreshed = replace(STANDARD, credential_id=CredentialId("refreshed"), issued_at=NOW)
    newer = replace(NEWER, issued_at=NOW - timedelta(days=3))
    assert chosen(STANDARD, refreshed, newer) == "newer"


def test_a_certificate_in_force_goes_before_a_newer_one_that_is_over() -> None:
    assert chosen(STANDARD, replace(NEWER, expires_at=NOW)) == "standard"


def test_a_lower_version_is_never_meant_even_when_the_higher_one_is_over() -> None:
    second = replace(NEWER, identifier=identifier_of("A", 2), expires_at=NOW)
    with pytest.raises(NoCredentialForFields, match="expired"):
        chosen(STANDARD, second)


def test_the_fields_of_two_certificates_are_never_mixed() -> None:
    with pytest.raises(FieldNotInCertificate, match="is_married"):
        chosen(STANDARD, SHORT, NEWER, fields=("is_married",))


def test_a_certificate_can_be_named_by_its_identifier() -> None:
    wanted = Wanted(("name",), identifier=STANDARD.identifier)
    assert select([STANDARD, NEWER], wanted, now=NOW).candidate == STANDARD


def test_a_credential_can_be_named_by_its_id() -> None:
    wanted = Wanted(("name",), credential_id=SHORT.credential_id)
    assert select([STANDARD, SHORT], wanted, now=NOW).candidate == SHORT


def test_a_field_that_is_always_shown_is_not_disclosed_twice() -> None:
    selection = select([STANDARD], Wanted(("register", "name", "name"), type_id=TYPE), now=NOW)
    assert (selection.disclosed, selection.shown) == (("name",), ("name", "register"))


def test_a_field_of_no_credential_is_named_in_the_error() -> None:
    with pytest.raises(FieldNotInCertificate, match="shoe_size"):
        chosen(STANDARD, fields=("name", "shoe_size"))


def test_an_empty_wallet_shows_nothing() -> None:
    with pytest.raises(NoCredentialForFields, match="holds no credential"):
        chosen()


def test_another_types_credential_is_not_taken() -> None:
    with pytest.raises(NoCredentialForFields):
        chosen(replace(STANDARD, type_id=TypeId("divorce_certificate")))


def test_a_credential_is_over_at_its_end() -> None:
    with pytest.raises(NoCredentialForFields, match="expired"):
        chosen(STANDARD, now=STANDARD.expires_at)


def test_a_certificate_is_not_shown_before_it_takes_effect() -> None:
    with pytest.raises(NoCredentialForFields, match="not in force yet"):
        chosen(STANDARD, now=STANDARD.good_from - timedelta(seconds=1))


def test_a_certificate_in_force_goes_before_a_newer_one_to_come() -> None:
    assert chosen(STANDARD, replace(NEWER, good_from=NOW + timedelta(days=1))) == "standard"


def test_fields_that_no_one_credential_holds_together_are_not_shown() -> None:
    other = replace(STANDARD, credential_id=CredentialId("other"), selective=frozenset({"photo"}))
    with pytest.raises(NoCredentialForFields, match="these fields together"):
        chosen(STANDARD, other, fields=("name", "photo"))


@given(
    wanted=st.sets(st.sampled_from(["name", "number", "is_married", "register"])),
    order=st.permutations([STANDARD, SHORT]),
)
def test_the_choice_does_not_depend_on_the_order(wanted: set[str], order: list[Candidate]) -> None:
    expected = "short" if "is_married" in wanted else "standard"
    selection = select(order, Wanted(tuple(sorted(wanted)), type_id=TYPE), now=NOW)
    assert selection.candidate.credential_id == expected
    assert set(selection.disclosed) == wanted - {"register"}


@pytest.mark.parametrize("named", [{}, {"type_id": TYPE, "credential_id": "x"}], ids=["not named", "named twice"])
def test_a_certificate_is_named_in_exactly_one_way(named: dict[str, str]) -> None:
    with pytest.raises(RequestInvalid, match="expected one"):
        Wanted(("name",), **named)  # type: ignore[arg-type]


def test_a_name_that_no_field_can_have_is_not_repeated() -> None:
    with pytest.raises(RequestInvalid) as caught:
        Wanted((NUMBER,), type_id=TYPE)
    assert NUMBER not in str(caught.value)


def test_more_fields_than_a_type_can_have_are_refused() -> None:
    with pytest.raises(RequestInvalid, match="at most"):
        Wanted(("name",) * (MAX_FIELDS + 1), type_id=TYPE)


def test_an_identifier_is_not_shown_in_a_log() -> None:
    assert STANDARD.identifier not in repr(STANDARD) + repr(Wanted(identifier=STANDARD.identifier))


def test_version_and_lineage_are_read_from_the_identifier() -> None:
    assert (version_of(identifier_of("A", 12)), lineage_of(identifier_of("A", 12))) == (
        12,
        lineage_of(identifier_of("A")),
    )
    assert version_of(Identifier("other")) == 0
