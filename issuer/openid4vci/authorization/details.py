"""``authorization_details`` of type ``openid_credential`` and ``scope``: which configurations a request names
(RFC 9396; OpenID4VCI 1.0, 5.1.1 and 5.1.2)."""

from typing import Any

from issuer.openid4vci.configuration import configurations
from issuer.openid4vci.errors import InvalidAuthorizationDetails, InvalidScope
from keys import strict_json
from keys.errors import MalformedToken

TYPE = "openid_credential"
_MAX_DETAILS = 64


def ids_of_details(text: str, *, department: str, issuer: str) -> tuple[str, ...]:
    """Return the configuration ids that ``authorization_details`` name, each once; unknown members do no harm.

    Raises:
        InvalidAuthorizationDetails: no list of 1 to 64 objects, another type (RFC 9396, 5), a configuration that the
            department does not have, or ``locations`` without this credential issuer.
    """
    try:
        details = strict_json.loads(text.encode())
    except MalformedToken as exc:
        raise InvalidAuthorizationDetails(f"authorization_details: {exc}") from None
    if type(details) is not list or not 1 <= len(details) <= _MAX_DETAILS:
        raise InvalidAuthorizationDetails(f"authorization_details is not a list of 1 to {_MAX_DETAILS}")
    return tuple(dict.fromkeys(_id_of(detail, department, issuer) for detail in details))


def _id_of(detail: Any, department: str, issuer: str) -> str:
    if type(detail) is not dict or detail.get("type") != TYPE:
        raise InvalidAuthorizationDetails(f"authorization details are of another type than {TYPE}")
    name = detail.get("credential_configuration_id")
    if type(name) is not str or name not in configurations(department):
        raise InvalidAuthorizationDetails("authorization details name no credential configuration of this issuer")
    locations = detail.get("locations", [issuer])
    if type(locations) is not list or issuer not in locations:
        raise InvalidAuthorizationDetails("authorization details are for another location")
    return name


def ids_of_scope(text: str, *, department: str) -> tuple[str, ...]:
    """Return the configuration ids that ``scope`` names, each once; unknown values do no harm (OpenID4VCI 1.0, 5.1.2).

    Raises:
        InvalidScope: no value of it is known.
    """
    known = configurations(department)
    found = tuple(dict.fromkeys(value for value in text.split(" ") if value in known))
    if not found:
        raise InvalidScope("scope names no credential of this issuer")
    return found
