"""What somebody makes of a presentation or a delegation that is not theirs to make, one flaw each."""

import hashlib
from collections.abc import Mapping
from typing import Any

import pytest

from keys import did
from keys.encoding import b64url_text
from schemas.formats import key_binding, sd_jwt_vc
from schemas.formats.delegation import Relation
from schemas.formats.sd_jwt import SdJwt
from schemas.formats.vc_jose_cose import sd_jwt
from schemas.formats.vc_jose_cose.kinds import Kind
from schemas.order import CredentialFormat
from schemas.report import Outcome, Verdict
from tests.support import forms
from tests.support.delegations import AGENT, CERTIFICATE, Showing
from tests.support.desk import ANOTHER, BASE, HOLDER, HOUR, NOW, STRANGER, Certificate, Desk, p256, seconds
from tests.verifier.test_delegated import judged
from verifier.policy import COUNTER_AUDIENCE

OTHER_AGENT = p256(52)


def reason(desk: Desk, shown: str, **policy: Any) -> str:
    """Why the row says no; the verdict is invalid, and no claim comes out."""
    report = judged(desk, shown, **policy)
    assert report.verdict is Verdict.INVALID
    assert "claims" not in report.report.to_dict(include_claims=True)
    return report.delegation.reason


def parts(shown: str) -> tuple[str, str, str]:
    """The certificate, the delegation and the agent's proof, each without the ``~`` that follows it."""
    certificate, _, delegated = shown.partition("~~")
    granted, _, proof = delegated.rpartition("~")
    return certificate, granted, proof


# A holder's presentation in other hands


def test_a_stranger_who_took_a_presentation_cannot_grant_it_to_himself(desk: Desk) -> None:
    taken, _, _ = Certificate().present("business_scope").rpartition("~")
    shown = Showing(certificate=SdJwt.parse(f"{taken}~"), holder=STRANGER, agent=STRANGER).shown(by=STRANGER)
    assert reason(desk, shown) == "delegation_signature_invalid"


def test_the_holders_proof_is_no_agents(desk: Desk) -> None:
    certificate, granted, _ = parts(Showing(agent=HOLDER).shown(by=HOLDER))
    held = SdJwt.parse(f"{certificate}~")
    proof = key_binding.bind(held, HOLDER, audience=COUNTER_AUDIENCE, nonce="q7Zk", iat=seconds(NOW)).key_binding
    assert reason(desk, f"{certificate}~~{granted}~{proof}") == "delegation_proof_invalid"


def test_a_certificate_with_the_holders_proof_is_not_one_that_was_handed_over(desk: Desk) -> None:
    presented = CERTIFICATE.present([("business_scope",)])
    bound = key_binding.bind(presented, HOLDER, audience=COUNTER_AUDIENCE, nonce="q7Zk", iat=seconds(NOW)).text()
    _, granted, proof = parts(Showing().shown())
    report = judged(desk, f"{bound}~~{granted}~{proof}")
    assert (report.verdict, report.delegation.outcome) == (Verdict.INVALID, Outcome.SKIPPED)
    assert report.report.check("disclosure").outcome is Outcome.FAILED


# An agent who does more than was granted


def test_an_agent_may_show_less_than_was_handed_over(desk: Desk) -> None:
    less = Showing(fields=()).handed_over()
    report = judged(desk, Showing().shown(certificate=less))
    assert report.verdict is Verdict.VALID
    assert "business_scope" not in report.report.accepted_claims()


def test_nobody_takes_a_disclosure_away_after_the_agent_signed(desk: Desk) -> None:
    _, granted, proof = parts(Showing().shown())
    less = Showing(fields=()).handed_over().rstrip("~")
    assert reason(desk, f"{less}~~{granted}~{proof}") == "delegation_proof_invalid"


@pytest.mark.parametrize(
    "changes",
    [
        {"status": None},
        {"exp": seconds(NOW) + 86_400},
        {"purposes": ["别的"]},
        {"cnf": {"jwk": dict(OTHER_AGENT.public_key.jwk)}},
    ],
    ids=["no place for a recall", "longer", "for something else", "to somebody else"],
)
def test_an_agent_does_not_change_the_delegation(desk: Desk, changes: Mapping[str, Any]) -> None:
    granted = Showing(holder=AGENT).forged(**changes)
    by = OTHER_AGENT if "cnf" in changes else AGENT
    assert reason(desk, Showing().shown(granted=granted, by=by)) == "delegation_signature_invalid"


def test_an_agent_does_not_delegate_on(desk: Desk) -> None:
    onward = Showing(holder=AGENT, agent=OTHER_AGENT)
    assert reason(desk, onward.shown(by=OTHER_AGENT)) == "delegation_signature_invalid"


@pytest.mark.parametrize("did_issuers", [False, True])
def test_a_delegation_is_no_certificate_to_delegate(desk: Desk, did_issuers: bool) -> None:
    first = SdJwt.parse(Showing().granted())
    onward = Showing(certificate=first, fields=(), holder=AGENT, agent=OTHER_AGENT)
    expected = "delegation_not_allowed_for_type" if did_issuers else "not_reached"
    assert reason(desk, onward.shown(by=OTHER_AGENT), did_issuers=did_issuers) == expected


def test_an_agents_text_in_an_agents_text_is_none(desk: Desk) -> None:
    certificate, granted, proof = parts(Showing().shown())
    assert reason(desk, f"{certificate}~~{granted}~~{granted}~{proof}") == "delegation_malformed"


def test_a_delegation_hides_nothing_from_whom_it_is_shown_to(desk: Desk) -> None:
    said = sd_jwt_vc.parse(Showing().granted()).peek_claims()
    numbers = iter(range(8))
    hiding = sd_jwt_vc.issue(said, frozenset({"relation"}), HOLDER, salt=lambda: next(numbers).to_bytes(16, "big"))
    for granted in (hiding.text(), hiding.present([]).text()):
        assert reason(desk, Showing().shown(granted=granted)) == "delegation_malformed"


def proving(**extra: Any) -> str:
    """What an agent shows whose proof says more, or something else."""
    certificate, granted, _ = parts(Showing().shown())
    hashed = b64url_text(hashlib.sha256(f"{certificate}~".encode()).digest())
    bound = key_binding.prepare(
        SdJwt.parse(f"{granted}~"),
        AGENT.public_key,
        audience=COUNTER_AUDIENCE,
        nonce="q7Zk",
        iat=seconds(NOW) - 5,
        extra={"certificate_hash": hashed} | extra,
    )
    return f"{certificate}~~{bound.completed(AGENT.sign(bound.signing_input)).text()}"


def test_a_proof_may_say_itself_when_it_holds(desk: Desk) -> None:
    assert judged(desk, proving(exp=seconds(NOW) + 1)).verdict is Verdict.VALID
    assert reason(desk, proving(exp=seconds(NOW))) == "presentation_too_old"
    assert reason(desk, proving(nbf=seconds(NOW) + 1)) == "presentation_in_future"


@pytest.mark.parametrize("hashed", [None, 7, "证", "", [], b64url_text(b"another")])
def test_a_proof_names_the_certificate_as_it_is_shown(desk: Desk, hashed: Any) -> None:
    assert reason(desk, proving(certificate_hash=hashed)) == "delegation_proof_invalid"


# Certificates that are bound to nobody, or that the shower made


def test_a_presentation_that_the_shower_signed_is_no_certificate(desk: Desk) -> None:
    """It would name any key: of a certificate that is bound to nobody, whoever has a copy would be the holder."""
    unbound = forms.envelope(CredentialFormat.VC_SD_JWT, Certificate(holder=None))
    claims = forms.vp_claims(unbound, forms.Shown(STRANGER)) | {"cnf": {"jwk": dict(STRANGER.public_key.jwk)}}
    numbers = iter(range(8))
    made = sd_jwt.issue(claims, (), STRANGER, kind=Kind.PRESENTATION, salt=lambda: next(numbers).to_bytes(16, "big"))
    shown = Showing(certificate=made, fields=(), holder=STRANGER, agent=ANOTHER)
    assert reason(desk, shown.shown(by=ANOTHER)) == "delegation_malformed"


def test_a_vcdm_credential_is_not_delegated(desk: Desk) -> None:
    shown = Showing(certificate=forms.vc_sd_jwt(Certificate()), fields=())
    assert reason(desk, shown.shown()) == "delegation_malformed"


@pytest.mark.parametrize("cnf", [{"kid": "did:key:z6Mk"}, {"jwk": {"kty": "oct", "k": "AA"}}])
def test_a_certificate_that_is_bound_in_another_way_is_not_delegated(desk: Desk, cnf: Mapping[str, Any]) -> None:
    bound = Certificate(holder=None, extra={"cnf": cnf}).sd_jwt()
    assert reason(desk, Showing(certificate=bound).shown()) == "delegation_malformed"


# What the caller asks for holds as well


def test_the_key_that_the_caller_knows_is_the_holders(desk: Desk) -> None:
    assert judged(desk, Showing().shown(), holder_key=HOLDER.public_key).verdict is Verdict.VALID
    report = judged(desk, Showing().shown(), holder_key=AGENT.public_key)
    assert report.report.check("holder_binding").reason == "holder_key_other"
    assert report.verdict is Verdict.INVALID


def test_without_key_binding_asked_for_the_agent_still_has_to_prove_his(desk: Desk) -> None:
    shown = Showing().shown(by=STRANGER)
    assert reason(desk, shown, require_key_binding=False) == "delegation_proof_invalid"


def test_an_issuer_by_its_own_key_is_one_where_that_is_on(desk: Desk) -> None:
    issuer = did.to_did_key(STRANGER.public_key)
    certificate = Certificate(issuer=issuer, signer=STRANGER).sd_jwt()
    report = judged(desk, Showing(certificate=certificate).shown(), did_issuers=True, require_status=False)
    assert (report.verdict, report.delegation.reason) == (Verdict.VALID, "delegation_valid")
    assert judged(desk, Showing(certificate=certificate).shown()).verdict is Verdict.INVALID


def test_a_text_beyond_the_callers_limit_is_not_read(desk: Desk) -> None:
    shown = Showing().shown()
    assert judged(desk, shown, max_bytes=len(shown)).verdict is Verdict.VALID
    report = judged(desk, shown, max_bytes=len(shown) - 1)
    assert [row.reason for row in report.report.checks if row.outcome is Outcome.FAILED] == [
        "too_large",
        "delegation_malformed",
    ]


def test_a_type_that_is_not_accepted_stays_so(desk: Desk) -> None:
    report = judged(desk, Showing().shown(), accepted_types=frozenset({f"{BASE}/other"}))
    assert (report.verdict, report.delegation.reason) == (Verdict.INVALID, "delegation_valid")
    assert report.shown is not None  # shown is shown, whatever else stood in the way


UNREGISTERED: dict[str, dict[str, Any]] = {
    "by nobody": {"anchor": None},
    "by another's anchor": {"anchor": p256(77)},
    "by the holder itself": {"anchor": HOLDER},
}


@pytest.mark.parametrize("name", UNREGISTERED)
def test_a_place_that_the_city_did_not_give_recalls_nothing(desk: Desk, name: str) -> None:
    """A holder's key signs what its holder likes; a place of its own choice would never be recalled."""
    row = judged(desk, Showing(**UNREGISTERED[name]).shown()).delegation
    assert (row.outcome, row.reason) == (Outcome.FAILED, "delegation_not_registered")


@pytest.mark.parametrize("relation", [one for one in Relation if one not in (Relation.AGENT, Relation.GUARDIAN)])
def test_who_an_agent_is_said_to_be_is_the_citys_to_say(desk: Desk, relation: Relation) -> None:
    short = {"status": None, "until": NOW + HOUR, "relation": relation, "anchor": None}
    assert judged(desk, Showing(**short).shown()).delegation.reason == "delegation_not_registered"


def test_a_registration_of_another_delegation_is_none(desk: Desk) -> None:
    showing = Showing(anchor=None)
    other = Showing(purposes=("别的事由",)).grant().registration
    shown = showing.shown(granted=showing.forged(registration=other))
    assert judged(desk, shown).delegation.reason == "delegation_not_registered"


def test_a_day_without_a_place_needs_no_registration(desk: Desk) -> None:
    shown = Showing(status=None, until=NOW + HOUR, anchor=None).shown()
    assert judged(desk, shown).delegation.reason == "delegation_valid"
