"""Each of the 40 types in each format: issued, held, presented and verified; then revoked, and refused as revoked."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

import pytest

from ecert.wiring import Container, open_container
from issuer.errors import ActNotAllowed
from issuer.issuing import Issued
from issuer.lifecycle import Decision
from issuer.records import ActKind
from schemas import types
from schemas.catalogue import TypeId
from schemas.examples import example_claims
from schemas.order import CredentialFormat
from schemas.report import Report, Verdict
from schemas.validity import day_of
from tests.support.ecert_world import ENVIRON, StillClock, cheap_scrypt, settings_of
from verifier import Policy, verify
from wallet_api import Presented, Wanted

FORMATS = tuple(CredentialFormat)
KINDS = [kind.id for kind in types.all_types()]
AUDIENCE, NONCE = "https://bank.example", "b25jZS1vZi10aGUtYmFuaw"
each_type = pytest.mark.parametrize("type_id", KINDS)


@dataclass
class World:
    """An installation in which every type was issued in every format."""

    container: Container
    issued: dict[str, Issued]

    def present(self, type_id: str, form: CredentialFormat, *fields: str) -> Presented:
        """Show the certificate of a type, by its first holder."""
        issued = self.issued[type_id]
        wanted = Wanted(fields, identifier=issued.identifier, format=form)
        holder = issued.credentials[0].holder_id
        return self.container.wallet.presenting.present(
            holder, wanted, nonce=NONCE, audience=AUDIENCE, purpose="开立账户 Opening an account"
        )

    def verify(self, shown: Presented) -> Report:
        """Judge it as the bank would."""
        policy = Policy(accepted_types=None, audience=AUDIENCE, nonce=NONCE)
        evidence = self.container.evidence.gather()
        return verify(shown.presentation, policy=policy, evidence=evidence, now=self.container.clock())

    def end(self, type_id: str) -> None:
        """Revoke the certificate by the reason that its type knows, or cancel it where it knows none."""
        for kind, reason in ((ActKind.REVOKE, "吊销"), (ActKind.REVOKE, "撤销"), (ActKind.CANCEL, "注销")):
            decision = Decision(reason, officer="O-17", case_number="示例-2026-0042")
            with suppress(ActNotAllowed):
                self.container.life.act(kind, self.issued[type_id].identifier, decision)
                return


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Issue everything once for the module."""
    home, clock = tmp_path_factory.mktemp("world"), StillClock()
    with cheap_scrypt(), open_container(settings_of(home), clock=clock, environ=ENVIRON) as container:
        issuer = container.issuer.with_formats(FORMATS)
        issued = {}
        for kind in types.all_types():
            claims = example_claims(kind, today=day_of(clock()))
            order = issuer.order_for(kind.id, claims, container.wallet.holders)
            issued[kind.id] = issuer.issue(order)
        container.publish_due()
        yield World(container, issued)


@each_type
def test_a_wallet_holds_every_format(world: World, type_id: str) -> None:
    issued = world.issued[type_id]
    assert issued.delivered
    held = world.container.wallet.holdings.certificates(issued.credentials[0].holder_id)
    (certificate,) = [one for one in held if one.identifier == issued.identifier]
    assert {one.format for one in certificate.credentials} == set(FORMATS)


@each_type
def test_every_format_is_presented_verified_and_refused_once_revoked(world: World, type_id: str) -> None:
    fields = types.credential_fields(TypeId(type_id))
    claims = world.container.storage.ledger.certificate(world.issued[type_id].identifier).intent.claims
    unstable = {field.name for field in fields if field.derivation and not field.derivation.stable}
    pictures = {field.name for field in fields if field.kind == "image"}
    chosen = [field.name for field in fields if field.selective and field.name in claims.keys() - unstable - pictures]
    shown = {form: world.present(type_id, form, *chosen[:2]) for form in FORMATS}
    for form, presented in shown.items():
        report = world.verify(presented)
        found = [(check.code, check.reason) for check in report.checks]
        assert report.verdict is Verdict.VALID, (form, found)
        assert (report.format, report.type_id) == (form, type_id)
        accepted = report.accepted_claims()
        assert accepted.keys() == set(presented.fields), form
        assert {name: accepted[name] for name in chosen[:2]} == {name: claims[name] for name in chosen[:2]}
    world.end(type_id)
    for form, presented in shown.items():
        report = world.verify(presented)
        assert (report.verdict, report.check("status").reason) == (Verdict.INVALID, "revoked"), form
        assert {"list", "index", "value", "age_seconds"} == report.check("status").facts.keys()
