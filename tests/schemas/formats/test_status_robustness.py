"""Whatever bytes or JSON come in place of a status document: it is read, or refused by an error of ours."""

import contextlib
from typing import Any

import cbor2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keys.errors import EcertError
from keys.signer import SoftwareSigner
from schemas.formats import status_cwt, status_token
from schemas.formats.bitstring import Bitstring
from schemas.formats.bitstring_credential import read_entries, read_list
from schemas.formats.cose import sign1
from schemas.formats.status_list import StatusList

SIGNER = SoftwareSigner.generate()
SOME_TEXT = st.text(max_size=12) | st.sampled_from(["BitstringStatusListEntry", "revocation", "7", "u", "uH4sI", "0x1"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | SOME_TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(SOME_TEXT, inner, max_size=4),
    max_leaves=12,
)
MEMBERS = (
    *("type", "statusPurpose", "statusListIndex", "statusListCredential", "statusSize", "statusMessage"),
    *("statusReference", "encodedList", "ttl", "statusMessages", "@context", "issuer", "credentialSubject", "id"),
)
OBJECTS = st.dictionaries(st.sampled_from(MEMBERS), JSON, max_size=8)
LABELS = st.sampled_from([2, 4, 6, 65533, 65534])
LISTS = st.fixed_dictionaries(
    {}, optional={"bits": JSON, "lst": st.binary(max_size=20) | JSON, "aggregation_uri": JSON}
)


def refused_or_read(read: Any, *arguments: Any) -> None:
    """Let every other exception through, which fails the test."""
    with contextlib.suppress(EcertError):
        read(*arguments)


@settings(max_examples=150)
@given(st.binary(max_size=200))
def test_any_bytes_as_a_cwt(data: bytes) -> None:
    refused_or_read(status_cwt.parse, data)


@settings(max_examples=150)
@given(st.dictionaries(LABELS, JSON | LISTS, max_size=6))
def test_any_claims_in_a_signed_cwt(claims: dict[int, Any]) -> None:
    payload = cbor2.dumps(claims, canonical=True)
    data = sign1.sign(payload, SIGNER, protected={16: status_cwt.TYP})
    refused_or_read(status_cwt.parse(data).verified_by, SIGNER.public_key)


@settings(max_examples=150)
@given(st.text(max_size=60), st.integers(1, 16))
def test_any_text_as_a_list(text: str, size: int) -> None:
    refused_or_read(lambda: Bitstring.from_encoded("u" + text, size=size))
    refused_or_read(lambda: StatusList.from_encoded(text, bits=2))


@settings(max_examples=150)
@given(JSON | OBJECTS | st.lists(OBJECTS, max_size=3))
def test_any_json_as_a_credential_status(value: Any) -> None:
    refused_or_read(read_entries, value)


@settings(max_examples=150)
@given(OBJECTS)
def test_any_object_as_a_bitstring_list(document: dict[str, Any]) -> None:
    whole = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": "https://ecert.example",
        "credentialSubject": {"type": "BitstringStatusList"} | document,
    }
    refused_or_read(read_list, whole)
    refused_or_read(read_list, document)


@settings(max_examples=150)
@given(JSON)
def test_any_json_as_a_status_list(value: Any) -> None:
    refused_or_read(status_token.read_status_list, value)
    refused_or_read(status_cwt.read_status_list, value)


@pytest.mark.parametrize("index", ["9" * 16, "0"])
def test_an_index_of_any_length_costs_nothing(index: str) -> None:
    entry = {
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": index,
        "statusListCredential": "https://ecert.example/status/1/revocation",
    }
    assert read_entries(entry)[0].index == int(index)
