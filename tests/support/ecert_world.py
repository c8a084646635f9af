"""A seeded installation in a folder, an application over it, and tokens for every role: what the HTTP tests share."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from ecert.demo.seed import seed
from ecert.http.app import create_app
from ecert.settings import load
from ecert.storage.tokens import Role, TokenScope
from ecert.wiring import Clock, Container, open_container
from keys import store
from keys.encoding import b64url_text
from keys.signer import SoftwareSigner
from keys.strict_json import dumps
from schemas.examples import example_claims
from schemas.order import HolderId, Identifier
from schemas.types import certificate_type
from schemas.validity import day_of
from wallet_api.records import HolderKind

PASSPHRASE = "a passphrase for tests"
ENVIRON = {"ECERT_PASSPHRASE": PASSPHRASE}


class StillClock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 9, 41, 17, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **kwargs: float) -> None:
        self.now += timedelta(**kwargs)


@contextmanager
def cheap_scrypt() -> Iterator[None]:
    """Derive keys at almost no cost: the real one is tested with the key store."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store.KeyStore.__init__, "__kwdefaults__", {"work": 2})
        yield


def make_home(home: Path, clock: Clock) -> Path:
    """Make an installation with the 40 fictional certificates."""
    with cheap_scrypt(), open_container(settings_of(home), clock=clock, environ=ENVIRON) as container:
        seed(container)
    return home


def settings_of(home: Path, **more: str) -> Any:
    """Return the settings of a home; ``more`` are variables without their prefix."""
    return load({"ECERT_HOME": str(home), **{f"ECERT_{name}": value for name, value in more.items()}})


class Client:
    """A client in memory: each request runs in a loop of its own, without a socket."""

    def __init__(self, app: FastAPI) -> None:
        self.app = app

    def request(self, method: str, path: str, **kwargs: Any) -> httpx.Response:
        """Send one request and return the answer."""

        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
                return await client.request(method, path, **kwargs)

        return asyncio.run(send())

    def get(self, path: str, **kwargs: Any) -> httpx.Response:
        """Send a GET."""
        return self.request("GET", path, **kwargs)

    def post(self, path: str, **kwargs: Any) -> httpx.Response:
        """Send a POST."""
        return self.request("POST", path, **kwargs)


@dataclass
class World:
    """An installation, its application, its clock."""

    container: Container
    client: Client
    clock: StillClock

    def token(self, role: str, **scope: Any) -> dict[str, str]:
        """Return the header of a new token."""
        now = self.clock()
        token, _ = self.container.storage.tokens.issue(
            Role(role), now=now, expires_at=now + timedelta(days=1), scope=TokenScope(**scope)
        )
        return {"Authorization": f"Bearer {token}"}

    def enterprise(self) -> HolderId:
        """Return the holder of the business licence."""
        for holder in self.container.wallet.holders.page(limit=500):
            held = self.container.wallet.holdings.certificates(holder.holder_id)
            if any(one.type_id == "business_licence" for one in held):
                return holder.holder_id
        raise AssertionError("nobody holds the business licence")

    def person(self) -> HolderId:
        """Return the natural person who holds the identity card."""
        for holder in self.container.wallet.holders.page(limit=500):
            held = self.container.wallet.holdings.certificates(holder.holder_id)
            if holder.kind is HolderKind.NATURAL_PERSON and any(one.type_id == "resident_id_card" for one in held):
                return holder.holder_id
        raise AssertionError("nobody holds the identity card")

    def licence(self) -> Identifier:
        """Return the identifier of the business licence."""
        held = self.container.wallet.holdings.certificates(self.enterprise())
        return next(one.identifier for one in held if one.type_id == "business_licence")

    def register_device(self, header: dict[str, str]) -> SoftwareSigner:
        """Register a new device's key, as a phone does it, and return it."""
        device = SoftwareSigner.generate()
        challenge = self.client.post("/v1/wallet/keys/challenge", headers=header).json()
        claims = {"nonce": challenge["nonce"], "aud": challenge["audience"], "iat": int(self.clock().timestamp())}
        head = {"alg": "ES256", "typ": "ecert-key-proof+jwt", "jwk": device.public_key.jwk}
        signing_input = f"{b64url_text(dumps(head))}.{b64url_text(dumps(claims))}"
        proof = f"{signing_input}.{b64url_text(device.sign(signing_input.encode()))}"
        answer = self.client.post("/v1/wallet/keys", json={"proof": proof}, headers=header)
        assert answer.json() == {"kid": device.public_key.kid, "place": "device"}
        return device

    def claims(self, type_id: str = "business_licence", **changed: Any) -> dict[str, Any]:
        """Return the claims of an order."""
        return example_claims(certificate_type(type_id), today=day_of(self.clock())) | changed


@contextmanager
def world_in(home: Path, clock: StillClock, **settings: str) -> Iterator[World]:
    """Open a home that was made before, with an application over it."""
    with cheap_scrypt(), open_container(settings_of(home, **settings), clock=clock, environ=ENVIRON) as container:
        yield World(container, Client(create_app(container, watch=False)), clock)
