"""One list over TLS from a server on this machine: what stands between it and a cache."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from ecert.elsewhere import ListFetcher, ListNotFetched
from ecert.elsewhere.fetching import MAX_BYTES
from ecert.protocol_http import HttpOptions, ProtocolHttp
from tests.support.tls_server import resolving, self_made, server

NAME = "issuer.example"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The issuer's certificate."""
    return self_made(tmp_path_factory.mktemp("tls"), NAME)


def ok(body: bytes = b"e30.e30.AAAA", media: bytes = b"application/statuslist+jwt") -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Type: %b\r\nContent-Length: %d\r\n\r\n%b" % (media, len(body), body)


def fetched(folder: Path, answer: bytes, *, delay: float = 0, **options: Any) -> tuple[str | bytes, list[bytes]]:
    """Fetch a list; return the document or the reason why not, and what the server saw."""
    seen: list[bytes] = []
    given = {"extra_ca": folder / "ca.pem", "private": True, "most_bytes": 1_000} | options
    http = ProtocolHttp("https://here.example", options=HttpOptions(**given), resolve=resolving("127.0.0.1"))

    async def once() -> str | bytes:
        async with server(folder, answer, seen, delay=delay) as port:
            try:
                return await asyncio.to_thread(ListFetcher(http).fetch, f"https://{NAME}:{port}/status/1")
            except ListNotFetched as exc:
                return exc.reason

    return asyncio.run(once()), seen


def test_a_list_comes_over_tls_and_nothing_is_told_of_who_asks(folder: Path) -> None:
    document, (seen,) = fetched(folder, ok())
    assert document == "e30.e30.AAAA"
    head, *lines = seen.decode().lower().strip().split("\r\n")
    assert head == "get /status/1 http/1.1"
    names = {line.partition(":")[0] for line in lines}
    assert names == {"host", "accept", "accept-encoding", "connection", "user-agent"}
    assert "user-agent: ecert-verifier" in lines


def test_a_cwt_comes_as_bytes(folder: Path) -> None:
    assert fetched(folder, ok(b"\xd2\x84", b"application/statuslist+cwt"))[0] == b"\xd2\x84"


def test_an_answer_that_is_too_large_is_cut_off(folder: Path) -> None:
    assert fetched(folder, ok(b"a" * 1_000))[0] == "a" * 1_000
    assert fetched(folder, ok(b"a" * 1_001))[0] == "unreachable"
    assert MAX_BYTES == 4_325_376


def test_an_answer_that_is_compressed_is_not_opened(folder: Path) -> None:
    packed = ok().replace(b"\r\n\r\n", b"\r\nContent-Encoding: gzip\r\n\r\n", 1)
    assert fetched(folder, packed)[0] == "unreachable"


def test_a_server_that_takes_too_long_is_left(folder: Path) -> None:
    assert fetched(folder, ok(), delay=0.5, seconds=0.1)[0] == "unreachable"


def test_a_redirect_is_not_followed(folder: Path) -> None:
    moved = b"HTTP/1.1 302 Found\r\nLocation: https://evil.example/\r\nContent-Length: 0\r\n\r\n"
    document, seen = fetched(folder, moved)
    assert (document, len(seen)) == ("refused", 1)


def test_a_private_address_is_not_asked(folder: Path) -> None:
    assert fetched(folder, ok(), private=False) == ("address_refused", [])


def test_a_server_with_a_certificate_of_an_unknown_authority_is_not_asked(folder: Path) -> None:
    assert fetched(folder, ok(), extra_ca=None) == ("unreachable", [])
