"""Presentations as DCQL sees them: what a verified presentation is, and whether the answer is what was asked for."""

from collections.abc import Mapping
from typing import Any

from cryptography import x509

from keys import jws
from keys.chain import load_certificate
from keys.encoding import b64url_text
from keys.errors import EcertError
from schemas.dcql import Candidate
from schemas.formats.delegation import parse
from schemas.generate.jsonld_terms import type_iri
from schemas.order import CredentialFormat
from schemas.report import Outcome, Report
from schemas.report_texts_delegation import CHECK as DELEGATION
from schemas.types import by_vct
from verifier.delegated import agents_text
from verifier.documents import open_document

_AKI = "aki"
_BASE = "https://www.w3.org/2018/credentials#VerifiableCredential"


def candidate(text: str, report: Report) -> Candidate:
    """Return a presentation whose report is valid as a candidate; ``text`` is the presentation itself.

    What the holder signed for an agent binds it to the holder as well.
    """
    bound = ("holder_binding", DELEGATION)
    holder_bound = any(row.outcome is Outcome.PASSED for row in report.checks if row.code in bound)
    claims: Mapping[str, Any] = report.accepted_claims()
    form, vct = report.format or "", report.vct or ""
    if form != CredentialFormat.SD_JWT_VC:
        # B.1: paths start at the credential's root; what we know of it are its subject's claims.
        claims = {"credentialSubject": dict(claims)}
    return Candidate(form, _types(form, vct), claims, holder_bound, {_AKI: _authority_keys(text)})


def _types(form: str, vct: str) -> frozenset[str]:
    if form == CredentialFormat.SD_JWT_VC:
        return frozenset({vct})
    # A credential of ours has the two types that its context expands; the trust list knows no other.
    return frozenset({_BASE, type_iri(by_vct(vct))})


def _authority_keys(text: str) -> frozenset[str]:
    """Return the authority key identifiers of the chain that a credential carries (6.1.1.1), in base64url."""
    try:
        shown = agents_text(text)
        text = text if shown is None else parse(shown).certificate
        chain = open_document(text, max_bytes=len(text)).selector.chain
    except EcertError:
        return frozenset()
    return frozenset(found for der in chain for found in _key_ids(der))


def _key_ids(der: bytes) -> list[str]:
    try:
        value = load_certificate(der).extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value
    except (EcertError, x509.ExtensionNotFound):
        return []
    return [] if value.key_identifier is None else [b64url_text(value.key_identifier)]


def key_binding_claims(text: str) -> Mapping[str, Any]:
    """Return the claims of the Key Binding JWT of an SD-JWT that was verified; none for other formats (B.3.3)."""
    if "~" not in text:
        return {}
    try:
        return jws.peek(text.rpartition("~")[2]).peek_claims()
    except EcertError:
        return {}
