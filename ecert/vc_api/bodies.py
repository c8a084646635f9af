"""Request bodies of the VC-API: plain JSON in, checked member by member, without a model in between.

Members that a route does not know are passed over, as the VC-API has it: strangers send options of their own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ecert.vc_api.errors import VcApiRequestMalformed
from keys import strict_json

_MAX_POINTERS = 256
_PROOF_ONLY = ["proof"]


@dataclass(frozen=True, slots=True)
class ToIssue:
    """A credential without proof, and what must be disclosed of it whatever the holder chooses."""

    credential: dict[str, Any]
    mandatory_pointers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ToDerive:
    """A credential with a base proof, and what to disclose of it."""

    credential: dict[str, Any]
    selective_pointers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ToVerify:
    """A credential; ``proof_only``: neither period nor status is asked for (``checks`` is ``["proof"]``)."""

    credential: dict[str, Any]
    proof_only: bool


@dataclass(frozen=True, slots=True)
class ToVerifyPresentation:
    """A presentation, and for which challenge and domain it must have been made; None asks for none."""

    presentation: dict[str, Any]
    challenge: str | None
    domain: str | None
    proof_only: bool


def to_issue(raw: bytes) -> ToIssue:
    """Return the body of issue; raises VcApiRequestMalformed, and MalformedToken as ``strict_json``."""
    members = strict_json.loads_object(raw)
    return ToIssue(_object(members, "credential"), _pointers(_options(members), "mandatoryPointers"))


def to_derive(raw: bytes) -> ToDerive:
    """Return the body of derive; raises as ``to_issue``."""
    members = strict_json.loads_object(raw)
    return ToDerive(_object(members, "verifiableCredential"), _pointers(_options(members), "selectivePointers"))


def to_verify(raw: bytes) -> ToVerify:
    """Return the body of verify; raises as ``to_issue``."""
    members = strict_json.loads_object(raw)
    return ToVerify(_object(members, "verifiableCredential"), _proof_only(_options(members)))


def to_verify_presentation(raw: bytes) -> ToVerifyPresentation:
    """Return the body of verifying a presentation; raises as ``to_issue``."""
    members = strict_json.loads_object(raw)
    options = _options(members)
    return ToVerifyPresentation(
        _object(members, "verifiablePresentation"),
        challenge=_text(options, "challenge"),
        domain=_text(options, "domain"),
        proof_only=_proof_only(options),
    )


def _object(members: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = members.get(name)
    if type(value) is not dict:
        raise VcApiRequestMalformed(f"{name} is absent or no object")
    return value


def _options(members: Mapping[str, Any]) -> Mapping[str, Any]:
    return _object(members, "options") if "options" in members else {}


def _text(options: Mapping[str, Any], name: str) -> str | None:
    value = options.get(name)
    if name in options and type(value) is not str:
        raise VcApiRequestMalformed(f"options.{name} is no text")
    return value


def _texts(options: Mapping[str, Any], name: str) -> list[str]:
    value = options.get(name, [])
    if type(value) is not list or not all(type(item) is str for item in value):
        raise VcApiRequestMalformed(f"options.{name} is no array of texts")
    return value


def _pointers(options: Mapping[str, Any], name: str) -> tuple[str, ...]:
    pointers = _texts(options, name)
    if len(pointers) > _MAX_POINTERS:
        raise VcApiRequestMalformed(f"options.{name} has {len(pointers)} pointers, limit {_MAX_POINTERS}")
    return tuple(pointers)


def _proof_only(options: Mapping[str, Any]) -> bool:
    return _texts(options, "checks") == _PROOF_ONLY
