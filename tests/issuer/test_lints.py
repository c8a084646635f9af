"""Each lint finds its own flaw in a draft, and nothing in a sound one."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from issuer.documents import Document
from issuer.lints import lint
from issuer.prepare import drafts
from schemas.order import CredentialFormat

Change = Callable[[Document], Document]


@pytest.fixture
def draft_of(desk: Any) -> Callable[..., Document]:
    """Return a maker of sound drafts."""

    def make(form: CredentialFormat, type_id: str = "minimum_living_certificate") -> Document:
        intent = desk.issuer.with_formats([form]).prepare(desk.order(type_id)).intent
        made = drafts(intent, profile=desk.rules.profile, issuer="https://ecert.example/issuers/mca", now=desk.clock())
        return next(each for each in made if each.frame.format is form and not each.frame.short_lived)

    return make


def claims(**changes: Any) -> Change:
    """Change claims of the draft; ... takes one out."""

    def change(draft: Document) -> Document:
        changed = {name: value for name, value in (dict(draft.claims) | changes).items() if value is not ...}
        return replace(draft, claims=changed)

    return change


def subject(**changes: Any) -> Change:
    def change(draft: Document) -> Document:
        content = {**draft.claims["credentialSubject"], **changes}
        return claims(credentialSubject={k: v for k, v in content.items() if v is not ...})(draft)

    return change


def frame(**changes: Any) -> Change:
    return lambda draft: replace(draft, frame=replace(draft.frame, **changes))


def selective(*names: str) -> Change:
    return lambda draft: replace(draft, selective=draft.selective | set(names))


def dates(**changes: Any) -> Change:
    def change(draft: Document) -> Document:
        moved = {name: getattr(draft.frame.dates, name) + by for name, by in changes.items()}
        return frame(dates=replace(draft.frame.dates, **moved))(draft)

    return change


def longer(draft: Document) -> Document:
    return frame(expires_at=draft.frame.issued_at + timedelta(days=366))(draft)


def a_week_too_long(draft: Document) -> Document:
    return claims(in_receipt=True)(frame(expires_at=draft.frame.issued_at + timedelta(days=8))(draft))


SD, VC, LDP = CredentialFormat.SD_JWT_VC, CredentialFormat.VC_JWT, CredentialFormat.LDP_VC
OLD, CWT = CredentialFormat.JWT_VC_JSON, CredentialFormat.SD_CWT
OTHER = "1.2.156.3005.2.11110000000000013338W011.11430000006122244L.20230000403.001.U"
PUBLISHED = "1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U"

FLAWS: list[tuple[CredentialFormat, Change, str, str]] = [
    (SD, selective("vct"), "sd_jwt_vc.registered_in_clear", "vct"),
    (SD, claims(_sd=["x"]), "sd_jwt_vc.reserved_names", "-"),
    (SD, claims(members=[{"...": "x"}]), "sd_jwt_vc.reserved_names", "-"),
    (SD, claims(vct="urn:ecert:another:1"), "sd_jwt_vc.type_named", "vct"),
    (SD, claims(vct=...), "sd_jwt_vc.type_named", "vct"),
    (SD, claims(exp=...), "sd_jwt_vc.numeric_dates", "exp"),
    (SD, claims(iat=1772413200.0), "sd_jwt_vc.numeric_dates", "exp"),
    (SD, claims(exp=3600), "sd_jwt_vc.numeric_dates", "exp"),
    (SD, claims(nbf=3600 * 10**6), "sd_jwt_vc.numeric_dates", "exp"),
    (SD, claims(cnf={"jwk": {"kty": "EC", "d": "x"}}), "sd_jwt_vc.public_holder_key", "cnf"),
    (SD, claims(note="x" * 160_000), "sd_jwt_vc.size", "-"),
    (SD, claims(certificate_identifier="1.2.3"), "national.identifier", "certificate_identifier"),
    (SD, claims(certificate_identifier=PUBLISHED), "national.identifier", "certificate_identifier"),
    (SD, claims(certificate_version="002"), "national.identifier", "certificate_identifier"),
    (SD, claims(area_code=...), "national.complete", "area_code"),
    (SD, claims(head_name="e\u0301"), "national.normalised", "head_name"),
    (SD, claims(members=[{"name": "e\u0301"}]), "national.normalised", "members"),
    (SD, dates(expires=timedelta(days=-999)), "national.period", "expiring_date"),
    (SD, dates(issued=timedelta(days=999)), "national.period", "issue_date"),
    (SD, claims(iat=1772413201), "policy.full_hours", "iat"),
    (SD, longer, "policy.lifetime", "exp"),
    (SD, a_week_too_long, "policy.lifetime", "exp"),
    (VC, claims(vc={}), "vcdm2.model", "-"),
    (VC, claims(**{"@context": []}), "vcdm2.model", "-"),
    (VC, claims(type=["VerifiableCredential"]), "vcdm2.typed", "type"),
    (VC, claims(issuer="https://ecert.example/issuers/amr"), "vcdm2.issuer_is_url", "issuer"),
    (VC, claims(credentialSchema={"id": "x"}), "vcdm2.schema_named", "credentialSchema"),
    (VC, claims(credentialSchema=...), "vcdm2.schema_named", "credentialSchema"),
    (VC, subject(in_receipt=True), "vcdm2.no_unstable_claim", "in_receipt"),
    (VC, subject(area_code=...), "national.complete", "area_code"),
    (VC, claims(status=...), "vcdm2.status_named", "credentialStatus"),
    (LDP, claims(credentialStatus=...), "vcdm2.status_named", "credentialStatus"),
    (LDP, claims(issuer=...), "vcdm2.issuer_is_url", "issuer"),
    (LDP, subject(nickname="x"), "vcdm2.nothing_lost", "-"),
    (LDP, subject(in_receipt=True), "vcdm2.no_unstable_claim", "in_receipt"),
    (OLD, claims(vc=...), "vcdm2.model", "-"),
    (OLD, claims(vc={"type": ["VerifiableCredential"]}), "vcdm2.typed", "type"),
    (OLD, claims(iss="https://ecert.example/issuers/amr"), "vcdm2.issuer_is_url", "issuer"),
    (OLD, claims(vc={}), "vcdm2.schema_named", "credentialSchema"),
    (OLD, claims(vc={}), "national.complete", "area_code"),
    (CWT, frame(holder_key=None), "sd_cwt.bound", "cnf"),
    (CWT, claims(nickname="x"), "sd_cwt.keyed", "-"),
    (CWT, claims(head_name="x" * 60_000), "sd_cwt.size", "-"),
    (CWT, claims(area_code=...), "national.complete", "area_code"),
]


@pytest.mark.parametrize("form", CredentialFormat)
def test_a_sound_draft_passes_every_lint(draft_of: Any, form: CredentialFormat) -> None:
    assert lint(draft_of(form)) == ()


@pytest.mark.parametrize(("form", "change", "rule", "field"), FLAWS)
def test_a_flaw_is_found_by_its_lint(
    draft_of: Any, form: CredentialFormat, change: Change, rule: str, field: str
) -> None:
    found = [(problem.rule, problem.field) for problem in lint(change(draft_of(form)))]
    assert (rule, field) in found


def test_a_stable_claim_signed_as_false_is_found(draft_of: Any) -> None:
    draft = claims(age_over_65=False)(draft_of(SD, "resident_id_card"))
    assert ("policy.derived_only_when_true", "age_over_65") in [(each.rule, each.field) for each in lint(draft)]


def test_a_skipped_lint_finds_nothing(draft_of: Any) -> None:
    draft = claims(certificate_version="002")(draft_of(SD))
    assert lint(draft, skip={"national.identifier"}) == ()


@pytest.mark.parametrize(("form", "change", "rule", "field"), FLAWS)
def test_what_a_lint_says_holds_no_value(
    draft_of: Any, form: CredentialFormat, change: Change, rule: str, field: str
) -> None:
    draft = change(draft_of(form))
    said = "".join(problem.message_zh + problem.message_en for problem in lint(draft))
    assert not any(text in said for text in ("梁示例", "440799195001010222"))
