"""An issuer for each kind of key, credentials of both versions, and what issues them with a proof."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from keys.algorithms import Algorithm
from keys.did import to_did_key, verification_method
from keys.signer import SoftwareSigner
from schemas.formats.data_integrity import ProofOptions, Suite, issue

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
Issue = Callable[..., dict[str, Any]]


class Issuer:
    """A key, its did:key, its verification method."""

    def __init__(self, algorithm: Algorithm) -> None:
        self.signer = SoftwareSigner.generate(algorithm)
        self.id = to_did_key(self.signer.public_key)
        self.method = verification_method(self.id)


@pytest.fixture(scope="session")
def edwards() -> Issuer:
    """An issuer with an Ed25519 key."""
    return Issuer(Algorithm.EDDSA)


@pytest.fixture(scope="session")
def p256() -> Issuer:
    """An issuer with a P-256 key."""
    return Issuer(Algorithm.ES256)


@pytest.fixture(scope="session")
def p384() -> Issuer:
    """An issuer with a P-384 key."""
    return Issuer(Algorithm.ES384)


@pytest.fixture
def credential(edwards: Issuer) -> dict[str, Any]:
    """A VCDM 2.0 credential of a fictional person, by the Ed25519 issuer."""
    return {
        "@context": ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"],
        "type": ["VerifiableCredential", "ResidentCredential"],
        "issuer": edwards.id,
        "validFrom": "2026-01-01T00:00:00Z",
        "validUntil": "2036-01-01T00:00:00+08:00",
        "credentialSubject": {"id": "did:example:holder", "fullName": "陈大文", "city": "江门市", "height": 1.75},
    }


@pytest.fixture
def issued(edwards: Issuer) -> Issue:
    """Return what issues with the Ed25519 issuer's key: ``issued(document, suite=…, **members of ProofOptions)``."""

    def run(document: dict[str, Any], suite: Suite = Suite.EDDSA_RDFC_2022, **said: Any) -> dict[str, Any]:
        options = ProofOptions(**said)
        return issue(
            document, edwards.signer, suite=suite, verification_method=edwards.method, created=NOW, options=options
        )

    return run
