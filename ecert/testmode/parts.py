"""The test environment, joined."""

from dataclasses import dataclass

from ecert.presenting import WalletPresenting
from ecert.testmode.evidence import SampleEvidence
from ecert.testmode.issuer import SampleIssuer
from ecert.testmode.wallet import SampleWallet
from ecert.wiring import Container


@dataclass(frozen=True, slots=True)
class SampleTown:
    """What only test keys reach."""

    evidence: SampleEvidence
    wallet: SampleWallet


def sample_town(container: Container, presenting: WalletPresenting) -> SampleTown:
    """Return the test environment over ``container``; its wallet goes the way that ``presenting`` goes."""
    installation = container.installation
    issuer = SampleIssuer(installation.keys, public_url=installation.public_url, clock=container.clock)
    evidence = SampleEvidence(container.evidence, issuer, clock=container.clock)
    return SampleTown(evidence, SampleWallet(issuer, presenting.parts, public_url=installation.public_url))
