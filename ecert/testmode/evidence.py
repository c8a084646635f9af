"""What the test environment knows: all that the city knows, and the test issuer with its status lists.

The city's own certificates verify there, too, so that an integrator can use a real wallet; the other way round, nothing
of the test issuer's is known outside (``verifier.openid4vp.ports.EvidenceNow``).
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from ecert.evidence import EvidenceSource
from ecert.testmode.issuer import SampleIssuer
from verifier.evidence import Evidence, StatusEvidence, UntrustedStatus
from verifier.status import accept_status_list

_HOUR = {"minute": 0, "second": 0, "microsecond": 0}


class SampleEvidence:
    """Evidence for verifications with a test key."""

    def __init__(self, live: EvidenceSource, issuer: SampleIssuer, *, clock: Callable[[], datetime]) -> None:
        self._live = live
        self._issuer = issuer
        self._clock = clock
        self._made: tuple[Evidence, datetime, Evidence] | None = None

    def evidence(self, wanted: Sequence[str] = ()) -> Evidence:
        """Return the evidence of now; called in a thread, may ask the database."""
        live, hour = self._live.evidence(wanted), self._clock().replace(**_HOUR)  # type: ignore[arg-type]
        if self._made is None or self._made[0] is not live or self._made[1] != hour:
            self._made = live, hour, self._with_tests(live)
        return self._made[2]

    def _with_tests(self, live: Evidence) -> Evidence:
        entry = self._issuer.entry
        trust = replace(live.trust, entries={**live.trust.entries, entry.issuer: entry})
        lists: dict[str, StatusEvidence | UntrustedStatus] = dict(live.status_lists)
        for uri, token in self._issuer.status_lists():
            lists[uri] = accept_status_list(token, uri=uri, trust=trust)
        return replace(live, trust=trust, status_lists=lists)
