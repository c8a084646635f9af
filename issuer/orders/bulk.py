"""A file of records becomes orders with offers: row by row, nothing for a bad one, and resumable.

Every row has a row key (``issuer.bulk.run``), so that a run that was killed is simply started again: its orders are
found, and those that have an offer in the table of offers get no other.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from issuer.bulk.reading import Records, Row
from issuer.bulk.report import ErrorReport
from issuer.bulk.run import CONFLICT, explained, row_key_of, row_problems
from issuer.errors import OrderRefused, RowKeyConflict
from issuer.issuing import Issuer
from issuer.orders.desk import OrderDesk, Wish
from issuer.orders.offers import OfferDesk, OfferWish
from issuer.orders.offers_file import OffersFile
from issuer.orders.records import OrderState, WaitingOrder
from schemas.audit import Doer

_TOLD_EVERY = 100  # rows


@dataclass(frozen=True, slots=True)
class BulkTerms:
    """What the rows have in common: the office, for how many days they wait, and how they are offered."""

    offer: OfferWish
    office: str | None = None
    days: int = 90


@dataclass(frozen=True, slots=True)
class BulkSummary:
    """How a run ended: offers made and offers that were there; rows that wait for approval, that are over, refused."""

    offered: int = 0
    known: int = 0
    awaiting: int = 0
    over: int = 0
    refused: int = 0


@dataclass(frozen=True, slots=True)
class BulkOrders:
    """With what a file is handed in and offered."""

    issuer: Issuer
    desk: OrderDesk
    offers: OfferDesk
    terms: BulkTerms

    def run(
        self,
        records: Records,
        report: ErrorReport,
        out: OffersFile,
        *,
        by: Doer,
        progress: Callable[[int, int], None] | None = None,
    ) -> BulkSummary:
        """Hand every good row in and offer it to each of its holders; a row at fault is in ``report``.

        Raises what stops the whole run: OfferRefused for terms that no offer takes, and what the ports raise.
        """
        summary = BulkSummary()
        for done, row in enumerate(records, start=1):
            order = self._handed_in(row, records, report, by)
            if order is None:
                summary = replace(summary, refused=summary.refused + 1)
            else:
                summary = self._offered(row.number, order, out, by, summary)
            if progress and (done % _TOLD_EVERY == 0 or done == records.total):
                progress(done, records.total)
        report.flush()
        return summary

    def _handed_in(self, row: Row, records: Records, report: ErrorReport, by: Doer) -> WaitingOrder | None:
        if row.problems:
            report.add(row.number, row_problems(self.issuer, row, records))
            return None
        kind, terms = records.certificate_type, self.terms
        wish = Wish(kind.id, row.claims, terms.office, row_key_of(self.issuer, row, records), terms.days)
        try:
            return self.desk.hand_in(wish, by=by).order
        except OrderRefused as refusal:
            report.add(row.number, explained(refusal.problems, row, records))
        except RowKeyConflict:
            report.add(row.number, [CONFLICT])
        return None

    def _offered(self, number: int, order: WaitingOrder, out: OffersFile, by: Doer, before: BulkSummary) -> BulkSummary:
        if order.state is not OrderState.WAITING:
            out.add(number, 0, order, None)
            if order.state is OrderState.AWAITING_APPROVAL:
                return replace(before, awaiting=before.awaiting + 1)
            return replace(before, over=before.over + 1)
        made = known = 0
        for place, holder_id in enumerate(order.holders, start=1):
            if (order.order_id, place) in out.known:
                known += 1
                continue
            wish = replace(self.terms.offer, order_ids=(order.order_id,), holder_id=holder_id)
            out.add(number, place, order, self.offers.make(wish, by=by))
            made += 1
        return replace(before, offered=before.offered + made, known=before.known + known)
