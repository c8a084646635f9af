"""CWT: claims in a COSE_Sign1, and the kinds of the registered ones."""

import json
from pathlib import Path
from typing import Any

import cbor2
import pytest
from cbor2 import CBORTag

from keys.errors import InvalidSignature
from keys.signer import SoftwareSigner
from schemas.formats.cose import cwt, sign1
from schemas.formats.cose.errors import CborKeyOrder, CwtClaimInvalid

SIGNER = SoftwareSigner.generate()
CLAIMS: dict[Any, Any] = {
    cwt.ISS: "https://ecert.example/issuers/amr",
    cwt.SUB: "x",
    cwt.AUD: "y",
    cwt.EXP: 1_790_000_000,
    cwt.NBF: 1_760_000_000.5,
    cwt.IAT: 1_760_000_000,
    cwt.CTI: b"id",
}


def test_claims_come_back() -> None:
    token = cwt.peek(cwt.sign(CLAIMS, SIGNER, protected={sign1.TYP: "application/cwt"}, unprotected={17: []}))
    assert token.peek_claims() == token.verified_by(SIGNER.public_key) == CLAIMS
    assert (token.message.header.typ, token.message.header.unprotected) == ("application/cwt", {17: []})


def test_the_tag_of_a_cwt_may_stand_around_it() -> None:
    tagged = cbor2.dumps(CBORTag(61, cbor2.loads(cwt.sign(CLAIMS, SIGNER))))
    assert cwt.peek(tagged).verified_by(SIGNER.public_key) == CLAIMS


def test_another_key_verifies_nothing() -> None:
    with pytest.raises(InvalidSignature):
        cwt.peek(cwt.sign(CLAIMS, SIGNER)).verified_by(SoftwareSigner.generate().public_key)


def test_claims_of_strangers_in_any_order_are_taken_where_the_caller_says_so(vectors: Path) -> None:
    published = json.loads((vectors / "status-list" / "token-status-list.json").read_text("utf-8"))
    data = bytes.fromhex(published["referenced_token_cwt_hex"])
    assert cwt.peek(data, any_order=True).peek_claims()[cwt.SUB] == "12345"
    with pytest.raises(CborKeyOrder):
        cwt.peek(data).peek_claims()


@pytest.mark.parametrize("audience", ["a", ["a"], ["a", "b"]])
def test_an_audience_is_one_or_more(audience: Any) -> None:
    cwt.check_claims({cwt.AUD: audience})


@pytest.mark.parametrize(
    "claim",
    [
        {cwt.ISS: 1},
        {cwt.ISS: ""},
        {cwt.SUB: b"x"},
        {cwt.AUD: 1},
        {cwt.AUD: []},
        {cwt.AUD: [1]},
        {cwt.EXP: "soon"},
        {cwt.EXP: True},
        {cwt.EXP: -1},
        {cwt.NBF: float("nan")},
        {cwt.IAT: float("inf")},
        {cwt.IAT: CBORTag(1, 1_760_000_000)},
        {cwt.CTI: "id"},
    ],
    ids=str,
)
def test_a_registered_claim_of_another_kind_is_refused(claim: dict[Any, Any]) -> None:
    with pytest.raises(CwtClaimInvalid):
        cwt.sign(claim, SIGNER)


def test_claims_are_a_map() -> None:
    with pytest.raises(CwtClaimInvalid):
        cwt.peek(sign1.sign(b"\x80", SIGNER)).verified_by(SIGNER.public_key)
