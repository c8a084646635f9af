"""The status answer: revoked, suspended, replaced and unreadable are never taken for one another."""

from datetime import UTC, datetime, timedelta

import pytest

from schemas.formats.bitstring_credential import BitstringStatus
from schemas.formats.status_answer import Standing, StatusAnswer, bits_for, entries_for, value_of

NOW = datetime(2026, 3, 2, 1, 23, 45, tzinfo=UTC)
URI = "https://ecert.example/status/1"


def _answer(value: int, *, version: int | None = None) -> StatusAnswer:
    return StatusAnswer.of(
        uri=URI, index=7, value=value, issued_at=NOW - timedelta(minutes=5), now=NOW, version=version
    )


@pytest.mark.parametrize(
    ("value", "standing"),
    [(0, "valid"), (1, "revoked"), (2, "suspended"), (3, "replaced"), (4, "other"), (15, "other")],
)
def test_each_value_has_an_answer_of_its_own(value: int, standing: str) -> None:
    assert _answer(value).standing == standing


def test_an_answer_names_list_index_value_and_age() -> None:
    assert _answer(1).document() == {
        "standing": "revoked",
        "uri": URI,
        "index": 7,
        "value": 1,
        "issued_at": "2026-03-02T01:18:45+00:00",
        "age_seconds": 300,
    }


def test_a_replaced_certificate_names_its_successors_version() -> None:
    assert _answer(3, version=2).successor_version == 3


@pytest.mark.parametrize(("value", "version"), [(3, None), (1, 2)])
def test_no_successor_is_made_up(value: int, version: int | None) -> None:
    assert _answer(value, version=version).successor_version is None


def test_what_cannot_be_read_is_not_revoked() -> None:
    answer = StatusAnswer.unreadable(URI, None, "status_list_missing")
    assert answer.document() == {"standing": "unreadable", "uri": URI, "reason": "status_list_missing"}
    assert answer.standing is Standing.UNREADABLE


@pytest.mark.parametrize(
    ("statuses", "value"),
    [
        ([], 0),
        ([BitstringStatus("revocation", 0), BitstringStatus("suspension", 0)], 0),
        ([BitstringStatus("revocation", 1), BitstringStatus("suspension", 1)], 1),
        ([BitstringStatus("revocation", 0), BitstringStatus("suspension", 1)], 2),
        ([BitstringStatus("revocation", 0), BitstringStatus("message", 3, "replaced")], 3),
        ([BitstringStatus("revocation", 1), BitstringStatus("message", 3, "replaced")], 3),
        ([BitstringStatus("revocation", 1), BitstringStatus("message", 1, "revoked")], 1),
        ([BitstringStatus("revocation", 1), BitstringStatus("message", 2, "suspended")], 1),
        ([BitstringStatus("message", 2, "on a shelf")], 15),
        ([BitstringStatus("refresh", 1)], 0),
        ([BitstringStatus("recall", 1)], 15),
    ],
)
def test_several_statuses_amount_to_one_value(statuses: list[BitstringStatus], value: int) -> None:
    assert value_of(statuses) == value


def test_the_entries_of_a_credential_share_the_index_of_its_status() -> None:
    entries = entries_for(URI, 7, reference="https://ecert.example/status-messages")
    assert {entry.index for entry in entries} == {7}
    assert [entry.list_credential for entry in entries] == [
        f"{URI}/revocation",
        f"{URI}/suspension",
        f"{URI}/message",
    ]
    assert [entry.references for entry in entries] == [(), (), ("https://ecert.example/status-messages",)]


def test_entries_without_a_reference_have_none() -> None:
    assert all(entry.references == () for entry in entries_for(URI, 7))


@pytest.mark.parametrize(
    ("purpose", "bits"),
    [("revocation", {1: 1, 3: 1}), ("suspension", {2: 1}), ("message", {1: 1, 2: 2, 3: 3})],
)
def test_each_purpose_holds_what_a_reader_of_it_alone_must_see(purpose: str, bits: dict[int, int]) -> None:
    assert bits_for({1: 1, 2: 2, 3: 3}, purpose) == bits
