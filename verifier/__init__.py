"""Checking a presentation offline: from bytes and evidence to a report.

    pack = open_pack(text, anchor=anchor, now=now, floor_version=highest_seen)
    report = verify(presentation, policy=Policy(accepted_types=None), evidence=pack.evidence(seen=seen), now=now)
    report.verdict, report.accepted_claims()

Nothing here reads a file, a clock or the network; ``verifier.cli`` does, and is not loaded by this import.
"""

from schemas.report import Report, Verdict
from verifier.binding import presentation_digest
from verifier.evidence import Evidence
from verifier.pack import Pack, open_pack
from verifier.pipeline import verify
from verifier.policy import COUNTER_AUDIENCE, Policy
from verifier.status import accept_status_list

__all__ = [
    "COUNTER_AUDIENCE",
    "Evidence",
    "Pack",
    "Policy",
    "Report",
    "Verdict",
    "accept_status_list",
    "open_pack",
    "presentation_digest",
    "verify",
]
