"""The settings of identity proofing: which provider, and how its words become ours.

``ECERT_IDENTITY_OIDC`` names a JSON file:

    {"issuer": "https://id.example", "client_id": "ecert", "scope": "openid profile",
     "authentication": "client_secret_basic",                    or client_secret_post, or none (a public client)
     "claims": {"code": "id_number", "name": "name", "code_type": "id_type"},
     "code_types": {"RESIDENT_ID": "111", "USCC": "001"},        the provider's words, as GB/T 36903's codes
     "levels": {"urn:example:l2": "real_name", "urn:example:l3": "presence"},         its ``acr`` values
     "userinfo": false}                                          whether the claims stand at the UserInfo endpoint

``code_type`` may stand beside ``claims`` as a fixed code instead. The client's secret is in
``ECERT_IDENTITY_OIDC_SECRET``, never in the file.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import urlsplit

from ecert.json_files import read_named
from keys.fields import Fields
from schemas.catalogue import AssuranceLevel

MAX_FILE = 65_536  # bytes
_CODE_TYPE = re.compile(r"[0-9]{3}")  # GB/T 36903, annex A
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class Authentication(StrEnum):
    """How the relying party authenticates at the token endpoint (OpenID Connect Core 1.0, 9)."""

    BASIC = "client_secret_basic"
    POST = "client_secret_post"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class ClaimNames:
    """Which claims hold a person's number and name, and its code type: ``code_type`` is a claim, ``fixed`` a code."""

    code: str
    name: str
    code_type: str | None = None
    fixed: str | None = None


@dataclass(frozen=True, slots=True)
class OidcConfiguration:
    """A provider, and how to ask and understand it."""

    issuer: str
    client_id: str
    scope: str
    authentication: Authentication
    claims: ClaimNames
    code_types: Mapping[str, str]
    levels: Mapping[str, AssuranceLevel]
    userinfo: bool = False


@dataclass(frozen=True, slots=True)
class IdentitySettings:
    """What the settings say about identity proofing."""

    oidc: OidcConfiguration | None = None
    secret: str = field(default="", repr=False)
    unsafe: bool = False


def read_oidc(text: str) -> OidcConfiguration | None:
    """Return the configuration of the file that ``text`` names, None without one; raises ValueError with the fault."""
    return read_named(text, _configuration, what="the configuration of an OpenID provider", most=MAX_FILE)


def is_safe(url: str) -> bool:
    """Tell whether a provider may be asked at ``url``: by https, or on this machine."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return bool(parts.hostname) and (
        parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    )


def _configuration(fields: Fields) -> OidcConfiguration:
    issuer = fields.uri("issuer")
    if not is_safe(issuer):
        raise fields.fail("issuer", "expected https, or this machine")
    scope = fields.text("scope") if "scope" in fields.value else "openid profile"
    if "openid" not in scope.split(" "):
        raise fields.fail("scope", "expected openid in it")
    return OidcConfiguration(
        issuer=issuer,
        client_id=fields.text("client_id"),
        scope=scope,
        authentication=_authentication(fields),
        claims=_claims(fields),
        code_types=_code_types(fields),
        levels=_levels(fields),
        userinfo=_flag(fields, "userinfo"),
    )


def _authentication(fields: Fields) -> Authentication:
    named = fields.value.get("authentication", Authentication.BASIC.value)
    if named not in list(Authentication):
        raise fields.fail("authentication", f"expected one of {', '.join(Authentication)}")
    return Authentication(named)


def _claims(fields: Fields) -> ClaimNames:
    names = fields.object("claims")
    if ("code_type" in names.value) == ("code_type" in fields.value):
        raise fields.fail("code_type", "expected a fixed code here or a claim in claims, one of them")
    fixed = claim = None
    if "code_type" in fields.value:
        fixed = fields.matching("code_type", _CODE_TYPE, "expected a code of three digits")
    else:
        claim = names.text("code_type")
    return ClaimNames(names.text("code"), names.text("name"), claim, fixed)


def _code_types(fields: Fields) -> Mapping[str, str]:
    if "code_type" in fields.value:
        return {}
    table = fields.object("code_types")
    return {word: table.matching(word, _CODE_TYPE, "expected a code of three digits") for word in table.value}


def _levels(fields: Fields) -> Mapping[str, AssuranceLevel]:
    table = fields.object("levels")
    names = {level.name.lower(): level for level in AssuranceLevel}
    found = {acr: names.get(table.text(acr)) for acr in table.value}
    for acr, level in found.items():
        if level is None:
            raise table.fail(acr, f"expected one of {', '.join(names)}")
    return {acr: level for acr, level in found.items() if level is not None}


def _flag(fields: Fields, name: str) -> bool:
    value = fields.value.get(name, False)
    if not isinstance(value, bool):
        raise fields.fail(name, "expected true or false")
    return value
