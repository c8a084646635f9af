"""The settings: environment variables read once, checked at the door, frozen.

``VARIABLES`` is the whole list; ``ecert check-config`` prints it with what is in force and every fault at once.
"""

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ecert.errors import InvalidSettings
from ecert.identity.configuration import IdentitySettings, read_oidc
from ecert.key_attestations import key_attestations
from ecert.oauth_clients import AuthorizationSettings, read_attesters, read_clients
from ecert.officers import OfficerProvider, read_officers
from ecert.rate_rules import DEFAULT_TEXT, RateRule, rate_rules
from ecert.share.grants import Grants, read_grants
from issuer.openid4vci.authorization.policy import Policy
from issuer.openid4vci.credentials.policy import AttestationPolicies
from issuer.orders.four_eyes import FourEyes
from keys import strict_json
from keys.errors import KeysError
from keys.trust import TrustEntry, read_entries

PREFIX = "ECERT_"
ELSEWHERE = frozenset({"ECERT_PKCS11_MODULE", "ECERT_PKCS11_PIN", "ECERT_REQUIRE_POSTGRES", "ECERT_VECTORS"})
"""Names that ``keys.uri`` and the tests read; no setting, and not unknown either."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What an installation is told from outside. Every value has been checked."""

    home: Path
    database_url: str = field(repr=False)
    public_url: str | None
    host: str
    port: int
    anchor: Path | None
    divisions: Path | None
    trusted_issuers: Mapping[str, TrustEntry]
    max_body: int
    max_headers: int
    request_seconds: float
    threads: int
    pictures: int
    shared_replays: bool
    frame_ancestors: str
    status_max_age_hours: int
    orders_kept_days: int
    vc_api_url: str | None
    vc_api_own_key: bool
    tls_certificate: Path | None
    tls_key: Path | None
    extra_ca: Path | None
    private_issuers: bool
    fetch_status_lists: bool
    rate_limits: Mapping[str, RateRule]
    authorization: AuthorizationSettings
    identity: IdentitySettings
    key_attestations: AttestationPolicies
    four_eyes: FourEyes
    pdf_font: Path | None
    share_grants: Grants
    officers: OfficerProvider | None
    unsafe_register: bool
    development_passphrase: bool

    @property
    def own_url(self) -> str:
        """The address under which a first start signs when ``ECERT_PUBLIC_URL`` names none."""
        host = self.host if self.host not in ("0.0.0.0", "::") else "127.0.0.1"  # noqa: S104 - compared, not bound
        return f"{'http' if self.tls_certificate is None else 'https'}://{host}:{self.port}"

    @property
    def keys_in_database(self) -> bool:
        """Whether keys must be reachable from every worker: with PostgreSQL they are kept in a table."""
        return not self.database_url.startswith("sqlite")


@dataclass(frozen=True, slots=True)
class Variable:
    """One environment variable: its default, what it is for in zh and en, and how its text becomes a value.

    ``parse`` raises ValueError with the rule that the text breaks.
    """

    name: str
    default: str
    about_zh: str
    about_en: str
    parse: Callable[[str], object]
    secret: bool = False


def _integer(low: int, high: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,12}", text) or not low <= int(text) <= high:
            raise ValueError(f"expected a whole number from {low} to {high}")
        return int(text)

    return parse


def _seconds(text: str) -> float:
    if not re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,3})?", text) or not float(text):
        raise ValueError("expected a number of seconds over 0")
    return float(text)


def _url(text: str) -> str | None:
    if not text:
        return None
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise ValueError("expected http(s)://host[:port][/path] without query, fragment or user")
    if parts.scheme == "http" and parts.hostname not in ("127.0.0.1", "localhost", "::1"):
        raise ValueError("expected https beyond this machine")
    return text.rstrip("/")


def _database(text: str) -> str:
    if text and not re.match(r"(sqlite|postgresql(\+psycopg)?)://", text):
        raise ValueError("expected sqlite:///FILE or postgresql://...")
    return text


def _file(text: str) -> Path | None:
    if not text:
        return None
    path = Path(text)
    if not path.is_file():
        raise ValueError("expected a file that can be read")
    return path


def _entries(text: str) -> Mapping[str, TrustEntry]:
    if not text:
        return {}
    path = _file(text)
    try:
        return read_entries(strict_json.loads_object(b"" if path is None else path.read_bytes()))
    except KeysError as exc:
        raise ValueError(f"expected a file of entries: {exc}") from None


def _host(text: str) -> str:
    if not re.fullmatch(r"[0-9A-Za-z.:-]{1,253}", text):
        raise ValueError("expected a host name or an address")
    return text


def _yes_no(text: str) -> bool:
    if text not in ("yes", "no"):
        raise ValueError("expected yes or no")
    return text == "yes"


def _auto_yes_no(text: str) -> bool | None:
    return None if text == "auto" else _yes_no(text)


def _ancestors(text: str) -> str:
    # CSP 3, frame-ancestors: 'none', 'self' or a list of origins; nothing that could open another directive.
    if not re.fullmatch(r"'none'|'self'|(https://[0-9A-Za-z.*:-]+)( https://[0-9A-Za-z.*:-]+)*", text):
        raise ValueError("expected 'none', 'self' or https origins with spaces between")
    return text


VARIABLES: tuple[Variable, ...] = (
    Variable("ECERT_HOME", "./var", "数据目录", "the folder of everything that is kept", Path),
    Variable("ECERT_DATABASE_URL", "", "数据库", "database, default sqlite in the home", _database, secret=True),
    Variable("ECERT_PUBLIC_URL", "", "公开地址（首次启动后固定）", "public address, fixed at first start", _url),
    Variable("ECERT_HOST", "127.0.0.1", "监听地址", "the address to listen on", _host),
    Variable("ECERT_PORT", "8440", "监听端口", "the port to listen on", _integer(1, 65535)),
    Variable("ECERT_PASSPHRASE", "", "密钥库口令", "passphrase of the key store", str, secret=True),
    Variable("ECERT_ANCHOR", "", "信任锚文件", "trust anchor that the verifier pins", _file),
    Variable("ECERT_DIVISIONS", "", "行政区划表", "table of division codes (GB/T 2260, CSV)", _file),
    Variable(
        "ECERT_TRUSTED_ISSUERS", "", "另信任的颁发机构（JSON 文件）", "issuers elsewhere that are trusted", _entries
    ),
    Variable("ECERT_MAX_BODY", "1048576", "请求体上限（字节）", "largest body in bytes", _integer(1024, 64 << 20)),
    Variable("ECERT_MAX_HEADERS", "64", "请求头数量上限", "most headers of a request", _integer(8, 1000)),
    Variable("ECERT_REQUEST_SECONDS", "15", "请求时限（秒）", "longest a request may take, in seconds", _seconds),
    Variable("ECERT_THREADS", "8", "工作线程数", "threads for storage and pictures", _integer(1, 256)),
    Variable("ECERT_PICTURES", "2", "同时识读的图片数", "pictures read at once", _integer(1, 64)),
    Variable("ECERT_SHARED_REPLAYS", "auto", "多进程共享防重放", "replays known to all workers", _auto_yes_no),
    Variable("ECERT_FRAME_ANCESTORS", "'none'", "可嵌入页面的来源", "origins that may embed the pages", _ancestors),
    Variable("ECERT_STATUS_MAX_AGE_HOURS", "24", "状态列表最长时效", "age at which /readyz says 503", _integer(1, 168)),
    Variable(
        "ECERT_ORDERS_KEPT_DAYS",
        "90",
        "已结束订单内容保留天数",
        "days until an ended order's claims go",
        _integer(1, 3650),
    ),
    Variable("ECERT_VC_API_URL", "", "VC-API 测试模式的公开地址", "public address in the VC-API's test mode", _url),
    Variable(
        "ECERT_VC_API_OWN_KEY", "yes", "VC-API 只认签发者自己的密钥", "VC-API takes issuers' own keys alone", _yes_no
    ),
    Variable("ECERT_RATE_LIMITS", DEFAULT_TEXT, "限流（次数/秒）", "limits: requests/seconds by rule", rate_rules),
    Variable("ECERT_OAUTH_CLIENTS", "", "已登记客户端（JSON 文件）", "registered clients, a JSON file", read_clients),
    Variable(
        "ECERT_WALLET_ATTESTERS", "", "钱包证明方（JSON 文件）", "attesters of wallets, a JSON file", read_attesters
    ),
    Variable("ECERT_DPOP_NONCES", "no", "要求 DPoP nonce", "demand a nonce in DPoP proofs", _yes_no),
    Variable("ECERT_CHALLENGES", "no", "要求客户端证明质询", "demand a challenge in client attestations", _yes_no),
    Variable("ECERT_ANONYMOUS_WALLETS", "no", "预授权码可匿名", "pre-authorized codes without a known client", _yes_no),
    Variable(
        "ECERT_IDENTITY_OIDC", "", "统一身份认证（JSON 文件）", "identity provider (OIDC), a JSON file", read_oidc
    ),
    Variable("ECERT_IDENTITY_OIDC_SECRET", "", "统一身份认证密钥", "its client secret", str, secret=True),
    Variable("ECERT_UNSAFE_IDENTITY", "no", "开发用身份替身", "log in as fictional people: development", _yes_no),
    Variable(
        "ECERT_KEY_ATTESTATIONS", "none", "钱包密钥须经证明", "keys of wallets must be attested", key_attestations
    ),
    Variable("ECERT_TLS_CERTIFICATE", "", "服务器证书（PEM）", "certificate to serve https with (PEM)", _file),
    Variable("ECERT_TLS_KEY", "", "服务器证书私钥（PEM）", "its private key (PEM)", _file),
    Variable("ECERT_EXTRA_CA", "", "另信任的 CA 证书", "a CA beside the system's, for asking others (PEM)", _file),
    Variable(
        "ECERT_PRIVATE_ISSUERS", "no", "可访问内网颁发机构", "ask issuers at private addresses: development", _yes_no
    ),
    Variable(
        "ECERT_FETCH_STATUS_LISTS", "yes", "获取外地颁发机构的状态列表", "fetch issuers' lists elsewhere", _yes_no
    ),
    Variable("ECERT_FOUR_EYES", "none", "双人复核的证照类型", "types with four eyes: none, all, or ids", FourEyes.of),
    Variable(
        "ECERT_OFFICERS_OIDC",
        "",
        "工作人员身份（JSON 文件）",
        "staff's identity provider, a JSON file",
        read_officers,
    ),
    Variable("ECERT_SHARE_GRANTS", "", "共享授权（JSON 文件）", "who may share which types, a JSON file", read_grants),
    Variable("ECERT_PDF_FONT", "", "加注件字体文件", "font with Chinese for PDF copies (.ttf .otf .ttc)", _file),
    Variable("ECERT_UNSAFE_REGISTER", "no", "开发用登记库替身", "registers that make answers up: development", _yes_no),
)
"""Every setting, in the order in which ``check-config`` prints them."""


def load(environ: Mapping[str, str]) -> Settings:
    """Return the settings of ``environ``.

    Raises:
        InvalidSettings: with one line for every variable that is unknown or does not fit its rule.
    """
    values: dict[str, object] = {}
    faults = unknown(environ)
    for variable in VARIABLES:
        try:
            values[variable.name] = variable.parse(environ.get(variable.name, variable.default).strip())
        except ValueError as exc:
            faults.append(f"{variable.name}: {exc}")
    if not faults and (values["ECERT_TLS_CERTIFICATE"] is None) != (values["ECERT_TLS_KEY"] is None):
        faults.append("ECERT_TLS_CERTIFICATE, ECERT_TLS_KEY: expected both or neither")
    if faults:
        raise InvalidSettings(faults)
    return _settings(values)


def unknown(environ: Mapping[str, str]) -> list[str]:
    """Return a line for each variable that starts like ours and is none: a misspelt one must not go unnoticed."""
    known = [variable.name for variable in VARIABLES]
    faults = []
    for name in sorted(environ):
        if name.startswith(PREFIX) and name not in known and name not in ELSEWHERE:
            near = difflib.get_close_matches(name, known, n=1)
            faults.append(f"{name}: no such setting" + (f", did you mean {near[0]}" if near else ""))
    return faults


def _settings(values: Mapping[str, object]) -> Settings:
    def value(name: str) -> object:
        return values[PREFIX + name]

    home = Path(str(value("HOME"))).resolve()
    return Settings(
        home=home,
        database_url=str(value("DATABASE_URL")) or f"sqlite:///{home / 'ecert.db'}",
        public_url=_text(value("PUBLIC_URL")),
        host=str(value("HOST")),
        port=int(str(value("PORT"))),
        anchor=_path(value("ANCHOR")),
        divisions=_path(value("DIVISIONS")),
        trusted_issuers=values["ECERT_TRUSTED_ISSUERS"],  # type: ignore[arg-type]  # as its parser made it
        max_body=int(str(value("MAX_BODY"))),
        max_headers=int(str(value("MAX_HEADERS"))),
        request_seconds=float(str(value("REQUEST_SECONDS"))),
        threads=int(str(value("THREADS"))),
        pictures=int(str(value("PICTURES"))),
        shared_replays=_shared(value("SHARED_REPLAYS"), str(value("DATABASE_URL"))),
        frame_ancestors=str(value("FRAME_ANCESTORS")),
        status_max_age_hours=int(str(value("STATUS_MAX_AGE_HOURS"))),
        orders_kept_days=int(str(value("ORDERS_KEPT_DAYS"))),
        vc_api_url=_text(value("VC_API_URL")),
        vc_api_own_key=bool(value("VC_API_OWN_KEY")),
        tls_certificate=_path(value("TLS_CERTIFICATE")),
        tls_key=_path(value("TLS_KEY")),
        extra_ca=_path(value("EXTRA_CA")),
        private_issuers=bool(value("PRIVATE_ISSUERS")),
        fetch_status_lists=bool(value("FETCH_STATUS_LISTS")),
        rate_limits=_rules(value("RATE_LIMITS")),
        authorization=_authorization(values),
        identity=_identity(values),
        key_attestations=values["ECERT_KEY_ATTESTATIONS"],  # type: ignore[arg-type]  # as its parser made it
        unsafe_register=bool(value("UNSAFE_REGISTER")),
        officers=values["ECERT_OFFICERS_OIDC"],  # type: ignore[arg-type]  # the same
        share_grants=values["ECERT_SHARE_GRANTS"],  # type: ignore[arg-type]  # as its parser made it
        pdf_font=_path(value("PDF_FONT")),
        four_eyes=values["ECERT_FOUR_EYES"],  # type: ignore[arg-type]  # as its parser made it
        development_passphrase=not value("PASSPHRASE"),
    )


def _authorization(values: Mapping[str, Any]) -> AuthorizationSettings:
    policy = Policy(
        dpop_nonces=values["ECERT_DPOP_NONCES"],
        challenges=values["ECERT_CHALLENGES"],
        anonymous=values["ECERT_ANONYMOUS_WALLETS"],
    )
    return AuthorizationSettings(policy, values["ECERT_OAUTH_CLIENTS"], values["ECERT_WALLET_ATTESTERS"])


def _identity(values: Mapping[str, Any]) -> IdentitySettings:
    secret: str = values["ECERT_IDENTITY_OIDC_SECRET"]
    return IdentitySettings(values["ECERT_IDENTITY_OIDC"], secret, unsafe=values["ECERT_UNSAFE_IDENTITY"])


def _shared(chosen: object, database_url: str) -> bool:
    # With SQLite there is one process (ADR 21), and a row for each presentation would wait for the disk.
    return bool(chosen) if chosen is not None else database_url.startswith("postgresql")


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _rules(value: object) -> Mapping[str, RateRule]:
    return value if isinstance(value, Mapping) else rate_rules("")


def _path(value: object) -> Path | None:
    return value if isinstance(value, Path) else None
