"""``ecert serve [--seed]``: the server. On the loopback address unless ``ECERT_HOST`` says otherwise."""

import argparse
import os
from datetime import timedelta

from ecert.demo.seed import doors, seed
from ecert.http.app import create_app
from ecert.http.observe import configure_logging
from ecert.http.upkeep import once
from ecert.settings import load
from ecert.storage.tokens import Role
from ecert.wiring import Container, open_container

_FIRST_TOKEN = ".state/first-token"  # noqa: S105 - the name of a record that says that it was given
_GOOD_FOR = timedelta(days=365)
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


def arguments(parser: argparse.ArgumentParser) -> None:
    """Whether to fill it with fictional certificates."""
    parser.add_argument("--seed", action="store_true", help="载入示例证照 / fill it with the fictional certificates")


def run(args: argparse.Namespace) -> int:
    """Serve until stopped."""
    import uvicorn

    with open_container(load(os.environ)) as container:
        prepare(container, with_seed=args.seed)
        configure_logging()
        settings = container.settings
        uvicorn.run(
            create_app(container),
            host=settings.host,
            port=settings.port,
            log_config=None,
            access_log=False,
            server_header=False,
        )
    return 0


def prepare(container: Container, *, with_seed: bool) -> None:
    """Do a first round of upkeep, seed if asked to, and print the addresses and the first operator's token."""
    once(container)
    base = container.settings.own_url
    print(f"电子证照 ecert  {base}  (公开地址 public URL {container.installation.public_url})")
    if container.settings.host not in _LOOPBACK:
        print("注意：监听本机以外的地址，请在前面加 TLS / listening beyond this machine: put TLS in front")
    if container.installation.blobs.add(_FIRST_TOKEN, b"given"):
        now = container.clock()
        token, _ = container.storage.tokens.issue(Role.OPERATOR, now=now, expires_at=now + _GOOD_FOR)
        print(f"首个运维令牌（只显示一次） first operator token, shown once:\n  {token}")
    if with_seed:
        print(f"示例证照 seeded: {seed(container)} 份新签 newly issued")
        for door in doors(container):
            address = f"{base}{door.path}#token={door.token}" if door.path else door.token
            print(f"  {door.name_zh} {door.name_en}:\n    {address}")
    print(f"  证照类型 types: {base}/types   接口 API: {base}/docs", flush=True)
