"""Relying parties (用证单位) and their purposes (用证事由)."""

import re
from dataclasses import dataclass
from enum import StrEnum

from keys.fields import is_text
from schemas.dcql import Query
from schemas.errors import InvalidNumber
from schemas.national.rules import check_number
from verifier.errors import InvalidParty, InvalidPurpose

MAX_RETENTION_DAYS = 36_500
MAX_TEXT = 300
# In the names of key-store records, which take no more than 128 characters.
_PARTY_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


class Sector(StrEnum):
    """What kind of body asks; a shipped purpose is for one of them."""

    GOVERNMENT = "government"  # 政务服务
    WATER = "water"  # 供水
    POWER = "power"  # 供电
    GAS = "gas"  # 燃气
    TELECOM = "telecom"  # 通信
    BUS = "bus"  # 公交
    AVIATION = "aviation"  # 航空
    RAIL = "rail"  # 铁路
    BANK = "bank"  # 银行
    CREDIT_REFERENCE = "credit_reference"  # 征信
    RESOURCE_TRADING = "resource_trading"  # 公共资源交易
    HOUSING_FUND = "housing_fund"  # 住房公积金


def is_purpose_id(text: str) -> bool:
    """Tell whether ``text`` has the form of a purpose's id, and is no free text of a counter."""
    return _ID.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """A body that asks holders for certificates; ``credit_code`` is its unified social credit code (GB 32100).

    Raises:
        InvalidParty: the id or a name is out of form, or the code breaks its rule.
    """

    party_id: str
    name_zh: str
    name_en: str
    credit_code: str
    sector: Sector

    def __post_init__(self) -> None:
        if not _PARTY_ID.fullmatch(self.party_id):
            raise InvalidParty("relying party's id is none of 1 to 40 small letters, digits and -")
        if not is_text(self.name_zh, MAX_TEXT) or not is_text(self.name_en, MAX_TEXT):
            raise InvalidParty(f"relying party's names are not texts of 1 to {MAX_TEXT} characters")
        try:
            check_number("gb32100", self.credit_code)
        except InvalidNumber as exc:
            raise InvalidParty(f"relying party's code: {exc}") from None


@dataclass(frozen=True, slots=True)
class Purpose:
    """One reason to ask: by which law, for how long what was shown may be kept, and the most that is asked for.

    ``item_code`` names the service item that it is for, if any. ``retention_days`` 0: nothing is kept afterwards.

    Raises:
        InvalidPurpose: an id or a text is out of form, or the days are out of range.
    """

    purpose_id: str
    sector: Sector
    name_zh: str
    name_en: str
    legal_basis_zh: str
    legal_basis_en: str
    retention_days: int
    query: Query
    item_code: str | None = None

    def __post_init__(self) -> None:
        if not is_purpose_id(self.purpose_id):
            raise InvalidPurpose("purpose's id is none of 1 to 64 small letters, digits, . _ and -")
        if not 0 <= self.retention_days <= MAX_RETENTION_DAYS:
            raise InvalidPurpose(f"purpose's retention is not 0 to {MAX_RETENTION_DAYS} days")
        texts = (self.name_zh, self.name_en, self.legal_basis_zh, self.legal_basis_en)
        if not all(is_text(text, MAX_TEXT) for text in texts):
            raise InvalidPurpose(f"purpose's names and legal basis are not texts of 1 to {MAX_TEXT} characters")
