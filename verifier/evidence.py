"""What a verifier knows beside the presentation; the caller gathers it."""

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from datetime import datetime

from keys.anchor import Anchor
from keys.kept import KeptList
from keys.trust import TrustList
from schemas.formats.bitstring_credential import BitstringList
from schemas.formats.pack import TypeLabel
from schemas.formats.status_list import StatusList


@dataclass(frozen=True, slots=True)
class StatusEvidence:
    """A status list whose signature was checked against the trust list, or, of recalled delegations, the anchor.

    ``issuers`` are those to whom the signing key belongs: the list speaks for their credentials alone; a list of
    recalled delegations has none. ``ttl`` is how many seconds a copy may be kept, where the list says so.
    """

    uri: str
    issuers: frozenset[str]
    issued_at: datetime
    expires_at: datetime | None
    statuses: StatusList | BitstringList = field(repr=False)
    ttl: float | None = None


@dataclass(frozen=True, slots=True)
class UntrustedStatus:
    """A status list that was there but is not believed; ``reason`` is an error's code."""

    uri: str
    reason: str


@dataclass(frozen=True, slots=True)
class UnreachedStatus(UntrustedStatus):
    """A status list that could not be had from its address a moment ago; ``reason`` is why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Everything that ``verify`` may rely on.

    ``types`` by ``vct``; ``status_lists`` by URI; ``recall_lists`` by URI: which delegations were recalled, signed by
    the trust anchor, so that none is taken for an issuer's; ``kept`` by the ``kid`` of a withdrawn key: what it rightly
    signed; ``seen``: digests of key bindings shown in the last 70 s (``presentation_digest``);
    ``next_update``: the moment from which newer evidence must exist, None when it is always fresh; ``anchor``: by which
    delegations are registered.
    """

    trust: TrustList
    types: Mapping[str, TypeLabel]
    status_lists: Mapping[str, StatusEvidence | UntrustedStatus] = field(default_factory=dict, repr=False)
    kept: Mapping[str, KeptList] = field(default_factory=dict, repr=False)
    seen: Set[str] = field(default_factory=frozenset, repr=False)
    next_update: datetime | None = None
    anchor: Anchor | None = None
    recall_lists: Mapping[str, StatusEvidence | UntrustedStatus] = field(default_factory=dict, repr=False)
