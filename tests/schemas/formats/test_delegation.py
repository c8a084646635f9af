"""Delegations as bytes: writing and reading side by side."""

from typing import Any

import pytest

from keys.anchor import Anchor
from keys.errors import InvalidSignature
from keys.signer import SoftwareSigner
from schemas.formats import delegation
from schemas.formats import delegation_registration as registrations
from schemas.formats.delegation import DelegationMalformed, DelegationProofInvalid, DelegationSignatureInvalid
from schemas.formats.errors import FormatError, KeyBindingUnexpected
from schemas.formats.status_claim import StatusReference
from tests.support.delegations import AGENT, CERTIFICATE, Showing
from tests.support.desk import ANCHOR, HOLDER, LIST, NOW, RECALL_LIST, Certificate


def read(text: str) -> delegation.Delegation:
    return delegation.parse(text).verified_by(HOLDER.public_key)


def test_what_is_written_is_read() -> None:
    said = read(Showing().shown())
    assert (said.agent_key, said.agent_name) == (AGENT.public_key, "陈小文")
    assert said.purposes == Showing().purposes
    assert (said.since, said.until) == (Showing().since, Showing().until)
    assert said.status == StatusReference(RECALL_LIST, 4712)
    assert said.proof.audience == Showing().audience


def test_the_same_grant_gives_the_same_bytes() -> None:
    first, second = (delegation.prepare(Showing().unregistered(), HOLDER.public_key) for _ in range(2))
    assert first.signing_input == second.signing_input


def test_a_signature_of_another_key_completes_nothing() -> None:
    stranger = SoftwareSigner.generate()
    prepared = delegation.prepare(Showing().grant(), HOLDER.public_key)
    with pytest.raises(InvalidSignature):
        prepared.completed(stranger.sign(prepared.signing_input))
    showing = delegation.present(
        Showing().handed_over(), Showing().granted(), AGENT.public_key, audience="a", nonce="n", iat=1
    )
    with pytest.raises(InvalidSignature):
        showing.completed(stranger.sign(showing.signing_input))


WRONG: list[dict[str, Any]] = [
    {"purposes": None},
    {"purposes": []},
    {"purposes": ["x"] * 21},
    {"purposes": [7]},
    {"purposes": ["a\nb"]},
    {"agent_name": None},
    {"agent_name": ""},
    {"agent_name": "x" * 201},
    {"relation": "friend"},
    {"relation": None},
    {"relation": ["agent"]},
    {"iat": None},
    {"exp": None},
    {"exp": "soon"},
    {"exp": 1},
    {"exp": 2**40},
    {"certificate": None},
    {"certificate": "digest"},
    {"cnf": None},
    {"cnf": {"kid": "1"}},
    {"status": {"status_list": {"idx": -1, "uri": LIST}}},
    {"vct": "urn:ecert:business_licence:1"},
    {"vct": None},
]


@pytest.mark.parametrize("claims", WRONG, ids=[str(each)[:40] for each in WRONG])
def test_a_delegation_that_says_less_or_something_else_is_none(claims: dict[str, Any]) -> None:
    shown = Showing().shown(granted=Showing().forged(**claims))
    with pytest.raises(DelegationMalformed):
        read(shown)


@pytest.mark.parametrize("changes", [{"purposes": ()}, {"until": Showing().since}, {"purposes": ("a" * 201,)}])
def test_nothing_is_prepared_that_would_not_be_read(changes: dict[str, Any]) -> None:
    with pytest.raises(DelegationMalformed):
        delegation.prepare(Showing().but(**changes).grant(), HOLDER.public_key)


def test_a_delegation_by_another_holder() -> None:
    with pytest.raises(DelegationSignatureInvalid):
        delegation.parse(Showing().shown()).verified_by(AGENT.public_key)


@pytest.mark.parametrize("digest", [7, None, "证"])
def test_a_digest_of_another_kind(digest: Any) -> None:
    shown = Showing().shown(granted=Showing().forged(certificate={"digest": digest}))
    with pytest.raises(delegation.DelegationOfAnotherCertificate):
        read(shown)


def test_a_proof_over_another_delegation() -> None:
    certificate, _, delegated = Showing().shown().partition("~~")
    jwt, _, binding = delegated.partition("~")
    other = Showing(purposes=("别的",)).granted().rstrip("~")
    assert jwt != other
    with pytest.raises(DelegationProofInvalid):
        read(f"{certificate}~~{other}~{binding}")


def test_a_delegation_of_another_typ() -> None:
    certificate = Showing().handed_over()
    prepared = delegation.present(
        certificate, CERTIFICATE.present([]).text(), AGENT.public_key, audience="a", nonce="n", iat=1
    )
    shown = prepared.completed(AGENT.sign(prepared.signing_input))
    with pytest.raises(DelegationSignatureInvalid):
        read(shown)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "~~",
        "a.b.c~~",
        Showing().handed_over(),
        f"{Showing().handed_over()}~{Showing().granted()}",
        f"{Showing().handed_over()}~no",
        f"{Certificate().present('business_scope')}~~{Showing().granted()}",
        "x" * (delegation.MAX_BYTES + 1),
    ],
)
def test_what_is_not_both_is_none(text: str) -> None:
    with pytest.raises(FormatError):
        read(text)


def test_it_is_told_from_a_certificate_at_a_glance() -> None:
    assert delegation.is_delegated(Showing().shown())
    assert not delegation.is_delegated(Certificate().present("business_scope"))


def test_a_certificate_with_a_proof_of_its_own_is_not_handed_over() -> None:
    with pytest.raises(KeyBindingUnexpected):
        delegation.present(
            Certificate().present("business_scope"),
            Showing().granted(),
            AGENT.public_key,
            audience="a",
            nonce="n",
            iat=int(NOW.timestamp()),
        )


def test_a_registration_is_for_what_a_delegation_says_and_for_nothing_else() -> None:
    claims = Showing().unregistered().claims(HOLDER.public_key)
    registration = registrations.register(claims, ANCHOR)
    anchor = Anchor((ANCHOR.public_key,))
    assert registrations.is_registered(registrations.digest_of(claims), registration, anchor)
    assert registrations.digest_of(claims | {"registration": registration}) == registrations.digest_of(claims)
    for changed in ({"relation": "guardian"}, {"exp": claims["exp"] + 1}, {"status": None}, {"more": 1}):
        assert not registrations.is_registered(registrations.digest_of(claims | changed), registration, anchor)


@pytest.mark.parametrize("registration", [None, "", "a.b.c", "陈"])
def test_what_is_no_registration(registration: str | None) -> None:
    assert not registrations.is_registered("digest", registration, Anchor((ANCHOR.public_key,)))


def test_nobody_registers_without_an_anchor() -> None:
    assert not registrations.is_registered("digest", "a.b.c", None)


def test_a_registration_that_is_no_text() -> None:
    showing = Showing()
    with pytest.raises(DelegationMalformed):
        delegation.parse(showing.shown(granted=showing.forged(registration=7))).verified_by(HOLDER.public_key)
