"""The kept list: which tokens of a withdrawn key stay good."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from keys import jws, kept, strict_json
from keys.anchor import Anchor
from keys.errors import InvalidSignature, MalformedKeptList, TooLarge, UnexpectedType
from keys.kept import TYP, KeptList, read_kept_list, token_digest, write_kept_list
from keys.signer import SoftwareSigner

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
ANCHOR, WITHDRAWN = SoftwareSigner.generate(), SoftwareSigner.generate()
TOKENS = [jws.sign(b'{"n":%d}' % n, WITHDRAWN, typ="dc+sd-jwt") for n in range(20)]
KEPT = KeptList.of(WITHDRAWN.public_key.kid, issued_at=NOW, digests=map(token_digest, TOKENS + TOKENS))


def read(text: str) -> KeptList:
    return read_kept_list(text, Anchor((ANCHOR.public_key,)))


def test_a_written_list_is_read_as_it_was() -> None:
    assert read(write_kept_list(KEPT, ANCHOR)) == KEPT


def test_every_token_counts_once() -> None:
    assert len(KEPT) == 20


def test_what_the_ledger_knows_is_kept() -> None:
    assert all(KEPT.keeps(text) for text in TOKENS)


def test_what_a_thief_signs_is_not_kept() -> None:
    assert not KEPT.keeps(jws.sign(b'{"n":0}', WITHDRAWN, typ="dc+sd-jwt"))


@pytest.mark.parametrize("digest", ["", "-" * 43, "z" * 43])
def test_a_digest_before_or_after_all_is_not_kept(digest: str) -> None:
    assert digest not in KEPT


def test_an_empty_list_keeps_nothing() -> None:
    empty = read(write_kept_list(KeptList.of(KEPT.kid, issued_at=NOW, digests=()), ANCHOR))
    assert (len(empty), empty.keeps(TOKENS[0])) == (0, False)


def test_the_digest_is_sha_256_of_the_text() -> None:
    assert token_digest("abc") == "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0"  # FIPS 180-2, B.1


CHANGES: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
    "kid is short": (lambda d: d.update(kid="abc"), "kid"),
    "kid is missing": (lambda d: d.pop("kid"), "kid"),
    "iat is missing": (lambda d: d.pop("iat"), "iat"),
    "digests is missing": (lambda d: d.pop("digests"), "digests"),
    "digests is a text": (lambda d: d.update(digests="x"), "digests"),
    "a digest is a number": (lambda d: d["digests"].insert(0, 1), "digests"),
    "a digest is short": (lambda d: d["digests"].insert(0, "-"), "digests"),
    "a digest stands twice": (lambda d: d["digests"].insert(0, d["digests"][0]), "digests"),
    "digests are not sorted": (lambda d: d["digests"].reverse(), "digests"),
}


@pytest.mark.parametrize("flaw", CHANGES)
def test_one_flaw_is_refused_by_the_name_of_its_member(flaw: str) -> None:
    change, field = CHANGES[flaw]
    document = {"kid": KEPT.kid, "iat": 1_772_352_000, "digests": list(KEPT.digests)}
    change(document)
    with pytest.raises(MalformedKeptList) as refused:
        read(jws.sign(strict_json.dumps(document), ANCHOR, typ=TYP))
    assert (refused.value.field, refused.value.rule != "") == (field, True)


def test_a_list_over_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    text = write_kept_list(KEPT, ANCHOR)
    monkeypatch.setattr(kept, "MAX_DIGESTS", 19)
    with pytest.raises(MalformedKeptList, match="at most 19"):
        read(text)


def test_a_document_over_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    text = write_kept_list(KEPT, ANCHOR)
    monkeypatch.setattr(kept, "MAX_KEPT_LIST", len(text) - 1)
    with pytest.raises(TooLarge):
        read(text)


def test_the_writer_refuses_what_a_reader_would_refuse() -> None:
    with pytest.raises(MalformedKeptList):
        write_kept_list(KeptList(KEPT.kid, NOW, KEPT.digests[::-1]), ANCHOR)


def test_the_withdrawn_key_cannot_sign_its_own_list() -> None:
    with pytest.raises(InvalidSignature):
        read(write_kept_list(KEPT, WITHDRAWN))


def test_another_document_of_the_anchor_is_no_kept_list() -> None:
    with pytest.raises(UnexpectedType):
        read(jws.sign(b"{}", ANCHOR, typ="ecert-trust-list+jwt"))
