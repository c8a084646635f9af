"""Which key attestations a certificate's type asks for (OpenID4VCI 1.0, appendix D).

A policy names the lowest level that it takes; what the metadata publish, and what an attestation is compared with, are
that level and every one above it (D.2). A level of another list than ISO 18045's stands for itself alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from schemas.catalogue import TypeId

LEVELS = ("iso_18045_basic", "iso_18045_enhanced-basic", "iso_18045_moderate", "iso_18045_high")
"""Attack potential resistance, the lowest first (D.2)."""


@dataclass(frozen=True, slots=True)
class AttestationPolicy:
    """How keys must be attested.

    ``offered``: there are attesters that this issuer trusts, so that the proof type ``attestation`` is taken, and an
    attestation beside a ``jwt`` proof is looked at. ``required``: that too, and a ``jwt`` proof needs one.
    ``key_storage`` and ``user_authentication`` name the levels that an attestation must show one of; none asks for
    nothing.
    """

    offered: bool = False
    required: bool = False
    key_storage: tuple[str, ...] = ()
    user_authentication: tuple[str, ...] = ()

    @property
    def taken(self) -> bool:
        """Whether key attestations are looked at."""
        return self.offered or self.required

    def accepted(self) -> dict[str, list[str]]:
        """Return ``key_attestations_required`` (12.2.4): the accepted levels of what the policy restricts."""
        wanted = {"key_storage": self.key_storage, "user_authentication": self.user_authentication}
        return {name: _and_above(levels) for name, levels in wanted.items() if levels}


@dataclass(frozen=True, slots=True)
class AttestationPolicies:
    """The policies of an installation: one for every type that has none of its own."""

    default: AttestationPolicy = AttestationPolicy()
    by_type: Mapping[TypeId, AttestationPolicy] = field(default_factory=dict)

    def of(self, type_id: TypeId) -> AttestationPolicy:
        """Return the policy of a type."""
        return self.by_type.get(type_id, self.default)


def _and_above(levels: Sequence[str]) -> list[str]:
    above = (high for level in levels if level in LEVELS for high in LEVELS[LEVELS.index(level) + 1 :])
    return list(dict.fromkeys((*levels, *above)))
