"""The holder answers a request, or does not; both are as easy.

open (link, picture, call) → preview → share → shared            key in custody
                                             → signature → sign  key in the holder's device
                                     → decline

A request that waits is found under the holder's id, sealed, for a quarter of an hour, and is answered once. Every
presentation is in the history before it leaves, and so is what was declined or not taken.
"""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from keys.encoding import b64url_text
from keys.errors import InvalidSignature
from schemas.openid4vp.errors import PresentationDeclined, PresentationRequestRefused
from schemas.openid4vp.request import AuthorizationRequest
from schemas.openid4vp.response import Response
from schemas.order import CredentialId, HolderId
from wallet_api.errors import UnknownHolderKey
from wallet_api.openid4vp import incoming as requests
from wallet_api.openid4vp.candidates import current
from wallet_api.openid4vp.choices import Chosen, Weighed, weigh
from wallet_api.openid4vp.errors import PresentationNotTaken, RequestGone, SignatureInvalid, VerifierUnverified
from wallet_api.openid4vp.incoming import DcApiCall, Incoming
from wallet_api.openid4vp.parts import Parts
from wallet_api.openid4vp.sending import Sent, members_of, send, send_error
from wallet_api.openid4vp.signing import presentation_of, unsigned
from wallet_api.records import (
    Exchange,
    ExchangeOutcome,
    HolderKey,
    Holding,
    KeyPlace,
    ReasonRecord,
    ShownRecord,
    Trust,
)
from wallet_api.unbroken import or_else, unbroken
from wallet_api.unsigned import Proof, Unsigned

REQUEST_WAITS = timedelta(minutes=15)
DEVICE_SIGNS_WITHIN = timedelta(seconds=120)
CHANNEL = "openid4vp"
NO_PURPOSE = "没有登记的用证事由 No registered purpose"
NOTHING_SENT = Sent()
_KIND = "wallet_presentation_request"
_MAX_PURPOSE = 200


class Stage(StrEnum):
    """Where a request stands after the holder's act."""

    SHARED = "shared"
    SIGNATURE = "signature"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class Opened:
    """A request that waits for the holder's decision."""

    request_id: str
    weighed: Weighed
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class ToSign:
    """What a device signs with its key ``kid``: the text in ASCII, or by ``encoding`` what base64url stands for."""

    id: str
    signing_input: str = field(repr=False)
    encoding: str
    kid: str
    algorithm: str


@dataclass(frozen=True, slots=True)
class Progress:
    """What became of it: ``sent`` when it is over, ``to_sign`` when the device's signatures are needed first."""

    request_id: str
    stage: Stage
    sent: Sent = NOTHING_SENT
    to_sign: tuple[ToSign, ...] = ()
    presentation_id: str | None = None


@dataclass(frozen=True, slots=True)
class _Part:
    """One presentation to be: of which query, of which credential, with which key."""

    id: str
    query_id: str
    holding: Holding = field(repr=False)
    key: HolderKey
    unsigned: Unsigned = field(repr=False)

    def to_sign(self) -> ToSign:
        key, made = self.key.key, self.unsigned
        return ToSign(self.id, made.input_text, made.encoding, key.kid, key.algorithm.value)


@dataclass(frozen=True, slots=True)
class _Plan:
    """What will be shared: the request, the choice, the presentations without signatures."""

    weighed: Weighed
    chosen: Chosen
    at: datetime
    parts: tuple[_Part, ...]


@dataclass(frozen=True, slots=True)
class _Leaving:
    """What is about to leave and stands in the history: the answer, and what a browser is given of it."""

    request: AuthorizationRequest
    response: Response = field(repr=False)
    entry: ShownRecord = field(repr=False)
    to_browser: dict[str, Any] | None = field(repr=False)


class Answering:
    """The use case; it keeps nothing itself."""

    __slots__ = ("_parts",)

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def open(self, holder_id: HolderId, asked: str | DcApiCall) -> Opened:
        """Read a request and return what the holder decides on.

        Raises:
            UnknownHolder: no such holder.
            LinkInvalid, PresentationRequestRefused, RequestNotServed, AddressRefused, HttpFailed: as ``incoming``.
        """
        parts = self._parts
        await parts.run(parts.wallets.holder, holder_id)
        if isinstance(asked, str):
            incoming = await requests.by_link(asked, parts)
        else:
            incoming = await requests.by_browser(asked, parts)
        weighed = await parts.run(self._weighed, holder_id, incoming)
        request_id = b64url_text(parts.randomness(16))
        await self._put(holder_id, request_id, requests.kept(incoming), good_for=REQUEST_WAITS)
        return Opened(request_id, weighed, parts.clock() + REQUEST_WAITS)

    async def share(
        self, holder_id: HolderId, request_id: str, chosen: Chosen | None = None, *, accept_unverified: bool = False
    ) -> Progress:
        """Share what is asked for: ``chosen``, or what the preview proposes.

        Raises:
            RequestGone: answered or declined before, or too old.
            VerifierUnverified: nobody vouches for who asks, and ``accept_unverified`` is not set.
            ChoiceInvalid: it does not answer the request; the request still waits.
            PresentationNotTaken: the verifier refused it, or was not reached.
        """
        kept = await self._take(holder_id, request_id)
        async with self._put_back(holder_id, request_id, kept, good_for=REQUEST_WAITS):
            incoming = requests.back(kept)
            if incoming.party.trust is not Trust.LISTED and not accept_unverified:
                raise VerifierUnverified("nobody vouches for who asks")
            at = requests.moment_of(self._parts.clock())
            plan = await self._parts.run(self._plan, holder_id, incoming, chosen, at)
            by_device = tuple(part.to_sign() for part in plan.parts if part.key.place is KeyPlace.DEVICE)
            if by_device:
                picked = {name: list(ids) for name, ids in plan.chosen.items()}
                waiting = {**kept, "chosen": picked, "at": int(at.timestamp())}
                await self._put(holder_id, request_id, waiting, good_for=DEVICE_SIGNS_WITHIN)
                return Progress(request_id, Stage.SIGNATURE, to_sign=by_device)
            leaving = await self._recorded(holder_id, plan, {})
        return await unbroken(self._shared(request_id, leaving))

    async def sign(self, holder_id: HolderId, request_id: str, signatures: Mapping[str, bytes]) -> Progress:
        """Go on with the device's signatures, by the ids of what was to be signed.

        Raises:
            RequestGone: not waiting for signatures, or too old.
            SignatureInvalid: they do not fit; the request still waits for them.
            PresentationNotTaken: as ``share``.
        """
        kept = await self._take(holder_id, request_id)
        async with self._put_back(holder_id, request_id, kept, good_for=DEVICE_SIGNS_WITHIN):
            if "chosen" not in kept:
                raise RequestGone("request does not wait for signatures")
            at = datetime.fromtimestamp(kept["at"], UTC)
            chosen = {name: tuple(map(CredentialId, ids)) for name, ids in kept["chosen"].items()}
            plan = await self._parts.run(self._plan, holder_id, requests.back(kept), chosen, at)
            _check_signatures(plan, signatures)
            leaving = await self._recorded(holder_id, plan, signatures)
        return await unbroken(self._shared(request_id, leaving))

    async def decline(self, holder_id: HolderId, request_id: str) -> Progress:
        """Share nothing: an authenticated verifier hears ``access_denied``; raises RequestGone."""
        kept = await self._take(holder_id, request_id)
        async with self._put_back(holder_id, request_id, kept, good_for=REQUEST_WAITS):
            incoming = requests.back(kept)
            at = requests.moment_of(self._parts.clock())
            weighed = await self._parts.run(self._weighed, holder_id, incoming)
            chosen = weighed.default() if weighed.answerable else {}
            entry = _entry(holder_id, weighed, chosen, at, outcome=ExchangeOutcome.DECLINED)
            entry = replace(entry, presentation_id=self._new_id())
            await self._parts.run(self._parts.wallets.add_shown, entry)
        declined = PresentationDeclined("holder declined")
        if incoming.reply_to is not None:
            await send_error(self._parts.http, incoming.reply_to, declined, state=incoming.request.state)
        to_browser = None if incoming.origin is None else Response(error=declined.error).members()
        return Progress(request_id, Stage.DECLINED, Sent(dc_api=to_browser), presentation_id=entry.presentation_id)

    async def _recorded(self, holder_id: HolderId, plan: _Plan, signatures: Mapping[str, bytes]) -> _Leaving:
        incoming = plan.weighed.incoming
        request = incoming.request
        entry = _entry(holder_id, plan.weighed, plan.chosen, plan.at, outcome=ExchangeOutcome.SENT)
        entry = replace(entry, presentation_id=self._new_id())
        signed = await self._parts.run(self._signed, plan, signatures)
        response = Response(signed, None if incoming.origin is not None else request.state)
        to_browser = None if incoming.origin is None else members_of(request, response)
        # In the history first: a crash in between leaves a record of what never left, not the other way round.
        await self._parts.run(self._parts.wallets.add_shown, entry)
        return _Leaving(request, response, entry, to_browser)

    async def _shared(self, request_id: str, leaving: _Leaving) -> Progress:
        entry = leaving.entry
        if leaving.to_browser is not None:
            sent = Sent(dc_api=leaving.to_browser)
            return Progress(request_id, Stage.SHARED, sent, presentation_id=entry.presentation_id)
        try:
            sent = await send(self._parts.http, leaving.request, leaving.response)
        except (PresentationNotTaken, PresentationRequestRefused):
            await self._ended(entry, ExchangeOutcome.FAILED)
            raise
        await self._ended(entry, ExchangeOutcome.SHARED)
        return Progress(request_id, Stage.SHARED, sent, presentation_id=entry.presentation_id)

    async def _ended(self, entry: ShownRecord, outcome: ExchangeOutcome) -> None:
        def ended(record: ShownRecord) -> ShownRecord:
            assert record.exchange is not None  # noqa: S101 - written by ``_entry``
            return replace(record, exchange=replace(record.exchange, outcome=outcome))

        await self._parts.run(self._parts.wallets.change_shown, entry.holder_id, entry.presentation_id, ended)

    def _weighed(self, holder_id: HolderId, incoming: Incoming) -> Weighed:
        holdings = self._parts.wallets.holdings(holder_id)
        states = {name: self._parts.states.state_of(name) for name in {one.credential.identifier for one in holdings}}
        return weigh(incoming, current(holdings, states=states, now=self._parts.clock()))

    def _plan(self, holder_id: HolderId, incoming: Incoming, chosen: Chosen | None, at: datetime) -> _Plan:
        weighed = self._weighed(holder_id, incoming)
        picked = weighed.default() if chosen is None else weighed.checked(chosen)
        parts = [
            self._part(weighed, query_id, number, credential_id, at)
            for query_id, credential_ids in picked.items()
            for number, credential_id in enumerate(credential_ids)
        ]
        return _Plan(weighed, picked, at, tuple(parts))

    def _part(self, weighed: Weighed, query_id: str, number: int, credential_id: CredentialId, at: datetime) -> _Part:
        holding, incoming = weighed.holdings[credential_id], weighed.incoming
        credential = holding.credential
        if credential.holder_kid is None:  # received only when bound
            raise UnknownHolderKey("the credential is bound to no key")
        key = self._parts.wallets.key(credential.holder_id, credential.holder_kid)
        proof = Proof(incoming.audience, incoming.request.nonce, at)
        entries = [each for each in weighed.transactions if query_id in each.credential_ids]
        match = weighed.offered[query_id][credential_id]
        made = unsigned(credential, match, proof, key.key, authorised=entries)
        return _Part(f"{query_id}.{number}", query_id, holding, key, made)

    def _signed(self, plan: _Plan, signatures: Mapping[str, bytes]) -> dict[str, tuple[Any, ...]]:
        made: dict[str, tuple[Any, ...]] = {}
        for part in plan.parts:
            signature = signatures.get(part.id) if part.key.place is KeyPlace.DEVICE else self._by_custody(part)
            text = part.unsigned.completed(signature or b"")
            presentation = presentation_of(part.holding.credential, text)
            made[part.query_id] = (*made.get(part.query_id, ()), presentation)
        return made

    def _by_custody(self, part: _Part) -> bytes:
        return self._parts.custody.open(part.key.store_name or "").sign(part.unsigned.signing_input)

    def _new_id(self) -> str:
        return b64url_text(self._parts.randomness(16))

    async def _put(
        self, holder_id: HolderId, request_id: str, value: Mapping[str, Any], *, good_for: timedelta
    ) -> None:
        until = self._parts.clock() + good_for
        await self._parts.run(self._parts.sessions.put, _KIND, f"{holder_id}/{request_id}", value, expires_at=until)

    def _put_back(
        self, holder_id: HolderId, request_id: str, kept: Mapping[str, Any], *, good_for: timedelta
    ) -> AbstractAsyncContextManager[None]:
        """Let a request wait again when the block raises: nothing has left yet."""
        return or_else(lambda: self._put(holder_id, request_id, kept, good_for=good_for))

    async def _take(self, holder_id: HolderId, request_id: str) -> Mapping[str, Any]:
        now = self._parts.clock()
        kept = await self._parts.run(self._parts.sessions.take, _KIND, f"{holder_id}/{request_id}", now=now)
        if kept is None:
            raise RequestGone("there is no such request: answered, declined, or too old")
        return kept


def _check_signatures(plan: _Plan, signatures: Mapping[str, bytes]) -> None:
    by_device = {part.id: part for part in plan.parts if part.key.place is KeyPlace.DEVICE}
    if by_device.keys() != signatures.keys():
        raise SignatureInvalid("signatures are not those that were asked for")
    for name, part in by_device.items():
        try:
            part.key.key.verify(signatures[name], part.unsigned.signing_input)
        except InvalidSignature as exc:
            raise SignatureInvalid("a signature is not the holder's key's over what was to be signed") from exc


def _entry(
    holder_id: HolderId, weighed: Weighed, chosen: Chosen, at: datetime, *, outcome: ExchangeOutcome
) -> ShownRecord:
    """The history's entry of what is shared, or would have been; its id is still to be given."""
    records = tuple(weighed.option(name, one).record() for name, ids in chosen.items() for one in ids)
    first = records[0] if records else None
    stated = weighed.purpose
    return ShownRecord(
        presentation_id="",
        holder_id=holder_id,
        credential_id=CredentialId("") if first is None else first.credential_id,
        type_id="" if first is None else first.type_id,
        fields=() if first is None else first.fields,
        audience=weighed.incoming.audience,
        purpose=NO_PURPOSE if stated is None else f"{stated.purpose_zh} {stated.purpose_en}"[:_MAX_PURPOSE],
        channel=CHANNEL,
        at=at,
        exchange=Exchange(
            party=weighed.party,
            outcome=outcome,
            certificates=records,
            reason=ReasonRecord()
            if stated is None
            else ReasonRecord(stated.purpose_id, stated.legal_basis_zh, stated.legal_basis_en, stated.retention_days),
        ),
    )
