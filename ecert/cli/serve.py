"""``ecert serve [--seed] [--vc-api]``: the server. On the loopback address unless ``ECERT_HOST`` says otherwise."""

import argparse
import os
import warnings
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ecert.demo.seed import doors, prefetch, seed
from ecert.http.app import create_app
from ecert.http.observe import configure_logging
from ecert.http.upkeep import once
from ecert.settings import Settings, load
from ecert.storage.tokens import Role
from ecert.tls import server_context
from ecert.wiring import Container, open_container

if TYPE_CHECKING:
    from ecert.vc_api.service import UnsafeVcApi

_FIRST_TOKEN = ".state/first-token"  # noqa: S105 - the name of a record that says that it was given
_GOOD_FOR = timedelta(days=365)
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


def arguments(parser: argparse.ArgumentParser) -> None:
    """Whether to fill it with fictional certificates, and whether strangers' test suites may use the VC-API."""
    parser.add_argument("--seed", action="store_true", help="载入示例证照 / fill it with the fictional certificates")
    parser.add_argument(
        "--vc-api",
        action="store_true",
        help="开放 W3C VC-API 测试接口，切勿用于生产 / open the W3C VC-API for tests; never in production",
    )


def run(args: argparse.Namespace) -> int:
    """Serve until stopped."""
    import uvicorn

    with open_container(load(os.environ)) as container:
        prepare(container, with_seed=args.seed)
        vc_api = unsafe_vc_api(container) if args.vc_api else None
        configure_logging()
        settings = container.settings
        uvicorn.run(
            create_app(container, vc_api=vc_api),
            host=settings.host,
            port=settings.port,
            log_config=None,
            access_log=False,
            server_header=False,
            **_tls(settings),
        )
    return 0


def _tls(settings: Settings) -> dict[str, Any]:
    if settings.tls_certificate is None or settings.tls_key is None:
        return {}
    made = server_context(settings.tls_certificate, settings.tls_key)
    # uvicorn takes a context through a factory; the file name only tells it that there is TLS.
    return {"ssl_certfile": str(settings.tls_certificate), "ssl_context_factory": lambda *_: made}


def prepare(container: Container, *, with_seed: bool) -> None:
    """Do a first round of upkeep, seed if asked to, and print the addresses and the first operator's token."""
    once(container)
    base = container.settings.own_url
    print(f"电子证照 ecert  {base}  (公开地址 public URL {container.installation.public_url})")
    if container.settings.host not in _LOOPBACK and container.settings.tls_certificate is None:
        print("注意：监听本机以外的地址，请启用 TLS（ecert tls） / listening beyond this machine: use TLS (ecert tls)")
    if container.installation.blobs.add(_FIRST_TOKEN, b"given"):
        now = container.clock()
        token, _ = container.storage.tokens.issue(Role.OPERATOR, now=now, expires_at=now + _GOOD_FOR)
        print(f"首个运维令牌（只显示一次） first operator token, shown once:\n  {token}")
    if with_seed:
        print(f"示例证照 seeded: {seed(container)} 份新签 newly issued")
        print(f"离线码 codes fetched ahead: {prefetch(container)}")
        for door in doors(container):
            address = f"{base}{door.path}#token={door.token}" if door.path else door.token
            print(f"  {door.name_zh} {door.name_en}:\n    {address}")
    print(f"  证照类型 types: {base}/types   接口 API: {base}/docs", flush=True)


def unsafe_vc_api(container: Container) -> "UnsafeVcApi":
    """Return the VC-API with new issuers, and warn loudly: whoever reaches it may sign as they.

    Raises:
        JsonLdProcessorMissing: the extra ``jsonld`` is not installed.
    """
    from ecert.vc_api.issuers import UnsafeVcApiWarning
    from ecert.vc_api.service import UnsafeVcApi

    settings = container.settings
    base = settings.vc_api_url or container.installation.public_url
    service = UnsafeVcApi(base, container.clock, own_key=settings.vc_api_own_key)
    warnings.warn(
        "the VC-API is on: anyone who reaches this server may sign as its test issuers; never in production",
        UnsafeVcApiWarning,
        stacklevel=2,
    )
    print("警告：VC-API 测试模式已开启，任何人都能以测试签发者身份签发，切勿用于生产")
    print(f"  WARNING: VC-API test mode, no authentication. {base}/issuers", flush=True)
    if not settings.vc_api_own_key:
        print("  不核对签发者与密钥的关系 / proofs by keys that are not the issuer's are accepted", flush=True)
    return service
