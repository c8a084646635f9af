"""Errors of the rule book: one class and one stable code for each rule of VCDM 2.0 and 1.1."""

from schemas.formats.errors import CredentialRuleBroken


class DocumentRuleBroken(CredentialRuleBroken):
    """A credential or presentation breaks a rule of the Verifiable Credentials Data Model."""

    code = "document_rule_broken"


class BaseContextMissing(DocumentRuleBroken):
    """``@context`` is no array that starts with VCDM's context and goes on with URLs and objects (4.3)."""

    code = "base_context_missing"


class DocumentTypeInvalid(DocumentRuleBroken):
    """``type`` is absent, or holds not the name that it must hold (4.5)."""

    code = "document_type_invalid"


class DocumentIdInvalid(DocumentRuleBroken):
    """An ``id`` is not one absolute URL (4.4)."""

    code = "document_id_invalid"


class DocumentTextInvalid(DocumentRuleBroken):
    """``name`` or ``description`` is neither a text nor a language value (4.6 and 11.1)."""

    code = "document_text_invalid"


class DocumentIssuerInvalid(DocumentRuleBroken):
    """``issuer`` is neither a URL nor an object with one (4.7)."""

    code = "document_issuer_invalid"


class CredentialSubjectInvalid(DocumentRuleBroken):
    """``credentialSubject`` is absent, empty, or no object (4.8)."""

    code = "credential_subject_invalid"


class DocumentDateInvalid(DocumentRuleBroken):
    """A date is no dateTimeStamp with a time zone, or one that must be there is absent (4.9; VCDM 1.1, 4.6)."""

    code = "document_date_invalid"


class DocumentPeriodInvalid(DocumentRuleBroken):
    """The credential ends before it begins (4.9)."""

    code = "document_period_invalid"


class CredentialStatusInvalid(DocumentRuleBroken):
    """``credentialStatus`` is no object with a type (4.10)."""

    code = "credential_status_invalid"


class CredentialSchemaInvalid(DocumentRuleBroken):
    """``credentialSchema`` is no object with a type and a URL for its id (4.11)."""

    code = "credential_schema_invalid"


class RefreshServiceInvalid(DocumentRuleBroken):
    """``refreshService`` is no object with a type (5.4)."""

    code = "refresh_service_invalid"


class TermsOfUseInvalid(DocumentRuleBroken):
    """``termsOfUse`` is no object with a type (5.5)."""

    code = "terms_of_use_invalid"


class EvidenceInvalid(DocumentRuleBroken):
    """``evidence`` is no object with a type (5.6)."""

    code = "evidence_invalid"


class RelatedResourceInvalid(DocumentRuleBroken):
    """``relatedResource`` names no resource, names one twice, or has no digest that can be read (5.3)."""

    code = "related_resource_invalid"


class RelatedResourceMismatch(DocumentRuleBroken):
    """The digest of a related resource is not that of the resource, which is on board (5.3)."""

    code = "related_resource_mismatch"


class HolderInvalid(DocumentRuleBroken):
    """``holder`` is neither a URL nor an object with one (4.13)."""

    code = "presentation_holder_invalid"


class HeldCredentialInvalid(DocumentRuleBroken):
    """``verifiableCredential`` holds what is no object (4.13)."""

    code = "held_credential_invalid"
