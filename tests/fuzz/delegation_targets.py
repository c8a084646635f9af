"""Targets of delegation: what an agent shows, whatever a holder signs as a delegation, lists of recalls."""

from functools import cache
from typing import Any

from keys import jws, strict_json
from keys.encoding import b64url, b64url_text
from schemas.formats import delegation
from schemas.formats.delegation import Delegation
from schemas.qr import compact
from tests.fuzz.target import Form, Target, as_text, only
from tests.support.delegations import Showing
from tests.support.desk import HOLDER, NOW, RECALL_LIST, Desk
from verifier import Policy, acting
from verifier.evidence import StatusEvidence
from verifier.judging import judge
from verifier.rendering import render
from verifier.status_lists import accept_recall_list

DESK = Desk()
_POLICY = Policy(accepted_types=None)


@cache
def _evidence() -> Any:
    return DESK.evidence()


def _judged(data: bytes) -> dict[str, Any] | None:
    """Return what is said of an agent and of the certificate, None when nothing is accepted."""
    found = judge(as_text(data), policy=_POLICY, evidence=_evidence(), now=NOW)
    render(found.report, found.delegation)
    if found.delegation is None:
        return None
    return acting.member(found.delegation) | {"claims": dict(found.report.accepted_claims())}


def _signed(data: bytes) -> Delegation:
    """Whatever the holder signs is a delegation or an error of ours."""
    head = {"alg": "ES256", "typ": "dc+sd-jwt"}
    signing_input = b64url(strict_json.dumps(head)) + b"." + b64url(data)
    granted = f"{signing_input.decode()}.{b64url_text(HOLDER.sign(signing_input))}~"
    return delegation.parse(Showing().shown(granted=granted)).verified_by(HOLDER.public_key)


def _payload() -> list[bytes]:
    return [jws.peek(Showing().granted().rstrip("~")).peeked_payload]


def _recalls(data: bytes) -> int | None:
    found = accept_recall_list(as_text(data), uri=RECALL_LIST, anchor=DESK.anchor)
    return found.statuses[7] if isinstance(found, StatusEvidence) else None  # type: ignore[index]


TARGETS = (
    Target(
        "delegated",
        "verifier.judging.judge",
        _judged,
        lambda: [_shown(), f"ZK1:{compact.pack(_shown().decode())}".encode()],
        Form.JWT,
        only(lambda: None, lambda: _judged(_shown())),
    ),
    Target("delegation_signed", "schemas.formats.delegation (signed)", _signed, _payload, Form.JSON),
    Target(
        "recall_list",
        "verifier.status_lists.accept_recall_list",
        _recalls,
        lambda: [DESK.recall_list_token().encode()],
        Form.JWT,
        only(lambda: None, lambda: 0),
    ),
)


@cache
def _shown() -> bytes:
    return Showing().shown().encode()
