"""The settings of identity proofing are checked at the door, and name what is wrong."""

import asyncio
import json
import warnings
from pathlib import Path
from typing import Any

import httpx
import pytest

from ecert.errors import InvalidSettings
from ecert.identity.configuration import (
    MAX_FILE,
    Authentication,
    ClaimNames,
    IdentitySettings,
    OidcConfiguration,
    read_oidc,
)
from ecert.identity.oidc import OidcProofing
from ecert.identity.proofing import NoProofing, identity_proofing
from ecert.identity.unsafe import UnsafeDevelopmentProofing, UnsafeIdentityWarning
from ecert.settings import load
from issuer.openid4vci.errors import IdentityUnavailable
from issuer.openid4vci.ports import AssuranceLevel, Login
from tests.support.issuer_fakes import FixedClock

WHOLE: dict[str, Any] = {
    "issuer": "https://id.example",
    "client_id": "ecert",
    "scope": "openid profile",
    "authentication": "client_secret_post",
    "claims": {"code": "id_number", "name": "name", "code_type": "id_type"},
    "code_types": {"RESIDENT_ID": "111"},
    "levels": {"urn:example:l2": "real_name", "urn:example:l3": "presence"},
    "userinfo": True,
}


def written(folder: Path, **changes: Any) -> str:
    """Write the configuration and return the file's name; a change of ``...`` leaves a member out."""
    file = folder / "oidc.json"
    file.write_text(json.dumps({name: value for name, value in (WHOLE | changes).items() if value is not ...}))
    return str(file)


def test_a_configuration_is_read(tmp_path: Path) -> None:
    assert read_oidc(written(tmp_path)) == OidcConfiguration(
        "https://id.example",
        "ecert",
        "openid profile",
        Authentication.POST,
        ClaimNames("id_number", "name", "id_type"),
        {"RESIDENT_ID": "111"},
        {"urn:example:l2": AssuranceLevel.REAL_NAME, "urn:example:l3": AssuranceLevel.PRESENCE},
        userinfo=True,
    )


def test_what_is_left_out_has_a_default(tmp_path: Path) -> None:
    fewer = {"scope": ..., "authentication": ..., "userinfo": ..., "code_types": ...}
    found = read_oidc(written(tmp_path, claims={"code": "n", "name": "name"}, code_type="111", **fewer))
    assert found is not None
    assert (found.scope, found.authentication, found.userinfo) == ("openid profile", Authentication.BASIC, False)
    assert (found.claims.fixed, found.claims.code_type) == ("111", None)


def test_without_a_file_there_is_no_provider() -> None:
    assert read_oidc("") is None


def test_a_provider_on_this_machine_may_speak_http(tmp_path: Path) -> None:
    assert read_oidc(written(tmp_path, issuer="http://127.0.0.1:9000"))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"issuer": "http://id.example"}, "issuer: expected https"),
        ({"issuer": ...}, "issuer"),
        ({"client_id": ...}, "client_id"),
        ({"scope": "profile"}, "scope: expected openid"),
        ({"authentication": "private"}, "authentication: expected one of"),
        ({"claims": ...}, "claims"),
        ({"code_type": "111"}, "code_type: expected a fixed code here or a claim"),
        ({"claims": {"code": "n", "name": "name"}}, "code_type: expected a fixed code here or a claim"),
        ({"claims": {"code": "n", "name": "name"}, "code_type": "resident"}, "code_type: expected a code of three"),
        ({"code_types": ...}, "code_types"),
        ({"code_types": {"RESIDENT_ID": 111}}, "RESIDENT_ID: expected a code of three digits"),
        ({"levels": ...}, "levels"),
        ({"levels": {"urn:example:l2": "high"}}, "expected one of account, real_name, presence"),
        ({"levels": {"urn:example:l2": 2}}, "expected a text"),
        ({"userinfo": "yes"}, "userinfo: expected true or false"),
    ],
)
def test_a_configuration_with_a_flaw_is_refused_by_name(tmp_path: Path, changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        read_oidc(written(tmp_path, **changes))


@pytest.mark.parametrize("text", ["[", "[]", '{"a": 1, "a": 2}', " " * (MAX_FILE + 1)])
def test_what_is_no_configuration_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "oidc.json"
    file.write_text(text)
    with pytest.raises(ValueError, match="expected the configuration"):
        read_oidc(str(file))


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="can be read"):
        read_oidc(str(tmp_path / "missing.json"))


def test_the_settings_hold_it_and_never_print_the_secret(tmp_path: Path) -> None:
    environ = {"ECERT_IDENTITY_OIDC": written(tmp_path), "ECERT_IDENTITY_OIDC_SECRET": "hush"}
    settings = load(environ)
    assert settings.identity.oidc is not None
    assert settings.identity.secret == "hush"
    assert "hush" not in repr(settings)


def test_a_flaw_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(InvalidSettings, match="ECERT_IDENTITY_OIDC: "):
        load({"ECERT_IDENTITY_OIDC": written(tmp_path, issuer=...)})


def chosen(settings: IdentitySettings) -> object:
    return identity_proofing(settings, clock=FixedClock(), randomness=bytes)


def test_the_provider_of_the_settings_is_chosen(tmp_path: Path) -> None:
    assert isinstance(chosen(IdentitySettings(read_oidc(written(tmp_path)))), OidcProofing)


def test_a_client_may_be_given(tmp_path: Path) -> None:
    client = httpx.AsyncClient(transport=httpx.MockTransport(lambda request: httpx.Response(503)))
    settings = IdentitySettings(read_oidc(written(tmp_path)), unsafe=True)
    proofing = identity_proofing(settings, clock=FixedClock(), randomness=bytes, client=client)
    with pytest.raises(IdentityUnavailable):
        asyncio.run(proofing.begin(Login("https://ecert.example/", AssuranceLevel.ACCOUNT)))


def test_the_stand_in_is_chosen_by_its_name_alone_and_warns() -> None:
    with pytest.warns(UnsafeIdentityWarning):
        assert isinstance(chosen(IdentitySettings(unsafe=True)), UnsafeDevelopmentProofing)


def test_without_a_provider_nobody_can_log_in() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        proofing = chosen(load({}).identity)
    assert isinstance(proofing, NoProofing)
    login = Login("https://ecert.example/", AssuranceLevel.ACCOUNT)
    with pytest.raises(IdentityUnavailable):
        asyncio.run(proofing.begin(login))
    with pytest.raises(IdentityUnavailable):
        asyncio.run(proofing.finish({}, login))
