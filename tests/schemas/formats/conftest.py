"""Fixed keys, and salts that count, so that every document in these tests is the same at every run (but ES256's)."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from keys.algorithms import Algorithm
from keys.signer import SoftwareSigner

ISSUER = "https://ecert.example/issuers/amr"
VCT = "urn:ecert:business_licence:1"


@pytest.fixture(scope="session")
def issuer() -> SoftwareSigner:
    """The issuer's key (ES256)."""
    return SoftwareSigner.generate(Algorithm.ES256)


@pytest.fixture(scope="session")
def holder() -> SoftwareSigner:
    """The holder's key (ES256)."""
    return SoftwareSigner.generate(Algorithm.ES256)


@pytest.fixture(scope="session")
def stranger() -> SoftwareSigner:
    """A key that nobody named."""
    return SoftwareSigner.generate(Algorithm.ES256)


@pytest.fixture
def salt() -> Callable[[], bytes]:
    """Salts that count: 16 bytes each, never the same twice in a test."""
    numbers: Iterator[int] = iter(range(1, 1 << 30))
    return lambda: next(numbers).to_bytes(16, "big")


@pytest.fixture
def claims(holder: SoftwareSigner) -> dict[str, Any]:
    """Claims of a fictional business licence with an object and an array in it."""
    return {
        "iss": ISSUER,
        "iat": 1_760_000_000,
        "exp": 1_790_000_000,
        "vct": VCT,
        "cnf": {"jwk": dict(holder.public_key.jwk)},
        "status": {"status_list": {"idx": 4711, "uri": "https://ecert.example/status/1"}},
        "name": "江门市示例陈皮有限公司",
        "legal_representative": "陈大文",
        "address": {"city": "江门市", "street": "示例路 1 号"},
        "scope": ["食品销售", "货物进出口", "技术服务"],
    }
