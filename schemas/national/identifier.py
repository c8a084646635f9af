"""The national identifier of a certificate, 电子证照标识 (GB/T 36904), built, read and checked.

    1.2.156.3005.2 . type 21 . issuer . serial . version 3 . check 1

The check character is ISO/IEC 7064 MOD 37,36 over type, issuer, serial and version.
"""

from dataclasses import dataclass

from schemas.national.context import NumberContext, match, require
from schemas.order import Identifier

ROOT = "1.2.156.3005.2"
_RULE = "gbt36904"
_TYPE = r"[0-9A-Z]{18}\d{3}"
# Old 9-character organisation codes and 6-digit divisions stand for issuers in real data: read, never written.
_ISSUER = r"[0-9A-Z]{18}|[0-9A-Z]{9}|\d{6}"
_SERIAL = r"[0-9A-Z]{4,32}"
_VERSION = r"\d{3}"
_FORM = rf"1\.2\.156\.3005\.2\.({_TYPE})\.({_ISSUER})\.({_SERIAL})\.({_VERSION})\.([0-9A-Z])"


@dataclass(frozen=True, slots=True)
class CertificateIdentifier:
    """The parts of an identifier whose check character is right."""

    type_code: str
    issuer_code: str
    serial: str
    version: int

    @property
    def text(self) -> Identifier:
        """The identifier as it is written, root and check character included."""
        return build_identifier(self.type_code, issuer_code=self.issuer_code, serial=self.serial, version=self.version)


def build_identifier(type_code: str, *, issuer_code: str, serial: str, version: int) -> Identifier:
    """Return the identifier of these parts.

    Raises:
        InvalidNumber: ``form``: a part has not its form, or the version is not in 1..999.
    """
    from stdnum.iso7064 import mod_37_36

    require(1 <= version <= 999, _RULE, "form")
    for pattern, part in ((_TYPE, type_code), (_ISSUER, issuer_code), (_SERIAL, serial)):
        match(_RULE, pattern, part)
    check = mod_37_36.calc_check_digit(f"{type_code}{issuer_code}{serial}{version:03}")
    return Identifier(f"{ROOT}.{type_code}.{issuer_code}.{serial}.{version:03}.{check}")


def parse_identifier(text: str) -> CertificateIdentifier:
    """Return the parts of an identifier.

    Raises:
        InvalidNumber: ``form`` or ``check_character``; what does not check is refused, wherever it was published.
    """
    from stdnum.iso7064 import mod_37_36

    found = match(_RULE, _FORM, text)
    require(mod_37_36.is_valid("".join(found.groups())), _RULE, "check_character")
    return CertificateIdentifier(found[1], found[2], found[3], int(found[4]))


def gbt36904(number: str, context: NumberContext) -> None:
    """Certificate identifier: form and check character."""
    parse_identifier(number)
