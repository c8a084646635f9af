"""Keys of relying parties, what the city attests, and the page that a browser comes back to."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography import x509

from ecert import pages
from ecert.errors import StartInterrupted
from ecert.installation import Installation
from ecert.openid4vp import City, Nobody, Untold, openid4vp_services
from ecert.request_keys import RequestKeys
from keys.chain import load_certificate
from keys.request_chain import verify_request_chain
from schemas.dcql import read_query
from schemas.openid4vp.client_id import x509_hash
from tests.support.ecert_world import StillClock, World
from tests.support.parties import WATER
from tests.support.vp_requests import QUERY
from verifier.errors import UnknownParty
from verifier.openid4vp.requests import Asked
from verifier.purposes.model import Purpose, RelyingParty


class Known:
    """One relying party, without purposes."""

    def __init__(self, party: RelyingParty = WATER) -> None:
        self.party = party

    def find(self, party_id: str) -> RelyingParty | None:
        return self.party if party_id == self.party.party_id else None

    def purpose(self, party_id: str, purpose_id: str) -> Purpose | None:
        del party_id, purpose_id
        return None


def keys_of(installation: Installation, clock: StillClock, party: RelyingParty = WATER) -> RequestKeys:
    return RequestKeys(installation, Known(party), clock)


def root(installation: Installation) -> bytes:
    found = installation.blobs.read(".state/root.der")
    assert found is not None
    return found


def test_a_partys_key_is_certified_by_the_root_and_the_root_stays_out(
    installation: Installation, clock: StillClock
) -> None:
    signer = keys_of(installation, clock).signer("water")
    (leaf,) = signer.chain
    assert verify_request_chain([leaf], anchors=[root(installation)], at=clock()) == signer.public_key
    names = load_certificate(leaf).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.UniformResourceIdentifier) == [f"{installation.public_url}/parties/water"]
    assert names.get_values_for_type(x509.DNSName) == []  # the public address has no name


def test_the_host_stands_in_the_certificate_where_it_has_a_name(
    install: Callable[..., Installation], clock: StillClock
) -> None:
    installation = install("https://city.example")
    names = load_certificate(keys_of(installation, clock).signer("water").chain[0]).extensions
    assert names.get_extension_for_class(x509.SubjectAlternativeName).value.get_values_for_type(x509.DNSName) == [
        "city.example"
    ]


def test_every_worker_signs_with_the_same_certificate(installation: Installation, clock: StillClock) -> None:
    first, second = keys_of(installation, clock), keys_of(installation, clock)
    ids = {str(x509_hash(each.signer("water").chain[0])) for each in (first, second, first)}
    assert len(ids) == 1


def test_of_two_certificates_made_at_once_the_first_counts(
    installation: Installation, clock: StillClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    certify = installation.certify_request
    others: list[bytes] = []

    def slowly(request: object, *, host: str) -> bytes:
        if not others:
            others.append(b"")
            others.append(keys_of(installation, clock).signer("water").chain[0])
        return certify(request, host=host)  # type: ignore[arg-type]

    monkeypatch.setattr(installation, "certify_request", slowly)
    assert keys_of(installation, clock).signer("water").chain == (others[1],)


def test_a_key_without_its_certificate_gets_one(installation: Installation, clock: StillClock) -> None:
    made = installation.keys.create("verifying/water/1")
    assert keys_of(installation, clock).signer("water").public_key == made.public_key


def test_a_new_key_follows_before_the_certificate_ends(installation: Installation, clock: StillClock) -> None:
    keys = keys_of(installation, clock)
    before = keys.signer("water")
    clock.forward(days=690)
    assert keys.signer("water") is before
    clock.forward(days=20)
    after = keys.signer("water")
    assert after.public_key != before.public_key
    assert keys_of(installation, clock).signer("water").public_key == after.public_key


def test_a_long_name_is_cut_to_what_a_certificate_holds(installation: Installation, clock: StillClock) -> None:
    long = replace(WATER, name_zh="示例" * 50)
    leaf = load_certificate(keys_of(installation, clock, long).signer("water").chain[0])
    (name,) = leaf.subject.get_attributes_for_oid(x509.NameOID.ORGANIZATION_NAME)
    assert name.value == "示例" * 32


def test_nobody_has_no_key(installation: Installation, clock: StillClock) -> None:
    with pytest.raises(UnknownParty):
        RequestKeys(installation, Nobody(), clock).signer("water")
    assert not [name for name in installation.keys.names() if name.startswith("verifying/")]


def test_without_the_roots_key_no_certificate_is_made(
    installation: Installation,
    clock: StillClock,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    keys_of(installation, clock).signer("water")
    monkeypatch.setattr(installation, "_root_folder", tmp_path_factory.mktemp("elsewhere"))
    assert keys_of(installation, clock).signer("water").chain
    clock.forward(days=710)
    with pytest.raises(StartInterrupted, match="root's key is not here"):
        keys_of(installation, clock).signer("water")


def test_the_city_attests_nobody_whom_it_does_not_know(still_world: World) -> None:
    container, query = still_world.container, read_query(QUERY)
    for parties in (Nobody(), Known()):
        city = City(container.installation.anchor_signer, parties, container)
        assert city.info("water", "water.account", client_id=x509_hash(b"leaf"), query=query) == ()


def test_who_began_goes_on_without_a_register(world: World) -> None:
    """A worker that knows no parties serves what another one began."""
    began = openid4vp_services(world.container, parties=Known())
    begun = began.requests.begin(Asked("water", "water.account", read_query(QUERY)))
    other = openid4vp_services(world.container)
    assert other.requests.request_object(begun.transaction.transaction_id)
    with pytest.raises(UnknownParty):
        other.requests.begin(Asked("gas", "gas.account", read_query(QUERY)))
    Untold().ended(begun.transaction, now=world.clock() + timedelta())


def test_the_page_to_come_back_to_says_so_in_both_languages() -> None:
    page = pages.render("openid4vp/done").decode()
    assert 'id="openid4vp-done"' in page
    assert "出示完成" in page
    assert "You can close this page." in page
    assert "<script" not in page
