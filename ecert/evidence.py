"""Evidence for verifying online: the trust list and the status lists of now, and what was shown a moment ago.

Status lists of issuers elsewhere are fetched when a verified certificate names them (``ecert.elsewhere``).

Gathering asks the database; verifying must not wait for it. So evidence is kept for ``FRESH_FOR`` and gathered again in
a thread; a status list is opened and checked once for each token. An act of this process is seen at once
(``invalidate``), one of another process within ``FRESH_FOR``.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from ecert.elsewhere import Known, ListsElsewhere
from ecert.pack import PackBuilder, type_labels
from ecert.trust import Trust
from keys.anchor import Anchor
from keys.kept import KeptList, read_kept_list
from keys.public import PublicKey
from keys.trust import TrustList
from schemas.report import Report
from verifier.evidence import Evidence, StatusEvidence, UntrustedStatus
from verifier.pipeline import verify
from verifier.policy import Policy
from verifier.status_lists import accept_recall_list, accept_status_list

FRESH_FOR = 2.0
_SEEN_FOR = timedelta(seconds=70)  # a presentation is good for 60 s, and clocks may differ by 10 s

Statuses = Mapping[str, StatusEvidence | UntrustedStatus]
_Edition = tuple[int, int]  # the acts of this process, and what was fetched from elsewhere


@dataclass(frozen=True, slots=True)
class _Gathered:
    """Evidence, until when it is good, and the edition of which its gathering began.

    One value, so that who began before an act and ends after it cannot pass for having seen it.
    """

    evidence: Evidence
    until: float
    edition: _Edition


class EvidenceSource:
    """Gathers and keeps evidence; one for each process."""

    def __init__(
        self,
        trust: Trust,
        packs: PackBuilder,
        *,
        anchor: Anchor,
        clock: Callable[[], datetime],
        elsewhere: ListsElsewhere | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Without ``elsewhere`` nothing is fetched, and lists that are not published here are not there."""
        self._trust = trust
        self._packs = packs
        self._elsewhere = elsewhere
        self._anchor = anchor
        self._clock = clock
        self._monotonic = monotonic
        self._opened: dict[tuple[str | bytes, int], StatusEvidence | UntrustedStatus] = {}
        self._recalled: dict[tuple[str, str], StatusEvidence | UntrustedStatus] = {}
        self._kept: dict[str, KeptList] = {}
        self._gathered: _Gathered | None = None
        self._acts, self._counting = 0, Lock()
        self._seen: OrderedDict[str, datetime] = OrderedDict()
        self._forgetting = Lock()

    def fresh(self) -> Evidence | None:
        """Return the kept evidence with what was seen, or None when it must be gathered again. Never waits."""
        kept = self._gathered
        if kept is None or self._monotonic() >= kept.until or kept.edition != self._newest():
            return None
        self._forget_old()
        return kept.evidence

    def gather(self) -> Evidence:
        """Ask the database and return the evidence of now."""
        edition, trust = self._newest(), self._trust.current()
        statuses = self._statuses(trust)
        kept = self._kept_lists() if trust.withdrawn else {}
        # What was seen is a live view: of two requests that wait for the same evidence, the second sees the first.
        evidence = Evidence(
            trust=trust,
            types=type_labels(),
            status_lists=statuses,
            kept=kept,
            seen=self._seen.keys(),
            recall_lists=self._recall_lists(),
            anchor=self._anchor,
        )
        self._gathered = _Gathered(evidence, self._monotonic() + FRESH_FOR, edition)
        return evidence

    def evidence(self, wanted: Sequence[str] = ()) -> Evidence:
        """Return what is kept, or gather it, in this thread (``verifier.openid4vp.ports.EvidenceNow``)."""
        if wanted and self._elsewhere is not None:
            self._elsewhere.wait(wanted)
        return self.fresh() or self.gather()

    async def fetch(self, wanted: Sequence[str]) -> None:
        """Fetch what is ``wanted`` of lists elsewhere; waits a few seconds at most, without a thread."""
        if self._elsewhere is not None:
            await self._elsewhere.wait_async(wanted)

    def close(self) -> None:
        """Fetch nothing any more."""
        if self._elsewhere is not None:
            self._elsewhere.close()

    def invalidate(self) -> None:
        """Forget the kept evidence: something was published."""
        with self._counting:
            self._acts += 1

    def remember(self, digest: str) -> None:
        """Remember a presentation that was accepted, in this process; ``ecert.http.replays`` tells the others."""
        with self._forgetting:
            self._seen[digest] = self._clock() + _SEEN_FOR

    def forget(self, digest: str) -> None:
        """Forget a presentation that was remembered and not accepted in the end."""
        with self._forgetting:
            self._seen.pop(digest, None)

    def _forget_old(self) -> None:
        # They were remembered in order of time: only the oldest are looked at, however many there are.
        now = self._clock()
        # Several threads come here at once: without the lock one would forget what another one has looked at.
        with self._forgetting:
            while self._seen and next(iter(self._seen.values())) <= now:
                self._seen.popitem(last=False)

    def _statuses(self, trust: TrustList) -> Statuses:
        known = Known({}, {}) if self._elsewhere is None else self._elsewhere.known()
        found: dict[str, str | bytes] = dict(known.documents)
        found |= {published.uri: published.token for published in self._packs.published()}
        opened = {}
        for uri, token in found.items():
            key = (token, trust.version)
            opened[key] = self._opened.get(key) or accept_status_list(token, uri=uri, trust=trust)
        self._opened = opened
        return {**known.failures, **{uri: opened[token, trust.version] for uri, token in found.items()}}

    def _newest(self) -> _Edition:
        return self._acts, 0 if self._elsewhere is None else self._elsewhere.edition

    def _recall_lists(self) -> Statuses:
        found = self._packs.recall_lists()
        self._recalled = {
            (uri, token): self._recalled.get((uri, token)) or accept_recall_list(token, uri=uri, anchor=self._anchor)
            for uri, token in found.items()
        }
        return {uri: self._recalled[uri, token] for uri, token in found.items()}

    def _kept_lists(self) -> dict[str, KeptList]:
        texts = self._packs.kept()
        self._kept = {text: self._kept.get(text) or read_kept_list(text, self._anchor) for text in texts.values()}
        return {kid: self._kept[text] for kid, text in texts.items()}


class Check:
    """What the wallet lets a verifier say about a credential that it receives (``wallet_api.ports.CredentialCheck``).

    The status may be unknown: a list that names a credential of this minute need not be published yet.
    """

    def __init__(self, trust: Trust, clock: Callable[[], datetime]) -> None:
        self._trust = trust
        self._clock = clock

    def check(self, token: str, *, holder_key: PublicKey | None) -> Report:
        """Return the report on ``token`` as received: no key binding yet, bound to ``holder_key`` if there is one."""
        policy = Policy(accepted_types=None, require_key_binding=False, require_status=False, holder_key=holder_key)
        evidence = Evidence(trust=self._trust.current(), types=type_labels())
        return verify(token, policy=policy, evidence=evidence, now=self._clock())
