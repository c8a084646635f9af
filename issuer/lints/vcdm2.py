"""Lints of the Verifiable Credentials Data Model and VC-JOSE-COSE; a document of another format passes."""

from collections.abc import Iterator, Mapping
from typing import Any

from issuer.documents import VCDM, Document, content, unstable_claims
from issuer.lints.model import Finding, Lint
from issuer.vcdm import vcdm_type
from schemas.formats import vc_jwt, vc_model
from schemas.formats.errors import CredentialRuleBroken
from schemas.formats.jsonld import loss
from schemas.formats.jsonld.errors import JsonLdError
from schemas.formats.vc_jose_cose import jwt_vc_json
from schemas.order import CredentialFormat


def _applies(draft: Document) -> bool:
    return draft.frame.format in VCDM


def _credential(draft: Document) -> Mapping[str, Any]:
    """Return the credential itself, which VCDM 1.1 as JWT keeps in ``vc``."""
    held: Mapping[str, Any] = draft.claims
    if draft.frame.format is CredentialFormat.JWT_VC_JSON:
        held = held.get("vc", {})
    return held if _applies(draft) else {}


def model(draft: Document) -> Iterator[Finding]:
    """VCDM 2.0, 4 and VC-JOSE-COSE, 3.1.3, or VCDM 1.1, 6.3.1: what every verifier checks."""
    if not _applies(draft):
        return
    check = jwt_vc_json.check if draft.frame.format is CredentialFormat.JWT_VC_JSON else vc_jwt.check
    try:
        check(draft.claims)
    except CredentialRuleBroken as exc:
        yield Finding("-", "不符合 VCDM 数据模型", f"the data model is broken: {exc}")


def typed(draft: Document) -> Iterator[Finding]:
    """VCDM 2.0, 4.5: the type stands beside VerifiableCredential."""
    wanted = [vc_model.TYPE, vcdm_type(draft.frame.certificate_type)]
    if _applies(draft) and _credential(draft).get("type") != wanted:
        yield Finding("type", "type 与证照类型不符", "type is not that of the certificate")


def issuer_is_url(draft: Document) -> Iterator[Finding]:
    """VCDM 2.0, 4.7, and ours: the issuer's URL is the ``iss`` by which the trust list knows it."""
    named = [draft.claims[name] for name in ("issuer", "iss") if name in draft.claims]
    if _applies(draft) and set(named) != {draft.frame.issuer}:
        yield Finding("issuer", "issuer 与 iss 不符", "issuer and iss are not the department's URI")


def schema_named(draft: Document) -> Iterator[Finding]:
    """VCDM 2.0, 4.11: credentialSchema has an id and a type."""
    schema = _credential(draft).get("credentialSchema")
    if _applies(draft) and not (isinstance(schema, Mapping) and {"id", "type"} <= schema.keys()):
        yield Finding("credentialSchema", "缺少 credentialSchema", "credentialSchema lacks its id or type")


def status_named(draft: Document) -> Iterator[Finding]:
    """ADR 7: a credential says where its status stands, in ``status`` or in ``credentialStatus``."""
    if _applies(draft) and not {"status", "credentialStatus"} & draft.claims.keys():
        yield Finding("credentialStatus", "缺少状态引用", "no status list is named")


def nothing_lost(draft: Document) -> Iterator[Finding]:
    """JSON-LD 1.1: every member is a term of the contexts, so that no reader drops it."""
    if draft.frame.format is not CredentialFormat.LDP_VC:
        return
    try:
        loss.check_no_loss(draft.claims)
    except JsonLdError as exc:
        yield Finding("-", "含有上下文未定义的内容", f"JSON-LD would lose a part: {exc}")


def no_unstable_claim(draft: Document) -> Iterator[Finding]:
    """ADR 5: these credentials live long: no claim that can turn back."""
    held = content(draft).keys() if _applies(draft) and not draft.frame.short_lived else set[str]()
    for name in sorted(unstable_claims(draft.frame.certificate_type) & held):
        yield Finding(name, "该派生声明可能变化,不得写入长期凭证", "the derived claim can turn back")


LINTS: Mapping[str, Lint] = {
    "model": model,
    "typed": typed,
    "issuer_is_url": issuer_is_url,
    "schema_named": schema_named,
    "status_named": status_named,
    "nothing_lost": nothing_lost,
    "no_unstable_claim": no_unstable_claim,
}
