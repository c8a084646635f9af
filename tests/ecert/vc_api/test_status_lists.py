"""The bitstring instance: an entry in every credential, and the list that it names."""

from typing import Any

import pytest

from ecert.vc_api.status import PATH, StatusBook
from schemas.formats.bitstring_credential import BitstringEntry, read_list
from tests.support.vc_api import EXAMPLES, V2, VcApi, assert_refused, assert_verified

PUBLIC_URL = "https://vc.example"


def entry_of(credential: dict[str, Any]) -> BitstringEntry:
    status = credential["credentialStatus"]
    return BitstringEntry(status["statusPurpose"], int(status["statusListIndex"]), status["statusListCredential"])


def list_of(vc_api: VcApi, credential: dict[str, Any]) -> dict[str, Any]:
    url = credential["credentialStatus"]["statusListCredential"]
    answer = vc_api.client.get(url.removeprefix(PUBLIC_URL))
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    return dict(answer.json())


def test_a_credential_gets_a_status_entry_and_keeps_its_subject(vc_api: VcApi) -> None:
    issued = vc_api.issued("bitstring")
    status = issued["credentialStatus"]
    assert issued["credentialSubject"] == {"id": "did:example:subject"}
    assert (status["type"], status["statusPurpose"]) == ("BitstringStatusListEntry", "revocation")
    assert isinstance(status["statusListIndex"], str)
    assert status["statusListIndex"].isdecimal()
    assert status["statusListCredential"].startswith(f"{PUBLIC_URL}{PATH}/")
    assert "statusSize" not in status


def test_a_credential_keeps_the_status_that_it_came_with(vc_api: VcApi) -> None:
    own = {"type": "ExampleStatus"}
    issued = vc_api.issued("bitstring", context=[V2, EXAMPLES], credentialStatus=own)
    assert issued["credentialStatus"][0] == own
    assert issued["credentialStatus"][1]["type"] == "BitstringStatusListEntry"


def test_a_credential_keeps_the_statuses_that_it_came_with(vc_api: VcApi) -> None:
    own = [{"type": "ExampleStatus"}, {"type": "OtherStatus"}]
    issued = vc_api.issued("bitstring", context=[V2, EXAMPLES], credentialStatus=own)
    assert [status["type"] for status in issued["credentialStatus"]] == [
        "ExampleStatus",
        "OtherStatus",
        "BitstringStatusListEntry",
    ]


def test_two_credentials_never_share_an_index(vc_api: VcApi) -> None:
    entries = [entry_of(vc_api.issued("bitstring")) for _ in range(8)]
    assert len({(entry.list_credential, entry.index) for entry in entries}) == 8


def test_the_list_is_a_credential_of_its_kind(vc_api: VcApi) -> None:
    found = list_of(vc_api, vc_api.issued("bitstring"))
    subject = found["credentialSubject"]
    assert (found["@context"], found["issuer"]) == ([V2], vc_api.issuer("bitstring").id)
    assert found["type"] == ["VerifiableCredential", "BitstringStatusListCredential"]
    assert (subject["type"], subject["statusPurpose"]) == ("BitstringStatusList", "revocation")
    assert subject["encodedList"].startswith("u")
    assert len(read_list(found).bits.packed) >= 16_384


def test_the_list_verifies_like_any_other_credential(vc_api: VcApi) -> None:
    assert_verified(vc_api.verify(list_of(vc_api, vc_api.issued("bitstring"))))


def test_a_credential_that_was_revoked_does_not_verify(vc_api: VcApi) -> None:
    issued = vc_api.issued("bitstring")
    vc_api.service.book.revoke(entry_of(issued))
    assert_refused(vc_api.verify(issued), "vc_api_status_not_valid")


def test_a_credential_that_was_revoked_still_has_its_proof(vc_api: VcApi) -> None:
    issued = vc_api.issued("bitstring")
    vc_api.service.book.revoke(entry_of(issued))
    assert_verified(vc_api.verify(issued, {"checks": ["proof"]}))


def test_the_list_says_which_credential_was_revoked(vc_api: VcApi) -> None:
    issued, other = vc_api.issued("bitstring"), vc_api.issued("bitstring")
    vc_api.service.book.revoke(entry_of(issued))
    bits = read_list(list_of(vc_api, issued)).bits
    assert (bits[entry_of(issued).index], bits[entry_of(other).index]) == (1, 0)


def test_a_strangers_list_is_unknown_and_so_not_valid(vc_api: VcApi) -> None:
    status = BitstringEntry("revocation", 7, "https://elsewhere.example/status/1").document()
    assert_refused(vc_api.verify(vc_api.issued(credentialStatus=status)), "vc_api_status_unknown")


@pytest.mark.parametrize("several", [False, True])
def test_a_status_of_another_type_is_unknown_and_so_not_valid(vc_api: VcApi, several: bool) -> None:
    status: Any = {"type": "ExampleStatus"}
    issued = vc_api.issued(context=[V2, EXAMPLES], credentialStatus=[status] if several else status)
    assert_refused(vc_api.verify(issued), "vc_api_status_unknown")


def test_a_status_of_another_type_does_not_touch_the_proof(vc_api: VcApi) -> None:
    issued = vc_api.issued(context=[V2, EXAMPLES], credentialStatus={"type": "ExampleStatus"})
    assert_verified(vc_api.verify(issued, {"checks": ["proof"]}))


def test_a_purpose_that_the_list_does_not_serve_is_not_valid(vc_api: VcApi) -> None:
    url = entry_of(vc_api.issued("bitstring")).list_credential
    status = BitstringEntry("suspension", 7, url).document()
    assert_refused(vc_api.verify(vc_api.issued(credentialStatus=status)), "bitstring_purpose_mismatch")


def test_an_index_outside_the_list_is_not_valid(vc_api: VcApi) -> None:
    url = entry_of(vc_api.issued("bitstring")).list_credential
    status = BitstringEntry("revocation", 1 << 20, url).document()
    assert_refused(vc_api.verify(vc_api.issued(credentialStatus=status)), "status_index_out_of_bounds")


def test_a_list_that_is_not_there_is_not_found(vc_api: VcApi) -> None:
    answer = vc_api.client.get(f"{PATH}/nothing")
    assert (answer.status_code, answer.json()["problemDetails"][0]["code"]) == (404, "vc_api_no_such_status_list")


def test_a_refused_credential_takes_no_place(vc_api: VcApi) -> None:
    credential = vc_api.credential("bitstring", unknown="dropped")
    before = len(vc_api.service.book.places())
    assert_refused(vc_api.issue("bitstring", credential))
    assert len(vc_api.service.book.places()) == before


def test_a_list_that_is_half_full_is_followed_by_another() -> None:
    book = StatusBook(PUBLIC_URL, "did:example:issuer", size=4)
    entries = [book.take() for _ in range(4)]
    assert [entries[0].list_credential == entry.list_credential for entry in entries] == [True, True, False, False]


def test_a_place_that_is_taken_is_not_given_again() -> None:
    drawn = iter((1, 1, 1, 0))
    book = StatusBook(PUBLIC_URL, "did:example:issuer", size=4, below=lambda _: next(drawn))
    assert [book.take().index, book.take().index] == [1, 0]


@pytest.mark.parametrize("suffix", ["", "/x"])
def test_an_entry_of_no_list_of_ours_cannot_be_revoked(vc_api: VcApi, suffix: str) -> None:
    with pytest.raises(Exception, match="no status list"):
        vc_api.service.book.revoke(BitstringEntry("revocation", 1, f"{PUBLIC_URL}{PATH}{suffix}"))
