"""Relying parties (用证单位) and their purposes (用证事由)."""

import re
from dataclasses import dataclass
from enum import StrEnum

from schemas.dcql import Query
from verifier.errors import InvalidPurpose

MAX_RETENTION_DAYS = 36_500
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


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """A body that asks holders for certificates; ``credit_code`` is its unified social credit code."""

    party_id: str
    name_zh: str
    name_en: str
    credit_code: str
    sector: Sector


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
        if not _ID.fullmatch(self.purpose_id):
            raise InvalidPurpose("purpose's id is none of 1 to 64 small letters, digits, . _ and -")
        if not 0 <= self.retention_days <= MAX_RETENTION_DAYS:
            raise InvalidPurpose(f"purpose's retention is not 0 to {MAX_RETENTION_DAYS} days")
        texts = (self.name_zh, self.name_en, self.legal_basis_zh, self.legal_basis_en)
        if not all(0 < len(text) <= 300 and text.isprintable() for text in texts):
            raise InvalidPurpose("purpose's names and legal basis are not lines of 1 to 300 characters")
