"""Purpose certificates: signed ahead for one purpose of showing, for the QR code of a phone or for paper.

    certificates = PurposeCertificates(issuer, clock=clock)
    certificates.prefetch(identifier, "identity", holder=holder, count=5)     # for a wallet: each is shown once
    certificates.printed_copy(identifier, "licence", mark=CopyMark(...))      # for paper: bound to nobody's key
    certificates.annotated_copy(identifier, "licence", mark=CopyMark(...))    # for a file: the whole, and its code

Each is a further credential of the certificate, with a status index of its own, so that every life-cycle act reaches
it. One for a wallet ends after seven days at most. They are fetched ahead and several at once: a wallet that asked at
the moment of showing would tell the issuer when it shows.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace

from issuer import sd_cwt
from issuer.documents import Document
from issuer.errors import OrderRefused, Problem
from issuer.issuing import Issued, Issuer
from issuer.ports import Clock
from issuer.records import CopyMark, CredentialIntent, Intent
from keys.encoding import b64url_text
from keys.signer import SoftwareSigner
from schemas.order import CredentialFormat, CredentialId, HolderRef, Identifier, StatusRef
from schemas.purposes import purpose
from schemas.qr.errors import QrTooLarge
from schemas.qr.paper import paper_code
from schemas.validity import day_of

MAX_AHEAD = 20
"""Purpose certificates of one purpose at once: what a person shows in a week."""
MAX_COPY_DAYS = 365
_LAST_INDEX = (1 << 20) - 1
_LONGEST = 200  # characters of a copy's maker and cause


@dataclass(frozen=True, slots=True)
class _Wish:
    """What is asked for: the purpose, how many, or the mark of a printed copy."""

    purpose: str
    count: int
    copy: CopyMark | None = None


class PurposeCertificates:
    """Issues purpose certificates of certificates in force."""

    def __init__(self, issuer: Issuer, *, clock: Clock) -> None:
        self._issuer = issuer
        self._clock = clock

    def prefetch(self, identifier: Identifier, purpose_id: str, *, holder: HolderRef, count: int) -> Issued:
        """Issue ``count`` purpose certificates to one of the certificate's holders and deliver them to the wallet.

        Raises:
            UnknownCertificate, StateChanged: no such certificate, or it is not in force.
            UnknownPurpose: the type has no such purpose.
            OrderRefused: the holder has no key or is not one of the certificate's, the count is out of range, the
                certificate takes effect later, or it has none of the purpose's fields.
        """
        if not 1 <= count <= MAX_AHEAD:
            raise _refused("count", "range", f"数量应为 1 至 {MAX_AHEAD}", f"the count is not 1 to {MAX_AHEAD}")
        if holder.key is None:
            raise _refused("holder", "holder_key", "持证主体没有密钥", "the holder has no key")
        return self._issuer.further(identifier, self._plan(_Wish(purpose_id, count), holder), holders=(holder,))

    def printed_copy(self, identifier: Identifier, purpose_id: str, *, mark: CopyMark) -> Issued:
        """Issue a printed copy (加注件): in the clear, bound to no key, marked with who made it and why.

        Nobody's wallet gets it: ``credentials[0].token`` is what is printed.

        Raises:
            UnknownCertificate, StateChanged, UnknownPurpose: as ``prefetch``.
            OrderRefused: the mark is not complete, the fields do not fit a code on paper, or as ``prefetch``.
        """
        _check_mark(mark)
        plan = self._plan(_Wish(purpose_id, 1, mark), None)
        return self._issuer.further(identifier, plan, check=_must_be_printable)

    def annotated_copy(self, identifier: Identifier, purpose_id: str, *, mark: CopyMark) -> Issued:
        """Issue the two credentials of an annotated copy (加注件): the whole face, for the file, and what its code
        shows, for whoever has it on paper. Both carry the same mark and are bound to no key.

        Raises:
            UnknownCertificate, StateChanged, UnknownPurpose, OrderRefused: as ``printed_copy``.
        """
        _check_mark(mark)
        coded = self._plan(_Wish(purpose_id, 1, mark), None)

        def plan(intent: Intent, new_id: Callable[[], str]) -> tuple[CredentialIntent, ...]:
            (code,) = coded(intent, new_id)
            return replace(code, credential_id=CredentialId(new_id()), purpose=None), code

        def check(draft: Document) -> None:
            if draft.frame.fields == frozenset(purpose(draft.frame.certificate_type.id, purpose_id).fields):
                _must_be_printable(draft)

        return self._issuer.further(identifier, plan, check=check)

    def _plan(
        self, wish: _Wish, holder: HolderRef | None
    ) -> Callable[[Intent, Callable[[], str]], tuple[CredentialIntent, ...]]:
        def plan(intent: Intent, new_id: Callable[[], str]) -> tuple[CredentialIntent, ...]:
            fields = purpose(intent.type_id, wish.purpose).fields
            if not intent.claims.keys() & set(fields):
                raise _refused("purpose", "no_fields", "证照没有该用途的字段", "none of the purpose's fields is there")
            if intent.dates.effective > day_of(self._clock()):
                raise _refused("effective_date", "not_yet", "证照尚未生效", "the certificate takes effect later")
            owner = holder or HolderRef(intent.holders[0].holder_id, None)
            return tuple(
                CredentialIntent(
                    credential_id=CredentialId(new_id()),
                    format=CredentialFormat.SD_CWT,
                    holder=owner,
                    # A printed copy holds no claim that can turn back within its days.
                    short_lived=wish.copy is None,
                    purpose=wish.purpose,
                    copy=wish.copy,
                )
                for _ in range(wish.count)
            )

        return plan


def _check_mark(mark: CopyMark) -> None:
    for name, text in (("maker", mark.maker), ("cause", mark.cause)):
        if not 0 < len(text.strip()) <= _LONGEST or not text.isprintable():
            raise _refused(name, "text", "加注信息不完整", f"not one line of 1 to {_LONGEST} characters")
    if not 1 <= mark.days <= MAX_COPY_DAYS:
        raise _refused("days", "range", f"有效天数应为 1 至 {MAX_COPY_DAYS}", f"the days are not 1 to {MAX_COPY_DAYS}")


def _must_be_printable(draft: Document) -> None:
    """Refuse fields that no code on paper holds, by a draft that a throwaway key signs."""
    base = draft.frame.issuer.partition("/issuers/")[0]
    # As long as a real one, and as hard to pack.
    status = StatusRef(f"{base}/status/{b64url_text(hashlib.sha256(base.encode()).digest()[:16])}", _LAST_INDEX)
    signed = sd_cwt.sign(
        replace(draft, frame=replace(draft.frame, status=status)), SoftwareSigner.generate(), salt=lambda: b""
    )
    try:
        paper_code(signed)
    except QrTooLarge:
        message = "the fields do not fit a code on paper"
        raise _refused("purpose", "size", "内容放不进打印二维码", message) from None


def _refused(field: str, rule: str, message_zh: str, message_en: str) -> OrderRefused:
    return OrderRefused([Problem(field, rule, message_zh, message_en)])
