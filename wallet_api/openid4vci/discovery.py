"""Metadata of credential issuers (OpenID4VCI 1.0, 12.2) and authorization servers (RFC 8414), kept for five minutes.

Both must say the very identifier that was asked for: who answers for another name is somebody else (mix-up).
"""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from wallet_api.openid4vci.configurations import Configuration, labels_of, read_configuration
from wallet_api.openid4vci.encryption import Encryption, read_encryption
from wallet_api.openid4vci.errors import AddressRefused, IssuerMetadataInvalid, ReceiveError, ServerMetadataInvalid
from wallet_api.openid4vci.web import Web, check_identifier, check_url, well_known
from wallet_api.parts import Clock

KEPT_FOR = timedelta(minutes=5)
_MAX_KEPT = 256
_MAX_SERVERS = 8
_MAX_CONFIGURATIONS = 1_000


@dataclass(frozen=True, slots=True)
class IssuerMetadata:
    """What a wallet needs to know of a credential issuer; ``servers`` is never empty."""

    issuer: str
    servers: tuple[str, ...]
    credential_endpoint: str
    nonce_endpoint: str | None
    deferred_endpoint: str | None
    notification_endpoint: str | None
    name_zh: str
    name_en: str
    configurations: Mapping[str, Configuration] = field(repr=False)
    encryption: Encryption | None = None


@dataclass(frozen=True, slots=True)
class ServerMetadata:
    """What a wallet needs to know of an authorization server.

    ``attested``, ``public``: it takes client attestations, clients without authentication; ``anonymous``: the
    pre-authorized code from a client without a name (VCI 12.3). ``named``: it promises ``iss`` (RFC 9207).
    """

    issuer: str
    token_endpoint: str
    authorization_endpoint: str | None
    par_endpoint: str | None
    challenge_endpoint: str | None
    dpop: frozenset[str]
    attested: bool
    public: bool
    anonymous: bool
    named: bool
    rar: bool


class Discovery:
    """Asks for metadata, and keeps what it read."""

    __slots__ = ("_clock", "_kept", "_web")

    def __init__(self, web: Web, *, clock: Clock) -> None:
        self._web = web
        self._clock = clock
        self._kept: OrderedDict[str, tuple[datetime, Any]] = OrderedDict()

    async def issuer(self, identifier: str) -> IssuerMetadata:
        """Return a credential issuer's metadata.

        Raises:
            IssuerMetadataInvalid: there are none, or they break a rule of 12.2.
            AddressRefused, HttpFailed: it cannot be asked.
        """
        url = well_known(identifier, "openid-credential-issuer")
        read: IssuerMetadata = await self._known(
            url, lambda: self._read(url, identifier, read_issuer, IssuerMetadataInvalid)
        )
        return read

    async def server(self, identifier: str) -> ServerMetadata:
        """Return an authorization server's metadata.

        Raises:
            ServerMetadataInvalid: there are none, or they break a rule of RFC 8414.
            AddressRefused, HttpFailed: it cannot be asked.
        """
        url = well_known(identifier.rstrip("/"), "oauth-authorization-server")  # RFC 8414, 3.1: no / at the end
        read: ServerMetadata = await self._known(
            url, lambda: self._read(url, identifier, read_server, ServerMetadataInvalid)
        )
        return read

    async def _known(self, url: str, read: Callable[[], Awaitable[Any]]) -> Any:
        now = self._clock()
        until, found = self._kept.get(url, (now, None))
        if now < until:
            return found
        found = await read()
        self._kept[url] = (now + KEPT_FOR, found)
        self._kept.move_to_end(url)
        while len(self._kept) > _MAX_KEPT:
            self._kept.popitem(last=False)
        return found

    async def _read(
        self, url: str, identifier: str, read: Callable[..., Any], error: Callable[[str], ReceiveError]
    ) -> Any:
        answer = await self._web.get(url)
        if answer.status != 200 or answer.members is None:
            raise error(f"metadata were not given: status {answer.status}")
        return read(answer.members, identifier)


def read_issuer(document: Mapping[str, Any], identifier: str) -> IssuerMetadata:
    """Return the metadata of the issuer ``identifier``; raises IssuerMetadataInvalid, which names the member."""
    if document.get("credential_issuer") != identifier:  # 12.2.1: compared as they are, character for character
        raise IssuerMetadataInvalid("credential_issuer is another one than was asked for")
    offered = document.get("credential_configurations_supported")
    if not isinstance(offered, dict) or len(offered) > _MAX_CONFIGURATIONS:
        raise IssuerMetadataInvalid(f"credential_configurations_supported is no object of up to {_MAX_CONFIGURATIONS}")
    read = (read_configuration(name, entry) for name, entry in offered.items())
    zh, en = labels_of(document.get("display"), "name", ("", ""))
    return IssuerMetadata(
        issuer=identifier,
        servers=_servers(document, identifier),
        credential_endpoint=_required(document, "credential_endpoint", IssuerMetadataInvalid),
        nonce_endpoint=_endpoint(document, "nonce_endpoint", IssuerMetadataInvalid),
        deferred_endpoint=_endpoint(document, "deferred_credential_endpoint", IssuerMetadataInvalid),
        notification_endpoint=_endpoint(document, "notification_endpoint", IssuerMetadataInvalid),
        name_zh=zh,
        name_en=en,
        configurations={each.id: each for each in read if each is not None},
        encryption=read_encryption(document),
    )


def read_server(document: Mapping[str, Any], identifier: str) -> ServerMetadata:
    """Return the metadata of the server ``identifier``; raises ServerMetadataInvalid, which names the member."""
    if document.get("issuer") != identifier:  # RFC 8414, 3.3
        raise ServerMetadataInvalid("issuer is another one than was asked for")
    methods = _listed(document, "token_endpoint_auth_methods_supported")
    return ServerMetadata(
        issuer=identifier,
        token_endpoint=_required(document, "token_endpoint", ServerMetadataInvalid),
        authorization_endpoint=_endpoint(document, "authorization_endpoint", ServerMetadataInvalid),
        par_endpoint=_endpoint(document, "pushed_authorization_request_endpoint", ServerMetadataInvalid),
        challenge_endpoint=_endpoint(document, "challenge_endpoint", ServerMetadataInvalid),
        dpop=_listed(document, "dpop_signing_alg_values_supported"),
        attested="attest_jwt_client_auth" in methods,
        public="none" in methods,
        anonymous=document.get("pre-authorized_grant_anonymous_access_supported") is True,
        named=document.get("authorization_response_iss_parameter_supported") is True,
        rar="openid_credential" in _listed(document, "authorization_details_types_supported"),
    )


def _servers(document: Mapping[str, Any], identifier: str) -> tuple[str, ...]:
    listed = document.get("authorization_servers", [identifier])  # 12.2.4: absent, the issuer is its own
    if not isinstance(listed, list) or not 0 < len(listed) <= _MAX_SERVERS:
        raise IssuerMetadataInvalid(f"authorization_servers is no array of 1 to {_MAX_SERVERS}")
    try:
        return tuple(check_identifier(each) for each in listed)
    except AddressRefused as exc:
        raise IssuerMetadataInvalid(f"authorization_servers: {exc}") from exc


def _required(document: Mapping[str, Any], name: str, error: Callable[[str], ReceiveError]) -> str:
    found = _endpoint(document, name, error)
    if found is None:
        raise error(f"{name} is absent")
    return found


def _endpoint(document: Mapping[str, Any], name: str, error: Callable[[str], ReceiveError]) -> str | None:
    if document.get(name) is None:
        return None
    try:
        return check_url(document[name])
    except AddressRefused as exc:
        raise error(f"{name}: {exc}") from exc


def _listed(document: Mapping[str, Any], name: str) -> frozenset[str]:
    value = document.get(name)
    return frozenset(each for each in value if isinstance(each, str)) if isinstance(value, list) else frozenset()
