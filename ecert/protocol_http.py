"""The wallet's way to issuers (``wallet_api.openid4vci.ports.HttpPort``): its own server in memory, others by network.

Whoever makes an offer names the addresses that are asked, so they are looked at first: https alone, and every address
of the host a public one. The connection goes to the address that was looked at, and to no later answer of the name
server (DNS rebinding). No redirect is followed, no proxy is taken from the environment, nothing is decompressed.
"""

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import Any
from urllib.parse import urlsplit

import httpx

from wallet_api.openid4vci.errors import AddressRefused, HttpFailed
from wallet_api.openid4vci.ports import MAX_ANSWER, MAX_SECONDS, HttpRequest, HttpResponse

App = Callable[..., Awaitable[Any]]
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Returns every address of a host."""
# Addresses that carry another one inside, which may be a private one: NAT64, 6to4, Teredo.
_CARRIERS = tuple(map(ipaddress.ip_network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")))
_PORTS = {"https": 443, "http": 80}
_TRIED = 4  # addresses of one host


@dataclass(frozen=True, slots=True)
class HttpOptions:
    """What an operator may change: a CA beside the system's, and hosts with private addresses (development)."""

    extra_ca: Path | None = None
    private: bool = False
    most_bytes: int = MAX_ANSWER
    seconds: float = MAX_SECONDS


class ProtocolHttp:
    """Sends requests; it may be used in any event loop, and keeps no connection."""

    def __init__(self, public_url: str, *, options: HttpOptions, resolve: Resolve | None = None) -> None:
        """Take requests to ``public_url`` to the application that ``serve`` names, all others to the network."""
        self._own = _origin(public_url)
        self._path = urlsplit(public_url).path.rstrip("/")
        self._options = options
        self._resolve = resolve or _addresses
        self._tls = _context(options.extra_ca)
        self._app: App | None = None

    def serve(self, app: App) -> None:
        """Answer requests to the own public URL with ``app``, in memory."""
        self._app = app

    async def send(self, request: HttpRequest) -> HttpResponse:
        """Send one request.

        Raises:
            AddressRefused: no https, or the host has an address that is not public.
            HttpFailed: no answer, or one over the limits of time and size.
        """
        try:
            async with asyncio.timeout(self._options.seconds):
                if self._app is not None and _origin(request.url) == self._own:
                    return await self._in_memory(self._app, request)
                return await self._over_network(request)
        except TimeoutError as exc:
            raise HttpFailed(f"server took more than {self._options.seconds} s") from exc
        # ValueError: a host that is no name (UnicodeError of its encoding), a port that is none.
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as exc:
            raise HttpFailed(f"server was not reached: {type(exc).__name__}") from exc

    async def _in_memory(self, app: App, request: HttpRequest) -> HttpResponse:
        url = httpx.URL(request.url)
        # The proxy before a server with a path of its own takes that path away; so does this.
        own = url.copy_with(path=_without(self._path, url.path)) if self._path else url
        # Limits by address would join all holders of this wallet; in memory each request has an address of its own.
        caller = (f"memory-{token_hex(8)}", 0)
        return await self._sent(httpx.ASGITransport(app, client=caller), request, url=own)

    async def _over_network(self, request: HttpRequest) -> HttpResponse:
        parts = urlsplit(request.url)
        host, port = parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 443)
        if parts.scheme != "https" and not self._options.private:
            raise AddressRefused("address is not https")
        found = await self._resolve(host, port)
        if not found or not (self._options.private or all(map(is_public, found))):
            raise AddressRefused("host has no address, or one that is not public")
        *first, last = found[:_TRIED]
        for address in first:
            try:
                return await self._at(address, request, host=parts.netloc, name=host)
            except httpx.ConnectError:  # nothing was sent: the next address may be reached
                continue
        return await self._at(last, request, host=parts.netloc, name=host)

    async def _at(self, address: str, request: HttpRequest, *, host: str, name: str) -> HttpResponse:
        transport = httpx.AsyncHTTPTransport(verify=self._tls, trust_env=False, retries=0)
        pinned = httpx.URL(request.url).copy_with(host=address)
        return await self._sent(transport, request, url=pinned, host=host, name=name)

    async def _sent(
        self,
        transport: httpx.AsyncBaseTransport,
        request: HttpRequest,
        *,
        url: httpx.URL,
        host: str = "",
        name: str = "",
    ) -> HttpResponse:
        headers = {"Accept-Encoding": "identity", "User-Agent": "ecert-wallet", **request.headers}
        if host:
            headers["Host"] = host
        extensions = {"sni_hostname": name} if name else {}  # httpcore compares the certificate with this name
        async with httpx.AsyncClient(transport=transport, trust_env=False, timeout=self._options.seconds) as client:
            made = client.build_request(
                request.method, url, headers=headers, content=request.body or None, extensions=extensions
            )
            answer = await client.send(made, stream=True, follow_redirects=False)
            try:
                return HttpResponse(answer.status_code, _headers(answer), await self._body(answer))
            finally:
                await answer.aclose()

    async def _body(self, answer: httpx.Response) -> bytes:
        if answer.headers.get("content-encoding", "identity") != "identity":
            raise HttpFailed("answer is encoded, which was not asked for")
        read = bytearray()
        async for piece in answer.aiter_raw():
            read += piece
            if len(read) > self._options.most_bytes:
                raise HttpFailed(f"answer has more than {self._options.most_bytes} bytes")
        return bytes(read)


def is_public(address: str) -> bool:
    """Tell whether an IP address is one of the public network, and carries no other address inside."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(ip, "ipv4_mapped", None)
    if mapped is not None:
        ip = mapped
    carries = ip.version == 6 and any(ip in network for network in _CARRIERS)
    return ip.is_global and not ip.is_multicast and not carries


def _origin(url: str) -> tuple[str, str, int]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 0)


def _without(prefix: str, path: str) -> str:
    """``path`` without the public URL's own, before or after a well-known segment."""
    if path.startswith("/.well-known/"):
        _, well_known, name, *rest = path.split("/")
        return f"/{well_known}/{name}" + _without(prefix, "/" + "/".join(rest))
    return path.removeprefix(prefix) if path.startswith(prefix + "/") else path


def _headers(answer: httpx.Response) -> dict[str, str]:
    return {name.lower(): value for name, value in answer.headers.items()}


async def _addresses(host: str, port: int) -> Sequence[str]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


def _context(extra_ca: Path | None) -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if extra_ca is not None:
        context.load_verify_locations(extra_ca)
    return context
