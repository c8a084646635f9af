"""Lints of the Verifiable Credentials Data Model 2.0 and VC-JOSE-COSE; a document of another format passes."""

from collections.abc import Iterator, Mapping

from issuer.documents import Document, unstable_claims
from issuer.lints.model import Finding, Lint
from issuer.vcdm import vcdm_type
from schemas.formats import vc_jwt, vc_model
from schemas.formats.errors import CredentialRuleBroken
from schemas.order import CredentialFormat


def _applies(draft: Document) -> bool:
    return draft.frame.format is CredentialFormat.VC_JWT


def model(draft: Document) -> Iterator[Finding]:
    """VCDM 2.0, 4 and VC-JOSE-COSE, 3.1.3: what every verifier checks."""
    if not _applies(draft):
        return
    try:
        vc_jwt.check(draft.claims)
    except CredentialRuleBroken as exc:
        yield Finding("-", "不符合 VCDM 2.0 数据模型", f"the data model is broken: {exc}")


def typed(draft: Document) -> Iterator[Finding]:
    """VCDM 2.0, 4.5: the type stands beside VerifiableCredential."""
    wanted = [vc_model.TYPE, vcdm_type(draft.frame.certificate_type)]
    if _applies(draft) and draft.claims.get("type") != wanted:
        yield Finding("type", "type 与证照类型不符", "type is not that of the certificate")


def issuer_is_url(draft: Document) -> Iterator[Finding]:
    """VCDM 2.0, 4.7, and ours: the issuer's URL is the ``iss`` by which the trust list knows it."""
    if _applies(draft) and not draft.claims.get("issuer") == draft.claims.get("iss") == draft.frame.issuer:
        yield Finding("issuer", "issuer 与 iss 不符", "issuer and iss are not the department's URI")


def schema_named(draft: Document) -> Iterator[Finding]:
    """VCDM 2.0, 4.11: credentialSchema has an id and a type."""
    schema = draft.claims.get("credentialSchema")
    if _applies(draft) and not (isinstance(schema, Mapping) and {"id", "type"} <= schema.keys()):
        yield Finding("credentialSchema", "缺少 credentialSchema", "credentialSchema lacks its id or type")


def no_unstable_claim(draft: Document) -> Iterator[Finding]:
    """DESIGN.md 6: nothing can be hidden in this format, and it lives long: no claim that can turn back."""
    subject = draft.claims.get("credentialSubject", {}) if _applies(draft) else {}
    for name in sorted(unstable_claims(draft.frame.certificate_type) & subject.keys()):
        yield Finding(name, "该派生声明可能变化,不得写入长期凭证", "the derived claim can turn back")


LINTS: Mapping[str, Lint] = {
    "model": model,
    "typed": typed,
    "issuer_is_url": issuer_is_url,
    "schema_named": schema_named,
    "no_unstable_claim": no_unstable_claim,
}
