"""Who shows it, to whom and when (steps 8 and 9): the holder's key binding and its freshness."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime

from keys.encoding import b64url_text
from keys.errors import EcertError
from keys.public import PublicKey
from schemas.formats.errors import HolderKeyMissing, KeyBindingError
from schemas.formats.key_binding import KeyBinding
from schemas.report import COMPARE, Check
from verifier.documents import Credential, Document, open_document
from verifier.evidence import Evidence
from verifier.outcomes import failed, passed, skipped, unknown
from verifier.policy import Policy


def check_holder_binding(
    document: Document, credential: Credential, *, policy: Policy
) -> tuple[Check, KeyBinding | None]:
    """Step 8: the credential names a key, and that key signed what is shown. The proof comes out only if it holds."""
    if credential.printed_copy is not None:
        # On paper nothing is fresh and anyone may copy it: whatever is asked for, never more than "compare".
        return unknown("holder_binding", COMPARE), None
    try:
        return _judge_holder(document, document.holder_key(credential), policy)
    except HolderKeyMissing as exc:
        # The issuer bound it to nobody's key: no proof is possible, which is not the same as a false one.
        if policy.require_key_binding or policy.holder_key is not None:
            return unknown("holder_binding", exc.code), None
        return skipped("holder_binding", "key_binding_not_required"), None
    except KeyBindingError as exc:
        return failed("holder_binding", exc.code), None


def _judge_holder(document: Document, key: PublicKey, policy: Policy) -> tuple[Check, KeyBinding | None]:
    if policy.holder_key not in (None, key):
        return failed("holder_binding", "holder_key_other"), None
    if document.holder_signed is None and not policy.require_key_binding:
        return skipped("holder_binding", "key_binding_not_required"), None
    return passed("holder_binding", "holder_bound"), document.proved_by(key)


def check_presentation(
    document: Document, proof: KeyBinding | None, *, policy: Policy, evidence: Evidence, now: datetime
) -> Check:
    """Step 9: made for this verifier, for this request, just now, and not used before."""
    if proof is None:
        return skipped("presentation", "no_key_binding")
    age = int((now - datetime.fromtimestamp(proof.iat, UTC)).total_seconds())
    flaws = list(_flaws(document, proof, policy, evidence, now))
    if flaws:
        also = {"also": ",".join(flaws[1:])} if flaws[1:] else {}
        return failed("presentation", flaws[0], age_seconds=age, **also)
    return passed("presentation", "presentation_fresh", age_seconds=age)


def _flaws(document: Document, proof: KeyBinding, policy: Policy, evidence: Evidence, now: datetime) -> Iterator[str]:
    yield from freshness_flaws(proof, policy, now)
    if evidence.seen and holder_digest(document) in evidence.seen:
        yield "presentation_replayed"


def freshness_flaws(proof: KeyBinding, policy: Policy, now: datetime) -> Iterator[str]:
    """Yield each reason why a proof is not one for this verifier, for this request, made just now."""
    made = datetime.fromtimestamp(proof.iat, UTC)
    seconds = now.timestamp()
    if proof.audience != policy.audience:
        yield "audience_mismatch"
    if policy.nonce is not None and proof.nonce != policy.nonce:
        yield "nonce_mismatch"
    if now - made > policy.max_presentation_age or (proof.exp is not None and seconds >= proof.exp):
        yield "presentation_too_old"
    if made - now > policy.max_future_skew or (proof.nbf is not None and seconds < proof.nbf):
        yield "presentation_in_future"


def presentation_digest(presentation: str) -> str | None:
    """Return what to keep in ``Evidence.seen`` for 70 s after a presentation was accepted; None without a proof.

    The digest is over what the holder's key signed and leaves the signature out: of an ECDSA signature anyone can make
    a second one that holds as well.
    """
    try:
        return holder_digest(open_document(presentation, max_bytes=len(presentation)))
    except EcertError:  # whatever it is, it was not accepted
        return None


def holder_digest(document: Document) -> str | None:
    """Return the digest of what the holder signed (``presentation_digest``); None without a proof."""
    signed = document.holder_signed
    return None if signed is None else signed_digest(signed)


def signed_digest(signed: bytes) -> str:
    """Return the digest of what a proof's signature is over."""
    return b64url_text(hashlib.sha256(signed).digest())
