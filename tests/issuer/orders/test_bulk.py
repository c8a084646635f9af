"""A file of records becomes orders with offers: errors by row, pictures, and the same again after a crash."""

import csv
import errno
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest

from issuer.bulk import ErrorReport, open_records
from issuer.orders.bulk import BulkOrders, BulkSummary, BulkTerms
from issuer.orders.offers import Flow, OfferDesk, OfferPorts, OfferWish, TxWish
from issuer.orders.offers_file import OffersFile
from issuer.orders.records import OrderState
from schemas import types
from schemas.audit import Doer
from schemas.qr.reading import read
from tests.support.protocol_state import MemoryState

OFFICER, APPROVER = Doer("officer-1", "preparer"), Doer("officer-2", "approver")
TERMS = BulkTerms(OfferWish((), flows=frozenset({Flow.PRE_AUTHORIZED}), tx_code=TxWish()), office="amr-example")


class Killed(BaseException):
    """The run ends here."""


@dataclass
class Bench:
    """A file, its table of offers, its report, and a run over them."""

    office: Any
    folder: Path
    pictures: bool = False
    type_id: str = "business_licence"
    terms: BulkTerms = TERMS

    def __post_init__(self) -> None:
        self.state = MemoryState()
        self.secrets = 0

    def random(self, size: int) -> bytes:
        self.secrets += 1
        return bytes((self.secrets * 37 + place * 101) % 256 for place in range(size))

    def claims(self, number: int, **changes: Any) -> dict[str, Any]:
        return {**self.office.desk.claims(self.type_id), "row_key": f"r-{number}", **changes}

    def write(self, *records: dict[str, Any]) -> None:
        (self.folder / "records.jsonl").write_bytes(b"".join(orjson.dumps(record) + b"\n" for record in records))

    def run(self, progress: Any = None) -> BulkSummary:
        records = open_records(self.folder / "records.jsonl", types.certificate_type(self.type_id))
        office = self.office
        ports = OfferPorts(office.orders, self.state, office.audit, office.desk.keys, office.desk.clock, self.random)
        bulk = BulkOrders(office.desk.issuer, office.order_desk, OfferDesk(ports), self.terms)
        pictures = self.folder / "qr" if self.pictures else None
        with ErrorReport(self.folder / "errors.csv") as report, OffersFile(self.out, pictures=pictures) as out:
            return bulk.run(records, report, out, by=OFFICER, progress=progress)

    @property
    def out(self) -> Path:
        return self.folder / "offers.csv"

    def lines(self, name: str = "offers.csv") -> list[dict[str, str]]:
        with (self.folder / name).open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))


@pytest.fixture
def bench(office: Any, tmp_path: Path) -> Bench:
    return Bench(office, tmp_path)


def test_every_good_row_becomes_an_order_with_an_offer(bench: Bench) -> None:
    bench.write(*map(bench.claims, range(3)))
    assert bench.run() == BulkSummary(offered=3)
    lines = bench.lines()
    assert [(line["row"], line["holder"], line["state"]) for line in lines] == [
        ("1", "1", "waiting"),
        ("2", "1", "waiting"),
        ("3", "1", "waiting"),
    ]
    assert all(line["link"].startswith("openid-credential-offer://?") and len(line["tx_code"]) == 6 for line in lines)
    assert {order.office for order in bench.office.orders.kept.values()} == {"amr-example"}
    assert bench.out.stat().st_mode & 0o777 == 0o600


def test_nothing_becomes_of_a_bad_row(bench: Bench) -> None:
    bench.write(
        bench.claims(1, unified_social_credit_code="914407990000000000"),
        bench.claims(2),
        bench.claims(3, name=["list"]),
    )
    assert bench.run() == BulkSummary(offered=1, refused=2)
    assert {line["row"] for line in bench.lines("errors.csv")} == {"1", "3"}
    assert [line["row"] for line in bench.lines()] == ["2"]


def test_a_row_key_with_another_content_is_a_bad_row(bench: Bench) -> None:
    bench.write(bench.claims(1), bench.claims(1, address="江门市示例路7号"))
    assert bench.run() == BulkSummary(offered=1, refused=1)
    assert [line["rule"] for line in bench.lines("errors.csv")] == ["row_key_conflict"]


def test_a_broken_line_is_a_bad_row(bench: Bench) -> None:
    bench.write(bench.claims(1))
    with (bench.folder / "records.jsonl").open("ab") as file:
        file.write(b"[1]\n")
    assert bench.run() == BulkSummary(offered=1, refused=1)


def test_each_holder_of_a_row_gets_an_offer(office: Any, tmp_path: Path) -> None:
    bench = Bench(office, tmp_path, type_id="marriage_certificate", terms=BulkTerms(TERMS.offer))
    bench.write(bench.claims(1))
    assert bench.run() == BulkSummary(offered=2)
    assert [line["holder"] for line in bench.lines()] == ["1", "2"]


def test_pictures_hold_the_links(office: Any, tmp_path: Path) -> None:
    bench = Bench(office, tmp_path, pictures=True)
    bench.write(bench.claims(1))
    bench.run()
    (line,) = bench.lines()
    picture = Path(line["picture"])
    assert (picture.name, picture.stat().st_mode & 0o777) == ("row-1-1.png", 0o600)
    assert read(picture.read_bytes()).texts == (line["link"],)


def test_a_run_that_starts_again_makes_no_second_offer(bench: Bench) -> None:
    bench.write(*map(bench.claims, range(2)))
    bench.run()
    first = bench.lines()
    bench.write(*map(bench.claims, range(3)))
    assert bench.run() == BulkSummary(offered=1, known=2)
    assert bench.lines()[:2] == first
    assert len(bench.office.orders.kept) == 3


def test_a_run_that_was_killed_goes_on(bench: Bench) -> None:
    bench.write(*map(bench.claims, range(3)))

    def kill(*_: Any) -> None:
        raise Killed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("issuer.orders.bulk._TOLD_EVERY", 2)
        with pytest.raises(Killed):
            bench.run(progress=kill)
    with bench.out.open("a", encoding="utf-8") as file:
        file.write("3,1,cut sho")
    assert bench.run() == BulkSummary(offered=1, known=2)
    assert [line["row"] for line in bench.lines()] == ["1", "2", "3"]


def test_a_run_that_cannot_write_its_table_anew_leaves_the_old_one(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Links and transaction codes stand nowhere else in clear: a full disk, or a kill, must not lose them."""
    bench.write(*map(bench.claims, range(2)))
    bench.run()
    before = bench.out.read_bytes()

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "no space left")

    with monkeypatch.context() as patch:
        patch.setattr("issuer.orders.offers_file.os.fsync", full)
        with pytest.raises(OSError, match="no space"):
            OffersFile(bench.out)
    assert bench.out.read_bytes() == before
    with OffersFile(bench.out) as again:
        assert len(again.known) == 2
    assert bench.out.read_bytes() == before
    assert bench.out.stat().st_mode & 0o777 == 0o600


def test_progress_is_told(bench: Bench) -> None:
    told: list[tuple[int, int]] = []
    bench.write(*map(bench.claims, range(3)))
    bench.run(progress=lambda *done: told.append(done))
    assert told == [(3, 3)]


def test_four_eyes_rows_await_approval_and_get_offers_later(strict: Any, tmp_path: Path) -> None:
    bench = Bench(strict, tmp_path)
    bench.write(bench.claims(1), bench.claims(2))
    assert bench.run() == BulkSummary(awaiting=2)
    assert [(line["state"], line["link"]) for line in bench.lines()] == [("awaiting_approval", "")] * 2
    first, second = strict.orders.kept
    strict.order_desk.approve(first, by=APPROVER)
    strict.order_desk.decline(second, by=APPROVER, reason="")
    assert bench.run() == BulkSummary(offered=1, over=1)
    assert [line["state"] for line in bench.lines()] == [OrderState.WAITING, OrderState.DECLINED]
