"""Two installations in two processes, over TLS with a self-made CA: one issues, the other's wallet receives."""

import os
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from ecert.cli import main
from ecert.storage.tokens import Role, TokenScope
from ecert.wiring import open_container, utc_now
from schemas.examples import example_claims
from schemas.types import certificate_type
from schemas.validity import day_of
from tests.support.ecert_world import PASSPHRASE, cheap_scrypt, settings_of
from tests.support.ports import free_port

ROOT = Path(__file__).resolve().parent.parent.parent
KIND = "business_licence"


@dataclass
class Site:
    """One installation: its home, its address, its variables."""

    home: Path
    port: int
    tls: Path
    more: dict[str, str]

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}"

    @property
    def variables(self) -> dict[str, str]:
        return {
            "HOME": str(self.home),
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            "PUBLIC_URL": self.url,
            "TLS_CERTIFICATE": str(self.tls / "server.pem"),
            "TLS_KEY": str(self.tls / "server.key"),
            **self.more,
        }

    @contextmanager
    def opened(self) -> Iterator[Any]:
        variables = {name: value for name, value in self.variables.items() if name != "HOME"}
        with (
            cheap_scrypt(),
            open_container(settings_of(self.home, **variables), environ={"ECERT_PASSPHRASE": PASSPHRASE}) as container,
        ):
            yield container

    def token(self, role: str, **scope: Any) -> dict[str, str]:
        with self.opened() as container:
            now = utc_now()
            token, _ = container.storage.tokens.issue(
                Role(role), now=now, expires_at=now + timedelta(hours=1), scope=TokenScope(**scope)
            )
        return {"Authorization": f"Bearer {token}"}


@contextmanager
def served(site: Site) -> Iterator[None]:
    """Run ``ecert serve`` as a process of its own until it answers."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ECERT_")}
    environment |= {f"ECERT_{name}": value for name, value in site.variables.items()}
    environment |= {"PYTHONPATH": str(ROOT), "ECERT_PASSPHRASE": PASSPHRASE}
    code = "import sys; from ecert.cli import main; sys.exit(main(['serve']))"
    process = subprocess.Popen(
        [sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        wait_for(site, process)
        yield
    finally:
        process.terminate()
        process.communicate(timeout=30)


def wait_for(site: Site, process: subprocess.Popen[str]) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        assert process.poll() is None, process.communicate()[0]
        try:
            with client(site) as visitor:
                if visitor.get("/healthz").status_code == 200:
                    return
        except httpx.TransportError:
            time.sleep(0.2)
    raise AssertionError("server did not answer within a minute")


def client(site: Site) -> httpx.Client:
    context = ssl.create_default_context(cafile=str(site.tls / "ca.pem"))
    return httpx.Client(base_url=site.url, verify=context, timeout=30)


@dataclass
class Sites:
    """The issuer and the wallet elsewhere, which know each other by what their operators exported."""

    issuer: Site
    wallet: Site


def exported(site: Site, folder: Path) -> tuple[Path, Path]:
    """Export a site's issuers and its wallet, by the command."""
    issuers, wallet = folder / "issuers.json", folder / "wallet.json"
    with pytest.MonkeyPatch.context() as patch, cheap_scrypt():
        for name, value in site.variables.items():
            patch.setenv(f"ECERT_{name}", value)
        patch.setenv("ECERT_PASSPHRASE", PASSPHRASE)
        assert main(["keys", "export", "--out", str(issuers), "--wallet", str(wallet)]) == 0
    return issuers, wallet


def founded(folder: Path) -> Site:
    """Make an installation with a certificate of its own CA; nobody serves it yet."""
    assert main(["tls", "--host", "localhost", "--out", str(folder / "tls")]) == 0
    site = Site(folder / "home", free_port(), folder / "tls", {})
    with site.opened():
        return site


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sites]:
    folders = tmp_path_factory.mktemp("issuer"), tmp_path_factory.mktemp("wallet")
    issuer, wallet = founded(folders[0]), founded(folders[1])
    trusted, attested = exported(issuer, folders[0])[0], exported(wallet, folders[1])[1]
    issuer.more["WALLET_ATTESTERS"] = str(attested)
    wallet.more |= {"TRUSTED_ISSUERS": str(trusted), "EXTRA_CA": str(issuer.tls / "ca.pem"), "PRIVATE_ISSUERS": "yes"}
    with served(issuer), served(wallet):
        yield Sites(issuer, wallet)


@pytest.fixture(scope="module")
def received(sites: Sites) -> tuple[dict[str, Any], dict[str, str]]:
    """Let a holder receive a licence; return what is in the wallet then, and the holder's header."""
    issuer, wallet = sites.issuer, sites.wallet
    claims = example_claims(certificate_type(KIND), today=day_of(utc_now()))
    preparer = issuer.token("preparer")
    with client(issuer) as office:
        order = office.post("/v1/orders", json={"type_id": KIND, "claims": claims}, headers=preparer)
        assert order.status_code == 201, order.text
        asked = {"grants": ["pre-authorized_code"], "tx_code": {"input_mode": "numeric", "length": 6}}
        offer = office.post(f"/v1/orders/{order.json()['order_id']}/offers", json=asked, headers=preparer)
        assert offer.status_code == 201, offer.text
    with wallet.opened() as container:
        holder = container.wallet.holders.resolve("001", claims["unified_social_credit_code"], claims["name"])
    me = wallet.token("holder", holder_id=holder.holder_id)
    with client(wallet) as phone:
        shown = phone.post("/v1/wallet/offers", json={"text": offer.json()["link"]}, headers=me)
        assert shown.status_code == 200, shown.text
        assert shown.json()["trusted"] is True
        assert shown.json()["issuer"] == f"{issuer.url}/issuers/amr"
        accepted = phone.post(
            f"/v1/wallet/offers/{shown.json()['offer_id']}/accept",
            json={"tx_code": offer.json()["tx_code"]},
            headers=me,
        )
        assert accepted.status_code == 200, accepted.text
        assert accepted.json()["stage"] == "received", accepted.text
        return phone.get("/v1/wallet/certificates", headers=me).json(), me


def test_a_wallet_elsewhere_receives_over_tls(received: tuple[dict[str, Any], dict[str, str]]) -> None:
    """4.1, 4.12, 4.5.5, 4.8: order, offer by reference with a transaction code, preview, acceptance, certificate."""
    held, _ = received
    assert [each["type_id"] for each in held["certificates"]] == [KIND]


def test_a_counter_elsewhere_fetches_the_status_list_over_tls(
    sites: Sites, received: tuple[dict[str, Any], dict[str, str]]
) -> None:
    """What the one city issued, shown at a counter of the other: the issuer's own list says that it is in force."""
    issuer, wallet = sites.issuer, sites.wallet
    _, me = received
    with issuer.opened() as container:
        container.publish_due()
    with client(wallet) as site:
        choice = {"type_id": KIND, "fields": ["address"], "purpose": "窗口办事"}
        shown = site.post("/v1/wallet/qr", json=choice, headers=me)
        assert shown.status_code == 200, shown.text
        counter = wallet.token("counter")
        report = site.post("/v1/verifications/present", json={"text": shown.json()["text"]}, headers=counter).json()
    status = next(row for row in report["checks"] if row["code"] == "status")
    assert (report["verdict"], status["reason"]) == ("valid", "status_valid"), report["checks"]
    assert status["facts"]["list"].startswith(f"{issuer.url}/status/")
    assert report["issuer"] == f"{issuer.url}/issuers/amr"


def test_an_issuer_over_plain_http_is_not_asked(sites: Sites) -> None:
    """Only this machine may be asked without TLS, whatever the settings say of private addresses."""
    wallet = sites.wallet
    with wallet.opened() as container:
        holder = container.wallet.holders.resolve("111", "440799199001011235", "示例")
    me = wallet.token("holder", holder_id=holder.holder_id)
    link = "openid-credential-offer://?credential_offer_uri=http%3A%2F%2Fissuer.example%2Foffer"
    with client(wallet) as phone:
        refused = phone.post("/v1/wallet/offers", json={"text": link}, headers=me)
    assert (refused.status_code, refused.json()["code"]) == (422, "protocol_address_refused"), refused.text
