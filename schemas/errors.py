"""Errors of ``schemas``: types, numbers, formats, reports."""

from keys.errors import EcertError


class SchemasError(EcertError):
    """Something about a type, a number, a document's form or a report is wrong."""

    code = "schemas_error"


class NotAccepted(SchemasError):
    """The claims of a report whose verdict is not valid were asked for."""

    code = "not_accepted"


class UnknownType(SchemasError):
    """No certificate type has this id, ``vct`` or revision."""

    code = "unknown_type"
