"""What a credential request asks for (OpenID4VCI 1.0, 8.2): one configuration, out of one order.

Both forms of an id are taken, whichever the token response named (6.2): a ``credential_configuration_id``, and a
``credential_identifier``, which is ``<order_id>.<format>``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from issuer.openid4vci.configuration import Configuration, configuration, configuration_id, configurations
from issuer.openid4vci.errors import InsufficientScope, InvalidCredentialRequest, UnknownCredentialIdentifier
from issuer.openid4vci.grants import Grant
from issuer.openid4vci.ports import Entitlement
from schemas.catalogue import TypeId
from schemas.order import CredentialFormat


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a request is for; no entitlement: the configuration is the token's, and nothing waits in it."""

    configuration: Configuration
    entitlement: Entitlement | None


def choose(members: Mapping[str, Any], grant: Grant, entitlements: Sequence[Entitlement]) -> Chosen:
    """Return what a request asks for; ``entitlements`` are the holder's, the newest order first.

    Among the orders of one type the newest that is ready comes first, then the newest of the others.

    Raises:
        InvalidCredentialRequest: both forms of an id, none, or one that is no text.
        UnknownCredentialConfiguration, UnknownCredentialIdentifier: there is none of this name.
        InsufficientScope: the access token is not for this configuration (8.3.1.1).
    """
    name, identifier = members.get("credential_configuration_id"), members.get("credential_identifier")
    if (name is None) == (identifier is None):
        raise InvalidCredentialRequest("request does not hold exactly one form of a credential id")
    if type(name or identifier) is not str:
        raise InvalidCredentialRequest("credential id is no text")
    reached = [each for each in entitlements if not grant.order_ids or each.order_id in grant.order_ids]
    if name is None:
        return _identified(str(identifier), grant, reached)
    wanted = configuration(grant.department, name)
    if wanted.id not in grant.configuration_ids:
        raise InsufficientScope("access token is not for this credential configuration")
    mine = [each for each in reached if each.type_id == wanted.type.id]
    return Chosen(wanted, next((each for each in mine if each.ready), mine[0] if mine else None))


def _identified(identifier: str, grant: Grant, reached: Sequence[Entitlement]) -> Chosen:
    order_id, _, form = identifier.rpartition(".")
    for each in reached:
        if each.order_id == order_id and form in set(CredentialFormat):
            wanted = configuration_id(TypeId(each.type_id), CredentialFormat(form))
            if wanted in grant.configuration_ids and wanted in configurations(grant.department):
                return Chosen(configurations(grant.department)[wanted], each)
    raise UnknownCredentialIdentifier("no such credential identifier")
