"""SD-JWT VC: type, the claims that stand in the clear, registered claims, status."""

from collections.abc import Callable
from typing import Any

import pytest

from keys.signer import SoftwareSigner
from schemas.formats import sd_jwt, sd_jwt_vc
from schemas.formats.disclosures import ClaimPath
from schemas.formats.errors import (
    FormatError,
    NeverSelective,
    RegisteredClaimInvalid,
    StatusClaimInvalid,
    VctInvalid,
    WrongType,
)
from schemas.formats.status_claim import StatusReference

Salt = Callable[[], bytes]


def test_a_credential_comes_back_with_what_policy_needs(
    claims: dict[str, Any], issuer: SoftwareSigner, salt: Salt
) -> None:
    issued = sd_jwt_vc.issue(claims, ["name", ("scope", 0)], issuer, salt=salt)
    read = sd_jwt_vc.verified_by(sd_jwt_vc.parse(issued.present([("name",)]).text()), issuer.public_key)
    assert (read.vct, read.issuer) == (claims["vct"], claims["iss"])
    assert (read.iat, read.nbf, read.exp) == (1_760_000_000, None, 1_790_000_000)
    assert read.status == StatusReference("https://ecert.example/status/1", 4711)
    assert read.disclosed == {("name",)}
    assert read.claims["scope"] == claims["scope"][1:]


def test_the_type_is_written(claims: dict[str, Any], issuer: SoftwareSigner, salt: Salt) -> None:
    assert sd_jwt_vc.issue(claims, ["name"], issuer, salt=salt).issuer_jws.header.typ == "dc+sd-jwt"


def test_the_chain_is_written_when_asked_for(claims: dict[str, Any], issuer: SoftwareSigner, salt: Salt) -> None:
    issued = sd_jwt_vc.issue(claims, ["name"], issuer.with_chain([b"leaf"]), salt=salt, x5c=True)
    assert issued.issuer_jws.header.x5c() == (b"leaf",)


@pytest.mark.parametrize("typ", ["vc+sd-jwt", "jwt", "vc+jwt", "application/dc+sd-jwt"])
def test_another_type_is_refused(claims: dict[str, Any], issuer: SoftwareSigner, salt: Salt, typ: str) -> None:
    text = sd_jwt.issue(claims, ["name"], issuer, typ=typ, salt=salt).text()
    with pytest.raises(WrongType):
        sd_jwt_vc.parse(text)


def test_the_former_type_is_read_where_the_caller_says_so(
    claims: dict[str, Any], issuer: SoftwareSigner, salt: Salt
) -> None:
    text = sd_jwt.issue(claims, ["name"], issuer, typ="vc+sd-jwt", salt=salt).text()
    assert sd_jwt_vc.parse(text, accept_former_typ=True).disclosures


def test_both_types_are_read_where_the_caller_says_so(
    claims: dict[str, Any], issuer: SoftwareSigner, salt: Salt
) -> None:
    text = sd_jwt_vc.issue(claims, ["name"], issuer, salt=salt).text()
    assert sd_jwt_vc.parse(text, accept_former_typ=True).disclosures


@pytest.mark.parametrize("vct", [None, "", 1])
def test_a_credential_without_vct_is_not_issued(
    claims: dict[str, Any], issuer: SoftwareSigner, salt: Salt, vct: Any
) -> None:
    with pytest.raises(VctInvalid):
        sd_jwt_vc.issue(claims | {"vct": vct}, [], issuer, salt=salt)


@pytest.mark.parametrize(
    "path", [*sorted(sd_jwt_vc.NEVER_SELECTIVE), ("vct",), ("cnf", "jwk"), ("status", "status_list")]
)
def test_a_claim_that_must_stand_in_the_clear_is_not_hidden(
    claims: dict[str, Any], issuer: SoftwareSigner, salt: Salt, path: str | ClaimPath
) -> None:
    with pytest.raises(NeverSelective):
        sd_jwt_vc.issue(claims, [path], issuer, salt=salt)


def _signed(claims: dict[str, Any], issuer: SoftwareSigner, salt: Salt, *selective: str | ClaimPath) -> str:
    # By the general way, which knows no rule of credentials.
    return sd_jwt.issue(claims, selective, issuer, typ="dc+sd-jwt", salt=salt).text()


def _refused(text: str, issuer: SoftwareSigner) -> type[FormatError]:
    with pytest.raises(FormatError) as caught:
        sd_jwt_vc.verified_by(sd_jwt_vc.parse(text), issuer.public_key)
    return caught.type


@pytest.mark.parametrize(
    "path", ["iss", "exp", "cnf", "vct", "status", ("cnf", "jwk"), ("status", "status_list", "idx")]
)
def test_a_disclosed_claim_that_must_stand_in_the_clear_is_refused(
    claims: dict[str, Any], issuer: SoftwareSigner, salt: Salt, path: str | ClaimPath
) -> None:
    assert _refused(_signed(claims, issuer, salt, path), issuer) is NeverSelective


@pytest.mark.parametrize("path", ["iat", "name"])
def test_a_claim_that_may_be_hidden_is_accepted(
    claims: dict[str, Any], issuer: SoftwareSigner, salt: Salt, path: str
) -> None:
    text = _signed(claims, issuer, salt, path)
    assert sd_jwt_vc.verified_by(sd_jwt_vc.parse(text), issuer.public_key).disclosed == {(path,)}


def test_a_credential_without_vct_is_refused(claims: dict[str, Any], issuer: SoftwareSigner, salt: Salt) -> None:
    del claims["vct"]
    assert _refused(_signed(claims, issuer, salt), issuer) is VctInvalid


def test_further_types_come_back_among_the_claims(claims: dict[str, Any], issuer: SoftwareSigner, salt: Salt) -> None:
    claims["aka_vcts"] = ["urn:ecert:licence"]
    read = sd_jwt_vc.verified_by(sd_jwt_vc.parse(_signed(claims, issuer, salt)), issuer.public_key)
    assert read.claims["aka_vcts"] == ["urn:ecert:licence"]


@pytest.mark.parametrize("value", [None, "urn:ecert:licence", [], [1], ["urn:ecert:business_licence:1"]])
def test_further_types_that_are_none_are_refused(
    claims: dict[str, Any], issuer: SoftwareSigner, salt: Salt, value: Any
) -> None:
    assert _refused(_signed(claims | {"aka_vcts": value}, issuer, salt), issuer) is VctInvalid


@pytest.mark.parametrize(
    "change",
    [{"iss": 1}, {"iss": ""}, {"exp": "soon"}, {"exp": None}, {"iat": True}, {"nbf": -1}, {"exp": 253_402_300_800}],
)
def test_a_registered_claim_of_the_wrong_kind_is_refused(
    claims: dict[str, Any], issuer: SoftwareSigner, salt: Salt, change: dict[str, Any]
) -> None:
    assert _refused(_signed(claims | change, issuer, salt), issuer) is RegisteredClaimInvalid


@pytest.mark.parametrize(
    "status",
    [
        None,
        "x",
        {},
        {"status_list": []},
        {"status_list": {"idx": 1}},
        {"status_list": {"uri": "https://ecert.example/status/1"}},
        {"status_list": {"idx": -1, "uri": "https://ecert.example/status/1"}},
        {"status_list": {"idx": True, "uri": "https://ecert.example/status/1"}},
        {"status_list": {"idx": 1.0, "uri": "https://ecert.example/status/1"}},
        {"status_list": {"idx": 1, "uri": ""}},
        {"another_mechanism": {}},
    ],
)
def test_a_status_that_is_no_reference_is_refused(
    claims: dict[str, Any], issuer: SoftwareSigner, salt: Salt, status: Any
) -> None:
    assert _refused(_signed(claims | {"status": status}, issuer, salt), issuer) is StatusClaimInvalid


def test_a_credential_without_status_has_no_reference(
    claims: dict[str, Any], issuer: SoftwareSigner, salt: Salt
) -> None:
    del claims["status"], claims["iss"]
    read = sd_jwt_vc.verified_by(sd_jwt_vc.parse(_signed(claims, issuer, salt)), issuer.public_key)
    assert (read.status, read.issuer) == (None, None)


def test_a_status_reference_writes_what_it_reads() -> None:
    reference = StatusReference("https://ecert.example/status/1", 4711)
    assert reference.claim() == {"status_list": {"idx": 4711, "uri": "https://ecert.example/status/1"}}
