"""National numbers: a rule's name, a number, and either silence or InvalidNumber.

``check_number("gb11643", number)`` raises when the number breaks the rule; the error names the rule and the reason and
never holds the number. Check characters of ISO/IEC 7064 and the credit code come from python-stdnum (extra
``server``, imported when the first number is checked).
"""

from schemas.national.context import NumberContext
from schemas.national.divisions import DivisionTable
from schemas.national.identifier import CertificateIdentifier, build_identifier, parse_identifier
from schemas.national.rules import RULES, check_number

__all__ = [
    "RULES",
    "CertificateIdentifier",
    "DivisionTable",
    "NumberContext",
    "build_identifier",
    "check_number",
    "parse_identifier",
]
