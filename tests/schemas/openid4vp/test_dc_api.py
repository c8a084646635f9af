"""Over the Digital Credentials API: what the browser carries, and whose origin it is (appendix A)."""

from typing import Any

import pytest

from keys.jwe import DecryptionKey
from schemas.openid4vp import dc_api
from schemas.openid4vp.errors import InvalidPresentationRequest
from schemas.openid4vp.request import AuthorizationRequest, ResponseMode
from schemas.openid4vp.request_object import peek_alone, sign
from tests.support.vp_requests import NOW, SAN_DNS, Pki, request_of

ORIGIN = "https://bank.example"


@pytest.fixture
def request_(key: DecryptionKey) -> AuthorizationRequest:
    more: dict[str, Any] = {"response_uri": None, "state": None, "expected_origins": (ORIGIN,)}
    return request_of(SAN_DNS, key, response_mode=ResponseMode.DC_API_JWT, **more)


def test_an_unsigned_request_names_nobody(request_: AuthorizationRequest) -> None:
    data = dc_api.unsigned_data(request_)
    assert not {"client_id", "expected_origins", "state", "response_uri"} & data.keys()
    read = dc_api.read_unsigned(data | {"client_id": "x509_san_dns:liar.example", "expected_origins": ["x"]})
    assert (read.client_id, read.expected_origins, read.query) == (None, (), request_.query)


def test_a_signed_request_names_its_origins(request_: AuthorizationRequest, pki: Pki) -> None:
    data = dc_api.signed_data(sign(request_, pki.signer, now=NOW))
    read = peek_alone(dc_api.signed_text(data)).verified_by(pki.anchors, now=NOW)
    assert read == request_
    dc_api.check_origin(read, ORIGIN)
    for other in ("https://bank.example/", "https://BANK.example", "https://other.example"):
        with pytest.raises(InvalidPresentationRequest, match="does not expect"):
            dc_api.check_origin(read, other)


def test_the_audience_is_the_origin() -> None:
    assert dc_api.audience(ORIGIN) == "origin:https://bank.example"


def test_the_protocols_are_of_version_one() -> None:
    assert [each.value for each in dc_api.Protocol] == [
        f"openid4vp-v1-{kind}" for kind in ("unsigned", "signed", "multisigned")
    ]


def test_a_request_that_is_answered_elsewhere_is_not_for_the_browser(key: DecryptionKey) -> None:
    with pytest.raises(InvalidPresentationRequest):
        dc_api.read_unsigned(request_of(SAN_DNS, key).claims())


@pytest.mark.parametrize("data", [{}, {"request": 7}, {"request": {"payload": "e30", "signatures": []}}])
def test_a_signed_request_is_a_compact_token(data: dict[str, Any]) -> None:
    with pytest.raises(InvalidPresentationRequest, match="no request object"):
        dc_api.signed_text(data)
