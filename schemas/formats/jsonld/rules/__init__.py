"""The rule book of VCDM 2.0 and 1.1: what a document must be before it is issued or believed, whatever secures it.

    rules.check_credential(document)        # raises the error of the first rule that is broken
    rules.check_presentation(document)

A rule is a function that names its clause and raises an error with a code of its own. That nothing of a document is
lost on its way to RDF is ``loss.check_no_loss``; the validity period is compared with the clock by the verifier.
"""

from collections.abc import Callable
from datetime import datetime

from schemas.formats.jsonld import contexts as on_board
from schemas.formats.jsonld.contexts import Contexts
from schemas.formats.jsonld.rules import parts
from schemas.formats.jsonld.rules.errors import DocumentIssuerInvalid, HeldCredentialInvalid, HolderInvalid
from schemas.formats.jsonld.rules.parts import Document
from schemas.formats.jsonld.rules.related import related_resources
from schemas.formats.vc_jose_cose import enveloped
from schemas.formats.vc_jose_cose.kinds import Kind

Rule = Callable[[Document], None]

CREDENTIAL: tuple[Rule, ...] = (
    parts.context,
    parts.credential_type,
    parts.document_id,
    parts.issuer,
    parts.names,
    parts.subject,
    parts.dates,
    parts.status,
    parts.schema,
    parts.refresh_service,
    parts.terms_of_use,
    parts.evidence,
)
PRESENTATION: tuple[Rule, ...] = (parts.context, parts.presentation_type, parts.document_id, parts.terms_of_use)


def check_credential(document: Document, *, contexts: Contexts | None = None) -> None:
    """Check a credential by every rule.

    Args:
        contexts: what may be referred to; by default W3C's contexts, and ours under the issuer's public URL.

    Raises:
        DocumentRuleBroken: a subclass for each rule.
    """
    for rule in CREDENTIAL:
        rule(document)
    related_resources(document, contexts or on_board.for_document(document))


def check_presentation(document: Document, *, contexts: Contexts | None = None) -> None:
    """Check a presentation by every rule, and every credential in it, enveloped or not; raises as above, and:

    EnvelopeInvalid: an enveloped credential is none.
    """
    for rule in PRESENTATION:
        rule(document)
    if "holder" in document:
        parts.identified(document, "holder", HolderInvalid)
    for each in parts.objects(document, "verifiableCredential", HeldCredentialInvalid):
        if enveloped.is_enveloped(each, Kind.CREDENTIAL):
            check_enveloped_credential(each)
        else:
            check_credential(each, contexts=contexts)


def check_enveloped_credential(document: Document) -> None:
    """Check an EnvelopedVerifiableCredential (VCDM 2.0, 4.13.1); raises EnvelopeInvalid."""
    enveloped.read(document, Kind.CREDENTIAL)


def check_enveloped_presentation(document: Document) -> None:
    """Check an EnvelopedVerifiablePresentation (VCDM 2.0, 4.13.2); raises EnvelopeInvalid."""
    enveloped.read(document, Kind.PRESENTATION)


def issuer_of(document: Document) -> str:
    """Return a credential's issuer; raises DocumentIssuerInvalid."""
    return parts.identified(document, "issuer", DocumentIssuerInvalid)


def holder_of(document: Document) -> str | None:
    """Return a presentation's holder, None when it names none; raises HolderInvalid."""
    return parts.identified(document, "holder", HolderInvalid) if "holder" in document else None


def period(document: Document) -> tuple[datetime | None, datetime | None]:
    """Return when a credential begins and ends (UTC), None for what it does not say.

    Raises:
        BaseContextMissing, DocumentDateInvalid.
    """
    parts.context(document)
    return parts.period(document)
