"""From an order to what will be signed: pure, and everything that is wrong with the order at once.

1. the claims in normal form, each against its field, then against each other (``schemas.validation``)
2. the holders: at least one
3. the legal dates; a certificate that has ended is not issued
4. the derived claims of today, the common claims, the digests of images
5. the credentials: for each holder every format of the profile, and a short-lived one for claims that can turn back
6. a draft of each, and the lints over it
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from issuer.claims import complete_claims, image_problems
from issuer.documents import Document, document, unstable_claims
from issuer.errors import OrderRefused, Problem
from issuer.frames import Frame
from issuer.lints import lint
from issuer.moments import credential_end, full_hour
from issuer.profile import Profile
from issuer.records import CredentialIntent, Intent
from schemas import types
from schemas.catalogue import CertificateType, TypeId
from schemas.derive import derive
from schemas.errors import MissingHolder, NoLegalDate, UnknownType
from schemas.generate.face import copied_fields
from schemas.holders import holders_of
from schemas.national import DivisionTable, build_identifier
from schemas.order import CredentialFormat, CredentialId, HolderRef, LegalDates, Order
from schemas.purposes import purpose
from schemas.validation import HOLDER_CODE_TYPE, normalise, validate_claims
from schemas.validity import day_of, legal_dates

_NO_HOLDER = Problem("holders", "holder", "缺少持证主体", "the order names no holder")
_ENDED = "证照有效期已届满,不能签发", "the certificate has ended already"
_NO_DATE = "无法确定证照有效期", "the legal dates do not follow from the claims"
MAX_VERSION = 999  # GB/T 36904: three digits


@dataclass(frozen=True, slots=True)
class Rules:
    """By which rules an issuer prepares: the profile, and the operator's table of divisions when there is one."""

    profile: Profile
    divisions: DivisionTable | None = None


@dataclass(frozen=True, slots=True)
class Numbering:
    """The numbers that a new certificate gets: serial and version of its identifier, ids of its credentials.

    ``dates`` are set where further credentials of an issued certificate are made: its legal dates do not move.
    """

    serial: str
    version: int
    credential_id: Callable[[], str]
    dates: LegalDates | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """An order that passed every check; ``ordered`` are its claims in normal form, ``intent`` what will be signed."""

    order: Order
    ordered: Mapping[str, Any]
    intent: Intent


def prepare(order: Order, *, rules: Rules, issuer: str, numbering: Numbering, now: datetime) -> Prepared:
    """Return what will be signed for ``order``; ``issuer`` is the department's ``iss``.

    Raises:
        OrderRefused: with every problem that was found.
    """
    kind = type_of(order.type_id)
    ordered = normalise(kind, order.claims)
    today = day_of(now)
    # Steps 1 and 2.
    problems = [*claim_problems(kind, ordered, now=now, divisions=rules.divisions)]
    problems += [] if order.holders else [_NO_HOLDER]
    if problems:
        raise OrderRefused(problems)
    # Step 3: dates are computed from sound claims only.
    dates = numbering.dates or _dates(kind, ordered, now, renewal=order.replaces is not None)
    _refuse_ended(kind, dates, now)
    # Step 4.
    credit_code = types.department(kind.department).credit_code
    identifier = build_identifier(
        kind.type_code, issuer_code=credit_code, serial=numbering.serial, version=numbering.version
    )
    claims = complete_claims(
        kind,
        ordered,
        derived=derive(kind, ordered, today=today, divisions=rules.divisions),
        identifier=identifier,
        version=numbering.version,
        dates=dates,
    )
    claims.setdefault(HOLDER_CODE_TYPE, holders_of(kind, ordered)[0].code_type)
    # Step 5.
    intent = Intent(
        identifier=identifier,
        version=numbering.version,
        type_id=kind.id,
        revision=kind.revision,
        department=kind.department,
        holders=order.holders,
        claims=claims,
        dates=dates,
        credentials=planned_credentials(kind, order.holders, claims, rules.profile, numbering.credential_id),
        planned_at=now,
        row_key=order.row_key,
        replaces=order.replaces,
    )
    # Step 6.
    check_drafts(intent, profile=rules.profile, issuer=issuer, now=now)
    return Prepared(order, ordered, intent)


def type_of(type_id: TypeId) -> CertificateType:
    """Return a certificate type; raises OrderRefused, as for everything else that an order can have wrong."""
    try:
        return types.certificate_type(type_id)
    except UnknownType:
        raise OrderRefused([Problem("type_id", "unknown_type", "没有此证照类型", "no type has this id")]) from None


def claim_problems(
    kind: CertificateType, ordered: Mapping[str, Any], *, now: datetime, divisions: DivisionTable | None
) -> list[Problem]:
    """Return what is wrong with claims in normal form; the images are looked at when all else is right."""
    found = validate_claims(kind, ordered, today=day_of(now), divisions=divisions)
    problems = [Problem(each.path, each.rule, each.message_zh, each.message_en) for each in found]
    if problems:
        return problems
    try:
        holders_of(kind, ordered)
    except MissingHolder:
        problems.append(_NO_HOLDER)
    return problems + list(image_problems(kind, ordered))


def planned_credentials(
    kind: CertificateType,
    holders: tuple[HolderRef, ...],
    claims: Mapping[str, Any],
    profile: Profile,
    credential_id: Callable[[], str],
) -> tuple[CredentialIntent, ...]:
    """Return the credentials of a certificate, holder by holder."""
    forms = [(form, False) for form in profile.formats]
    if unstable_claims(kind) & claims.keys() and CredentialFormat.SD_JWT_VC in profile.formats:
        forms.append((CredentialFormat.SD_JWT_VC, True))
    return tuple(
        CredentialIntent(CredentialId(credential_id()), form, holder, short_lived)
        for holder in holders
        for form, short_lived in forms
    )


def frames(intent: Intent, *, profile: Profile, issuer: str, now: datetime) -> Iterator[Frame]:
    """Give the frame of each credential of an intent, as it would be signed at ``now`` but for its status.

    Raises:
        OrderRefused: the certificate has ended.
    """
    kind = types.certificate_type(intent.type_id)
    _refuse_ended(kind, intent.dates, now)
    issued_at = full_hour(now)
    derived = derive(kind, intent.claims, today=day_of(now))
    for credential in intent.credentials:
        change = derived.change_after(short_lived=credential.short_lived)
        yield Frame(
            certificate_type=kind,
            format=credential.format,
            short_lived=credential.short_lived,
            issuer=issuer,
            holder_key=None if credential.copy else credential.holder.key,
            dates=intent.dates,
            issued_at=issued_at,
            expires_at=credential_end(
                issued_at,
                last_day=intent.dates.expires,
                changes=[change] if change else [],
                longest=_longest(credential, profile),
            ),
            fields=_fields(kind, credential),
            copy=credential.copy,
        )


def _fields(kind: CertificateType, credential: CredentialIntent) -> frozenset[str] | None:
    if credential.purpose is not None:
        return frozenset(purpose(kind.id, credential.purpose).fields)
    return None if credential.copy is None else copied_fields(kind)


def _longest(credential: CredentialIntent, profile: Profile) -> timedelta:
    if credential.copy is not None:
        return min(timedelta(days=credential.copy.days), profile.max_validity)
    return profile.short_lived if credential.short_lived else profile.max_validity


def drafts(intent: Intent, *, profile: Profile, issuer: str, now: datetime) -> Iterator[Document]:
    """Give the document of each credential of an intent, with a stand-in for the status."""
    for frame in frames(intent, profile=profile, issuer=issuer, now=now):
        yield document(frame, intent.claims)


def check_drafts(intent: Intent, *, profile: Profile, issuer: str, now: datetime) -> None:
    """Raise OrderRefused with what the lints find in the drafts, each finding once."""
    documents = drafts(intent, profile=profile, issuer=issuer, now=now)
    found = dict.fromkeys(problem for draft in documents for problem in lint(draft, skip=profile.skipped_lints))
    if found:
        raise OrderRefused(list(found))


def _dates(kind: CertificateType, ordered: Mapping[str, Any], now: datetime, *, renewal: bool) -> LegalDates:
    try:
        return legal_dates(kind, ordered, day_of(now), renewal=renewal)
    except NoLegalDate:
        raise OrderRefused([_end_problem(kind, "validity", *_NO_DATE)]) from None


def _refuse_ended(kind: CertificateType, dates: LegalDates, now: datetime) -> None:
    if dates.expires is not None and dates.expires < day_of(now):
        raise OrderRefused([_end_problem(kind, "expired", *_ENDED)])


def _end_problem(kind: CertificateType, rule: str, message_zh: str, message_en: str) -> Problem:
    return Problem(kind.validity.get("expires", "expiring_date"), rule, message_zh, message_en)
