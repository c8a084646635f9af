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


class UnknownDepartment(SchemasError):
    """No department has this id."""

    code = "unknown_department"


class UnknownOffice(SchemasError):
    """No office has this id."""

    code = "unknown_office"


class UnknownCodeList(SchemasError):
    """No code list has this id."""

    code = "unknown_code_list"


class UnknownRule(SchemasError):
    """The data name a number, validity or derivation rule that no code stands for."""

    code = "unknown_rule"


class InvalidNumber(SchemasError):
    """A number breaks its rule; the message never holds the number.

    ``rule`` is the rule's name, ``reason`` a stable word: ``form``, ``check_character``, ``date``, ``division`` ...
    """

    code = "invalid_number"

    def __init__(self, rule: str, reason: str) -> None:
        super().__init__(f"number breaks rule {rule}: {reason}")
        self.rule = rule
        self.reason = reason


class InvalidTable(SchemasError):
    """A table that the operator gave (division codes) does not have its columns or its form."""

    code = "invalid_table"


class MissingHolder(SchemasError):
    """The claims name no holder: the fields of every holder rule are absent."""

    code = "missing_holder"


class NoLegalDate(SchemasError):
    """The claims lack what the type's validity rule computes the dates from."""

    code = "no_legal_date"


class UnknownPurpose(SchemasError):
    """The type has no purpose of this id."""

    code = "unknown_purpose"


class InvalidDcqlQuery(SchemasError):
    """A DCQL query breaks a rule of OpenID4VP 1.0, 6, or a limit."""

    code = "invalid_dcql_query"


class QueryNotSatisfied(SchemasError):
    """What a wallet holds, or has returned, does not answer a DCQL query; ``reason`` is a stable word."""

    code = "query_not_satisfied"

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(text)
        self.reason = reason


class PathSelectsNothing(SchemasError):
    """A claims path pointer selects nothing, or meets an element of another kind (OpenID4VP 1.0, 7.1.1)."""

    code = "path_selects_nothing"


class UnknownItem(SchemasError):
    """No service item has this code, or it asks nothing of the role."""

    code = "unknown_item"
