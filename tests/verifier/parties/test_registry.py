"""What a registered party may do, and what is refused, one flaw at a time."""

from dataclasses import replace

import pytest

from keys.algorithms import Algorithm
from keys.public import PublicKey
from keys.signer import SoftwareSigner
from schemas.dcql import ClaimsQuery, CredentialQuery, Query
from tests.support.parties import NOW, OPERATOR, WATER, FakeParties, water
from verifier.errors import (
    InvalidParty,
    OverAsking,
    PartyExists,
    PartySuspended,
    PurposeNotAllowed,
    ReturnUriNotAllowed,
    UnknownParty,
)
from verifier.parties.documents import document, read_party
from verifier.parties.model import Access, Environment, PartyStatus
from verifier.parties.registry import Registry
from verifier.purposes.model import Purpose, Sector
from verifier.purposes.shipped import shipped

LIVE = Access("water", Environment.LIVE)
TEST = Access("water", Environment.TEST)
OPENING = "water.account-opening"
QUERY = Query((CredentialQuery("id", "dc+sd-jwt", claims=(ClaimsQuery(("name",)),)),))
METER = Purpose("water.meter", Sector.WATER, "抄表", "Meter reading", "个人同意", "Consent", 30, QUERY)


def key() -> PublicKey:
    return SoftwareSigner.generate(Algorithm.ES256).public_key


@pytest.fixture
def registry() -> Registry:
    made = Registry(FakeParties(), shipped())
    made.register(water(), by=OPERATOR, now=NOW)
    return made


def with_own() -> Registry:
    made = Registry(FakeParties(), shipped())
    party = water()
    made.register(replace(party, purposes=party.purposes | {"water.meter"}, own=(METER,)), by=OPERATOR, now=NOW)
    return made


def test_a_party_asks_for_its_purposes_and_no_others(registry: Registry) -> None:
    assert registry.purpose(LIVE, OPENING) is shipped()[OPENING]
    assert [each.purpose_id for each in registry.purposes(LIVE)] == [OPENING, "water.transfer"]
    for other in ("water.enterprise-account", "bank.adult-check", "nothing"):
        with pytest.raises(PurposeNotAllowed):
            registry.purpose(LIVE, other)


def test_a_key_for_one_purpose_does_not_reach_another(registry: Registry) -> None:
    narrow = replace(LIVE, purposes=frozenset({OPENING, "bank.adult-check"}))
    assert [each.purpose_id for each in registry.purposes(narrow)] == [OPENING]
    for other in ("water.transfer", "bank.adult-check"):
        with pytest.raises(PurposeNotAllowed):
            registry.purpose(narrow, other)


def test_a_purpose_of_its_own_is_found_beside_the_shipped_ones() -> None:
    assert with_own().purpose(LIVE, "water.meter") == METER
    assert METER in with_own().purposes(LIVE)


def test_what_is_asked_is_the_purpose_or_less(registry: Registry) -> None:
    whole = registry.query(LIVE, OPENING)
    assert whole == shipped()[OPENING].query
    assert registry.query(LIVE, OPENING, whole) is whole
    with pytest.raises(OverAsking):
        registry.query(LIVE, OPENING, QUERY)


def test_a_suspended_party_may_do_nothing_and_comes_back(registry: Registry) -> None:
    assert not registry.set_status("water", PartyStatus.SUSPENDED, by=OPERATOR, now=NOW).is_active
    with pytest.raises(PartySuspended):
        registry.purpose(LIVE, OPENING)
    with pytest.raises(PartySuspended):
        registry.purposes(LIVE)
    with pytest.raises(PartySuspended):
        registry.check_return_uri(LIVE, "https://water.example/back")
    assert len(registry.purposes_of("water")) == 2
    registry.set_status("water", PartyStatus.ACTIVE, by=OPERATOR, now=NOW)
    assert registry.active("water") == water()


def test_a_party_with_a_purpose_that_is_shipped_no_more_is_suspended_and_asks_for_the_others() -> None:
    parties = FakeParties()
    parties.add(water(purposes=frozenset({OPENING, "water.gone"})), by=OPERATOR, now=NOW)
    registry = Registry(parties, shipped())
    assert [each.purpose_id for each in registry.purposes(LIVE)] == [OPENING]
    assert [each.purpose_id for each in registry.purposes_of("water")] == [OPENING]
    with pytest.raises(PurposeNotAllowed):
        registry.purpose(LIVE, "water.gone")
    assert not registry.set_status("water", PartyStatus.SUSPENDED, by=OPERATOR, now=NOW).is_active


def test_an_unknown_party_is_refused(registry: Registry) -> None:
    with pytest.raises(UnknownParty):
        registry.purpose(Access("gas", Environment.LIVE), OPENING)
    with pytest.raises(UnknownParty):
        registry.set_status("gas", PartyStatus.SUSPENDED, by=OPERATOR, now=NOW)


def test_a_party_is_registered_once(registry: Registry) -> None:
    with pytest.raises(PartyExists):
        registry.register(water(), by=OPERATOR, now=NOW)
    assert registry.all() == [water()]


@pytest.mark.parametrize("purpose", ["bank.adult-check", "nothing", "item.440107001000.legal_rep"])
def test_a_purpose_of_another_sector_or_of_none_is_not_given(registry: Registry, purpose: str) -> None:
    with pytest.raises(InvalidParty, match="neither shipped"):
        registry.allow("water", frozenset({OPENING, purpose}), by=OPERATOR, now=NOW)
    assert registry.party("water") == water()


def test_purposes_are_given_and_taken() -> None:
    registry = with_own()
    assert registry.allow("water", frozenset({OPENING}), by=OPERATOR, now=NOW).own == ()
    with pytest.raises(PurposeNotAllowed):
        registry.purpose(LIVE, "water.meter")


def test_a_purpose_of_its_own_takes_no_shipped_id_and_no_other_sector() -> None:
    registry = Registry(FakeParties(), shipped())
    taken = replace(METER, purpose_id=OPENING)
    with pytest.raises(InvalidParty, match="id of a shipped one"):
        registry.register(water(own=(taken,)), by=OPERATOR, now=NOW)
    elsewhere = replace(METER, sector=Sector.BANK)
    with pytest.raises(InvalidParty, match="neither shipped"):
        registry.register(water(own=(elsewhere,), purposes=frozenset({"water.meter"})), by=OPERATOR, now=NOW)


@pytest.mark.parametrize(
    "flaw",
    [
        {"contact": ""},
        {"contact": "a\u2028b"},
        {"contact": "x" * 201},
        {"own": (METER,)},
        {"own": (METER, METER), "purposes": frozenset({"water.meter"})},
        {"purposes": frozenset(f"water.{number}" for number in range(501))},
        {"return_uris": tuple(f"https://water.example/{number}" for number in range(21))},
    ],
)
def test_a_registration_out_of_form_is_refused(flaw: dict[str, object]) -> None:
    with pytest.raises(InvalidParty):
        water(**flaw)


def test_a_party_has_at_most_five_keys_an_environment() -> None:
    one = key()
    water(keys={Environment.TEST: (one,) * 5, Environment.LIVE: (one,) * 5})
    with pytest.raises(InvalidParty):
        water(keys={Environment.TEST: (one,) * 6})


def test_a_party_is_read_back_as_it_was_written() -> None:
    party = with_own().party("water")
    full = replace(party, keys={Environment.LIVE: (key(), key())}, status=PartyStatus.SUSPENDED)
    for each in (water(), party, full):
        assert read_party(document(each)) == each


def test_names_carry_the_environment() -> None:
    assert (water().client_id(Environment.TEST), water().client_id(Environment.LIVE)) == ("test_water", "live_water")
    assert water().webhook_secret(Environment.LIVE) == "webhook/water/live"
    assert water().body == WATER


@pytest.mark.parametrize(
    "pattern",
    [
        "http://water.example/back",
        "ftp://water.example/back",
        "https:///back",
        "https://*.water.example/back",
        "https://water.example/*/back",
        "https://user@water.example/back",
        "https://water.example/back#part",
        "https://water.example\\evil/back",
        "https://water.example/ba ck",
        "https://water.example:0/back",
        "https://water.example:port/back",
        "https://[::1/back",
        "https://water.example/back?to=/*",
        "javascript:alert(1)",
        "",
        "https://water.example/" + "x" * 1000,
    ],
)
def test_a_return_uri_that_is_no_plain_https_address_is_not_registered(pattern: str) -> None:
    with pytest.raises(InvalidParty):
        water(return_uris=(pattern,))


def allowed(uri: str, *patterns: str, access: Access = LIVE) -> bool:
    registry = Registry(FakeParties(), shipped())
    registry.register(water(return_uris=patterns), by=OPERATOR, now=NOW)
    try:
        registry.check_return_uri(access, uri)
    except ReturnUriNotAllowed:
        return False
    return True


def test_an_address_is_the_registered_one_exactly() -> None:
    back = "https://water.example/back?from=wallet"
    assert allowed(back, "https://other.example/", back)
    for other in (back + "x", back.upper(), "https://water.example/back", back + "&a=b", "https://evil.example/back"):
        assert not allowed(other, back)
    assert not allowed(back)


def test_a_pattern_takes_a_path_below_it_and_nothing_else() -> None:
    pattern = "https://water.example/back/*"
    for good in ("1", "2026/A-1_b.c", "a/"):
        assert allowed("https://water.example/back/" + good, pattern)
    for bad in (
        "",
        "../admin",
        "a/../b",
        ".hidden",
        "a?b=c",
        "a#b",
        "%2e%2e/x",
        "a//b",
        "a\\b",
        "a@evil.example",
        "x" * 1000,
    ):
        assert not allowed("https://water.example/back/" + bad, pattern)
    assert not allowed("https://water.example/backwards", pattern)
    assert not allowed("https://water.example.evil/back/1", pattern)


def test_plain_http_to_this_machine_is_for_tests_alone() -> None:
    local = "http://127.0.0.1:8000/back"
    assert allowed(local, local, access=TEST)
    assert not allowed(local, local)
