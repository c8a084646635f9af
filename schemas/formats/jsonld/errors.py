"""Errors of JSON-LD documents: one class and one stable code for each reason that a verifier must tell apart.

JsonLdError
├── ContextError
│   ├── ContextUnknown             the context is not on board (nothing is fetched)
│   ├── ContextInvalid             the context is malformed
│   └── ProtectedTermRedefined     JSON-LD 1.1, 4.1.11
├── DataLoss                       a part of the document would not be signed
│   ├── TermUndefined, TermNull, TypeUndefined
│   ├── IdRelative, IriInvalid
│   └── ValueDropped
├── JsonLdUnsupported              a rare feature that this program does not read
├── JsonLdTooLarge                 depth, members or quads above the limits
├── PoisonGraph                    canonicalizing would take too long (RDFC-1.0, 7.1)
├── MalformedNQuads                a line is no N-Quads statement
└── JsonLdProcessorMissing         the extra ``jsonld`` is not installed
"""

from schemas.formats.errors import FormatError


class JsonLdError(FormatError):
    """A document is no JSON-LD document that can be signed or verified."""

    code = "jsonld_error"


class ContextError(JsonLdError):
    """A document's context cannot be used."""

    code = "context_error"


class ContextUnknown(ContextError):
    """The context's URL is none of those on board; nothing is ever fetched."""

    code = "context_unknown"


class ContextInvalid(ContextError):
    """A context breaks the syntax of JSON-LD 1.1, 9.15."""

    code = "context_invalid"


class ProtectedTermRedefined(ContextError):
    """A context gives a protected term another meaning, or takes it away (JSON-LD 1.1, 4.1.11)."""

    code = "protected_term_redefined"


class DataLoss(JsonLdError):
    """A part of the document would be dropped on its way to RDF, and so would not be signed."""

    code = "data_loss"


class TermUndefined(DataLoss):
    """No context defines a member's name."""

    code = "term_undefined"


class TermNull(DataLoss):
    """A context maps a member's name, or a type, to null."""

    code = "term_null"


class TypeUndefined(DataLoss):
    """A type is neither a defined term nor an absolute URL."""

    code = "type_undefined"


class IdRelative(DataLoss):
    """An id is no absolute URL; ``@base`` makes no difference."""

    code = "id_relative"


class IriInvalid(DataLoss):
    """An id, a type or a term's meaning holds characters that no IRI has (RFC 3987, 2.2)."""

    code = "iri_invalid"


class ValueDropped(DataLoss):
    """A value has no meaning in RDF: null, an empty array outside a list, or a free-floating value."""

    code = "value_dropped"


class JsonLdUnsupported(JsonLdError):
    """The document uses a feature of JSON-LD 1.1 that no credential needs and this program does not read."""

    code = "jsonld_unsupported"


class JsonLdTooLarge(JsonLdError):
    """The document is deeper, wider or longer than the limits."""

    code = "jsonld_too_large"


class PoisonGraph(JsonLdError):
    """The blank nodes are so alike that naming them would take too long (RDFC-1.0, 7.1)."""

    code = "poison_graph"


class MalformedNQuads(JsonLdError):
    """A line is no N-Quads statement."""

    code = "malformed_nquads"


class JsonLdProcessorMissing(JsonLdError):
    """The document needs the general JSON-LD processor, which the base install leaves out (extra ``jsonld``)."""

    code = "jsonld_processor_missing"
