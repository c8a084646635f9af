"""Receipts: what they lack is refused, and nothing is stated of nothing."""

from typing import Any

import pytest

from keys import jws, strict_json
from keys.anchor import Anchor
from keys.errors import KeysError, TooLarge
from keys.signer import SoftwareSigner
from tests.support.verifications import NAME, NOW, a_verification, answer, basis
from verifier.api import receipts
from verifier.api.errors import NoReceipt, ReceiptRefused
from verifier.basis import presentation_hash

SIGNER = SoftwareSigner.generate()
ANCHOR = Anchor((SIGNER.public_key,))


def receipt() -> str:
    return receipts.sign(a_verification(**answer(), ended_at=NOW), SIGNER, issuer="https://ecert.example", now=NOW)


def test_a_receipt_states_the_verdict_and_no_claims() -> None:
    read = receipts.read(receipt(), ANCHOR)
    assert read.verdict == "valid"
    assert NAME not in str(read.claims)


def test_nothing_is_stated_of_what_was_not_verified() -> None:
    with pytest.raises(NoReceipt):
        receipts.sign(a_verification(), SIGNER, issuer="https://ecert.example", now=NOW)


@pytest.mark.parametrize(
    "flaw",
    [
        {"verdict": None},
        {"party": 7},
        {"basis": []},
        {"basis": {"salt": 1}},
        {"basis": {"salt": "", "trust_list_version": "7"}},
        {"basis": {"salt": "", "trust_list_version": 7, "status_lists": [{}]}},
        {"basis": {"salt": "", "trust_list_version": 7, "status_lists": [], "presentations": ["x"]}},
        {"checks": {}},
    ],
)
def test_what_lacks_a_part_is_no_receipt(flaw: dict[str, Any]) -> None:
    claims = dict(receipts.read(receipt(), ANCHOR).claims) | flaw
    text = jws.sign(strict_json.dumps(claims), SIGNER, typ=receipts.TYP)
    with pytest.raises(ReceiptRefused):
        receipts.read(text, ANCHOR)


def test_another_document_of_the_anchor_is_no_receipt() -> None:
    with pytest.raises(KeysError):
        receipts.read(jws.sign(b"{}", SIGNER, typ="ecert-trust-list+jwt"), ANCHOR)


def test_a_receipt_is_read_up_to_its_limit() -> None:
    with pytest.raises(TooLarge):
        receipts.read("x" * (receipts.MAX_RECEIPT + 1), ANCHOR)


def test_a_receipt_is_of_the_presentation_that_its_basis_names() -> None:
    shown = {"id": "id", "hash": presentation_hash("shown", salt="AAAA")}
    verification = a_verification(**answer(basis=basis() | {"presentations": [shown]}), ended_at=NOW)
    read = receipts.read(receipts.sign(verification, SIGNER, issuer="https://ecert.example", now=NOW), ANCHOR)
    receipts.check_presentation(read, " shown\n")
    with pytest.raises(ReceiptRefused, match="another presentation"):
        receipts.check_presentation(read, "another")


def test_a_receipt_without_presentations_is_of_none() -> None:
    with pytest.raises(ReceiptRefused, match="another presentation"):
        receipts.check_presentation(receipts.read(receipt(), ANCHOR), "shown")


def test_json_is_hashed_as_we_write_it_and_other_text_as_it_is() -> None:
    assert presentation_hash('{ "a" : 1 }\n', salt="AAAA") == presentation_hash('{"a":1}', salt="AAAA")
    assert presentation_hash("{ broken", salt="AAAA") != presentation_hash("{broken", salt="AAAA")
