"""Holders and their keys: found by a number, known by an opaque id, never without a key."""

from datetime import timedelta

import pytest

from keys.algorithms import Algorithm
from keys.signer import SoftwareSigner
from schemas.order import HolderId, HolderRef
from tests.support.wallet_fakes import AUDIENCE, NAME, NUMBER, Town
from wallet_api.errors import HolderInvalid, KeyProofInvalid, UnknownHolder, UnknownHolderKey
from wallet_api.key_proof import CHALLENGE_GOOD_FOR
from wallet_api.records import HolderKind, KeyPlace


@pytest.fixture
def device() -> SoftwareSigner:
    return SoftwareSigner.generate(Algorithm.ES256)


def register(town: Town, holder: HolderRef, proof: str) -> None:
    town.wallet.holders.register_device_key(holder.holder_id, proof)


def nonce_for(town: Town, holder: HolderRef) -> str:
    return town.wallet.holders.challenge(holder.holder_id).nonce


def test_a_number_finds_the_same_holder_again(town: Town, citizen: HolderRef) -> None:
    assert town.citizen() == citizen


def test_the_last_character_may_be_written_small_and_wide(town: Town) -> None:
    assert town.citizen("44079919900307002X") == town.citizen(" 44079919900307００2x ")


def test_an_id_tells_nothing_of_the_number(town: Town, citizen: HolderRef) -> None:
    assert NUMBER not in citizen.holder_id


def test_the_kind_follows_from_the_code_type(town: Town) -> None:
    person = town.wallet.holders.resolve("414", "E00000000", NAME)
    company = town.wallet.holders.resolve("001", "91440799MA00000000", "江门示例有限公司")
    assert town.wallet.holders.get(person.holder_id).kind is HolderKind.NATURAL_PERSON
    assert town.wallet.holders.get(company.holder_id).kind is HolderKind.LEGAL_ENTITY


def test_a_holder_may_have_no_name(town: Town) -> None:
    assert town.wallet.holders.get(town.citizen(name="").holder_id).name == ""


@pytest.mark.parametrize(("code_type", "number"), [("", NUMBER), ("111", " ")], ids=["code type", "number"])
def test_a_holder_without_a_number_or_its_type_is_refused(town: Town, code_type: str, number: str) -> None:
    with pytest.raises(HolderInvalid):
        town.wallet.holders.resolve(code_type, number, NAME)


def test_holders_come_in_pages(town: Town, citizen: HolderRef) -> None:
    other = town.citizen("440799198811230220", "李小明")
    assert [one.holder_id for one in town.wallet.holders.page()] == [citizen.holder_id, other.holder_id]
    assert [one.holder_id for one in town.wallet.holders.page(limit=1, offset=1)] == [other.holder_id]


def test_a_page_is_never_empty_by_its_limit(town: Town, citizen: HolderRef) -> None:
    assert len(town.wallet.holders.page(limit=0, offset=-1)) == 1


def test_a_holder_without_a_device_has_a_custody_key(town: Town, citizen: HolderRef) -> None:
    key = town.wallet.holders.present_key(citizen.holder_id)
    assert (key.place, key.store_name) == (KeyPlace.CUSTODY, f"custody/{citizen.holder_id}")
    assert town.custody.signers[f"custody/{citizen.holder_id}"].public_key == citizen.key


def test_a_custody_key_that_a_crash_left_behind_is_taken_up(town: Town) -> None:
    holder = town.wallets.find_or_add_holder(HolderKind.NATURAL_PERSON, "111", NUMBER, NAME)
    left = town.custody.create(f"custody/{holder.holder_id}")
    assert town.citizen().key == left.public_key


def test_an_unknown_holder_has_no_key(town: Town) -> None:
    with pytest.raises(UnknownHolder):
        town.wallet.holders.present_key(HolderId("nobody"))


def test_a_holder_known_before_the_first_key_has_none(town: Town) -> None:
    holder = town.wallets.find_or_add_holder(HolderKind.NATURAL_PERSON, "111", NUMBER, NAME)
    with pytest.raises(UnknownHolderKey):
        town.wallet.holders.present_key(holder.holder_id)


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_a_device_registers_its_key(town: Town, citizen: HolderRef, algorithm: Algorithm) -> None:
    device = SoftwareSigner.generate(algorithm)
    challenge = town.wallet.holders.challenge(citizen.holder_id)
    key = town.wallet.holders.register_device_key(citizen.holder_id, town.key_proof(device, challenge.nonce))
    assert (key.key, key.place, key.store_name) == (device.public_key, KeyPlace.DEVICE, None)
    assert town.wallet.holders.present_key(citizen.holder_id) == key
    assert town.citizen().key == device.public_key


def test_a_challenge_says_for_whom_and_until_when(town: Town, citizen: HolderRef) -> None:
    challenge = town.wallet.holders.challenge(citizen.holder_id)
    assert (challenge.audience, challenge.expires_at) == (AUDIENCE, town.now + CHALLENGE_GOOD_FOR)


def test_two_challenges_differ(town: Town, citizen: HolderRef) -> None:
    assert nonce_for(town, citizen) != nonce_for(town, citizen)


def test_the_first_key_may_be_a_devices(town: Town, device: SoftwareSigner) -> None:
    holder = town.wallets.find_or_add_holder(HolderKind.NATURAL_PERSON, "111", NUMBER, NAME)
    ref = HolderRef(holder.holder_id, None)
    register(town, ref, town.key_proof(device, nonce_for(town, ref)))
    assert town.citizen().key == device.public_key


def test_a_lost_device_gives_way_to_the_custody_key(town: Town, citizen: HolderRef, device: SoftwareSigner) -> None:
    town.registered_device(citizen, device)
    town.wallet.holders.use_custody_key(citizen.holder_id)
    assert town.wallet.holders.present_key(citizen.holder_id).key == citizen.key


def test_a_challenge_is_used_once(town: Town, citizen: HolderRef, device: SoftwareSigner) -> None:
    nonce = nonce_for(town, citizen)
    register(town, citizen, town.key_proof(device, nonce))
    with pytest.raises(KeyProofInvalid, match="was used"):
        register(town, citizen, town.key_proof(SoftwareSigner.generate(), nonce))


def test_a_challenge_is_over_after_five_minutes(town: Town, citizen: HolderRef, device: SoftwareSigner) -> None:
    nonce = nonce_for(town, citizen)
    town.later(minutes=5)
    with pytest.raises(KeyProofInvalid, match="too old"):
        register(town, citizen, town.key_proof(device, nonce))


def test_another_holders_challenge_is_refused(town: Town, citizen: HolderRef, device: SoftwareSigner) -> None:
    other = town.citizen("440799198811230220", "李小明")
    with pytest.raises(KeyProofInvalid, match="another holder"):
        register(town, citizen, town.key_proof(device, nonce_for(town, other)))


def test_a_made_up_challenge_is_refused(town: Town, citizen: HolderRef, device: SoftwareSigner) -> None:
    with pytest.raises(KeyProofInvalid, match="no challenge of this wallet"):
        register(town, citizen, town.key_proof(device, "abc"))


def test_a_proof_by_another_key_than_it_embeds_is_refused(
    town: Town, citizen: HolderRef, device: SoftwareSigner
) -> None:
    proof = town.key_proof(device, nonce_for(town, citizen), signer=SoftwareSigner.generate())
    with pytest.raises(KeyProofInvalid, match="signature"):
        register(town, citizen, proof)


def test_a_proof_of_another_typ_is_refused(town: Town, citizen: HolderRef, device: SoftwareSigner) -> None:
    proof = town.key_proof(device, nonce_for(town, citizen), typ="kb+jwt")
    with pytest.raises(KeyProofInvalid, match="typ"):
        register(town, citizen, proof)


def test_a_proof_for_another_audience_is_refused(town: Town, citizen: HolderRef, device: SoftwareSigner) -> None:
    proof = town.key_proof(device, nonce_for(town, citizen), aud="https://other.example")
    with pytest.raises(KeyProofInvalid, match="audience"):
        register(town, citizen, proof)


@pytest.mark.parametrize("jwk", ["text", {}, {"kty": "oct", "k": "AAAA"}], ids=["no object", "empty", "secret"])
def test_a_proof_without_a_public_key_is_refused(
    town: Town, citizen: HolderRef, device: SoftwareSigner, jwk: object
) -> None:
    proof = town.key_proof(device, nonce_for(town, citizen), jwk=jwk)
    with pytest.raises(KeyProofInvalid, match="key"):
        register(town, citizen, proof)


@pytest.mark.parametrize(
    ("iat", "said"),
    [(None, "no iat"), (True, "no iat"), (1.5, "no iat"), (-301, "301 s old"), (62, "s old")],
    ids=["none", "true", "fraction", "old", "future"],
)
def test_a_proof_is_of_now(
    town: Town, citizen: HolderRef, device: SoftwareSigner, iat: float | None, said: str
) -> None:
    whole = type(iat) is int
    moment = int((town.now + timedelta(seconds=iat or 0)).timestamp()) if whole else iat
    proof = town.key_proof(device, nonce_for(town, citizen), iat=moment)
    with pytest.raises(KeyProofInvalid, match=said):
        register(town, citizen, proof)


def test_a_proof_without_a_nonce_is_refused(town: Town, citizen: HolderRef, device: SoftwareSigner) -> None:
    with pytest.raises(KeyProofInvalid, match="names no nonce"):
        register(town, citizen, town.key_proof(device, None))


@pytest.mark.parametrize("proof", ["", "a.b.c", "x" * 9000], ids=["empty", "no JWS", "large"])
def test_what_is_no_proof_is_refused(town: Town, citizen: HolderRef, proof: str) -> None:
    with pytest.raises(KeyProofInvalid, match="not accepted"):
        register(town, citizen, proof)


def test_an_unknown_holder_gets_no_challenge(town: Town) -> None:
    with pytest.raises(UnknownHolder):
        town.wallet.holders.challenge(HolderId("nobody"))


def test_a_refused_proof_changes_no_key(town: Town, citizen: HolderRef, device: SoftwareSigner) -> None:
    with pytest.raises(KeyProofInvalid):
        register(town, citizen, town.key_proof(device, "abc"))
    assert town.wallet.holders.present_key(citizen.holder_id).key == citizen.key
