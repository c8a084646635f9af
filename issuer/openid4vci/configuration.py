"""Credential configurations: a certificate type in one format (OpenID4VCI 1.0, 12.2.4).

The id is ``<type>.<format>``, for example ``business_licence.dc+sd-jwt``; it serves as the scope, too (RFC 6749, 3.3).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from issuer.openid4vci.errors import UnknownCredentialConfiguration
from schemas.catalogue import CertificateType, TypeId
from schemas.order import CredentialFormat
from schemas.types import all_types

FORMATS = (CredentialFormat.SD_JWT_VC, CredentialFormat.JWT_VC_JSON, CredentialFormat.LDP_VC)
"""The formats that a wallet may fetch, the default one first."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """One entry of ``credential_configurations_supported``."""

    type: CertificateType
    format: CredentialFormat

    @property
    def id(self) -> str:
        """The ``credential_configuration_id``, and the scope."""
        return configuration_id(self.type.id, self.format)


def configuration_id(type_id: TypeId, form: CredentialFormat) -> str:
    """Return the id of a type in a format."""
    return f"{type_id}.{form}"


@cache
def configurations(department: str) -> dict[str, Configuration]:
    """Return the configurations of a department by id, in the order of the types."""
    found = (Configuration(kind, form) for kind in all_types() if kind.department == department for form in FORMATS)
    return {each.id: each for each in found}


def configuration(department: str, name: str) -> Configuration:
    """Return a department's configuration; raises UnknownCredentialConfiguration."""
    found = configurations(department).get(name)
    if found is None:
        raise UnknownCredentialConfiguration("no such credential configuration")
    return found


def types_of(configuration_ids: Iterable[str]) -> frozenset[TypeId]:
    """Return the types that these configuration ids name."""
    return frozenset(TypeId(name.partition(".")[0]) for name in configuration_ids)


def default_ids(type_ids: Iterable[TypeId]) -> tuple[str, ...]:
    """Return the configuration ids of these types in the default format, each once."""
    return tuple(dict.fromkeys(configuration_id(type_id, FORMATS[0]) for type_id in type_ids))
