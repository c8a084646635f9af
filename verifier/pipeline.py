"""The verdict: bytes, policy, evidence and a moment in; a report out. Pure: no file, no network, no clock.

The steps, one row of the report each. The first four are gates: past a failed one nothing is believed, and the rest is
reported as not reached. Past the gates every rule runs, so that the clerk sees all that is wrong.

1. format          well formed, within its limits, no header that is never followed; one of the known formats
2. issuer          the trust list gives this key to this issuer for this type at the time of issue; a withdrawn key's
                   documents only if kept
3. signature       made by that key, with the algorithm that the key decides
4. disclosure      every disclosure has exactly one place in what was signed (where a format has them)
5. type            accepted by the policy and known to the offline data
6. validity        nbf, iat, exp and the legal dates; days of Asia/Shanghai, the last one inclusive
7. status          the issuer's own, fresh status list says valid; unknown never passes
8. holder_binding  the holder's key signed exactly what is shown; a printed copy is never more than "compare"
9. presentation    for this audience and nonce, at most 60 s ago, not seen before

docs/verification.md has the same list, with every reason.
"""

from datetime import UTC, datetime

from keys.did import from_did
from keys.errors import AlgorithmNotAllowed, EcertError, InvalidSignature, MalformedToken, UnknownIssuerKey
from keys.kept import KeptList
from keys.public import PublicKey
from schemas.formats.data_integrity.errors import KeyUnfitForCryptosuite, SelectiveDisclosureError
from schemas.formats.errors import DisclosureError, NestedTooDeep, NeverSelective
from schemas.formats.jsonld.errors import JsonLdProcessorMissing
from schemas.report import CHECKS, Check, Outcome, Report
from verifier.binding import check_holder_binding, check_presentation, holder_digest
from verifier.documents import Credential, Document, open_document
from verifier.evidence import Evidence
from verifier.outcomes import failed, passed, skipped, unknown
from verifier.policy import Policy
from verifier.rules import check_type, check_validity
from verifier.status import Place, age_of_status, check_status, missing_lists, places_of

_GATES = CHECKS[:4]


def verify(presentation: str, *, policy: Policy, evidence: Evidence, now: datetime) -> Report:
    """Return what can be said of ``presentation`` at ``now`` (aware). Bad input gives a report, not an error.

    Every report has the rows of ``CHECKS``, in their order. Claims come only out of ``Report.accepted_claims``.
    """
    # 1. Format.
    try:
        document = open_document(presentation, max_bytes=policy.max_bytes)
    except EcertError as exc:
        return _stopped([failed("format", exc.code)], now)
    gates = [passed("format", "well_formed", format=document.format.value)]
    # 2. Issuer.
    issuer, key = _check_issuer(document, policy, evidence, now)
    if key is None:
        return _stopped([*gates, issuer], now)
    # 3. Signature and 4. disclosure: one call, because claims must not exist before both hold.
    try:
        credential = document.verified_by(key)
    except EcertError as exc:
        return _stopped(_up_to_the_gate(exc, [*gates, issuer]), now)
    alg = document.alg or key.algorithm.value
    gates += [issuer, passed("signature", "signature_valid", alg=alg, kid=key.kid), _disclosure_row(document)]
    places = places_of(credential, evidence)
    checks = (*gates, *_rules(document, credential, places, policy, evidence, now))
    return _report(document, credential, places, checks, evidence, now)


def _rules(
    document: Document, credential: Credential, places: list[Place], policy: Policy, evidence: Evidence, now: datetime
) -> tuple[Check, ...]:
    holder, proof = check_holder_binding(document, credential, policy=policy)
    return (
        check_type(credential, policy=policy, evidence=evidence),  # 5
        check_validity(credential, policy=policy, now=now),  # 6
        check_status(document, places, policy=policy, now=now),  # 7
        holder,  # 8
        check_presentation(document, proof, policy=policy, evidence=evidence, now=now),  # 9
    )


def _check_issuer(
    document: Document, policy: Policy, evidence: Evidence, now: datetime
) -> tuple[Check, PublicKey | None]:
    try:
        if policy.did_issuers and document.issuer.startswith("did:"):
            return passed("issuer", "issuer_is_its_own_key"), from_did(document.issuer)
        selector = document.selector
        key = evidence.trust.key_for(
            document.issuer, vct=document.vct, kid=selector.kid, chain=selector.chain, at=document.iat
        )
    except EcertError as exc:
        return failed("issuer", exc.code), None
    withdrawn = evidence.trust.withdrawal(key.kid) is not None
    if withdrawn and not _is_kept(document, evidence.kept.get(key.kid)):
        # A thief writes iat as he likes: only what the ledger shows to be signed rightly stands (invariant 1).
        return failed("issuer", "key_withdrawn"), None
    if now > evidence.trust.next_update:
        return unknown("issuer", "trust_list_stale"), key
    if evidence.next_update is not None and now > evidence.next_update:
        return unknown("issuer", "pack_stale"), key
    return passed("issuer", "key_withdrawn_but_kept" if withdrawn else "issuer_listed"), key


def _is_kept(document: Document, kept: KeptList | None) -> bool:
    return kept is not None and kept.keeps(document.signed)


def _gate_of(exc: EcertError) -> str:
    """Return the gate that an error of the signed document belongs to."""
    if isinstance(exc, InvalidSignature | AlgorithmNotAllowed | KeyUnfitForCryptosuite | UnknownIssuerKey):
        return "signature"
    # The issuer's own JSON was read in step 1, so that a malformed one can only be a disclosure's.
    if isinstance(exc, DisclosureError | NestedTooDeep | NeverSelective | MalformedToken | SelectiveDisclosureError):
        return "disclosure"
    return "format"


def _up_to_the_gate(exc: EcertError, rows: list[Check]) -> list[Check]:
    if isinstance(exc, JsonLdProcessorMissing):
        # Nothing is wrong with the document; this installation cannot read it.
        return [*rows, unknown("signature", exc.code)]
    gate = _gate_of(exc)
    before = {row.code: row for row in [*rows, passed("signature", "signature_valid")]}
    return [*(before[code] for code in _GATES[: _GATES.index(gate)]), failed(gate, exc.code)]


def _disclosure_row(document: Document) -> Check:
    if document.disclosures is None:
        return skipped("disclosure", "not_selective")
    return passed("disclosure", "disclosures_match", disclosures=document.disclosures)


def _stopped(rows: list[Check], now: datetime) -> Report:
    """Return the report of a failed gate. It repeats nothing of the document, which could say anything."""
    rest = (skipped(code) for code in CHECKS[len(rows) :])
    return Report(checks=(*rows, *rest), verified_at=_timestamp(now))


def _report(
    document: Document,
    credential: Credential,
    places: list[Place],
    checks: tuple[Check, ...],
    evidence: Evidence,
    now: datetime,
) -> Report:
    entry = evidence.trust.entries.get(document.issuer)
    label = evidence.types.get(credential.vct)
    return Report(
        checks=checks,
        verified_at=_timestamp(now),
        format=document.format.value,
        issuer=document.issuer,
        issuer_name_zh=entry.name_zh if entry else None,
        issuer_name_en=entry.name_en if entry else None,
        vct=credential.vct,
        type_id=label.type_id if label else None,
        type_name_zh=label.zh if label else None,
        type_name_en=label.en if label else None,
        status_age_seconds=age_of_status(places, now),
        printed_copy=credential.printed_copy,
        shown=holder_digest(document) if checks[-1].outcome is Outcome.PASSED else None,
        _claims=credential.claims,
        wanted_lists=_wanted(checks, places) if entry else (),
    )


def _wanted(checks: tuple[Check, ...], places: list[Place]) -> tuple[str, ...]:
    # One that failed stays invalid whatever a list says, and a stale trust list leads to no address.
    outcomes = {row.code: row.outcome for row in checks}
    if Outcome.FAILED in outcomes.values() or outcomes["issuer"] is not Outcome.PASSED:
        return ()
    return missing_lists(places) if outcomes["status"] is Outcome.UNKNOWN else ()


def _timestamp(now: datetime) -> str:
    if now.tzinfo is None:
        raise ValueError("time has no time zone, expected an aware one")
    return now.astimezone(UTC).isoformat(timespec="seconds")[:-6] + "Z"  # strftime takes three times as long
