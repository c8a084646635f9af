"""The stand-in for development: a plain form, no check of anybody, fictional people alone."""

import re
import warnings
from collections.abc import Mapping

from issuer.openid4vci.errors import IdentityRefused
from issuer.openid4vci.ports import AssuranceLevel, Begun, Identity, Login
from schemas.errors import InvalidNumber
from schemas.national.context import NO_CONTEXT
from schemas.national.organisations import gb32100
from schemas.national.persons import gb11643

COUNTY = "440799"
"""Not assigned in GB/T 2260: whoever carries it is fictional."""
FORM = "openid4vci/unsafe_login"
_NAME = re.compile(r"[^\x00-\x1f\x7f]{1,100}")
_PERSON, _BODY = "111", "001"  # GB/T 36903, annex A


class UnsafeIdentityWarning(UserWarning):
    """Nobody's identity is checked: whoever can reach the login page can be anybody."""


class UnsafeDevelopmentProofing:
    """Takes a number, a name and a level from a form (``IdentityProofing``); warns when it is made."""

    def __init__(self) -> None:
        warnings.warn(
            "UnsafeDevelopmentProofing checks nobody's identity: never in production",
            UnsafeIdentityWarning,
            stacklevel=2,
        )

    async def begin(self, login: Login) -> Begun:
        """Ask for the form to be shown."""
        del login
        return Begun(form=FORM)

    async def finish(self, parameters: Mapping[str, str], login: Login) -> Identity:
        """Return who the form says it is.

        Raises:
            IdentityRefused: the number is wrong or not fictional, the name is empty, or there is no such level.
        """
        del login
        number = parameters.get("username", "").strip().upper()
        name = parameters.get("name", "").strip()
        level = parameters.get("level", "").upper()
        if not _NAME.fullmatch(name) or level not in AssuranceLevel.__members__:
            raise IdentityRefused("name or assurance level is not valid")
        return Identity(_code_type(number), number, name, AssuranceLevel[level])


def _code_type(number: str) -> str:
    for code_type, rule, place in ((_PERSON, gb11643, 0), (_BODY, gb32100, 2)):
        try:
            rule(number, NO_CONTEXT)
        except InvalidNumber:
            continue
        if number[place : place + len(COUNTY)] == COUNTY:
            return code_type
    raise IdentityRefused("number is not a fictional one with right check characters")
