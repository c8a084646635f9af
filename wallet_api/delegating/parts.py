"""What the use cases of delegating share."""

from dataclasses import dataclass

from wallet_api.delegating.ports import CertificateStates, Delegations, Limits, Registrar
from wallet_api.parts import Parts
from wallet_api.presenting import Presenting


@dataclass(frozen=True, slots=True)
class DelegatingParts:
    """The wallet's parts and presenting, and the ports of this package."""

    wallet: Parts
    presenting: Presenting
    delegations: Delegations
    states: CertificateStates
    registrar: Registrar
    limits: Limits
