"""Token Status List: the published lists, building and reading, tokens, bombs. CBOR and CWT: ``test_status_cwt.py``."""

import hashlib
import json
import tracemalloc
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys import jws
from keys.encoding import b64url_text
from keys.errors import InvalidSignature, TooLarge
from keys.signer import SoftwareSigner
from schemas.formats import status_token
from schemas.formats.errors import (
    FormatError,
    StatusBitsInvalid,
    StatusIndexOutOfBounds,
    StatusListMalformed,
    StatusListTooLarge,
    StatusTokenInvalid,
    StatusValueInvalid,
    WrongType,
)
from schemas.formats.status_list import MAX_BYTES, StatusList
from schemas.formats.status_token import Times

BITS = (1, 2, 4, 8)
URI = "https://ecert.example/status/1"


def _vectors(folder: Path) -> dict[int, dict[str, Any]]:
    text = (folder / "status-list" / "token-status-list.json").read_text(encoding="utf-8")
    return {vector["bits"]: vector for vector in json.loads(text)["vectors"]}


# The draft's own examples (4.1): 16 statuses of 1 bit, 12 statuses of 2 bits.
EXAMPLES = {
    1: ([1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1], "b9a3", "78dadbb918000217015d"),
    2: ([1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3], "c944f9", "78da3be9f2130003df0207"),
}


def _vectors(folder: Path) -> dict[int, dict[str, Any]]:
    text = (folder / "status-list" / "token-status-list.json").read_text(encoding="utf-8")
    return {vector["bits"]: vector for vector in json.loads(text)["vectors"]}


def _statuses(vector: dict[str, Any]) -> dict[int, int]:
    return {int(index): value for index, value in vector["statuses"].items()}


@pytest.mark.vectors
@pytest.mark.parametrize("bits", BITS)
def test_a_published_list_is_read(vectors: Path, bits: int) -> None:
    vector = _vectors(vectors)[bits]
    read = status_token.read_status_list({"bits": bits, "lst": vector["lst"]})
    expected = [vector["default"]] * vector["size"]
    for index, value in _statuses(vector).items():
        expected[index] = value
    assert read.at(range(len(read))) == expected


@pytest.mark.vectors
@pytest.mark.parametrize("bits", BITS)
def test_a_published_list_is_built(vectors: Path, bits: int) -> None:
    vector = _vectors(vectors)[bits]
    built = StatusList.from_statuses(_statuses(vector), bits=bits, size=vector["size"])
    assert built == StatusList.from_encoded(vector["lst"], bits=bits)
    assert StatusList.from_encoded(built.encoded(), bits=bits) == built


@pytest.mark.parametrize("bits", EXAMPLES)
def test_the_drafts_example_is_packed_and_compressed_to_its_bytes(bits: int) -> None:
    statuses, packed, compressed = EXAMPLES[bits]
    built = StatusList.from_statuses(dict(enumerate(statuses)), bits=bits, size=len(statuses))
    assert built.packed.hex() == packed
    assert built.encoded() == b64url_text(bytes.fromhex(compressed))
    assert [built[index] for index in range(len(built))] == statuses


@given(st.sampled_from(BITS), st.integers(1, 300), st.data())
def test_any_statuses_come_back(bits: int, size: int, data: st.DataObject) -> None:
    values = st.integers(0, (1 << bits) - 1)
    statuses = data.draw(st.dictionaries(st.integers(0, size - 1), values, max_size=40))
    read = StatusList.from_encoded(StatusList.from_statuses(statuses, bits=bits, size=size).encoded(), bits=bits)
    expected = [statuses.get(index, 0) for index in range(size)]
    assert read.at(range(size)) == expected
    assert [read[index] for index in range(size)] == expected


@given(st.binary(max_size=4000))
def test_the_quick_stream_holds_the_same(packed: bytes) -> None:
    statuses = StatusList(packed, bits=2)
    assert StatusList.from_encoded(statuses.encoded(quick=True), bits=2) == statuses


@pytest.mark.parametrize("bits", [0, 3, 16, True, "1", None])
def test_other_bits_are_refused(bits: Any) -> None:
    with pytest.raises(StatusBitsInvalid):
        StatusList(b"", bits=bits)
    with pytest.raises(StatusBitsInvalid):
        StatusList.from_encoded("eNoDAAAAAAE", bits=bits)


@pytest.mark.parametrize("index", [-1, 16, 1 << 40])
def test_an_index_outside_the_list_is_refused(index: int) -> None:
    statuses = StatusList(b"\xff\xff", bits=1)
    with pytest.raises(StatusIndexOutOfBounds):
        statuses[index]
    with pytest.raises(StatusIndexOutOfBounds):
        statuses.at(iter([0, index]))
    with pytest.raises(StatusIndexOutOfBounds):
        StatusList.from_statuses({index: 1}, bits=1, size=16)


def test_an_index_in_the_padding_of_the_last_byte_is_not_built() -> None:
    with pytest.raises(StatusIndexOutOfBounds):
        StatusList.from_statuses({9: 1}, bits=1, size=9)


def test_an_empty_list_has_no_index() -> None:
    empty = StatusList.from_statuses({}, bits=1, size=0)
    assert (len(empty), empty.at([])) == (0, [])
    with pytest.raises(StatusIndexOutOfBounds):
        empty[0]


@pytest.mark.parametrize("value", [2, -1, 1.5, "1"])
def test_a_status_that_does_not_fit_is_refused(value: Any) -> None:
    with pytest.raises(StatusValueInvalid):
        StatusList.from_statuses({0: value}, bits=1, size=8)


def test_a_status_list_says_its_size_and_nothing_else() -> None:
    statuses = StatusList(b"\x01", bits=2)
    assert repr(statuses) == "StatusList(4 entries of 2 bits)"
    assert statuses == StatusList(b"\x01", bits=2)
    assert statuses != StatusList(b"\x01", bits=4)
    assert statuses != "a text"
    assert hash(statuses) == hash(StatusList(b"\x01", bits=2))


def _lst(data: bytes) -> str:
    return b64url_text(data)


@pytest.mark.parametrize(
    "lst",
    [
        "not base64url!",
        _lst(b"no stream"),
        _lst(zlib.compress(b"x" * 100)[:-1]),
        _lst(zlib.compress(b"x" * 100) + b"more"),
        _lst(b""),
    ],
)
def test_a_list_that_is_not_one_whole_stream_is_refused(lst: str) -> None:
    with pytest.raises(StatusListMalformed):
        StatusList.from_encoded(lst, bits=1)


def test_a_decompression_bomb_is_refused_before_it_is_inflated() -> None:
    bomb = _lst(zlib.compress(bytes(64 << 20), 9))
    assert len(bomb) < 100_000
    tracemalloc.start()
    with pytest.raises(StatusListTooLarge):
        StatusList.from_encoded(bomb, bits=1)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 3 * MAX_BYTES


def test_a_list_of_exactly_the_limit_is_read() -> None:
    lst = _lst(zlib.compress(bytes(100)))
    assert len(StatusList.from_encoded(lst, bits=8, max_bytes=100)) == 100
    with pytest.raises(StatusListTooLarge):
        StatusList.from_encoded(lst, bits=8, max_bytes=99)


STATUSES = StatusList.from_statuses({7: 1, 9: 3}, bits=2, size=1 << 10)


def test_a_token_comes_back_with_what_policy_needs(issuer: SoftwareSigner) -> None:
    text = status_token.issue(STATUSES, issuer, uri=URI, times=Times(100, 200, 60))
    token = status_token.parse(text)
    assert dict(token.issuer_jws.header.parameters) == {
        "alg": "ES256",
        "typ": "statuslist+jwt",
        "kid": issuer.public_key.kid,
    }
    read = token.verified_by(issuer.public_key)
    assert read == status_token.StatusToken(URI, Times(100, 200, 60), STATUSES, None)


def test_a_token_without_expiry_or_with_an_aggregation_is_read(issuer: SoftwareSigner) -> None:
    aggregation = "https://ecert.example/status"
    text = status_token.issue(STATUSES, issuer, uri=URI, times=Times(100, None, None), aggregation_uri=aggregation)
    read = status_token.parse(text).verified_by(issuer.public_key)
    assert (read.times, read.aggregation_uri) == (Times(100, None, None), aggregation)


def test_a_list_that_is_compressed_already_is_not_compressed_again(issuer: SoftwareSigner) -> None:
    compressed = STATUSES.compressed(quick=True)
    text = status_token.issue(STATUSES, issuer, uri=URI, times=Times(100, 200, 60), compressed=compressed)
    token = status_token.parse(text)
    assert token.issuer_jws.peek_claims()["status_list"]["lst"] == b64url_text(compressed)
    assert token.verified_by(issuer.public_key).statuses == STATUSES


def test_the_largest_list_of_ours_fits_a_token(issuer: SoftwareSigner) -> None:
    statuses = StatusList(hashlib.shake_256(b"incompressible").digest(1 << 20), bits=8)
    text = status_token.issue(statuses, issuer, uri=URI, times=Times(100, 200, 60))
    assert status_token.parse(text).verified_by(issuer.public_key).statuses == statuses


def test_a_token_of_another_key_is_refused(issuer: SoftwareSigner, stranger: SoftwareSigner) -> None:
    text = status_token.issue(STATUSES, issuer, uri=URI, times=Times(100, 200, 60))
    with pytest.raises(InvalidSignature):
        status_token.parse(text).verified_by(stranger.public_key)


def test_a_token_of_another_type_is_refused(issuer: SoftwareSigner) -> None:
    for typ in ("jwt", "dc+sd-jwt", "statuslist+cwt"):
        with pytest.raises(WrongType):
            status_token.parse(jws.sign(b"{}", issuer, typ=typ))


def test_a_token_past_the_limit_is_refused() -> None:
    with pytest.raises(TooLarge):
        status_token.parse("a" * 20, max_token=10)


GOOD: dict[str, Any] = {"sub": URI, "iat": 1, "status_list": {"bits": 2, "lst": STATUSES.encoded()}}


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"sub": None}, StatusTokenInvalid),
        ({"sub": ""}, StatusTokenInvalid),
        ({"iat": "1"}, StatusTokenInvalid),
        ({"exp": "1"}, StatusTokenInvalid),
        ({"ttl": 0}, StatusTokenInvalid),
        ({"ttl": -1}, StatusTokenInvalid),
        ({"status_list": None}, StatusListMalformed),
        ({"status_list": {"bits": 2}}, StatusListMalformed),
        ({"status_list": {"bits": 2, "lst": 1}}, StatusListMalformed),
        ({"status_list": {"lst": "eNoDAAAAAAE"}}, StatusBitsInvalid),
        ({"status_list": GOOD["status_list"] | {"aggregation_uri": 1}}, StatusTokenInvalid),
    ],
)
def test_a_claim_of_the_wrong_kind_is_refused(
    issuer: SoftwareSigner, change: dict[str, Any], error: type[FormatError]
) -> None:
    text = jws.sign(json.dumps(GOOD | change).encode(), issuer, typ="statuslist+jwt")
    with pytest.raises(error):
        status_token.parse(text).verified_by(issuer.public_key)


@pytest.mark.parametrize("name", ["sub", "iat"])
def test_an_absent_claim_is_refused(issuer: SoftwareSigner, name: str) -> None:
    claims = {key: value for key, value in GOOD.items() if key != name}
    text = jws.sign(json.dumps(claims).encode(), issuer, typ="statuslist+jwt")
    with pytest.raises(StatusTokenInvalid):
        status_token.parse(text).verified_by(issuer.public_key)
