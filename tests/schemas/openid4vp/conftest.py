"""A query, a verifier with a small PKI of its own, and a request that is in order."""

from typing import Any

import pytest

from keys.jwe import DecryptionKey
from schemas.dcql import Query, read_query
from schemas.openid4vp.client_id import x509_hash
from tests.support.vp_requests import QUERY, Pki, request_of


@pytest.fixture(scope="session")
def pki() -> Pki:
    return Pki.made()


@pytest.fixture
def query() -> Query:
    return read_query(QUERY)


@pytest.fixture(scope="session")
def key() -> DecryptionKey:
    return DecryptionKey.generate()


@pytest.fixture
def claims(pki: Pki, key: DecryptionKey) -> dict[str, Any]:
    """The parameters of a request that is in order."""
    return request_of(x509_hash(pki.signer.chain[0]), key).claims()
