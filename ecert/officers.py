"""Officers who log in at the city's staff identity provider: their bearer JWTs beside our API tokens.

``ECERT_OFFICERS_OIDC`` names a JSON file:

    {"issuer": "https://staff.example", "audience": "ecert",
     "jwks_uri": "https://staff.example/jwks",                    or "jwks": {"keys": [...]}
     "claims": {"role": "roles", "department": "dept", "office": "office"},       office may be left out
     "roles": {"zz-preparer": "preparer", "zz-approver": "approver"},             the provider's words, as ours
     "departments": {"0101": "amr"}}                              left out where the claim is the department's id

A token says who (``sub``), as what, and for which department; one without a department that we know opens nothing.
Roles that reach beyond a department are given by API tokens alone. A digest of issuer and subject names the actor,
so that the second of four eyes is recognized whichever token an officer brings.
"""

import hashlib
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ecert.access import Actor, Role
from ecert.identity.configuration import is_safe
from ecert.json_files import read_named
from ecert.jwks import (
    Expected,
    JwtRefused,
    KeySet,
    RotatingKeys,
    VerificationKey,
    fetch_document,
    key_for,
    peek_header,
    verified,
)
from keys import strict_json
from keys.encoding import b64url_text
from keys.errors import EcertError
from keys.fields import Fields
from schemas.errors import UnknownOffice
from schemas.offices import office
from schemas.types import departments

MAX_FILE = 262_144  # bytes
MAX_LIFE = timedelta(hours=24)
ROLES = (Role.PREPARER, Role.APPROVER, Role.REVOKER, Role.AUDITOR)
_TYPES = frozenset({None, "jwt", "at+jwt", "application/at+jwt"})  # RFC 9068, 2.1; RFC 8725, 3.11
_LOG = logging.getLogger("ecert.officers")


@dataclass(frozen=True, slots=True)
class OfficerProvider:
    """The staff identity provider, and how its words become ours."""

    expected: Expected
    jwks_uri: str | None
    keys: KeySet | None
    role_claim: str
    department_claim: str
    office_claim: str | None
    roles: Mapping[str, Role]
    departments: Mapping[str, str] | None


def read_officers(text: str) -> OfficerProvider | None:
    """Return the provider of the file that ``text`` names, None without one; raises ValueError with the fault."""
    return read_named(text, _provider, what="the staff identity provider", most=MAX_FILE)


class Officers:
    """From a provider's token to an actor."""

    def __init__(
        self,
        provider: OfficerProvider,
        clock: Callable[[], datetime],
        *,
        fetch: Callable[[str], bytes] = fetch_document,
    ) -> None:
        self._provider = provider
        self._clock = clock
        self._fetch = fetch
        self._keys = RotatingKeys()

    def find(self, token: str) -> Actor | None:
        """Return who is behind a token; None when it does not hold, or names no role or department of ours."""
        now = self._clock()
        try:
            claims = verified(token, self._key(token, now), self._provider.expected, now=now)
        except EcertError as refusal:
            # Which rule it broke is for the operator; the token itself is in no log.
            _LOG.info("officer's token refused", extra={"facts": {"code": refusal.code}})
            return None
        return self._actor(claims)

    def _key(self, token: str, now: datetime) -> VerificationKey:
        header, uri = peek_header(token), self._provider.jwks_uri
        typ = header.get("typ")
        if (typ.lower() if isinstance(typ, str) else typ) not in _TYPES:
            raise JwtRefused("token is of another kind")
        if uri is not None:
            return key_for(self._keys, token, fetch=lambda: self._fetch(uri), now=now)
        found = None if self._provider.keys is None else self._provider.keys.find(header)
        if found is None:
            raise JwtRefused("no key of the key set is named by the token")
        return found

    def _actor(self, claims: Mapping[str, Any]) -> Actor | None:
        provider = self._provider
        subject, roles = claims.get("sub"), self._roles(claims)
        named = claims.get(provider.department_claim)
        department = named if isinstance(named, str) else None
        if provider.departments is not None:
            department = provider.departments.get(department or "")
        known = department in {each.id for each in departments()}
        lasts = claims["exp"] - claims["iat"] <= MAX_LIFE.total_seconds()
        if not (isinstance(subject, str) and subject and roles and department and known and lasts):
            return None
        return Actor(
            token_id=_name(provider.expected.issuer, subject),
            role=roles[0],
            department=department,
            office=self._office(claims, department),
            also=frozenset(roles[1:]),
        )

    def _roles(self, claims: Mapping[str, Any]) -> list[Role]:
        value = claims.get(self._provider.role_claim)
        words = [value] if isinstance(value, str) else value if isinstance(value, list) else []
        found = {self._provider.roles[word] for word in words if isinstance(word, str) and word in self._provider.roles}
        return [role for role in ROLES if role in found]

    def _office(self, claims: Mapping[str, Any], department: str) -> str | None:
        value = claims.get(self._provider.office_claim or "")
        try:
            found = office(value) if isinstance(value, str) else None
        except UnknownOffice:
            return None
        return found.id if found is not None and found.department == department else None


def _name(issuer: str, subject: str) -> str:
    digest = hashlib.sha256(f"{len(issuer)} {issuer}{subject}".encode()).digest()
    return f"oidc:{b64url_text(digest[:18])}"


def _provider(fields: Fields) -> OfficerProvider:
    claims, words = fields.object("claims"), fields.object("roles")
    ours = {role.value: role for role in ROLES}
    roles = {word: ours.get(words.text(word)) for word in words.value}
    for word, role in roles.items():
        if role is None:
            raise words.fail(word, f"expected one of {', '.join(ours)}")
    uri, keys = _keys(fields)
    return OfficerProvider(
        expected=Expected(fields.uri("issuer"), fields.text("audience")),
        jwks_uri=uri,
        keys=keys,
        role_claim=claims.text("role"),
        department_claim=claims.text("department"),
        office_claim=claims.text("office") if "office" in claims.value else None,
        roles={word: role for word, role in roles.items() if role is not None},
        departments=_departments(fields),
    )


def _keys(fields: Fields) -> tuple[str | None, KeySet | None]:
    if ("jwks" in fields.value) == ("jwks_uri" in fields.value):
        raise fields.fail("jwks_uri", "expected an address, or jwks, one of them")
    if "jwks" in fields.value:
        return None, KeySet.of(strict_json.dumps(fields.object("jwks").value))
    uri = fields.uri("jwks_uri")
    if not is_safe(uri):
        raise fields.fail("jwks_uri", "expected https, or this machine")
    return uri, None


def _departments(fields: Fields) -> Mapping[str, str] | None:
    if "departments" not in fields.value:
        return None
    table = fields.object("departments")
    known = {each.id for each in departments()}
    found = {word: table.text(word) for word in table.value}
    for word, name in found.items():
        if name not in known:
            raise table.fail(word, "expected a department's id")
    return found
