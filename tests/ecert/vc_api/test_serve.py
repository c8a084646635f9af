"""The switch: without it the routes do not exist; with it the start is loud."""

from pathlib import Path
from typing import Any

import pytest

from ecert.cli import main
from ecert.cli.serve import unsafe_vc_api
from ecert.http.app import create_app
from ecert.vc_api.issuers import UnsafeVcApiWarning
from ecert.wiring import Container, open_container
from schemas.formats.jsonld import rdf
from schemas.formats.jsonld.errors import JsonLdProcessorMissing
from tests.support.ecert_world import ENVIRON, Client, StillClock, cheap_scrypt, settings_of
from tests.support.vc_api import VcApi


@pytest.fixture
def container(tmp_path: Path) -> Any:
    settings = settings_of(tmp_path, VC_API_URL="https://vc.example/", VC_API_OWN_KEY="no")
    with cheap_scrypt(), open_container(settings, clock=StillClock(), environ=ENVIRON) as made:
        yield made


@pytest.mark.parametrize(
    "path",
    [
        "/issuers/eddsa-rdfc-2022/credentials/issue",
        "/credentials/verify",
        "/presentations/verify",
        "/credentials/derive",
    ],
)
def test_without_the_switch_there_are_no_routes(container: Container, path: str) -> None:
    client = Client(create_app(container, watch=False))
    assert client.post(path, json={}).status_code == 404
    assert path not in client.get("/openapi.json").json()["paths"]
    assert client.get("/issuers").status_code == 404


def test_the_start_warns(container: Container, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.warns(UnsafeVcApiWarning, match="never in production"):
        unsafe_vc_api(container)
    said = capsys.readouterr().out
    assert "切勿用于生产" in said
    assert "https://vc.example/issuers" in said
    assert "that are not the issuer's" in said


def test_the_settings_name_the_address_and_the_policy(container: Container) -> None:
    with pytest.warns(UnsafeVcApiWarning):
        service = unsafe_vc_api(container)
    vc_api = VcApi(Client(create_app(container, watch=False, vc_api=service)), service, StillClock())
    status = vc_api.issued("bitstring")["credentialStatus"]["statusListCredential"]
    assert status.startswith("https://vc.example/credentials/status/")
    assert vc_api.verify(vc_api.signed(vc_api.credential(issuer="https://vc.example/1"))).status_code == 200


def test_every_start_has_new_issuers(container: Container) -> None:
    with pytest.warns(UnsafeVcApiWarning):
        first, second = unsafe_vc_api(container), unsafe_vc_api(container)
    assert not set(first.issuer_ids().values()) & set(second.issuer_ids().values())


def test_without_the_processor_of_json_ld_it_does_not_start(
    container: Container, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(*_: Any, **__: Any) -> None:
        raise JsonLdProcessorMissing("this document needs the extra jsonld (PyLD)")

    monkeypatch.setattr(rdf, "expand", missing)
    with pytest.raises(JsonLdProcessorMissing):
        unsafe_vc_api(container)


@pytest.mark.parametrize(("arguments", "there"), [(["serve"], 404), (["serve", "--vc-api"], 200)])
def test_the_command_hands_the_routes_to_the_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], there: int
) -> None:
    found: list[int] = []
    monkeypatch.setenv("ECERT_HOME", str(tmp_path))
    monkeypatch.setenv("ECERT_PASSPHRASE", "a passphrase for tests")
    monkeypatch.setattr("uvicorn.run", lambda app, **_: found.append(Client(app).get("/issuers").status_code))
    monkeypatch.setattr("ecert.cli.serve.configure_logging", lambda: None)
    monkeypatch.setattr("warnings.warn", lambda *_, **__: None)
    assert main(arguments) == 0
    assert found == [there]
