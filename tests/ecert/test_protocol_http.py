"""The wallet's way to issuers: in memory, over TLS, and to no address that is not public."""

import asyncio
from collections.abc import Awaitable
from pathlib import Path
from typing import Any, TypeVar

import pytest

from ecert.protocol_http import HttpOptions, ProtocolHttp, is_public
from tests.support.tls_server import resolving, self_made, server
from wallet_api.openid4vci.errors import AddressRefused, HttpFailed
from wallet_api.openid4vci.ports import HttpRequest, HttpResponse

T = TypeVar("T")
OWN = "https://city.example"
NAME = "issuer.example"


def run(work: Awaitable[T]) -> T:
    async def done() -> T:
        return await work

    return asyncio.run(done())


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """An application that answers with the path and the body."""
    body = (await receive())["body"]
    await send({"type": "http.response.start", "status": 201, "headers": [(b"X-Path", scope["path"].encode())]})
    await send({"type": "http.response.body", "body": body})


def own(public_url: str = OWN, **options: Any) -> ProtocolHttp:
    http = ProtocolHttp(public_url, options=HttpOptions(**options), resolve=resolving())
    http.serve(echo)
    return http


def test_the_own_server_is_asked_in_memory() -> None:
    answer = run(own().send(HttpRequest("POST", f"{OWN}/issuers/psb/token", {}, b"a=b")))
    assert (answer.status, answer.headers["x-path"], answer.body) == (201, "/issuers/psb/token", b"a=b")


@pytest.mark.parametrize("url", ["https://city.example:443/x", "https://CITY.example/x"])
def test_the_own_server_is_known_by_its_origin(url: str) -> None:
    assert run(own().send(HttpRequest("GET", url))).headers["x-path"] == "/x"


@pytest.mark.parametrize("url", ["https://city.example:8443/x", "http://city.example/x", "https://city.example.evil/x"])
def test_another_origin_is_not_the_own_server(url: str) -> None:
    with pytest.raises(AddressRefused):
        run(own().send(HttpRequest("GET", url)))


@pytest.mark.parametrize(
    ("path", "served"),
    [
        ("/ecert/issuers/psb/token", "/issuers/psb/token"),
        (
            "/.well-known/openid-credential-issuer/ecert/issuers/psb",
            "/.well-known/openid-credential-issuer/issuers/psb",
        ),
        ("/ecertificate/x", "/ecertificate/x"),
    ],
)
def test_a_path_of_the_public_url_is_taken_away(path: str, served: str) -> None:
    answer = run(own(f"{OWN}/ecert").send(HttpRequest("GET", OWN + path)))
    assert answer.headers["x-path"] == served


def test_the_own_server_has_limits_too() -> None:
    with pytest.raises(HttpFailed, match="bytes"):
        run(own(most_bytes=3).send(HttpRequest("POST", f"{OWN}/x", {}, b"long")))


def test_before_there_is_an_application_nothing_is_in_memory() -> None:
    http = ProtocolHttp(OWN, options=HttpOptions(), resolve=resolving("10.0.0.1"))
    with pytest.raises(AddressRefused):
        run(http.send(HttpRequest("GET", f"{OWN}/x")))


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111"])
def test_a_public_address(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104 - compared, not bound
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1%eth0",
        "fd00::1",
        "ff0e::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "2002:a00:1::",
        "2001:0:a00:1::",
    ],
)
def test_an_address_that_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("addresses", [(), ("10.0.0.1",), ("8.8.8.8", "127.0.0.1")])
def test_a_host_with_one_private_address_is_not_asked(addresses: tuple[str, ...]) -> None:
    http = ProtocolHttp(OWN, options=HttpOptions(), resolve=resolving(*addresses))
    with pytest.raises(AddressRefused):
        run(http.send(HttpRequest("GET", f"https://{NAME}/x")))


def test_http_without_s_is_not_asked() -> None:
    http = ProtocolHttp(OWN, options=HttpOptions(), resolve=resolving("8.8.8.8"))
    with pytest.raises(AddressRefused):
        run(http.send(HttpRequest("GET", f"http://{NAME}/x")))


def test_a_literal_address_is_looked_at_as_well() -> None:
    with pytest.raises(AddressRefused):
        run(ProtocolHttp(OWN, options=HttpOptions()).send(HttpRequest("GET", "https://127.0.0.1:9/x")))


# --- over the network, on this machine


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A CA and the certificate of ``issuer.example``, self-made."""
    return self_made(tmp_path_factory.mktemp("tls"), NAME)


def asked(folder: Path, answer: bytes, *, name: str = NAME, ca: bool = True, **options: Any) -> tuple[Any, list[bytes]]:
    """Send a GET to a server on this machine under ``name``, and return the answer or the error, and what it saw."""
    seen: list[bytes] = []
    addresses = options.pop("addresses", ("127.0.0.1",))
    given = {"private": True, "extra_ca": folder / "ca.pem" if ca else None} | options
    http = ProtocolHttp(OWN, options=HttpOptions(**given), resolve=resolving(*addresses))

    async def once() -> HttpResponse | HttpFailed:
        async with server(folder, answer, seen, delay=0.4 if "seconds" in options else 0) as port:
            try:
                return await http.send(HttpRequest("GET", f"https://{name}:{port}/x?y=1", {"Accept": "a/b"}))
            except HttpFailed as exc:
                return exc

    return asyncio.run(once()), seen


OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\nDPoP-Nonce: n\r\n\r\n{}"


def test_another_server_is_asked_by_tls_at_the_address_that_was_looked_at(folder: Path) -> None:
    answer, seen = asked(folder, OK)
    assert (answer.status, answer.body, answer.headers["dpop-nonce"]) == (200, b"{}", "n")
    assert seen[0].startswith(b"GET /x?y=1 HTTP/1.1\r\n")
    assert b"host: issuer.example:" in seen[0].lower()
    assert b"accept-encoding: identity" in seen[0].lower()


def test_a_certificate_of_another_name_is_refused(folder: Path) -> None:
    answer, seen = asked(folder, OK, name="other.example")
    assert isinstance(answer, HttpFailed)
    assert seen == []


def test_a_certificate_of_an_unknown_authority_is_refused(folder: Path) -> None:
    answer, seen = asked(folder, OK, ca=False)
    assert isinstance(answer, HttpFailed)
    assert seen == []


def test_when_one_address_is_not_reached_the_next_one_is(folder: Path) -> None:
    answer, seen = asked(folder, OK, addresses=("::1", "127.0.0.1"))
    assert (answer.status, len(seen)) == (200, 1)


def test_an_address_of_version_6_is_one(folder: Path) -> None:
    answer, _ = asked(folder, OK, addresses=("::1",))
    assert isinstance(answer, HttpFailed)  # nobody listens there
    assert "ConnectError" in str(answer)


def test_a_redirect_is_not_followed(folder: Path) -> None:
    moved = b"HTTP/1.1 302 Found\r\nLocation: https://evil.example/\r\nContent-Length: 0\r\n\r\n"
    answer, seen = asked(folder, moved)
    assert (answer.status, len(seen)) == (302, 1)


def test_an_answer_over_the_limit_is_refused(folder: Path) -> None:
    long = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n123456789"
    assert isinstance(asked(folder, long, most_bytes=8)[0], HttpFailed)
    assert asked(folder, long, most_bytes=9)[0].body == b"123456789"


def test_an_encoded_answer_is_refused(folder: Path) -> None:
    packed = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx"
    answer, _ = asked(folder, packed)
    assert isinstance(answer, HttpFailed)
    assert "encoded" in str(answer)


def test_a_slow_server_is_not_waited_for(folder: Path) -> None:
    answer, _ = asked(folder, OK, seconds=0.1)
    assert isinstance(answer, HttpFailed)


def test_what_is_no_http_is_a_failure(folder: Path) -> None:
    answer, _ = asked(folder, b"220 smtp.example\r\n")
    assert isinstance(answer, HttpFailed)


def test_a_name_that_nobody_knows_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    async def unknown(*_: Any, **__: Any) -> Any:
        raise OSError("unknown")

    http = ProtocolHttp(OWN, options=HttpOptions(), resolve=unknown)
    with pytest.raises(HttpFailed):
        run(http.send(HttpRequest("GET", f"https://{NAME}/x")))


@pytest.mark.parametrize("host", ["a..b", "a" * 64 + ".example", "x:99999"])
def test_a_host_that_is_no_name_is_a_failure(host: str) -> None:
    with pytest.raises(HttpFailed):
        run(ProtocolHttp(OWN, options=HttpOptions()).send(HttpRequest("GET", f"https://{host}/x")))
