"""The verify API's use cases: ask a holder, look it up, hear of its end. No HTTP, no storage, no clock of its own.

A verification is the relying party's own: another party, and the other environment, do not see that it is there.
Claims are kept sealed until the relying party has fetched them (and ten minutes more, for an answer that was lost), at
most a day, and never longer than the purpose's retention (invariant 6); what stays has no claims.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from hmac import compare_digest
from typing import Any

from keys.encoding import b64url_decode, b64url_text
from keys.errors import MalformedToken
from schemas.dcql import Query
from schemas.openid4vp.client_id import Prefix
from schemas.qr import drawing
from schemas.qr.errors import QrError
from verifier.api.errors import InvalidCursor, UnknownVerification
from verifier.api.model import FETCHED, Filters, Owner, Page, Status, Verification, Via, claims_end
from verifier.api.ports import Purposes, Records, Transactions
from verifier.errors import ResultNotReleased, TransactionNotWaiting
from verifier.openid4vp.requests import Asked, digest
from verifier.openid4vp.transactions import Flow, State, Transaction
from verifier.parties.model import Access

_CURSOR_BYTES = 8


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a relying party asks for: a purpose, less than it allows if ``query`` is given, and in which way.

    ``session`` is what the browser holds that starts on the same device; ``origin`` where the DC API is called.
    ``unsigned`` asks without a signature, which only the test environment may.
    """

    purpose_id: str
    reference: str | None = None
    query: Query | None = None
    flow: Flow = Flow.CROSS_DEVICE
    return_uri: str | None = None
    origin: str | None = None
    unsigned: bool = False
    transaction_data: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Created:
    """A verification that waits. ``session`` is shown once; ``browser`` is what the DC API is called with."""

    verification: Verification
    session: str | None
    browser: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Parts:
    """What the use cases work with."""

    purposes: Purposes
    transactions: Transactions
    records: Records
    clock: Callable[[], datetime]
    random: Callable[[int], bytes]


class Verifications:
    """Verifications of relying parties."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def create(self, access: Access, wanted: Wanted) -> Created:
        """Ask a holder.

        Raises:
            PurposeNotAllowed, PartySuspended, UnknownParty: not this purpose, or not now.
            OverAsking: more than the purpose allows.
            ReturnUriNotAllowed: the address was not registered.
            InvalidPresentationRequest, InvalidTransactionData: what the flow needs is missing, or an entry is wrong.
        """
        parts = self._parts
        purpose = parts.purposes.purpose(access, wanted.purpose_id)
        query = parts.purposes.query(access, wanted.purpose_id, wanted.query)
        if wanted.return_uri is not None:
            parts.purposes.check_return_uri(access, wanted.return_uri)
        session = b64url_text(parts.random(24)) if wanted.flow is Flow.SAME_DEVICE else None
        begun = parts.transactions.begin(_asked(access, wanted, query, session))
        transaction = begun.transaction
        made = Verification(
            verification_id=transaction.transaction_id,
            owner=Owner(access.party_id, access.environment),
            purpose_id=purpose.purpose_id,
            via=Via(wanted.flow.value),
            created_at=transaction.created_at,
            expires_at=transaction.expires_at,
            retention_days=purpose.retention_days,
            reference=wanted.reference,
            link=begun.link,
            session=transaction.session,
        )
        parts.records.add(made)
        return Created(made, session, begun.browser)

    def get(self, access: Access, verification_id: str) -> Verification:
        """Return one as it stands, without its claims; raises UnknownVerification."""
        return replace(self._found(access, verification_id), credentials=None)

    def fetch(
        self, access: Access, verification_id: str, *, session: str | None = None, response_code: str | None = None
    ) -> Verification:
        """Return one with its claims, and let them go ten minutes later.

        On the same device the result is for the browser that began, and that the wallet sent back (OpenID4VP 1.0,
        14.3): without ``session`` and ``response_code`` there is its status alone.

        Raises:
            UnknownVerification: it is not this relying party's, or forgotten.
            ResultNotReleased: a session or a response code is given, and it is not the right one.
        """
        found = self._found(access, verification_id)
        if found.via is Via.SAME_DEVICE and found.status is Status.ANSWERED:
            if session is None and response_code is None:
                return replace(found, credentials=None, result=None)
            if not _is(session, found.session) or not _is(response_code, found.response_code):
                raise ResultNotReleased("result is for the browser that began, with the code that the wallet brought")
        if found.credentials is not None:
            self._parts.records.fetched(verification_id, until=self._parts.clock() + FETCHED)
        return found

    def list(self, access: Access, filters: Filters, *, cursor: str | None, limit: int) -> tuple[Page, str | None]:
        """Return a page, the newest first, without claims, and the next one's cursor; raises InvalidCursor."""
        after = None if cursor is None else position_of(cursor)
        page = self._parts.records.list(_owner(access), filters, after=after, limit=limit)
        now = self._parts.clock()
        items = [replace(each.at(now), credentials=None) for each in page.items]
        return Page(items, page.after), None if page.after is None else cursor_of(page.after)

    def picture(self, access: Access, verification_id: str) -> bytes:
        """Return the link as a QR code in a PNG.

        Raises:
            UnknownVerification: it is not this relying party's, or forgotten.
            TransactionNotWaiting: it is over, or the browser asks the wallet.
            QrTooLarge: an unsigned request, which stands in the link whole, may be too long.
        """
        found = self._found(access, verification_id)
        if found.status is not Status.WAITING or found.link is None:
            raise TransactionNotWaiting("verification does not wait for a wallet that reads a code")
        return drawing.png(found.link)

    def _found(self, access: Access, verification_id: str) -> Verification:
        found = self._parts.records.find(_owner(access), verification_id)
        if found is None or not access.reaches(found.purpose_id):
            raise UnknownVerification("relying party has no verification of this id")
        return found.at(self._parts.clock())


class Listener:
    """Hears how transactions end (``verifier.openid4vp.ports.Told``) and keeps it."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def ended(self, transaction: Transaction, *, now: datetime) -> None:
        """Keep the end of a transaction: the result without claims, and the claims apart, for a while."""
        result = None if transaction.result is None else dict(transaction.result)
        credentials = None if result is None else result.pop("credentials", None) or None
        basis = None if result is None else result.pop("basis", None)
        status = Status.ANSWERED if transaction.state is State.ANSWERED else Status.DECLINED
        self._records.end(
            transaction.transaction_id,
            {
                "status": status,
                "result": result,
                "basis": basis,
                "credentials": credentials,
                "response_code": transaction.response_code,
            },
            now=now,
        )


def ended(verification: Verification, fields: Mapping[str, Any], *, now: datetime) -> Verification:
    """Return a verification as it ended at ``now``; claims, if there are any, with their time."""
    until = claims_end(now, verification.retention_days) if fields.get("credentials") else None
    return replace(verification, **fields, ended_at=now, claims_until=until)


def svg_data(link: str) -> str | None:
    """Return the link's QR code as a ``data:`` URI of an SVG; None when it is too long for a code."""
    try:
        return drawing.data_uri(drawing.svg(link))
    except QrError:
        return None


def _asked(access: Access, wanted: Wanted, query: Query, session: str | None) -> Asked:
    return Asked(
        party_id=access.party_id,
        purpose_id=wanted.purpose_id,
        query=query,
        return_uri=wanted.return_uri,
        environment=access.environment.value,
        flow=wanted.flow,
        session=session,
        origin=wanted.origin,
        transaction_data=wanted.transaction_data,
        prefix=Prefix.REDIRECT_URI if wanted.unsigned else Prefix.X509_HASH,
    )


def _owner(access: Access) -> Owner:
    return Owner(access.party_id, access.environment)


def cursor_of(position: int) -> str:
    """Return where a list goes on, as a text."""
    return b64url_text(position.to_bytes(_CURSOR_BYTES, "big"))


def position_of(cursor: str) -> int:
    """Return what ``cursor_of`` wrote; raises InvalidCursor."""
    try:
        raw = b64url_decode(cursor)
    except MalformedToken:
        raise InvalidCursor("cursor is none of this list") from None
    if len(raw) != _CURSOR_BYTES:
        raise InvalidCursor("cursor is none of this list")
    return min(int.from_bytes(raw, "big"), 2**63 - 1)


def _is(brought: str | None, kept: str | None) -> bool:
    return brought is not None and kept is not None and compare_digest(digest(brought), kept)
