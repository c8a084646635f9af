"""After a use: ask the other side to delete what it got, or report it to the operator. Both are kept in the history.

A request for deletion is a text that the holder sends or prints. The law gives the right (个人信息保护法第四十七条),
the party answers for it, and this wallet cannot enforce it. A report goes to the operator: which verifier and why,
nothing of the holder, nothing of what was shown.
"""

from dataclasses import dataclass, field, replace
from datetime import timedelta, timezone

from schemas.order import HolderId
from schemas.types import certificate_type, credential_fields
from wallet_api.openid4vp.errors import NotAnExchange
from wallet_api.openid4vp.parts import Parts
from wallet_api.openid4vp.ports import Complaint, ReportedVerifier
from wallet_api.records import Afterwards, CertificateRecord, Exchange, ShownRecord

_SHANGHAI = timezone(timedelta(hours=8))


@dataclass(frozen=True, slots=True)
class DeletionRequest:
    """What the holder sends: the texts, and where to, as far as the party said."""

    text_zh: str = field(repr=False)
    text_en: str = field(repr=False)
    contact: str


class Aftercare:
    """The two acts on an entry of the history."""

    __slots__ = ("_parts",)

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def ask_deletion(self, holder_id: HolderId, presentation_id: str) -> DeletionRequest:
        """Return the text that asks for deletion, and keep that it was asked for.

        Raises:
            UnknownRecord: no such entry.
            NotAnExchange: it was shown in another way, to nobody that the wallet knows.
        """
        record, exchange = self._exchange(holder_id, presentation_id)
        self._note(record, Afterwards.DELETION_ASKED)
        return DeletionRequest(_chinese(record, exchange), _english(record, exchange), exchange.party.contact)

    def report(self, holder_id: HolderId, presentation_id: str, complaint: Complaint) -> None:
        """Report the verifier of an entry to the operator, once; raises as ``ask_deletion``."""
        record, exchange = self._exchange(holder_id, presentation_id)
        if _was_done(exchange, Afterwards.REPORTED):
            return
        # Noted after: a crash in between makes a second report, not one that was never sent.
        self._parts.operator.verifier_reported(
            ReportedVerifier(exchange.party.client_id, complaint, self._parts.clock())
        )
        self._note(record, Afterwards.REPORTED)

    def _exchange(self, holder_id: HolderId, presentation_id: str) -> tuple[ShownRecord, Exchange]:
        record = self._parts.wallets.shown_one(holder_id, presentation_id)
        if record.exchange is None:
            raise NotAnExchange("entry is of no request that somebody sent")
        return record, record.exchange

    def _note(self, record: ShownRecord, act: Afterwards) -> None:
        at = self._parts.clock()

        def noted(present: ShownRecord) -> ShownRecord:
            exchange = present.exchange
            # Once for each act is enough: a button pressed again makes no second entry.
            if exchange is None or _was_done(exchange, act):
                return present
            return replace(present, exchange=replace(exchange, afterwards=(*exchange.afterwards, (act, at))))

        self._parts.wallets.change_shown(record.holder_id, record.presentation_id, noted)


def _was_done(exchange: Exchange, act: Afterwards) -> bool:
    return act in (done for done, _ in exchange.afterwards)


def _chinese(record: ShownRecord, exchange: Exchange) -> str:
    party = exchange.party.name_zh or exchange.party.client_id
    day = record.at.astimezone(_SHANGHAI)
    what = "；".join(_named(one, english=False) for one in exchange.certificates)
    return (
        f"{party}：\n本人于{day:%Y年%m月%d日 %H:%M}（北京时间）因“{record.purpose}”向你单位出示电子证照：{what}。"
        f"现依据《中华人民共和国个人信息保护法》第四十七条，请你单位删除由此取得的个人信息，并告知处理结果；"
        f"法律、行政法规规定的保存期限未届满的，请停止除存储和采取必要的安全保护措施之外的处理。\n"
        f"用证记录编号：{record.presentation_id}"
    )


def _english(record: ShownRecord, exchange: Exchange) -> str:
    party = exchange.party.name_en or exchange.party.name_zh or exchange.party.client_id
    day = record.at.astimezone(_SHANGHAI)
    what = "; ".join(_named(one, english=True) for one in exchange.certificates)
    return (
        f"To {party}:\nOn {day:%Y-%m-%d %H:%M} (UTC+8) I showed you electronic certificates for "
        f'"{record.purpose}": {what}. Under article 47 of the Personal Information Protection Law of the PRC, please '
        f"delete the personal information that you got by it and tell me the outcome; where a period of retention by "
        f"law is not over, please do nothing with it but store and protect it.\n"
        f"History entry: {record.presentation_id}"
    )


def _named(certificate: CertificateRecord, *, english: bool) -> str:
    ctype = certificate_type(certificate.type_id)
    fields = {one.name: one for one in credential_fields(ctype.id)}
    shown = [fields[name] for name in certificate.fields if name in fields]
    if english:
        return f"{ctype.name_en} ({', '.join(one.label_en for one in shown)})"
    return f"{ctype.name_zh}（{'、'.join(one.label_zh for one in shown)}）"
