"""``transaction_data``: both ways, what it must be, and which key bindings authorise it."""

import base64
import hashlib
from typing import Any

import pytest

from keys import strict_json
from keys.encoding import b64url_text
from schemas.dcql import read_query
from schemas.openid4vp.errors import InvalidTransactionData
from schemas.openid4vp.transaction_data import (
    AUTHORISATION,
    authorisation,
    check_hashes,
    hash_claims,
    hash_of,
    read_transaction_data,
    usable_for,
)
from tests.support.vp_requests import QUERY

ASKED = frozenset({"licence", "card"})
MEMBERS: dict[str, Any] = {
    "type": AUTHORISATION,
    "credential_ids": ["licence"],
    "subject_zh": "办理开户",
    "subject_en": "Opening an account",
}
LICENCE = QUERY["credentials"][0]


def encoded(members: dict[str, Any]) -> str:
    return b64url_text(strict_json.dumps({name: value for name, value in members.items() if value is not None}))


def entry(*ids: str, **more: Any) -> Any:
    return read_transaction_data(encoded(MEMBERS | {"credential_ids": list(ids)} | more), asked=ASKED)


def test_an_entry_of_ours_is_read_back() -> None:
    made = authorisation(["licence"], subject_zh="办理开户", subject_en="Opening an account", reference="示例-1")
    assert read_transaction_data(made.encoded, asked=ASKED) == made
    assert (made.credential_ids, made.reference, made.names_alg) == (("licence",), "示例-1", False)
    assert authorisation(["card"], subject_zh="开户", subject_en="Opening").reference == ""


def test_a_hash_is_over_the_text_as_it_was_sent() -> None:
    # OpenID4VP 1.0, B.3.3.1: the base64url text itself, not what it stands for.
    padded = base64.urlsafe_b64encode(hashlib.sha256(b"e30").digest()).decode()
    assert hash_of("e30") + "=" == padded


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"type": "payment"}, "type that is not known"),
        ({"type": None}, "type that is not known"),
        ({"amount": 1}, "members that its type does not know"),
        ({"credential_ids": None}, "no credential"),
        ({"credential_ids": []}, "no credential"),
        ({"credential_ids": "licence"}, "no credential"),
        ({"credential_ids": ["other"]}, "no credential"),
        ({"credential_ids": ["licence", 7]}, "no credential"),
        ({"transaction_data_hashes_alg": "sha-256"}, "no hash algorithm"),
        ({"transaction_data_hashes_alg": []}, "no hash algorithm"),
        ({"transaction_data_hashes_alg": ["sha-512"]}, "no hash algorithm"),
        ({"subject_zh": None}, "subject_zh is no line"),
        ({"subject_en": ""}, "subject_en is no line"),
        ({"subject_zh": "一\n二"}, "subject_zh is no line"),
        ({"subject_zh": "一" * 501}, "subject_zh is no line"),
        ({"reference": 7}, "reference is no line"),
    ],
)
def test_an_entry_out_of_form_is_refused(changes: dict[str, Any], why: str) -> None:
    with pytest.raises(InvalidTransactionData, match=why):
        read_transaction_data(encoded(MEMBERS | changes), asked=ASKED)


@pytest.mark.parametrize("text", ["", "e30=", "W10", "拒"])
def test_what_is_no_json_object_in_base64url_is_refused(text: str) -> None:
    with pytest.raises(InvalidTransactionData):
        read_transaction_data(text, asked=ASKED)


def test_sd_jwt_vcs_with_a_holders_proof_authorise() -> None:
    jwt_vc = {"id": "old", "format": "jwt_vc_json", "meta": {"type_values": [["A"]]}}
    free = LICENCE | {"id": "free", "require_cryptographic_holder_binding": False}
    assert usable_for(read_query({"credentials": [LICENCE, jwt_vc, free]})) == {"licence"}


def test_the_answer_names_the_algorithm_where_the_request_does() -> None:
    plain, named = entry("licence"), entry("licence", transaction_data_hashes_alg=["sha-512", "sha-256"])
    assert hash_claims([]) == {}
    assert hash_claims([plain]) == {"transaction_data_hashes": [hash_of(plain.encoded)]}
    both = hash_claims([plain, named])
    assert both == {
        "transaction_data_hashes": [hash_of(plain.encoded), hash_of(named.encoded)],
        "transaction_data_hashes_alg": "sha-256",
    }
    assert check_hashes([("licence", both)], [plain, named]) is None


ONE, EITHER = entry("licence"), entry("licence", "card", reference="two")


@pytest.mark.parametrize(
    ("shown", "fault"),
    [
        ([("licence", hash_claims([ONE, EITHER]))], None),
        ([("licence", hash_claims([ONE])), ("card", hash_claims([EITHER]))], None),
        ([("licence", hash_claims([ONE])), ("card", {}), ("card", hash_claims([EITHER]))], None),
        ([], "transaction_data_missing"),
        ([("licence", {})], "transaction_data_missing"),
        ([("licence", hash_claims([ONE]))], "transaction_data_missing"),
        ([("licence", hash_claims([ONE, EITHER])), ("card", hash_claims([ONE]))], "transaction_data_mismatch"),
        ([("licence", {"transaction_data_hashes": "x"})], "transaction_data_mismatch"),
        ([("licence", {"transaction_data_hashes": ["x"]})], "transaction_data_mismatch"),
        ([("licence", {"transaction_data_hashes": [7]})], "transaction_data_mismatch"),
        (
            [("licence", hash_claims([ONE, EITHER]) | {"transaction_data_hashes_alg": "sha-512"})],
            "transaction_data_mismatch",
        ),
    ],
)
def test_each_entry_is_authorised_by_a_credential_that_it_names(shown: list[Any], fault: str | None) -> None:
    assert check_hashes(shown, [ONE, EITHER]) == fault


def test_an_answer_that_does_not_name_the_algorithm_is_refused() -> None:
    named = entry("licence", transaction_data_hashes_alg=["sha-256"])
    shown = {"transaction_data_hashes": [hash_of(named.encoded)]}
    assert check_hashes([("licence", shown)], [named]) == "transaction_data_mismatch"
