"""Which wallets' keys must be attested: the setting ``ECERT_KEY_ATTESTATIONS``.

none                                        no attestation is looked at
offered                                     attestations by ECERT_WALLET_ATTESTERS count, a proof alone does, too
required                                    every key must be attested
required:iso_18045_moderate                 ... and be kept at this level or a higher one (OpenID4VCI 1.0, D.2)
required:iso_18045_moderate/iso_18045_basic ... and be used by a holder who is authenticated at the second level
none,resident_id_card=required              a type may have a rule of its own; commas between
"""

import difflib

from issuer.openid4vci.credentials.policy import LEVELS, AttestationPolicies, AttestationPolicy
from schemas.catalogue import TypeId
from schemas.types import all_types

_WORDS = ("none", "offered", "required")


def key_attestations(text: str) -> AttestationPolicies:
    """Return the policies that ``text`` names; raises ValueError with the rule that it breaks."""
    default: AttestationPolicy | None = None
    by_type: dict[TypeId, AttestationPolicy] = {}
    for entry in filter(None, (part.strip() for part in text.split(","))):
        name, mark, rule = entry.rpartition("=")
        if not mark:
            if default is not None:
                raise ValueError("expected one rule for all types")
            default = _policy(rule)
        elif _type(name) in by_type:
            raise ValueError(f"expected type {name} once")
        else:
            by_type[_type(name)] = _policy(rule)
    return AttestationPolicies(default or AttestationPolicy(), by_type)


def _policy(rule: str) -> AttestationPolicy:
    word, _, levels = rule.partition(":")
    storage, _, authentication = levels.partition("/")
    if word not in _WORDS:
        raise ValueError(f"expected one of {', '.join(_WORDS)}")
    if word == "none" and levels:
        raise ValueError("expected no level where nothing is looked at")
    return AttestationPolicy(word == "offered", word == "required", _levels(storage), _levels(authentication))


def _levels(text: str) -> tuple[str, ...]:
    if text and text not in LEVELS:
        raise ValueError(f"expected a level of {', '.join(LEVELS)}")
    return (text,) if text else ()


def _type(name: str) -> TypeId:
    known = [each.id for each in all_types()]
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        raise ValueError("expected the id of a type" + (f", did you mean {near[0]}" if near else ""))
    return TypeId(name)
