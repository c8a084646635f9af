"""The pack, written and read."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from keys import jws, strict_json
from keys.algorithms import Algorithm
from keys.anchor import Anchor
from keys.errors import InvalidSignature, MalformedToken, TooLarge, UnexpectedType
from keys.signer import SoftwareSigner
from schemas.formats import pack
from schemas.formats.pack import MalformedPack, PackContent, TypeLabel, read_pack, write_pack

SIGNER = SoftwareSigner.generate(Algorithm.ES256)
ANCHOR = Anchor((SIGNER.public_key,))
CONTENT = PackContent(
    version=7,
    issued_at=datetime(2026, 1, 1, tzinfo=UTC),
    next_update=datetime(2026, 1, 2, tzinfo=UTC),
    trust_list="a.b.c",
    status_lists={"https://e.example/status/1": "d.e.f"},
    kept={"kid-1": "g.h.i"},
    catalogue_digest="sha256-AAAA",
    types={"urn:ecert:business_licence:1": TypeLabel("business_licence", "营业执照", "Business licence")},
    recall_lists={"https://e.example/wallet/status/1": "j.k.l"},
)


def _signed(**changes: Any) -> str:
    payload = jws.peek(write_pack(CONTENT, SIGNER)).peek_claims()
    for name, value in changes.items():
        payload[name] = value
    return jws.sign(strict_json.dumps(payload), SIGNER, typ=pack.TYP)


def test_a_pack_comes_back_as_it_was() -> None:
    assert read_pack(write_pack(CONTENT, SIGNER), ANCHOR) == CONTENT


def test_a_pack_by_another_key_is_refused() -> None:
    with pytest.raises(InvalidSignature):
        read_pack(write_pack(CONTENT, SoftwareSigner.generate()), ANCHOR)


def test_another_document_of_the_anchor_is_no_pack() -> None:
    other = jws.sign(jws.peek(_signed()).peeked_payload, SIGNER, typ="ecert-trust-list+jwt")
    with pytest.raises(UnexpectedType):
        read_pack(other, ANCHOR)


def test_a_pack_with_a_member_twice_is_refused() -> None:
    payload = jws.peek(_signed()).peeked_payload
    twice = jws.sign(payload[:-1] + b',"version":9}', SIGNER, typ=pack.TYP)
    with pytest.raises(MalformedToken, match="twice"):
        read_pack(twice, ANCHOR)


def test_an_oversized_pack_is_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pack, "MAX_PACK", 100)
    with pytest.raises(TooLarge):
        read_pack(_signed(), ANCHOR)


LABEL = {"id": "x", "zh": "某", "en": "x"}


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"version": -1}, "version"),
        ({"version": True}, "version"),
        ({"version": 2**53}, "version"),
        ({"issued_at": 1.5}, "issued_at"),
        ({"next_update": -1}, "next_update"),
        ({"next_update": 1767225600}, "next_update"),
        ({"trust_list": ""}, "trust_list"),
        ({"trust_list": 1}, "trust_list"),
        ({"status_lists": []}, "status_lists"),
        ({"status_lists": {"u": 1}}, "status_lists.u"),
        ({"recall_lists": []}, "recall_lists"),
        ({"recall_lists": {"u": ""}}, "recall_lists.u"),
        ({"recall_lists": {str(n): "a" for n in range(4097)}}, "recall_lists"),
        ({"kept": {str(n): "a" for n in range(1025)}}, "kept"),
        ({"catalogue": []}, "catalogue"),
        ({"catalogue": {"types": {}}}, "catalogue.digest"),
        ({"catalogue": {"digest": "d" * 513, "types": {}}}, "catalogue.digest"),
        ({"catalogue": {"digest": "d", "types": []}}, "catalogue.types"),
        ({"catalogue": {"digest": "d", "types": {str(n): LABEL for n in range(1025)}}}, "catalogue.types"),
        ({"catalogue": {"digest": "d", "types": {"v": {"id": "x"}}}}, "catalogue.types.v.zh"),
        ({"catalogue": {"digest": "d", "types": {"v": "x"}}}, "catalogue.types.v"),
    ],
)
def test_a_broken_rule_names_its_member(changes: dict[str, Any], named: str) -> None:
    with pytest.raises(MalformedPack) as caught:
        read_pack(_signed(**changes), ANCHOR)
    assert caught.value.field == named


def test_a_pack_without_a_member_is_refused() -> None:
    payload = jws.peek(_signed()).peek_claims()
    del payload["kept"]
    with pytest.raises(MalformedPack, match="kept"):
        read_pack(jws.sign(strict_json.dumps(payload), SIGNER, typ=pack.TYP), ANCHOR)


def test_a_pack_of_before_there_were_recalls_opens() -> None:
    payload = jws.peek(write_pack(CONTENT, SIGNER)).peek_claims()
    del payload["recall_lists"]
    old = read_pack(jws.sign(strict_json.dumps(payload), SIGNER, typ=pack.TYP), ANCHOR)
    assert old == replace(CONTENT, recall_lists={})


def test_a_member_of_a_later_revision_is_passed_over() -> None:
    assert read_pack(_signed(later=1), ANCHOR) == CONTENT


def test_what_could_not_be_read_is_not_written() -> None:
    with pytest.raises(MalformedPack, match="version"):
        write_pack(replace(CONTENT, version=-1), SIGNER)


def test_a_large_pack_is_read() -> None:
    large = replace(CONTENT, status_lists={f"https://e.example/status/{n}": "x" * 350_000 for n in range(40)})
    assert read_pack(write_pack(large, SIGNER), ANCHOR) == large
