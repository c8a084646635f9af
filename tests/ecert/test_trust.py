"""The trust list of an installation: complete, renewed, rotated, withdrawn."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ecert.errors import CommandFailed
from ecert.installation import Installation, issuing_departments
from ecert.trust import Trust
from keys.signer import SoftwareSigner
from keys.trust import TrustedKey, TrustEntry, read_entries, read_trust_list, write_entries
from schemas.types import all_types


def test_every_type_may_be_issued_by_its_department_and_no_other(trust: Trust) -> None:
    entries = trust.current().entries
    for ctype in all_types():
        allowed = [issuer for issuer, entry in entries.items() if ctype.vct in entry.types]
        assert allowed == [trust.issuer_uri(ctype.department)]


def test_the_list_is_signed_by_the_anchor(trust: Trust, installation: Installation) -> None:
    assert read_trust_list(trust.text(), installation.anchor) == trust.current()


def test_what_the_present_key_signs_at_the_hours_beginning_is_trusted(trust: Trust, installation: Installation) -> None:
    signer = trust.signer("amr")
    key = trust.current().key_for(
        trust.issuer_uri("amr"), vct=None, kid=signer.public_key.kid, chain=(), at=installation.hour()
    )
    assert key == signer.public_key


def test_a_start_on_the_same_day_signs_no_new_list(trust: Trust, installation: Installation) -> None:
    assert Trust(installation).current().version == trust.current().version == 1


def test_a_day_later_the_list_is_signed_anew(trust: Trust, clock: Callable[..., None]) -> None:
    clock.forward(days=1)  # type: ignore[attr-defined]
    assert trust.refresh().version == 2


def test_only_the_last_versions_are_kept(trust: Trust, installation: Installation, clock: Callable[..., None]) -> None:
    for _ in range(5):
        clock.forward(days=1)  # type: ignore[attr-defined]
        trust.refresh()
    assert sorted(name for name in installation.blobs.names() if "trust" in name) == [
        ".state/trust/4",
        ".state/trust/5",
        ".state/trust/6",
    ]


def test_a_rotated_key_signs_and_the_earlier_one_is_still_listed(trust: Trust) -> None:
    before = trust.signer("amr").public_key
    facts = trust.rotate("amr")
    assert trust.signer("amr").public_key.kid == facts.kid != before.kid
    assert [one.state for one in trust.facts() if one.department == "amr"] == ["earlier", "present"]


def test_a_withdrawn_present_key_is_replaced_first(trust: Trust) -> None:
    before = trust.signer("amr").public_key.kid
    trust.withdraw(before, reason="密钥泄露")
    assert trust.current().withdrawal(before) is not None
    assert trust.signer("amr").public_key.kid != before


def test_an_earlier_key_is_withdrawn_without_a_new_one(trust: Trust) -> None:
    before = trust.signer("amr").public_key.kid
    present = trust.rotate("amr").kid
    trust.withdraw(before, reason="密钥泄露")
    assert trust.signer("amr").public_key.kid == present
    assert [one.state for one in trust.facts() if one.department == "amr"] == ["withdrawn", "present"]


def test_a_key_is_withdrawn_once(trust: Trust) -> None:
    kid = trust.signer("amr").public_key.kid
    trust.withdraw(kid, reason="密钥泄露")
    with pytest.raises(CommandFailed, match="no key in force"):
        trust.withdraw(kid, reason="密钥泄露")


def test_an_unknown_department_has_no_signing_key(trust: Trust) -> None:
    with pytest.raises(CommandFailed, match="no signing key"):
        trust.signer("nobody")


def test_another_process_sees_a_rotation_after_a_moment(installation: Installation) -> None:
    moment = 0.0
    other = Trust(installation, monotonic=lambda: moment)
    kid = Trust(installation).rotate("amr").kid
    assert other.signer("amr").public_key.kid != kid
    moment = 2.0
    assert other.signer("amr").public_key.kid == kid


def test_two_writers_never_write_one_version_twice(installation: Installation) -> None:
    one, other = Trust(installation), Trust(installation)
    one.rotate("amr")
    other.rotate("psb")
    assert other.current().version == 3
    assert len(other.current().entries[other.issuer_uri("amr")].keys) == 2


def test_nobody_asks_for_the_names_of_all_records(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    """Among them are the keys of every holder in the city."""
    names, asked = installation.blobs.names, list[str]()

    def noted(prefix: str = "") -> list[str]:
        asked.append(prefix)
        return names(prefix)

    monkeypatch.setattr(installation.blobs, "names", noted)
    trust = Trust(installation)
    trust.withdraw(trust.signer("amr").public_key.kid, reason="密钥泄露")
    assert set(asked) == {".state/trust/"} | {f"issuing/{office.id}/" for office in issuing_departments()}


ELSEWHERE = "https://elsewhere.example/issuers/psb"


def entry_elsewhere() -> TrustEntry:
    key = SoftwareSigner.generate().public_key
    began = datetime(2026, 1, 1, tzinfo=UTC)
    types = frozenset({"urn:ecert:resident_id_card:1"})
    return TrustEntry(ELSEWHERE, "外地", "Elsewhere", ("psb",), types, began, None, (TrustedKey(key, began),))


def test_issuers_of_other_installations_are_listed_while_they_are_given(installation: Installation) -> None:
    trust = Trust(installation, others={ELSEWHERE: entry_elsewhere()})
    assert trust.current().entries[ELSEWHERE].name_zh == "外地"
    own = set(trust.current().entries) - {ELSEWHERE}
    assert set(Trust(installation).current().entries) == own


def test_another_installation_cannot_speak_for_an_issuer_of_this_one(installation: Installation) -> None:
    own = installation.issuer_uri("psb")
    before = Trust(installation).current().entries[own]
    after = Trust(installation, others={own: replace(entry_elsewhere(), issuer=own)}).current().entries[own]
    assert after == before


def test_what_is_exported_is_read_by_another_installation(trust: Trust, installation: Installation) -> None:
    found = read_entries(write_entries(trust.own_entries()))
    assert set(found) == set(trust.current().entries)
    entry = found[installation.issuer_uri("amr")]
    signer = trust.signer("amr")
    at = installation.clock()
    assert entry.select(kid=None, chain=signer.chain, at=at) == signer.public_key
