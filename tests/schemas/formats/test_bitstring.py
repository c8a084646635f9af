"""Bitstring Status List: the bits from the left, the entry, the list's credential, bombs, and what is refused."""

import gzip
import tracemalloc
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keys.encoding import b64url_decode, b64url_text
from keys.signer import SoftwareSigner
from schemas.formats import bitstring_credential, vc_jwt
from schemas.formats.bitstring import MAX_BYTES, MAX_TEXT, MIN_ENTRIES, Bitstring
from schemas.formats.bitstring_credential import (
    MESSAGE,
    REVOCATION,
    BitstringEntry,
    BitstringStatus,
    ListTimes,
    read_entries,
    read_list,
)
from schemas.formats.errors import (
    BitstringEntryInvalid,
    BitstringListInvalid,
    BitstringPurposeMismatch,
    BitstringTooShort,
    StatusBitsInvalid,
    StatusIndexOutOfBounds,
    StatusListMalformed,
    StatusListTooLarge,
    StatusValueInvalid,
    VcModelInvalid,
)

NOW = datetime(2026, 3, 2, 1, 23, 45, tzinfo=UTC)
URI = "https://ecert.example/status/1/revocation"
ISSUER = "https://ecert.example/issuers/amr"
TIMES = ListTimes(NOW, NOW + timedelta(hours=24), 3600)
MESSAGES = {0: "valid", 1: "revoked", 2: "suspended", 3: "replaced"}
# The recommendation's own list (2.2): 16 KB of zeros.
PUBLISHED = "uH4sIAAAAAAAAA-3BMQEAAADCoPVPbQwfoAAAAAAAAAAAAAAAAAAAAIC3AYbSVKsAQAAA"


def _encoded(data: bytes) -> str:
    return "u" + b64url_text(gzip.compress(data))


def test_the_published_list_is_read() -> None:
    read = Bitstring.from_encoded(PUBLISHED)
    assert (len(read), read.packed) == (131_072, bytes(16_384))


@pytest.mark.parametrize(("index", "first"), [(0, 0x80), (7, 0x01), (1, 0x40)])
def test_the_first_index_is_the_left_most_bit(index: int, first: int) -> None:
    assert Bitstring.from_statuses({index: 1}, length=8).packed[0] == first


def test_a_value_of_several_bits_stands_with_its_highest_bit_left() -> None:
    assert Bitstring.from_statuses({1: 2, 3: 3}, length=8, size=2).packed[0] == 0b00100011


@settings(max_examples=30)
@given(st.integers(1, 16), st.data())
def test_any_statuses_come_back(size: int, data: st.DataObject) -> None:
    values = st.integers(0, (1 << size) - 1)
    statuses = data.draw(st.dictionaries(st.integers(0, 999), values, max_size=20))
    read = Bitstring.from_encoded(Bitstring.from_statuses(statuses, length=1000, size=size).encoded(), size=size)
    assert [read[index] for index in range(1000)] == [statuses.get(index, 0) for index in range(1000)]


def test_a_short_list_is_as_long_as_the_least_one() -> None:
    made = Bitstring.from_statuses({}, length=8, size=2)
    assert (len(made), len(made.packed)) == (MIN_ENTRIES, 32_768)


def test_the_same_statuses_have_the_same_text() -> None:
    assert Bitstring.from_statuses({5: 1}, length=8).encoded() == Bitstring.from_statuses({5: 1}, length=8).encoded()


@given(st.dictionaries(st.integers(0, 999), st.just(1), max_size=50))
def test_the_quick_stream_holds_the_same(statuses: dict[int, int]) -> None:
    bits = Bitstring.from_statuses(statuses, length=1000)
    assert Bitstring.from_encoded(bits.encoded(quick=True)) == bits


def test_the_text_is_multibase_of_a_gzip_stream() -> None:
    text = Bitstring.from_statuses({5: 1}, length=8).encoded()
    assert (text[0], gzip.decompress(b64url_decode(text[1:]))[0]) == ("u", 0x04)


@pytest.mark.parametrize("size", [0, 17, True, "1", None])
def test_other_sizes_are_refused(size: Any) -> None:
    with pytest.raises(StatusBitsInvalid):
        Bitstring(b"", size=size)


@pytest.mark.parametrize("index", [-1, 131_072, 1 << 50])
def test_an_index_outside_the_list_is_refused(index: int) -> None:
    with pytest.raises(StatusIndexOutOfBounds):
        Bitstring(bytes(16_384))[index]


@pytest.mark.parametrize("index", [-1, 8])
def test_an_index_outside_the_list_is_not_built(index: int) -> None:
    with pytest.raises(StatusIndexOutOfBounds):
        Bitstring.from_statuses({index: 1}, length=8)


@pytest.mark.parametrize("value", [2, -1, "1"])
def test_a_status_that_does_not_fit_is_refused(value: Any) -> None:
    with pytest.raises(StatusValueInvalid):
        Bitstring.from_statuses({0: value}, length=8)


@pytest.mark.parametrize(
    "text",
    [
        "",
        PUBLISHED[1:],
        "z" + PUBLISHED[1:],
        "unot base64url!",
        "u" + b64url_text(b"no stream"),
        "u" + b64url_text(gzip.compress(bytes(16_384))[:-1]),
        "u" + b64url_text(gzip.compress(bytes(16_384)) + b"more"),
    ],
)
def test_a_list_that_is_not_one_whole_stream_is_refused(text: str) -> None:
    with pytest.raises(StatusListMalformed):
        Bitstring.from_encoded(text)


def test_a_list_of_too_few_entries_is_refused() -> None:
    with pytest.raises(BitstringTooShort):
        Bitstring.from_encoded(_encoded(bytes(16_383)))


def test_a_list_that_is_too_short_for_its_size_is_refused() -> None:
    with pytest.raises(BitstringTooShort):
        Bitstring(bytes(16_384)).with_size(2)


def test_a_decompression_bomb_is_refused_before_it_is_expanded() -> None:
    bomb = _encoded(bytes(64 << 20))
    assert len(bomb) < 100_000
    tracemalloc.start()
    with pytest.raises(StatusListTooLarge):
        Bitstring.from_encoded(bomb)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 3 * MAX_BYTES


def test_a_text_past_the_limit_is_refused() -> None:
    with pytest.raises(StatusListTooLarge):
        Bitstring.from_encoded("u" + "A" * MAX_TEXT)


def test_a_bitstring_says_its_size_and_nothing_else() -> None:
    bits = Bitstring(bytes(16_384))
    assert repr(bits) == "Bitstring(131072 entries of 1 bits)"
    assert hash(bits) == hash(Bitstring(bytes(16_384)))
    assert bits != Bitstring(bytes(16_384), size=2)
    assert bits != "a text"


# the list's credential


def _credential(**changes: Any) -> dict[str, Any]:
    bits = Bitstring.from_statuses({17: 1}, length=1 << 20)
    document = bitstring_credential.credential(bits, purpose=REVOCATION, uri=URI, issuer=ISSUER, times=TIMES)
    subject = document["credentialSubject"] | changes
    return document | {"credentialSubject": {name: value for name, value in subject.items() if value is not None}}


def test_a_lists_credential_comes_back() -> None:
    read = read_list(_credential())
    assert (read.id, read.issuer, read.purposes, read.ttl_ms) == (URI, ISSUER, ("revocation",), 3_600_000)
    assert (read.valid_from, read.valid_until) == (NOW, NOW + timedelta(hours=24))
    assert read.bits[17] == 1


def test_a_lists_credential_is_signed_like_any_other(issuer: SoftwareSigner) -> None:
    text = vc_jwt.issue(_credential(), issuer)
    assert read_list(vc_jwt.parse(text).verified_by(issuer.public_key).document).bits[17] == 1


def test_a_list_of_one_bit_leaves_out_its_size() -> None:
    assert "statusSize" not in _credential()["credentialSubject"]


def test_a_list_may_serve_several_purposes() -> None:
    assert read_list(_credential(statusPurpose=["revocation", "suspension"])).purposes == ("revocation", "suspension")


def test_a_list_without_ttl_has_none() -> None:
    assert read_list(_credential(ttl=None)).ttl_ms is None


@pytest.mark.parametrize(
    "change",
    [
        {"type": "BitstringStatus"},
        {"encodedList": 1},
        {"encodedList": None},
        {"statusPurpose": None},
        {"statusPurpose": []},
        {"statusPurpose": [1]},
        {"statusPurpose": ""},
        {"ttl": "1"},
        {"ttl": -1},
        {"statusSize": 0},
        {"statusSize": 2},
        {"statusMessages": []},
    ],
)
def test_a_list_that_breaks_a_rule_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(BitstringListInvalid):
        read_list(_credential(**change))


def test_a_credential_that_is_no_list_is_refused() -> None:
    with pytest.raises(BitstringListInvalid):
        read_list(_credential() | {"type": ["VerifiableCredential"]})


def test_a_list_of_several_subjects_is_refused() -> None:
    document = _credential()
    with pytest.raises(BitstringListInvalid):
        read_list(document | {"credentialSubject": [document["credentialSubject"]] * 2})


def test_a_document_that_is_no_credential_is_refused() -> None:
    with pytest.raises(VcModelInvalid):
        read_list({})


# entries

GOOD: dict[str, Any] = {
    "type": "BitstringStatusListEntry",
    "statusPurpose": "revocation",
    "statusListIndex": "17",
    "statusListCredential": URI,
}
TWO_BITS = BitstringEntry(MESSAGE, 7, f"{URI}/message", 2, MESSAGES, ("https://ecert.example/status-messages",))


def test_an_entry_is_looked_up() -> None:
    (entry,) = read_entries(GOOD)
    status = entry.look_up(read_list(_credential()))
    assert (status, status.valid) == (BitstringStatus("revocation", 1), False)


def test_an_entry_that_is_not_set_is_valid() -> None:
    (entry,) = read_entries(GOOD | {"statusListIndex": "18"})
    assert entry.look_up(read_list(_credential())).valid


@pytest.mark.parametrize("entry", [BitstringEntry(REVOCATION, 17, URI), TWO_BITS])
def test_an_entry_comes_back(entry: BitstringEntry) -> None:
    assert read_entries([entry.document()]) == (entry,)


def test_an_entry_of_one_bit_leaves_out_its_size() -> None:
    assert BitstringEntry(REVOCATION, 17, URI).document() == GOOD


def test_several_references_are_an_array() -> None:
    entry = BitstringEntry(REVOCATION, 17, URI, references=("https://a.example", "https://b.example"))
    assert entry.document()["statusReference"] == ["https://a.example", "https://b.example"]
    assert read_entries(entry.document()) == (entry,)


def _messages_list(**changes: Any) -> dict[str, Any]:
    bits = Bitstring.from_statuses({7: 3}, length=1 << 20, size=2)
    document = bitstring_credential.credential(
        bits, purpose=MESSAGE, uri=URI, issuer=ISSUER, times=TIMES, messages=MESSAGES
    )
    return document | {"credentialSubject": document["credentialSubject"] | changes}


def test_a_message_is_the_one_of_the_value() -> None:
    assert TWO_BITS.look_up(read_list(_messages_list())) == BitstringStatus("message", 3, "replaced")


def test_a_list_for_messages_names_their_size_and_texts() -> None:
    subject = _messages_list()["credentialSubject"]
    assert subject["statusSize"] == 2
    assert subject["statusMessages"][3] == {"status": "0x3", "message": "replaced"}


def test_the_lists_own_messages_serve_an_entry_without() -> None:
    bits = Bitstring.from_statuses({7: 1}, length=8)
    messages = {0: "open", 1: "closed"}
    document = bitstring_credential.credential(
        bits, purpose=MESSAGE, uri=URI, issuer=ISSUER, times=TIMES, messages=messages
    )
    assert BitstringEntry(MESSAGE, 7, URI).look_up(read_list(document)).message == "closed"


def test_a_list_of_another_size_than_the_entrys_is_refused() -> None:
    entry = BitstringEntry(MESSAGE, 7, URI)
    with pytest.raises(BitstringListInvalid):
        entry.look_up(read_list(_messages_list()))


def test_a_list_for_another_purpose_is_refused() -> None:
    (entry,) = read_entries(GOOD | {"statusPurpose": "suspension"})
    with pytest.raises(BitstringPurposeMismatch):
        entry.look_up(read_list(_credential()))


def test_an_index_past_the_list_is_refused() -> None:
    (entry,) = read_entries(GOOD | {"statusListIndex": str(1 << 20)})
    with pytest.raises(StatusIndexOutOfBounds):
        entry.look_up(read_list(_credential()))


def test_a_list_too_short_for_the_entrys_size_is_refused() -> None:
    subject = {"encodedList": PUBLISHED, "statusPurpose": "message"}
    with pytest.raises(BitstringTooShort):
        TWO_BITS.look_up(read_list(_credential(**subject)))


def test_a_status_of_another_type_is_left_out() -> None:
    assert read_entries([{"type": "CredentialStatusList2017"}, GOOD | {"type": [GOOD["type"]]}])[0].index == 17


ONE_MESSAGE = {"status": "0x0", "message": "valid"}


@pytest.mark.parametrize(
    "change",
    [
        {"statusPurpose": 1},
        {"statusPurpose": ""},
        {"statusListIndex": 17},
        {"statusListIndex": True},
        {"statusListIndex": "-1"},
        {"statusListIndex": "017"},
        {"statusListIndex": "٣"},
        {"statusListIndex": "9" * 17},
        {"statusListCredential": "no url"},
        {"statusListCredential": None},
        {"statusSize": 0},
        {"statusSize": "2"},
        {"statusSize": 17},
        {"statusSize": 2},
        {"statusMessage": [ONE_MESSAGE]},
        {"statusMessage": [ONE_MESSAGE, ONE_MESSAGE]},
        {"statusMessage": [ONE_MESSAGE, {"status": "1", "message": "x"}]},
        {"statusMessage": [ONE_MESSAGE, {"status": "0x1"}]},
        {"statusMessage": [ONE_MESSAGE, "0x1"]},
        {"statusReference": 1},
        {"statusReference": ["no url"]},
    ],
)
def test_an_entry_that_breaks_a_rule_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(BitstringEntryInvalid):
        read_entries(GOOD | change)


@pytest.mark.parametrize("value", ["text", None, [1], [GOOD] * 17])
def test_a_status_that_is_no_object_or_array_of_a_few_is_refused(value: Any) -> None:
    with pytest.raises(BitstringEntryInvalid):
        read_entries(value)
