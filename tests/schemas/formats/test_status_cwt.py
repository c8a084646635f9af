"""The status list token as a CWT, and the CBOR forms of list and reference: the published ones, ours, and flaws."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cbor2
import pytest

from keys.algorithms import Algorithm
from keys.errors import InvalidSignature
from keys.public import PublicKey
from keys.signer import SoftwareSigner
from schemas.formats import status_cwt
from schemas.formats.cose import cbor, cwt, sign1
from schemas.formats.cose.errors import CborTooLarge, CwtClaimInvalid, MalformedCbor
from schemas.formats.errors import (
    FormatError,
    StatusBitsInvalid,
    StatusClaimInvalid,
    StatusListMalformed,
    StatusListTooLarge,
    StatusTokenInvalid,
    WrongType,
)
from schemas.formats.status_claim import StatusReference, cwt_status_reference
from schemas.formats.status_list import StatusList
from schemas.formats.status_token import StatusToken, Times

URI = "https://ecert.example/status/1"
STATUSES = StatusList.from_statuses({7: 1, 9: 3}, bits=2, size=1 << 10)
# The key of the draft's examples (its repository, src/util.py).
DRAFTS_KEY = PublicKey.from_jwk(
    {
        "kty": "EC",
        "crv": "P-256",
        "x": "I3HWm_0Ds1dPMI-IWmf4mBmH-YaeAVbPVu7vB27CxXo",
        "y": "6N_d5Elj9bs1htgV3okJKIdbHEpkgTmAluYKJemzn1M",
    }
)


@pytest.fixture(scope="module")
def published(vectors: Path) -> dict[str, Any]:
    """The draft's vectors."""
    text = (vectors / "status-list" / "token-status-list.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


@pytest.mark.vectors
@pytest.mark.parametrize("place", range(4))
def test_a_published_cbor_list_is_read(published: dict[str, Any], place: int) -> None:
    """Vector ``cbor_hex`` of the lists of 1, 2, 4 and 8 bits."""
    vector = published["vectors"][place]
    read = status_cwt.read_status_list(cbor.loads_strict(bytes.fromhex(vector["cbor_hex"]), any_order=True))
    assert read == StatusList.from_encoded(vector["lst"], bits=vector["bits"])
    assert all(read[int(index)] == value for index, value in vector["statuses"].items())


@pytest.mark.vectors
@pytest.mark.parametrize("place", range(4))
def test_a_published_cbor_list_is_written(published: dict[str, Any], place: int) -> None:
    vector = published["vectors"][place]
    statuses = StatusList.from_encoded(vector["lst"], bits=vector["bits"])
    written = cbor.loads_strict(cbor.dumps(status_cwt.write_status_list(statuses)))
    assert status_cwt.read_status_list(written) == statuses
    assert written.keys() == cbor2.loads(bytes.fromhex(vector["cbor_hex"])).keys()


@pytest.mark.vectors
def test_the_published_token_is_verified(published: dict[str, Any]) -> None:
    """Vector ``status_list_cwt_hex``."""
    token = status_cwt.parse(bytes.fromhex(published["status_list_cwt_hex"]))
    read = token.verified_by(DRAFTS_KEY)
    assert (token.message.header.kid, token.peek_iat()) == (b"12", 1686920170)
    assert (read.uri, read.times) == ("https://example.com/statuslists/1", Times(1686920170, 2291720170, 43200))
    assert [read.statuses[index] for index in range(16)] == [1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1]


@pytest.mark.vectors
def test_the_published_referenced_token_names_its_status(published: dict[str, Any]) -> None:
    """Vector ``referenced_token_cwt_hex``."""
    token = cwt.peek(bytes.fromhex(published["referenced_token_cwt_hex"]), any_order=True)
    found = cwt_status_reference(token.verified_by(DRAFTS_KEY))
    assert found == StatusReference("https://example.com/statuslists/1", 0)


def test_a_cwt_without_the_claim_refers_to_no_status() -> None:
    assert cwt_status_reference({1: "https://ecert.example"}) is None


def test_a_cwt_with_another_mechanism_is_no_cwt_without_status() -> None:
    with pytest.raises(StatusClaimInvalid):
        cwt_status_reference({65535: {"identifier_list": {}}})


@pytest.mark.parametrize("algorithm", [Algorithm.ES256, Algorithm.ES384, Algorithm.EDDSA])
def test_a_token_comes_back_with_what_policy_needs(algorithm: Algorithm) -> None:
    signer = SoftwareSigner.generate(algorithm)
    data = status_cwt.issue(STATUSES, signer, uri=URI, times=Times(100, 200, 60))
    token = status_cwt.parse(data)
    assert token.message.header.kid == signer.public_key.kid.encode()
    assert token.message.header.typ == "application/statuslist+cwt"
    assert token.verified_by(signer.public_key) == StatusToken(URI, Times(100, 200, 60), STATUSES, None)


def test_a_token_without_expiry_or_with_an_aggregation_is_read(issuer: SoftwareSigner) -> None:
    aggregation = "https://ecert.example/status-lists"
    data = status_cwt.issue(STATUSES, issuer, uri=URI, times=Times(100, None, None), aggregation_uri=aggregation)
    read = status_cwt.parse(data).verified_by(issuer.public_key)
    assert (read.times, read.aggregation_uri) == (Times(100, None, None), aggregation)


def test_a_written_list_names_its_aggregation() -> None:
    written = status_cwt.write_status_list(STATUSES, aggregation_uri="https://ecert.example/lists")
    assert written["aggregation_uri"] == "https://ecert.example/lists"


def test_a_list_that_is_compressed_already_is_not_compressed_again(issuer: SoftwareSigner) -> None:
    compressed = STATUSES.compressed(quick=True)
    data = status_cwt.issue(STATUSES, issuer, uri=URI, times=Times(100, 200, 60), compressed=compressed)
    token = status_cwt.parse(data)
    assert compressed in (token.message.peeked_payload or b"")
    assert token.verified_by(issuer.public_key).statuses == STATUSES


def test_a_token_of_another_key_is_refused(issuer: SoftwareSigner, stranger: SoftwareSigner) -> None:
    data = status_cwt.issue(STATUSES, issuer, uri=URI, times=Times(100, 200, 60))
    with pytest.raises(InvalidSignature):
        status_cwt.parse(data).verified_by(stranger.public_key)


def test_a_token_that_inflates_to_too_much_is_refused(issuer: SoftwareSigner) -> None:
    statuses = StatusList(bytes(1 << 20), bits=1)
    data = status_cwt.issue(statuses, issuer, uri=URI, times=Times(100, 200, 60))
    with pytest.raises(StatusListTooLarge):
        status_cwt.parse(data).verified_by(issuer.public_key, max_bytes=1 << 19)


def test_a_token_past_the_limit_is_refused() -> None:
    with pytest.raises(CborTooLarge):
        status_cwt.parse(b"\x00" * 20, max_token=10)


def test_bytes_that_are_no_cbor_are_refused() -> None:
    with pytest.raises(MalformedCbor):
        status_cwt.parse(b"")


@pytest.mark.parametrize(
    "wrap", [lambda item: item.value, lambda item: cbor2.CBORTag(61, item), lambda item: cbor2.CBORTag(17, item.value)]
)
def test_a_token_under_another_tag_is_refused(issuer: SoftwareSigner, wrap: Callable[[Any], Any]) -> None:
    item = cbor.loads_strict(status_cwt.issue(STATUSES, issuer, uri=URI, times=Times(100, 200, 60)))
    with pytest.raises(StatusTokenInvalid):
        status_cwt.parse(cbor.dumps(wrap(item)))


@pytest.mark.parametrize("protected", [{}, {16: "application/cwt"}, {16: 1}])
def test_a_token_of_another_type_is_refused(issuer: SoftwareSigner, protected: dict[int | str, Any]) -> None:
    with pytest.raises(WrongType):
        status_cwt.parse(cwt.sign(GOOD, issuer, protected=protected))


GOOD: dict[int, Any] = {2: URI, 6: 1, 65533: {"bits": 2, "lst": STATUSES.compressed()}}


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({2: ""}, CwtClaimInvalid),
        ({6: "1"}, CwtClaimInvalid),
        ({4: "1"}, CwtClaimInvalid),
        ({65534: 0}, StatusTokenInvalid),
        ({65534: -1}, StatusTokenInvalid),
        ({65534: 1.5}, StatusTokenInvalid),
        ({65533: None}, StatusListMalformed),
        ({65533: {"bits": 2}}, StatusListMalformed),
        ({65533: {"bits": 2, "lst": "eNoDAAAAAAE"}}, StatusListMalformed),
        ({65533: {"lst": b"x"}}, StatusBitsInvalid),
        ({65533: {"bits": 2, "lst": b"no stream"}}, StatusListMalformed),
        ({65533: GOOD[65533] | {"aggregation_uri": 1}}, StatusTokenInvalid),
    ],
)
def test_a_claim_of_the_wrong_kind_is_refused(
    issuer: SoftwareSigner, change: dict[int, Any], error: type[FormatError]
) -> None:
    data = sign1.sign(cbor.dumps(GOOD | change), issuer, protected={16: status_cwt.TYP})
    with pytest.raises(error):
        status_cwt.parse(data).verified_by(issuer.public_key)


@pytest.mark.parametrize("label", [2, 6])
def test_an_absent_claim_is_refused(issuer: SoftwareSigner, label: int) -> None:
    claims = {key: value for key, value in GOOD.items() if key != label}
    data = sign1.sign(cbor.dumps(claims), issuer, protected={16: status_cwt.TYP})
    with pytest.raises(StatusTokenInvalid):
        status_cwt.parse(data).verified_by(issuer.public_key)


def test_a_token_without_payload_tells_no_time(issuer: SoftwareSigner) -> None:
    data = sign1.sign(b"", issuer, protected={16: status_cwt.TYP}, detached=True)
    with pytest.raises(MalformedCbor):
        status_cwt.parse(data).peek_iat()
