"""An installation of fictional certificates in a folder of its own, and a server of it on the loopback address."""

import contextlib
import http.client
import importlib.util
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from ecert.demo.seed import seed
from ecert.settings import load
from ecert.storage.tokens import Role
from ecert.wiring import Container, open_container
from schemas.catalogue import TypeId
from schemas.order import CredentialFormat, HolderId
from wallet_api.presenting import API, Draft, Terms
from wallet_api.selection import Wanted

AUDIENCE = "urn:ecert:counter"
_TYPE = TypeId("business_licence")
_FIELDS: tuple[str, ...] = (
    *("name", "unified_social_credit_code", "legal_representative", "address", "business_scope"),
    *("registered_capital", "establishment_date", "registration_authority", "entity_type", "main_industry_code"),
)
_STARTS_WITHIN = 60.0
HOST = "127.0.0.1"
_ROOT = Path(__file__).resolve().parents[1]


@dataclass(slots=True)
class Site:
    """One installation, what its counter sends, and where its server listens."""

    container: Container
    token: str
    home: Path
    port: int
    vc_jwt: str
    draft: Draft

    @property
    def environ(self) -> dict[str, str]:
        """The environment of its server: nothing of ours but the path."""
        return _environ(self.home, self.port) | {"PATH": os.environ.get("PATH", "")}

    @property
    def has_vc_api(self) -> bool:
        """Whether the VC-API can be opened: it reads strangers' JSON-LD."""
        return importlib.util.find_spec("pyld") is not None

    def presentation(self) -> str:
        """Return a presentation of ten fields of the business licence, made now for the counter."""
        wallet = self.container.wallet
        terms = Terms(secrets.token_urlsafe(16), AUDIENCE, "bench")
        now = self.container.clock().replace(microsecond=0)
        return wallet.presenting.sign(replace(self.draft, terms=terms, at=now))


def open_site(stack: ExitStack) -> Site:
    """Make an installation with the 40 fictional certificates; the stack closes and removes it."""
    home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ecert-bench-")))
    port = _free_port()
    environ = _environ(home, port)
    container = stack.enter_context(open_container(load(environ), environ=environ))
    seed(container)
    now = container.clock()
    token, _ = container.storage.tokens.issue(Role.COUNTER, now=now, expires_at=now + timedelta(days=1))
    holder_id = _holder(container)
    wanted = Wanted(type_id=_TYPE, fields=_FIELDS)
    terms = Terms("n" * 22, AUDIENCE, "bench")
    draft = container.wallet.presenting.draft(holder_id, wanted, terms, API)
    identifier = draft.holding.credential.identifier
    signed = container.storage.ledger.certificate(identifier).credentials
    vc_jwt = next(each.token for each in signed if each.format is CredentialFormat.VC_JWT)
    return Site(container, token, home, port, vc_jwt, draft)


@contextlib.contextmanager
def serving(site: Site) -> Iterator[subprocess.Popen[bytes]]:
    """Give the process of ``ecert serve --vc-api`` over ``site``, once it answers; it ends with the block."""
    arguments = ["serve", "--vc-api"] if site.has_vc_api else ["serve"]
    code = "import sys; from ecert.cli import main; sys.exit(main(sys.argv[1:]))"
    quiet = subprocess.DEVNULL
    server = subprocess.Popen(  # noqa: S603  (our own program)
        [sys.executable, "-c", code, *arguments], env=site.environ, cwd=_ROOT, stdout=quiet, stderr=quiet
    )
    try:
        _wait_for(server, site.port)
        yield server
    finally:
        server.terminate()
        server.wait(10)


def _wait_for(server: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + _STARTS_WITHIN
    while time.monotonic() < until and server.poll() is None:
        connection = http.client.HTTPConnection(HOST, port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            connection.getresponse()
        except OSError:
            time.sleep(0.1)
        else:
            return
        finally:
            connection.close()
    raise RuntimeError("the server did not start")


def _holder(container: Container) -> HolderId:
    holders = [holder.holder_id for holder in container.wallet.holders.page(limit=500)]
    held = container.wallet.holdings.certificates
    return next(one for one in holders if any(each.type_id == _TYPE for each in held(one)))


def _environ(home: Path, port: int) -> dict[str, str]:
    return {"ECERT_HOME": str(home), "ECERT_PORT": str(port), "ECERT_PASSPHRASE": "a passphrase for the bench"}


def _free_port() -> int:
    with socket.socket() as one:
        one.bind((HOST, 0))
        return int(one.getsockname()[1])
