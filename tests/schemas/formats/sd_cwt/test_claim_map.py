"""Integer keys for claims: given once, never used again; names and values come back as they were."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from schemas import types
from schemas.errors import UnknownType
from schemas.examples import example_claims
from schemas.formats.cose import cbor
from schemas.formats.sd_cwt import claim_map
from schemas.formats.sd_cwt.errors import ClaimKeyUnknown, ClaimValueInvalid
from schemas.generate import claim_keys
from tests.support.sd_cwt import DIGEST, FIELDS, VCT

FROZEN = Path(__file__).resolve().parents[3] / "golden" / "qr" / "claim_keys.json"


def load(path: Path) -> dict[str, Any]:
    read: dict[str, Any] = orjson.loads(path.read_bytes())
    return read


def pairs(described: dict[str, Any]) -> set[tuple[str, ...]]:
    """Every (path …, key) of the file."""
    found = set()
    for name, value in described.items():
        if isinstance(value, dict):
            found |= {(name, *rest) for rest in pairs(value)}
        else:
            found.add((name, str(value)))
    return found


def test_every_key_that_was_released_still_stands_for_the_same_field() -> None:
    assert pairs(load(FROZEN)) <= pairs(load(claim_keys.FILE))


def test_every_field_of_every_type_has_a_key() -> None:
    described = load(claim_keys.FILE)
    assert claim_keys.extended(described) == described


def test_no_key_stands_for_two_fields() -> None:
    described = load(claim_keys.FILE)
    for of_type in described["types"].values():
        keys = [*described["common"].values(), *of_type["fields"].values()]
        assert len(keys) == len(set(keys))
        assert 59 not in keys
        for members in of_type["members"].values():
            assert len(members) == len(set(members.values()))


def test_a_new_field_gets_the_next_key_and_a_gone_one_keeps_its_own() -> None:
    known = {"types": {"resident_id_card": {"fields": {"name": 1, "gone": 58}, "members": {"list": {"old": 1}}}}}
    extended = claim_keys.extended(known)["types"]["resident_id_card"]
    assert extended["fields"]["gone"] == 58
    assert extended["fields"]["gender"] == 60  # 59 is the key of the digests
    assert extended["fields"]["ethnicity"] == 61
    assert extended["members"] == {"list": {"old": 1}}


def test_the_file_is_written_only_with_what_is_added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written = tmp_path / "claim_keys.json"
    monkeypatch.setattr(claim_keys, "FILE", written)
    claim_keys.main()
    first = written.read_bytes()
    claim_keys.main()
    assert written.read_bytes() == first
    assert pairs(load(written)) >= pairs(load(FROZEN))


@pytest.mark.parametrize("ctype", types.all_types(), ids=lambda ctype: ctype.id)
def test_the_claims_of_every_type_come_back_as_they_were(ctype: Any) -> None:
    claims = {name: value for name, value in example_claims(ctype).items() if name != "photo"}
    keyed = claim_map.to_keys(ctype.vct, claims)
    assert all(type(key) is int for key in keyed)
    assert claim_map.from_keys(ctype.vct, cbor.loads_strict(cbor.dumps(keyed))) == claims


def test_a_date_is_a_number_of_days_and_a_digest_its_bytes() -> None:
    keyed = claim_map.to_keys(VCT, {"birth_date": "1970-01-02", "valid_to": "长期", "photo_digest": DIGEST})
    assert keyed[claim_map.key_of(VCT, "birth_date")] == 1
    assert keyed[claim_map.key_of(VCT, "valid_to")] == "长期"
    assert len(keyed[claim_map.key_of(VCT, "photo_digest")]) == 32


@pytest.mark.parametrize("text", ["sha256-abc", "sha256-not base64url", "sha256-" + "A" * 44, "other"])
def test_a_digest_under_another_name_stays_a_text(text: str) -> None:
    keyed = claim_map.to_keys(VCT, {"photo_digest": text})
    assert claim_map.from_keys(VCT, keyed) == {"photo_digest": text}


def test_members_of_an_arrays_objects_have_keys_of_their_own() -> None:
    vct = "urn:ecert:nurse_practising_certificate:1"
    claims = {"renewals": [{"date": "2020-01-01", "kind": "延续"}]}
    keyed = claim_map.to_keys(vct, claims)
    assert set(keyed[claim_map.key_of(vct, "renewals")][0]) == {1, 2}
    assert claim_map.from_keys(vct, keyed) == claims


def test_the_names_of_a_type_are_known_by_key() -> None:
    named = claim_map.names(VCT)
    assert {named[claim_map.key_of(VCT, name)] for name in FIELDS} == set(FIELDS)


@pytest.mark.parametrize("read", [claim_map.to_keys, claim_map.from_keys])
def test_a_type_that_is_not_known_is_refused(read: Any) -> None:
    with pytest.raises(UnknownType):
        read("urn:ecert:passport:1", {})


def test_a_claim_that_is_no_field_is_refused_without_repeating_it() -> None:
    with pytest.raises(ClaimKeyUnknown) as caught:
        claim_map.to_keys(VCT, {"secret_440799": 1})
    assert "440799" not in str(caught.value)


@pytest.mark.parametrize("key", [999, "name", True, b"x"])
def test_a_key_that_stands_for_no_field_is_refused(key: Any) -> None:
    with pytest.raises(ClaimKeyUnknown):
        claim_map.from_keys(VCT, {key: "x"})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("birth_date", 10**9),
        ("birth_date", -(10**9)),
        ("birth_date", 10**18),
        ("name", b"x"),
        ("photo_digest", bytes(31)),
        ("name", {1: "x"}),
    ],
)
def test_a_value_of_another_form_is_refused(name: str, value: Any) -> None:
    with pytest.raises(ClaimValueInvalid):
        claim_map.from_keys(VCT, {claim_map.key_of(VCT, name): value})
