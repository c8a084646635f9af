"""A counter and the world around it, in memory: fixed keys, a fixed clock, a trust list, status lists, a pack.

    desk = Desk()
    shown = desk.certificate().present("holder_name")
    assert desk.flaws(shown) == []

Everything is right by default, so that a test changes one thing and sees one row of the report change.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from keys import jws, strict_json
from keys.anchor import Anchor
from keys.encoding import b64url
from keys.kept import KeptList, token_digest, write_kept_list
from keys.signer import SoftwareSigner
from keys.trust import TrustedKey, TrustEntry, TrustList, Withdrawal, write_trust_list
from schemas.formats import key_binding, sd_jwt_vc, status_token, vc_jwt
from schemas.formats.issued import issuer_part
from schemas.formats.pack import PackContent, TypeLabel, write_pack
from schemas.formats.sd_jwt import SdJwt
from schemas.formats.status_list import StatusList
from schemas.order import CredentialFormat
from schemas.report import Outcome, Report
from schemas.report_texts import REASONS_BY_CHECK
from verifier import COUNTER_AUDIENCE, Evidence, Pack, Policy, open_pack, presentation_digest, verify

NOW = datetime(2026, 3, 2, 2, 30, tzinfo=UTC)  # 10:30 in Jiangmen
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BASE = "https://ecert.example"
MARKET, CIVIL = f"{BASE}/issuers/amr", f"{BASE}/issuers/mca"
LICENCE, MARRIAGE = "urn:ecert:business_licence:1", "urn:ecert:marriage_certificate:1"
LIST, OTHER_LIST = f"{BASE}/status/6tC3", f"{BASE}/status/p0Xw"
RECALL_LIST = f"{BASE}/wallet/status/1"
INDEX = 4711


def p256(number: int) -> SoftwareSigner:
    """A P-256 key that is the same in every run."""
    return SoftwareSigner(ec.derive_private_key(number, ec.SECP256R1()))


ANCHOR, MARKET_KEY, CIVIL_KEY, STRANGER = p256(11), p256(12), p256(13), p256(14)
HOLDER, ANOTHER = p256(21), SoftwareSigner(ed25519.Ed25519PrivateKey.from_private_bytes(b"\x22" * 32))

CLAIMS: Mapping[str, Any] = {
    "certificate_version": 1,
    "issuing_authority_name": "江门市市场监督管理局",
    "issue_date": "2025-06-01",
    "effective_date": "2025-06-01",
    "expiring_date": "2026-12-31",
    "business_scope": "示例食品销售和餐饮服务",
    "legal_representative": "陈大文",
    "registered_capital": "1000000",
    "registration_division": "440703",
}
SELECTIVE = frozenset({"business_scope", "legal_representative", "registered_capital", "registration_division"})


def seconds(at: datetime) -> int:
    """A NumericDate."""
    return int(at.timestamp())


def forged(header: Mapping[str, Any], payload: bytes, signer: SoftwareSigner) -> str:
    """A JWS with any header, properly signed."""
    signing_input = b64url(strict_json.dumps(dict(header))) + b"." + b64url(payload)
    return (signing_input + b"." + b64url(signer.sign(signing_input))).decode("ascii")


@dataclass(frozen=True)
class Certificate:
    """One certificate as an issuer would sign it; ``but`` makes one that differs."""

    issuer: str = MARKET
    signer: SoftwareSigner = MARKET_KEY
    vct: str = LICENCE
    holder: SoftwareSigner | None = HOLDER
    iat: datetime = NOW.replace(minute=0) - 30 * DAY
    exp: datetime | None = NOW + 90 * DAY
    status: Any = field(default_factory=lambda: {"status_list": {"idx": INDEX, "uri": LIST}})
    claims: Mapping[str, Any] = field(default_factory=lambda: dict(CLAIMS))
    selective: frozenset[str] = SELECTIVE
    extra: Mapping[str, Any] = field(default_factory=dict)
    x5c: bool = False

    def but(self, **changes: Any) -> "Certificate":
        """The same certificate with one thing changed."""
        return replace(self, **changes)

    def saying(self, **claims: Any) -> "Certificate":
        """The same certificate with other claims; None leaves one out."""
        merged = {**self.claims, **claims}
        return replace(self, claims={name: value for name, value in merged.items() if value is not None})

    def registered(self) -> dict[str, Any]:
        """What surrounds the claims."""
        claims: dict[str, Any] = {"iss": self.issuer, "iat": seconds(self.iat)}
        if self.exp is not None:
            claims["exp"] = seconds(self.exp)
        if self.holder is not None:
            claims["cnf"] = {"jwk": dict(self.holder.public_key.jwk)}
        if self.status is not None:
            claims["status"] = self.status
        return claims | dict(self.extra)

    def sd_jwt(self) -> SdJwt:
        """The signed SD-JWT VC with all of its disclosures. Salts are numbered, so that a run repeats."""
        numbers = count()
        claims = {"vct": self.vct, **self.registered(), **self.claims}
        return sd_jwt_vc.issue(
            claims,
            frozenset(self.selective & claims.keys()),
            self.signer,
            salt=lambda: next(numbers).to_bytes(16, "big"),
            x5c=self.x5c,
        )

    def vc_jwt(self, **changes: Any) -> str:
        """The same as a vc+jwt."""
        type_id, revision = self.vct.split(":")[2:]
        document = {
            "@context": ["https://www.w3.org/ns/credentials/v2"],
            "type": ["VerifiableCredential", "BusinessLicence"],
            "issuer": self.issuer,
            "validFrom": "2025-05-31T16:00:00Z",
            "validUntil": "2026-12-31T16:00:00Z",
            "credentialSubject": dict(self.claims),
            "credentialSchema": {"id": f"{BASE}/schemas/{type_id}/{revision}", "type": "JsonSchema"},
            **self.registered(),
        }
        document |= changes
        return vc_jwt.issue({k: v for k, v in document.items() if v is not None}, self.signer, x5c=self.x5c)

    def present(
        self,
        *fields: str,
        holder: SoftwareSigner | None = None,
        at: datetime = NOW - timedelta(seconds=5),
        audience: str = COUNTER_AUDIENCE,
        nonce: str = "q7Zk",
    ) -> str:
        """A presentation of ``fields`` by the holder (or by somebody else), made ``at`` a moment."""
        shown = self.sd_jwt().present([(name,) for name in fields])
        signer = holder or self.holder or HOLDER
        return key_binding.bind(shown, signer, audience=audience, nonce=nonce, iat=seconds(at)).text()


@dataclass
class Desk:
    """A counter: what it trusts, what it knows, what time it is."""

    now: datetime = NOW
    version: int = 7
    statuses: dict[int, int] = field(default_factory=dict)
    status_iat: datetime = NOW - HOUR
    status_exp: datetime | None = NOW + 7 * DAY
    status_signer: SoftwareSigner = MARKET_KEY
    withdrawn: dict[str, Withdrawal] = field(default_factory=dict)
    kept: dict[str, str] = field(default_factory=dict)
    lists: dict[str, str] | None = None
    recalled: dict[int, int] = field(default_factory=dict)
    recall_iat: datetime = NOW - HOUR
    recall_exp: datetime | None = NOW + 7 * DAY
    recall_lists: dict[str, str] | None = None
    pack_issued: datetime = NOW - HOUR
    pack_next: datetime = NOW + DAY
    trust_next: datetime = NOW + 7 * DAY
    entry_changes: dict[str, Any] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)

    anchor = Anchor((ANCHOR.public_key,))

    @staticmethod
    def certificate(**changes: Any) -> Certificate:
        """A business licence that is in order."""
        return Certificate(**changes)

    def trust(self) -> TrustList:
        """Two departments: market regulation issues licences, civil affairs marriage certificates."""
        market = _entry(MARKET, "江门市市场监督管理局", "Administration for Market Regulation", LICENCE, MARKET_KEY)
        civil = _entry(CIVIL, "江门市民政局", "Civil Affairs Bureau", MARRIAGE, CIVIL_KEY)
        entries = {entry.issuer: entry for entry in (replace(market, **self.entry_changes), civil)}
        return TrustList(3, NOW - DAY, self.trust_next, entries, self.withdrawn)

    def status_list_token(self, *, uri: str = LIST, signer: SoftwareSigner | None = None) -> str:
        """The market regulators' status list."""
        statuses = StatusList.from_statuses(self.statuses, bits=2, size=1 << 16)
        exp = None if self.status_exp is None else seconds(self.status_exp)
        times = status_token.Times(seconds(self.status_iat), exp, 3600)
        return status_token.issue(statuses, signer or self.status_signer, uri=uri, times=times)

    def recall_list_token(self, *, uri: str = RECALL_LIST, signer: SoftwareSigner = ANCHOR, bits: int = 1) -> str:
        """The list of recalled delegations."""
        statuses = StatusList.from_statuses(self.recalled, bits=bits, size=1 << 16)
        exp = None if self.recall_exp is None else seconds(self.recall_exp)
        return status_token.issue(
            statuses, signer, uri=uri, times=status_token.Times(seconds(self.recall_iat), exp, 3600)
        )

    def pack_content(self) -> PackContent:
        """What goes into the pack."""
        return PackContent(
            version=self.version,
            issued_at=self.pack_issued,
            next_update=self.pack_next,
            trust_list=write_trust_list(self.trust(), ANCHOR),
            status_lists={LIST: self.status_list_token()} if self.lists is None else self.lists,
            kept=self.kept,
            catalogue_digest="sha256-AAAA",
            types={
                LICENCE: TypeLabel("business_licence", "营业执照", "Business licence"),
                MARRIAGE: TypeLabel("marriage_certificate", "结婚证", "Marriage certificate"),
            },
            recall_lists={RECALL_LIST: self.recall_list_token()} if self.recall_lists is None else self.recall_lists,
        )

    def pack_text(self) -> str:
        """The signed pack."""
        return write_pack(self.pack_content(), ANCHOR)

    def pack(self) -> Pack:
        """The opened pack."""
        return open_pack(self.pack_text(), anchor=self.anchor, now=self.now)

    def evidence(self) -> Evidence:
        """What the counter knows."""
        return self.pack().evidence(seen=self.seen)

    def withdraw(self, signer: SoftwareSigner) -> None:
        """Put a key on the list of those withdrawn."""
        kid = signer.public_key.kid
        self.withdrawn[kid] = Withdrawal(kid, NOW - DAY, "stolen")

    def keep(self, signer: SoftwareSigner, *digests: str) -> None:
        """Sign the list of what a withdrawn key rightly signed."""
        kid = signer.public_key.kid
        self.kept[kid] = write_kept_list(KeptList.of(kid, issued_at=NOW - HOUR, digests=digests), ANCHOR)

    def keep_issued(self, form: CredentialFormat, token: str) -> None:
        """Sign the list of the one credential that its withdrawn key rightly signed."""
        self.keep(MARKET_KEY, token_digest(issuer_part(form, token).text))

    def remember(self, shown: str) -> None:
        """Remember what was shown, as a counter does."""
        digest = presentation_digest(shown)
        assert digest is not None
        self.seen.add(digest)

    def verify(self, shown: str, **policy: Any) -> Report:
        """The report on ``shown`` by the strict policy, with a change if one is given."""
        rules: dict[str, Any] = {"accepted_types": None} | policy
        report = verify(shown, policy=Policy(**rules), evidence=self.evidence(), now=self.now)
        for check in report.checks:
            assert check.reason in REASONS_BY_CHECK[check.code], f"{check.reason} has no words at {check.code}"
        return report

    def flaws(self, shown: str, **policy: Any) -> list[tuple[str, str]]:
        """Check and reason of every row that stands in the way."""
        return flaws(self.verify(shown, **policy))


def flaws(report: Report) -> list[tuple[str, str]]:
    """Check and reason of every row that failed or is unknown."""
    return [(c.code, c.reason) for c in report.checks if c.outcome in (Outcome.FAILED, Outcome.UNKNOWN)]


def _entry(issuer: str, zh: str, en: str, vct: str, signer: SoftwareSigner) -> TrustEntry:
    since = NOW - 365 * DAY
    key = TrustedKey(signer.public_key, since)
    return TrustEntry(issuer, zh, en, ("office",), frozenset({vct}), since, None, (key,))


def with_payload(token: str, signer: SoftwareSigner, **changes: Any) -> str:
    """The issuer's JWT with other members, signed again; None leaves one out."""
    peeked = jws.peek(token)
    payload = {**peeked.peek_claims(), **changes}
    body = strict_json.dumps({name: value for name, value in payload.items() if value is not None})
    return forged(dict(peeked.header.parameters), body, signer)
