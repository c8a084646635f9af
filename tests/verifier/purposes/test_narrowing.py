"""A query within its purpose, and every way to ask for more: one flaw at a time."""

from collections.abc import Callable
from dataclasses import replace
from itertools import combinations, product
from random import Random

import pytest

from schemas.dcql import ClaimsQuery, CredentialQuery, CredentialSetQuery, Query, TrustedAuthorities
from verifier.errors import OverAsking
from verifier.purposes.narrowing import check_within

SD_JWT = "dc+sd-jwt"
CARD = frozenset({"urn:ecert:resident_id_card:1"})
PERMIT = frozenset({"urn:ecert:residence_permit:1"})
AKI = TrustedAuthorities("aki", ("one", "two"))


def claims(*names: str) -> tuple[ClaimsQuery, ...]:
    return tuple(ClaimsQuery((name,), name) for name in names)


CREDENTIAL = CredentialQuery("id", SD_JWT, (CARD, PERMIT), claims("name", "id_number"), trusted_authorities=(AKI,))
PURPOSE = Query((CREDENTIAL,))


def changed(**parts: object) -> Query:
    return Query((replace(CREDENTIAL, **parts),))  # type: ignore[arg-type]


def query(*sets: tuple[bool, tuple[tuple[str, ...], ...]], names: str = "abc") -> Query:
    credentials = tuple(CredentialQuery(name, SD_JWT) for name in names)
    return Query(credentials, tuple(CredentialSetQuery(options, required) for required, options in sets))


def over(asked: Query, allowed: Query) -> bool:
    try:
        check_within(asked, allowed)
    except OverAsking:
        return True
    return False


@pytest.mark.parametrize(
    "asked",
    [
        PURPOSE,
        changed(claims=claims("name")),
        changed(claims=None),
        changed(types=(CARD,)),
        changed(claims=(ClaimsQuery(("name",), values=("示例",)), *claims("id_number"))),
        changed(trusted_authorities=(TrustedAuthorities("aki", ("two",)),)),
        changed(claims=claims("id_number", "name")),
    ],
)
def test_the_purpose_itself_and_less_of_it_are_within(asked: Query) -> None:
    check_within(asked, PURPOSE)


FLAWS: dict[str, Callable[[], Query]] = {
    "a credential that the purpose does not know": lambda: changed(id="other"),
    "another format": lambda: changed(format="ldp_vc"),
    "a claim more": lambda: changed(claims=claims("name", "id_number", "address")),
    "another claim": lambda: changed(claims=claims("address")),
    "a claim further down": lambda: changed(claims=(ClaimsQuery(("name", "family")),)),
    "another type": lambda: changed(types=(frozenset({"urn:ecert:driving_licence:1"}),)),
    "a type more": lambda: changed(types=(CARD, frozenset({"urn:ecert:driving_licence:1"}))),
    "any type": lambda: changed(types=()),
    "several of it": lambda: changed(multiple=True),
    "a presentation of nobody": lambda: changed(holder_binding=False),
    "any authority": lambda: changed(trusted_authorities=()),
    "another authority": lambda: changed(trusted_authorities=(TrustedAuthorities("aki", ("three",)),)),
    "an authority of another kind": lambda: changed(trusted_authorities=(TrustedAuthorities("etsi_tl", ("one",)),)),
    "a second condition": lambda: changed(trusted_authorities=(AKI, TrustedAuthorities("etsi_tl", ("list",)))),
}


@pytest.mark.parametrize("flaw", FLAWS)
def test_each_way_to_ask_for_more_of_a_credential_is_refused(flaw: str) -> None:
    with pytest.raises(OverAsking, match="asks for more than its purpose"):
        check_within(FLAWS[flaw](), PURPOSE)


def test_any_type_and_any_authority_allow_a_narrower_one() -> None:
    check_within(PURPOSE, changed(types=(), trusted_authorities=()))


def test_a_purpose_for_many_or_for_nobody_s_key_allows_one_and_a_bound_one() -> None:
    check_within(PURPOSE, changed(multiple=True, holder_binding=False))


def test_without_selective_claims_none_may_be_asked_for() -> None:
    assert over(changed(claims=claims("name")), changed(claims=None))


def test_more_types_of_a_w3c_credential_are_the_narrower_query() -> None:
    def w3c(*types: str) -> Query:
        return Query((CredentialQuery("id", "ldp_vc", (frozenset(types),)),))

    check_within(w3c("VerifiableCredential", "Licence"), w3c("VerifiableCredential"))
    assert over(w3c("VerifiableCredential"), w3c("VerifiableCredential", "Licence"))


def with_values(*values: str | int | bool) -> Query:
    return changed(claims=(ClaimsQuery(("age_over_18",), values=values),))


def test_values_may_be_fewer_and_neither_others_nor_any() -> None:
    check_within(with_values(True), with_values(True, "yes"))
    assert over(with_values("no"), with_values(True, "yes"))
    assert over(with_values(True, "no"), with_values(True, "yes"))
    assert over(with_values(), with_values(True))


def test_true_is_not_one() -> None:
    assert over(with_values(1), with_values(True))


def combined(*sets: tuple[str, ...]) -> Query:
    names = sorted({name for each in sets for name in each})
    return changed(claims=claims(*names), claim_sets=sets)


AGE = combined(("name", "age_over_18"), ("name", "birth_date"))


@pytest.mark.parametrize(
    "asked", [AGE, combined(("age_over_18",), ("birth_date",)), combined(("name",)), changed(claims=None)]
)
def test_alternatives_of_claims_may_become_shorter(asked: Query) -> None:
    check_within(asked, AGE)


@pytest.mark.parametrize(
    "asked",
    [
        combined(("name", "age_over_18", "birth_date")),
        changed(claims=claims("name", "age_over_18", "birth_date")),
        combined(("name", "age_over_18"), ("name", "birth_date"), ("age_over_18", "birth_date")),
    ],
)
def test_alternatives_of_claims_may_not_be_joined(asked: Query) -> None:
    assert over(asked, AGE)


def test_the_alternative_that_shows_less_may_not_be_dropped() -> None:
    assert over(combined(("name", "birth_date")), AGE)
    assert over(changed(claims=claims("birth_date")), AGE)


def test_a_claim_that_no_alternative_names_is_asked_for_all_the_same() -> None:
    """A wallet without claim_sets shows all of ``claims``."""
    allowed = changed(claims=claims("name"))
    beyond = changed(claims=claims("name", "id_number"), claim_sets=(("name",),))
    assert over(beyond, allowed)
    assert not over(changed(claims=claims("name"), claim_sets=(("name",),)), allowed)


def test_all_of_a_purpose_without_sets_is_required_and_may_be_asked_in_part() -> None:
    for names in ("a", "ab", "abc"):
        check_within(query(names=names), query())


ALL, EITHER, OPTIONAL = (True, (("a", "b"),)), (True, (("a",), ("b",))), (False, (("a",),))


@pytest.mark.parametrize(
    ("asked", "allowed"),
    [
        (query(ALL, names="ab"), query(names="ab")),
        (query(names="ab"), query((True, (("a",),)), (True, (("b",),)))),
        (query((True, (("a",),)), (True, (("b",),))), query(ALL)),
        (query(EITHER), query(EITHER)),
        (query(EITHER, OPTIONAL), query(EITHER, OPTIONAL)),
        (query(EITHER), query(EITHER, (True, (("c",),)))),
        (query(EITHER), query((True, (("a", "c"), ("b",))))),
        (query(OPTIONAL), query(OPTIONAL)),
        (query(OPTIONAL), query(ALL)),
        (query((False, (("a", "b"),))), query(ALL)),
    ],
)
def test_fewer_credentials_are_within(asked: Query, allowed: Query) -> None:
    check_within(asked, allowed)


@pytest.mark.parametrize(
    ("asked", "allowed"),
    [
        (query((True, (("a",),))), query(OPTIONAL)),
        (query(names="a"), query(OPTIONAL)),
        (query(names="ab"), query(EITHER)),
        (query(ALL), query(EITHER)),
        (query(names="a"), query(EITHER)),
        (query((True, (("a",),))), query(EITHER)),
        (query((True, (("a",), ("c",)))), query(EITHER)),
        (query((True, (("a",), ("b",), ("c",)))), query(EITHER)),
        (query(names="c"), query(EITHER)),
    ],
)
def test_what_is_the_holder_s_choice_may_not_be_required(asked: Query, allowed: Query) -> None:
    with pytest.raises(OverAsking, match="is required otherwise than by its purpose"):
        check_within(asked, allowed)


@pytest.mark.parametrize("again", [(True, (("b",), ("a",))), (False, (("b",), ("a",)))])
def test_alternatives_may_not_be_asked_for_twice(again: tuple[bool, tuple[tuple[str, ...], ...]]) -> None:
    """A wallet that takes the first of each set would show both."""
    assert over(query(EITHER, again), query(EITHER))
    check_within(query(EITHER, again), query(EITHER, again))


@pytest.mark.parametrize(
    ("asked", "allowed"),
    [
        (query((False, (("a", "b"),))), query(OPTIONAL, (False, (("b",),)))),
        (query((False, (("c",),))), query(OPTIONAL)),
        (query((False, (("a",),))), query((False, (("a",), ("b",))))),
    ],
)
def test_what_is_offered_may_not_be_bundled_added_or_robbed_of_a_choice(asked: Query, allowed: Query) -> None:
    with pytest.raises(OverAsking, match="is offered otherwise than by its purpose"):
        check_within(asked, allowed)


def answers(query: Query) -> set[frozenset[tuple[str, str]]]:
    """Everything that holders may show in answer to a query: pairs of a credential query and a claim."""
    choices = [[frozenset(option) for option in each.options] for each in query.required]
    choices += [[frozenset(), *map(frozenset, each.options)] for each in query.sets if not each.required]
    made = set()
    for chosen in product(*choices):
        names = sorted(frozenset().union(*chosen))
        for combined_claims in product(*(query.by_id[name].combinations for name in names)):
            shown = {
                (name, str(one.path[0])) for name, claims in zip(names, combined_claims, strict=True) for one in claims
            }
            made.add(frozenset(shown | {(name, "") for name in names}))
    return made


def random_query(random: Random) -> Query:
    """A query of up to three credentials with up to two claims each, in up to three sets."""
    credentials = []
    for name in "abc"[: random.randint(1, 3)]:
        sets = random.choice([None, (("x",), ("y",)), (("x", "y"), ("x", "z")), (("y",),)])
        credentials.append(CredentialQuery(name, SD_JWT, claims=claims("x", "y", "z"), claim_sets=sets))
    options = [each for size in (1, 2) for each in combinations([one.id for one in credentials], size)]
    made = [
        CredentialSetQuery(
            tuple(random.sample(options, random.randint(1, min(2, len(options))))), random.random() < 0.6
        )
        for _ in range(random.randint(0, 3))
    ]
    return Query(tuple(credentials), tuple(made))


def rearranged(query: Query, random: Random) -> Query:
    """The query with its sets in another order, some left out or twice, and their options in another order."""
    chosen = random.choices(query.sets, k=random.randint(1, 3)) if query.sets else []
    sets = [
        CredentialSetQuery(
            tuple(random.sample(each.options, len(each.options))), each.required and random.random() < 0.8
        )
        for each in chosen
    ]
    return replace(query, sets=tuple(sets))


def test_what_is_within_shows_no_more_and_robs_nobody_of_a_choice() -> None:
    """Against every answer there is: each of the narrower query lies within one of the purpose, and each of the purpose
    holds one of the narrower query."""
    random, within = Random(5), 0  # noqa: S311 - the same queries in each run
    for _ in range(4000):
        allowed = random_query(random)
        asked = random_query(random) if random.random() < 0.5 else rearranged(allowed, random)
        if not over(asked, allowed):
            within += 1
            narrow, wide = answers(asked), answers(allowed)
            assert all(any(few <= many for many in wide) for few in narrow), (asked.document(), allowed.document())
            assert all(any(few <= many for few in narrow) for many in wide), (asked.document(), allowed.document())
        check_within(allowed, allowed)
    assert within > 100
