"""``ecert receipt`` re-checks a receipt offline; ``ecert webhook`` lists and replays dead letters."""

from datetime import timedelta
from pathlib import Path

import pytest

from ecert.cli import main
from ecert.settings import load
from ecert.wiring import open_container
from keys.anchor import Anchor
from keys.signer import SoftwareSigner
from tests.support.ecert_world import ENVIRON
from tests.support.verifications import NOW, a_verification, an_endpoint, answer, basis
from verifier.api import receipts
from verifier.api.webhooks import TRIES
from verifier.basis import presentation_hash

SHOWN = "eyJ…~disclosure~"


@pytest.fixture
def signer() -> SoftwareSigner:
    return SoftwareSigner.generate()


@pytest.fixture
def files(tmp_path: Path, signer: SoftwareSigner) -> dict[str, Path]:
    stated = basis() | {"presentations": [{"id": "id", "hash": presentation_hash(SHOWN, salt="AAAA")}]}
    verification = a_verification(**answer(credentials=None, basis=stated), ended_at=NOW)
    contents = {
        "receipt": receipts.sign(verification, signer, issuer="https://ecert.example", now=NOW).encode(),
        "anchor": Anchor((signer.public_key,)).to_json(),
        "other": Anchor((SoftwareSigner.generate().public_key,)).to_json(),
        "shown": SHOWN.encode(),
        "another": b"another",
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    return {name: tmp_path / name for name in contents}


def verify(files: dict[str, Path], *more: str, anchor: str = "anchor") -> int:
    return main(["receipt", "verify", str(files["receipt"]), "--anchor", str(files[anchor]), *more])


def test_a_receipt_is_verified_with_nothing_but_the_anchor(
    files: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert verify(files) == 0
    shown = capsys.readouterr().out
    assert "valid, 2026-03-02T09:41:17Z" in shown
    assert "not compared" in shown


def test_a_receipt_is_compared_with_the_presentation(files: dict[str, Path]) -> None:
    assert verify(files, "--presentation", str(files["shown"])) == 0
    assert verify(files, "--presentation", str(files["another"])) == 1


def test_a_receipt_by_another_anchor_or_that_was_changed_does_not_hold(files: dict[str, Path]) -> None:
    assert verify(files, anchor="other") == 1
    files["receipt"].write_text(files["receipt"].read_text()[:-6] + "AAAAAA")
    assert verify(files) == 1


def test_what_cannot_be_read_could_not_run(files: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    assert main(["receipt", "verify", str(files["receipt"].parent / "none"), "--anchor", str(files["anchor"])]) == 3
    monkeypatch.delenv("ECERT_ANCHOR", raising=False)
    assert main(["receipt", "verify", str(files["receipt"])]) == 3
    files["receipt"].write_bytes(b"x" * (receipts.MAX_RECEIPT + 1))
    assert verify(files) == 3


def test_dead_letters_are_listed_and_replayed(command_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with open_container(load({"ECERT_HOME": str(command_home)}), environ=ENVIRON) as container:
        storage = container.storage
        storage.webhooks.add(an_endpoint(), b"s" * 32)
        storage.verifications.add(a_verification(**answer(credentials=None), ended_at=NOW))
        (sending,) = storage.webhooks.claim(now=NOW, until=NOW + timedelta(hours=1), limit=1)
        for _ in range(TRIES):
            storage.webhooks.done(sending.delivery_id, status=None, ok=False, now=NOW)
    assert main(["webhook", "dead"]) == 0
    assert sending.delivery_id in capsys.readouterr().out
    assert main(["webhook", "replay", sending.delivery_id]) == 0
    capsys.readouterr()
    assert main(["webhook", "dead"]) == 0
    assert sending.delivery_id not in capsys.readouterr().out
    assert main(["webhook", "replay", "none"]) == 3
