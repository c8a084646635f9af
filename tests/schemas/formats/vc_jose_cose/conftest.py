"""Documents of fictional people and firms, keys of every algorithm, and salts that count."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from keys.algorithms import Algorithm
from keys.signer import SoftwareSigner

ISSUER = "https://ecert.example/issuers/amr"
V2 = "https://www.w3.org/ns/credentials/v2"
V1 = "https://www.w3.org/2018/credentials/v1"


@pytest.fixture(scope="session", params=Algorithm)
def signer(request: pytest.FixtureRequest) -> SoftwareSigner:
    """A key of each algorithm."""
    return SoftwareSigner.generate(request.param)


@pytest.fixture
def document() -> dict[str, Any]:
    """A credential of VCDM 2.0."""
    return {
        "@context": [V2],
        "id": "urn:uuid:7f0a2a5e-0000-4000-8000-000000000001",
        "type": ["VerifiableCredential"],
        "issuer": ISSUER,
        "validFrom": "2026-01-01T00:00:00+08:00",
        "credentialSubject": {
            "id": "did:example:1",
            "name": "江门市示例陈皮有限公司",
            "address": {"city": "江门市", "street": "示例路 1 号"},
            "phones": ["0750-0000001", "0750-0000002"],
        },
    }


@pytest.fixture
def presentation() -> dict[str, Any]:
    """A presentation of VCDM 2.0 with one enveloped credential."""
    return {
        "@context": [V2],
        "type": ["VerifiablePresentation"],
        "holder": "did:example:holder",
        "verifiableCredential": [
            {"@context": V2, "type": "EnvelopedVerifiableCredential", "id": "data:application/vc+jwt,e30.e30.AA"}
        ],
    }


@pytest.fixture
def old() -> dict[str, Any]:
    """A credential of VCDM 1.1."""
    return {
        "@context": [V1],
        "id": "urn:uuid:7f0a2a5e-0000-4000-8000-000000000002",
        "type": ["VerifiableCredential"],
        "issuer": ISSUER,
        "issuanceDate": "2026-01-01T00:00:00Z",
        "expirationDate": "2027-01-01T00:00:00Z",
        "credentialSubject": {"id": "did:example:1", "name": "陈大文"},
    }


@pytest.fixture
def salt() -> Callable[[], bytes]:
    """Salts that count: 16 bytes each, never the same twice in a test."""
    numbers: Iterator[int] = iter(range(1, 1 << 30))
    return lambda: next(numbers).to_bytes(16, "big")
