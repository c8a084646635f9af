"""The magic certificates: what a test wallet can show, and what a verification says of it (docs/test-mode.md)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from schemas.report import Verdict


class Magic(StrEnum):
    """A certificate with one thing about it."""

    VALID = "valid"
    EXPIRED = "expired"
    REVOKED = "revoked"
    SUSPENDED = "suspended"
    UNKNOWN_ISSUER = "unknown_issuer"
    WRONG_HOLDER = "wrong_holder"
    STALE_LIST = "stale_list"


DECLINE = "decline"
"""What a test wallet can do beside showing a certificate: the holder shares nothing."""
ANSWERS = (*(each.value for each in Magic), DECLINE)


@dataclass(frozen=True, slots=True)
class Expected:
    """The verdict, and the check that decides it with its code."""

    verdict: Verdict
    check: str | None
    code: str | None
    zh: str
    en: str


EXPECTED: Mapping[Magic, Expected] = MappingProxyType(
    {
        Magic.VALID: Expected(Verdict.VALID, None, None, "一切正常", "nothing is wrong"),
        Magic.EXPIRED: Expected(Verdict.INVALID, "validity", "expired", "三十多天前到期", "it ended over a month ago"),
        Magic.REVOKED: Expected(Verdict.INVALID, "status", "revoked", "已吊销", "the status list says revoked"),
        Magic.SUSPENDED: Expected(Verdict.INVALID, "status", "suspended", "已暂扣", "the status list says suspended"),
        Magic.UNKNOWN_ISSUER: Expected(
            Verdict.INVALID, "trust", "unknown_issuer", "颁发机构不在信任名单上", "the issuer is on no trust list"
        ),
        Magic.WRONG_HOLDER: Expected(
            Verdict.INVALID,
            "holder",
            "key_binding_signature_invalid",
            "由他人的密钥出示",
            "another key than the holder's shows it",
        ),
        Magic.STALE_LIST: Expected(
            Verdict.INDETERMINATE,
            "status",
            "status_list_stale",
            "状态列表超过 24 小时",
            "the status list is older than 24 hours",
        ),
    }
)
"""What a verification says of each."""
BEGIN = "<!-- begin: ecert/testmode/outcomes.py -->"
END = "<!-- end -->"


def table() -> str:
    """Return the part of docs/test-mode.md that follows from this file, marks included."""
    rows = [BEGIN, "| `outcome` | verdict | check | code | |", "| --- | --- | --- | --- | --- |"]
    for name, said in EXPECTED.items():
        place = "-" if said.check is None else f"`{said.check}`"
        code = "-" if said.code is None else f"`{said.code}`"
        rows.append(f"| `{name}` | {said.verdict.value} | {place} | {code} | {said.zh} {said.en} |")
    rows.append(f"| `{DECLINE}` | - | - | - | 持证人不同意 the holder shares nothing: the status becomes `declined` |")
    return "\n".join([*rows, END])
