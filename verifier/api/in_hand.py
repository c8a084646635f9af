"""A presentation that a relying party has in hand: what is kept of its verification, and whether it fits its purpose.

Nothing of what was disclosed is kept: the relying party has it already, in the answer.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from keys.encoding import b64url_text
from schemas.dcql import match
from schemas.formats.delegation import Delegation
from schemas.order import CredentialFormat
from schemas.report import Outcome, Report, Verdict
from verifier.api.model import Owner, Status, Verification, Via
from verifier.api.ports import Purposes, Records
from verifier.basis import SALT_BYTES, basis_of
from verifier.evidence import Evidence
from verifier.openid4vp.matching import candidate
from verifier.parties.model import Access
from verifier.purposes.model import Purpose
from verifier.results import MATCHED, NOT_ASKED, Match, result_of

_SD_JWT_VC = CredentialFormat.SD_JWT_VC.value
QUERY_ID = "presentation"
"""The id of what was presented where nothing was asked."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A presentation with its report, the evidence that it was judged by, and who acts for the holder, if anybody."""

    presentation: str
    report: Report
    evidence: Evidence
    delegation: Delegation | None = field(default=None, repr=False)


class InHand:
    """Results and records of presentations in hand."""

    def __init__(
        self,
        purposes: Purposes,
        records: Records,
        *,
        clock: Callable[[], datetime],
        random: Callable[[int], bytes],
    ) -> None:
        self._purposes = purposes
        self._records = records
        self._clock = clock
        self._random = random

    def purpose(self, access: Access, purpose_id: str) -> Purpose | None:
        """Return the purpose that is named, None when none is; raises PurposeNotAllowed, PartySuspended."""
        return self._purposes.purpose(access, purpose_id) if purpose_id else None

    def keep(self, access: Access, purpose: Purpose | None, judged: Judged) -> dict[str, Any]:
        """Keep the verification without its claims and return ``id`` and ``result``, claims included when valid."""
        now = self._clock()
        query_id, match_found = matched(judged, purpose)
        basis = basis_of(
            [(query_id, judged.presentation)],
            [judged.report],
            evidence=judged.evidence,
            salt=self._random(SALT_BYTES),
        )
        result = result_of({query_id: [judged.report]}, match=match_found, verified_at=judged.report.verified_at)
        made = Verification(
            verification_id=b64url_text(self._random(24)),
            owner=Owner(access.party_id, access.environment),
            purpose_id="" if purpose is None else purpose.purpose_id,
            via=Via.IN_HAND,
            created_at=now,
            expires_at=now,
            retention_days=0 if purpose is None else purpose.retention_days,
            status=Status.ANSWERED,
            ended_at=now,
            result=result.document(include_claims=False),
            basis=basis.document(),
        )
        self._records.add(made)
        return {"id": made.verification_id, "result": result.document()}


def matched(judged: Judged, purpose: Purpose | None) -> tuple[str, Match]:
    """Whether it is one of the certificates that the purpose is about, with all that is asked of it.

    In which format it came is the holder's matter here: a QR code has the same fields as an SD-JWT VC.
    """
    if purpose is None or judged.report.verdict is not Verdict.VALID:
        return QUERY_ID, NOT_ASKED
    shown = candidate(judged.presentation, judged.report)
    claims = judged.report.accepted_claims()
    flat = replace(shown, format=_SD_JWT_VC, types=frozenset({judged.report.vct or ""}), claims=claims)
    for query in purpose.query.credentials:
        if match(query, flat if query.format == _SD_JWT_VC else shown) is not None:
            return query.id, MATCHED
    return QUERY_ID, (Outcome.FAILED, "mismatch")
