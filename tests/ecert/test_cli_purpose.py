"""``ecert purpose``: listing, fetching ahead, printing."""

from pathlib import Path

import pytest

from ecert.cli import main
from ecert.wiring import open_container
from schemas.order import CredentialFormat
from schemas.qr import reading, text
from tests.support.ecert_world import ENVIRON, settings_of

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def licence(command_home: Path) -> str:
    """The identifier of the business licence."""
    with open_container(settings_of(command_home), environ=ENVIRON) as container:
        for holder in container.wallet.holders.page(limit=500):
            for held in container.wallet.holdings.certificates(holder.holder_id):
                if held.type_id == "business_licence":
                    return held.identifier
    raise AssertionError("nobody holds the business licence")


def test_the_purposes_of_a_type_are_listed(capsys: Capture) -> None:
    assert main(["purpose", "--type", "resident_id_card"]) == 0
    assert "identity" in capsys.readouterr().out


def test_without_a_certificate_or_a_type_nothing_is_done(capsys: Capture) -> None:
    assert main(["purpose"]) == 3
    assert "--type" in capsys.readouterr().err


def test_certificates_fetched_ahead_are_in_the_wallet(command_home: Path, licence: str, capsys: Capture) -> None:
    assert main(["purpose", licence, "--purpose", "licence", "--count", "2"]) == 0
    assert "2 × licence" in capsys.readouterr().out
    with open_container(settings_of(command_home), environ=ENVIRON) as container:
        (holder,) = container.storage.ledger.certificate(licence).intent.holders
        held = container.storage.wallets.holdings(holder.holder_id)
    assert [one.credential.format for one in held].count(CredentialFormat.SD_CWT) == 2


@pytest.mark.parametrize("name", ["copy.png", "copy.svg"])
def test_a_printed_copy_is_a_picture(tmp_path: Path, licence: str, name: str) -> None:
    mark = ["--maker", "示例窗口", "--cause", "办理开户", "--days", "30"]
    assert main(["purpose", licence, "--purpose", "licence", "--print", str(tmp_path / name), *mark]) == 0
    picture = (tmp_path / name).read_bytes()
    if name.endswith("png"):
        (code,) = reading.read(picture).texts
        assert isinstance(text.decode(code), text.Presentation)
    else:
        assert b"<svg" in picture


def test_a_copy_without_its_mark_is_not_printed(tmp_path: Path, licence: str, capsys: Capture) -> None:
    assert main(["purpose", licence, "--purpose", "licence", "--print", str(tmp_path / "copy.png")]) == 3
    assert "maker" in capsys.readouterr().err


def test_a_picture_of_another_kind_is_not_printed(tmp_path: Path, licence: str) -> None:
    assert main(["purpose", licence, "--print", str(tmp_path / "copy.gif")]) == 3
