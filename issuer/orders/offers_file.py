"""The table of a bulk run's offers: a line for each holder of each row, readable by its owner alone.

It holds links and transaction codes, nobody's name or number: the row says whose they are. A run that starts again goes
on with the file: lines with a link are kept, the others are written anew.
"""

import csv
import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from issuer.orders.offers import MadeOffer
from issuer.orders.records import WaitingOrder

HEADER = ("row", "holder", "order_id", "state", "expires_at", "link", "page", "tx_code", "picture")
_LINK = HEADER.index("link")


class OffersFile:
    """A CSV file (UTF-8 with BOM, so that spreadsheets read it), and the folder of its pictures."""

    def __init__(self, path: Path, *, pictures: Path | None = None) -> None:
        self._pictures = pictures
        kept = list(_whole_lines(path))
        self.known = {(line[2], int(line[1])) for line in kept}
        """The (order id, holder's place) that have a link already."""
        _rewrite(path, kept)
        self._file = path.open("a", encoding="utf-8", newline="")
        self._writer = csv.writer(self._file)

    def add(self, row: int, place: int, order: WaitingOrder, offer: MadeOffer | None) -> None:
        """Write a line, after its picture; without an offer it says the order's state alone."""
        line = [str(row), str(place), order.order_id, str(order.state)]
        if offer is not None:
            picture = self._picture(f"row-{row}-{place}.png", offer)
            line += [offer.expires_at.isoformat(), offer.link, offer.page or "", offer.tx_code or "", picture]
        self._writer.writerow(line + [""] * (len(HEADER) - len(line)))
        self._file.flush()
        os.fsync(self._file.fileno())

    def _picture(self, name: str, offer: MadeOffer) -> str:
        if self._pictures is None:
            return ""
        self._pictures.mkdir(parents=True, exist_ok=True)
        path = _private(self._pictures / name)
        path.write_bytes(offer.png())
        return str(path)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()


def _rewrite(path: Path, lines: list[list[str]]) -> None:
    """Write the table of these lines in place of what is there: links and codes exist nowhere else in clear, so that
    the old table stays until the new one is on the disk."""
    fresh = _private(path.with_name(f"{path.name}.tmp"))
    with fresh.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        writer.writerows(lines)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def _private(path: Path) -> Path:
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
    path.chmod(0o600)
    return path


def _whole_lines(path: Path) -> Iterator[list[str]]:
    """Give the lines of an earlier run that have a link; one that a crash cut short is left out."""
    if not path.is_file():
        return
    with path.open(encoding="utf-8-sig", newline="") as file:
        for line in csv.reader(file):
            if len(line) == len(HEADER) and line[_LINK] and line[1].isdigit():
                yield line
