"""Which of a holder's certificates answer a request, and what the holder decides on. Pure.

Who asks and why come from the certificate that signed the request and from the city's attestation (``verifier_info``),
never from what the verifier says of itself (``client_metadata``). A field that the service item named there does not
need is marked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from schemas import items
from schemas.dcql import Match, Query, choose, matches
from schemas.errors import QueryNotSatisfied, UnknownItem
from schemas.openid4vp.registration import Registration
from schemas.openid4vp.transaction_data import TransactionData, read_transaction_data, usable_for
from schemas.order import CredentialFormat, CredentialId
from schemas.types import all_types, certificate_type
from wallet_api import tokens
from wallet_api.claims import ShownClaim, shown_claims
from wallet_api.openid4vp.candidates import candidates
from wallet_api.openid4vp.errors import ChoiceInvalid
from wallet_api.openid4vp.incoming import Incoming
from wallet_api.records import CertificateRecord, Holding, PartyRecord

Chosen = Mapping[str, tuple[CredentialId, ...]]
"""For each credential query the credentials that answer it."""
_SUBJECT = "credentialSubject"


@dataclass(frozen=True, slots=True)
class Option:
    """One certificate that answers a query: what is asked for of it, and what comes along.

    ``beyond`` names fields that the stated service item does not need.
    """

    credential_id: CredentialId
    type_id: str
    name_zh: str
    name_en: str
    format: CredentialFormat
    issued_at: datetime
    expires_at: datetime
    asked: tuple[ShownClaim, ...] = field(repr=False)
    always: tuple[ShownClaim, ...] = field(repr=False)
    beyond: frozenset[str] = frozenset()

    @property
    def shown(self) -> tuple[str, ...]:
        """Every field that the other side sees."""
        return tuple(claim.name for claim in (*self.asked, *self.always))

    def record(self) -> CertificateRecord:
        """Return what the history keeps of it."""
        return CertificateRecord(self.credential_id, self.type_id, self.shown)


@dataclass(frozen=True, slots=True)
class AskedCertificate:
    """One credential query. ``chosen``: it belongs to what is shared when the holder changes nothing."""

    query_id: str
    chosen: bool
    multiple: bool
    types: tuple[tuple[str, str], ...]
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class Weighed:
    """A request held against a wallet. ``answerable`` False: something that is required is missing."""

    incoming: Incoming
    purpose: Registration | None
    asked: tuple[AskedCertificate, ...]
    transactions: tuple[TransactionData, ...]
    answerable: bool
    holdings: Mapping[CredentialId, Holding] = field(repr=False)
    offered: Mapping[str, Mapping[CredentialId, Match]] = field(repr=False)

    @property
    def party(self) -> PartyRecord:
        """Who asks."""
        return self.incoming.party

    @property
    def over_asking(self) -> bool:
        """Whether a field is asked for that the stated service item does not need."""
        return any(option.beyond for asked in self.asked for option in asked.options)

    def option(self, query_id: str, credential_id: CredentialId) -> Option:
        """Return one certificate as it would answer a query."""
        return _option(self.offered[query_id][credential_id], self.holdings[credential_id], _needed(self.purpose))

    def default(self) -> Chosen:
        """Return what is shared when the holder changes nothing: the first certificate for each required query.

        Raises:
            ChoiceInvalid: something that is required is missing.
        """
        chosen = [each for each in self.asked if each.chosen]
        if not self.answerable:
            raise ChoiceInvalid("wallet holds no certificate for a part of the request that is required")
        return {each.query_id: (each.options[0].credential_id,) for each in chosen}

    def checked(self, chosen: Chosen) -> Chosen:
        """Return the holder's choice; raises ChoiceInvalid when it does not answer the request, or more than it."""
        queries = self.incoming.request.query.by_id
        for query_id, credential_ids in chosen.items():
            if query_id not in queries or not credential_ids or len(set(credential_ids)) != len(credential_ids):
                raise ChoiceInvalid("choice names a query that was not asked, or no certificate for it")
            if len(credential_ids) > 1 and not queries[query_id].multiple:
                raise ChoiceInvalid("choice names several certificates where one was asked for")
            if not self.offered[query_id].keys() >= set(credential_ids):
                raise ChoiceInvalid("choice names a certificate that does not answer its query")
        picked = {name: {one: self.offered[name][one] for one in ids} for name, ids in chosen.items()}
        try:
            choose(self.incoming.request.query, picked)
        except QueryNotSatisfied as exc:
            raise ChoiceInvalid("choice leaves out what is required") from exc
        return chosen


def weigh(incoming: Incoming, holdings: Sequence[Holding]) -> Weighed:
    """Hold a request against ``holdings``, which may all be offered (``candidates.current``)."""
    request = incoming.request
    offered = matches(request.query, candidates(holdings))
    held = {one.credential.credential_id: one for one in holdings}
    purpose = incoming.registration
    chosen = _chosen(request.query, offered)
    asked = tuple(
        AskedCertificate(
            query_id=query.id,
            chosen=chosen is not None and query.id in chosen,
            multiple=query.multiple,
            types=_names(query.types),
            options=_options(offered[query.id], held, _needed(purpose)),
        )
        for query in request.query.credentials
    )
    usable = usable_for(request.query)
    entries = tuple(read_transaction_data(each, asked=usable) for each in request.transaction_data)
    return Weighed(incoming, purpose, asked, entries, chosen is not None, held, offered)


def _chosen(query: Query, offered: Mapping[str, Mapping[CredentialId, Match]]) -> tuple[str, ...] | None:
    try:
        return choose(query, offered)
    except QueryNotSatisfied:
        return None


def _names(types: tuple[frozenset[str], ...]) -> tuple[tuple[str, str], ...]:
    """The names of the types asked for that we know: what the holder lacks has to be said in words."""
    known = {str(ctype.vct): (ctype.name_zh, ctype.name_en) for ctype in all_types()}
    return tuple(known[name] for one in types for name in sorted(one) if name in known)


def _options(
    found: Mapping[CredentialId, Match], held: Mapping[CredentialId, Holding], needed: Mapping[str, set[str]] | None
) -> tuple[Option, ...]:
    """One option for each certificate: of its credentials the first, which is the one to take."""
    first: dict[str, CredentialId] = {}
    for credential_id in found:
        first.setdefault(held[credential_id].credential.identifier, credential_id)
    return tuple(_option(found[one], held[one], needed) for one in first.values())


def _option(match: Match, holding: Holding, needed: Mapping[str, set[str]] | None) -> Option:
    credential = holding.credential
    ctype = certificate_type(credential.type_id)
    names, asked = tokens.field_names(credential), asked_fields(match)
    claims = {claim.name: claim for claim in shown_claims(ctype.id, tokens.claims_of(credential))}
    chosen = tuple(claim for name, claim in claims.items() if name in asked and name in names.selective)
    beyond = frozenset[str]() if needed is None else asked.intersection(claims) - needed.get(ctype.id, set())
    return Option(
        credential_id=credential.credential_id,
        type_id=ctype.id,
        name_zh=ctype.name_zh,
        name_en=ctype.name_en,
        format=credential.format,
        issued_at=credential.issued_at,
        expires_at=credential.expires_at,
        asked=chosen,
        always=tuple(claim for name, claim in claims.items() if name in names.always),
        beyond=beyond,
    )


def asked_fields(match: Match) -> frozenset[str]:
    """Return the names of the fields that the pointers of a match lead to or into."""
    inner = (pointer[1:] if pointer[:1] == (_SUBJECT,) else pointer for pointer in match.pointers)
    return frozenset(str(pointer[0]) for pointer in inner if pointer)


def _needed(purpose: Registration | None) -> Mapping[str, set[str]] | None:
    """The fields that the stated service item needs, by type; None when no item is stated, or none that we know."""
    if purpose is None or not purpose.item_code:
        return None
    try:
        item = items.item(purpose.item_code)
    except UnknownItem:
        return None
    needed: dict[str, set[str]] = {}
    for requirement in item.requires:
        for alternative in requirement.any_of:
            needed.setdefault(alternative.type_id, set()).update(alternative.claims)
    return needed
