"""What the city attests of a verifier: bound to its client identifier and its query, and passed over when it is not."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from keys import jws, strict_json
from keys.anchor import Anchor
from keys.jwe import DecryptionKey
from keys.signer import SoftwareSigner
from schemas.dcql import Query, read_query
from schemas.openid4vp.registration import _MAX_BYTES, FORMAT, TYP, Registration, attest, digest_of, find_registration
from schemas.openid4vp.request import AuthorizationRequest
from tests.support.vp_requests import NOW, QUERY, SAN_DNS, request_of

CITY, STRANGER = SoftwareSigner.generate(), SoftwareSigner.generate()
ANCHOR = Anchor((CITY.public_key,))
SAID = Registration(
    client_id=str(SAN_DNS),
    party_id="water",
    party_zh="示例自来水公司",
    party_en="Sample Water",
    credit_code="91440799MA00000000",
    purpose_id="water.account-opening",
    purpose_zh="用水开户",
    purpose_en="Opening a water account",
    legal_basis_zh="《城市供水条例》",
    legal_basis_en="Urban Water Supply Regulation",
    retention_days=0,
)


def asking(key: DecryptionKey, *infos: Any) -> AuthorizationRequest:
    return request_of(SAN_DNS, key, verifier_info=infos)


def found(key: DecryptionKey, *infos: Any, now: Any = NOW) -> Registration | None:
    return find_registration(asking(key, *infos), ANCHOR, now=now)


def test_a_registration_is_read_back(key: DecryptionKey, query: Query) -> None:
    assert found(key, attest(SAID, CITY, query=query, now=NOW)) == SAID


def test_attestations_of_others_are_passed_over(key: DecryptionKey, query: Query) -> None:
    others = ({"format": "other", "data": "x"}, {"format": FORMAT, "data": {}}, {"format": FORMAT, "data": "x"})
    assert found(key, *others) is None
    assert found(key, *others, attest(SAID, CITY, query=query, now=NOW)) == SAID
    assert found(key) is None


def test_a_longer_one_than_the_city_makes_is_passed_over(key: DecryptionKey, query: Query) -> None:
    shorter = len(attest(SAID, CITY, query=query, now=NOW)["data"])
    room = (_MAX_BYTES - shorter) * 3 // 4
    for more, expected in ((room - 16, True), (room + 16, False)):
        said = replace(SAID, party_en=SAID.party_en + "x" * more)
        assert (found(key, attest(said, CITY, query=query, now=NOW)) is not None) is expected


def test_one_by_another_key_is_passed_over(key: DecryptionKey, query: Query) -> None:
    assert found(key, attest(SAID, STRANGER, query=query, now=NOW)) is None


def test_one_of_another_verifier_is_passed_over(key: DecryptionKey, query: Query) -> None:
    assert found(key, attest(replace(SAID, client_id="x509_san_dns:o.example"), CITY, query=query, now=NOW)) is None


def test_one_for_another_query_is_passed_over(key: DecryptionKey) -> None:
    wider = QUERY["credentials"][0] | {"claims": [{"path": ["legal_representative"]}]}
    assert found(key, attest(SAID, CITY, query=read_query({"credentials": [wider]}), now=NOW)) is None


@pytest.mark.parametrize(("later", "holds"), [(-60, True), (-61, False), (660, True), (661, False)])
def test_one_of_another_time_is_passed_over(key: DecryptionKey, query: Query, later: int, holds: bool) -> None:
    info = attest(SAID, CITY, query=query, now=NOW)
    assert (found(key, info, now=NOW + timedelta(seconds=later)) is not None) is holds


@pytest.mark.parametrize(
    "changes", [{"iat": None}, {"exp": "later"}, {"retention_days": "0"}, {"party_zh": None}, {"purpose_zh": 7}]
)
def test_one_of_another_shape_is_passed_over(key: DecryptionKey, query: Query, changes: dict[str, Any]) -> None:
    data = attest(SAID, CITY, query=query, now=NOW)["data"]
    claims = {name: value for name, value in (jws.peek(data).peek_claims() | changes).items() if value is not None}
    info = {"format": FORMAT, "data": jws.sign(strict_json.dumps(claims), CITY, typ=TYP)}
    assert found(key, info) is None


def test_the_digest_does_not_hang_on_the_order_of_members() -> None:
    turned = {name: value for name, value in reversed(QUERY["credentials"][0].items())}
    assert digest_of(read_query({"credentials": [turned]})) == digest_of(read_query(QUERY))
