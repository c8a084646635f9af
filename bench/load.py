"""``python -m bench load``: an open loop of verifications against one worker of the server, in a process of its own.

Requests leave at their moments, 300 in a second, whether or not earlier ones were answered; latency counts from the
moment at which a request should have left, so that a server that stalls cannot hide it. Each is another presentation
(SD-JWT VC with key binding, ten fields), signed before the clock starts, over kept connections on the loopback address.
"""

import argparse
import asyncio
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass

import orjson

from bench.http import VERIFY_ROUTE
from bench.site import HOST, Site, open_site, serving
from bench.timing import process_clock

RATE, SECONDS = 300, 20
_WARM_UP = 200
_SHARES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
_WAITS = 30.0  # seconds for one answer
_AHEAD = 0.5  # seconds between the last preparation and the first request
_Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(frozen=True, slots=True)
class Load:
    """What was found: one latency in milliseconds for each good answer, and the server's CPU for one request."""

    asked: int
    seconds: float
    milliseconds: Sequence[float]
    errors: int
    server_us: float

    def percentile(self, share: float) -> float:
        """Return the latency that ``share`` of the good answers do not exceed."""
        ordered = sorted(self.milliseconds)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    def lines(self) -> list[str]:
        """Return the result as lines of text."""
        said = "no answer was good"
        if self.milliseconds:
            shares = [f"{name} {self.percentile(share):.1f} ms" for name, share in _SHARES.items()]
            said = ", ".join([*shares, f"max {max(self.milliseconds):.1f} ms"])
        return [
            f"{self.asked} verifications of SD-JWT VC + KB in {self.seconds:.1f} s, "
            f"{self.asked / self.seconds:.0f} a second, one worker, open loop; errors: {self.errors}",
            said,
            f"CPU of the server for one request: {self.server_us:.0f} us",
        ]


def main(arguments: Sequence[str]) -> int:
    """Print what one worker takes to answer; 1 when a request failed."""
    parser = argparse.ArgumentParser(prog="python -m bench load", description="Load one worker of the server.")
    parser.add_argument("--rate", type=int, default=RATE, help="requests in a second")
    parser.add_argument(
        "--seconds", type=int, default=SECONDS, help="how long; at most 40, a presentation is good for 60"
    )
    options = parser.parse_args(arguments)
    with ExitStack() as stack:
        site = open_site(stack)
        server = stack.enter_context(serving(site))
        found = asyncio.run(loaded(site, server.pid, rate=options.rate, seconds=min(options.seconds, 40)))
    print("\n".join(found.lines()))
    return 1 if found.errors else 0


async def loaded(site: Site, pid: int, *, rate: int, seconds: int) -> Load:
    """Return what an open loop finds at the server ``pid`` of ``site``."""
    loop, clock = asyncio.get_running_loop(), process_clock(pid)
    client = _Client(site)
    for _ in range(_WARM_UP):
        await client.verify(client.request(site.presentation()))
    requests = [client.request(site.presentation()) for _ in range(rate * seconds)]
    begins, before = loop.time() + _AHEAD, clock()
    started = time.perf_counter()

    async def at(moment: float, request: bytes) -> float | None:
        await asyncio.sleep(moment - loop.time())
        try:
            good = await asyncio.wait_for(client.verify(request), _WAITS)
        except (OSError, TimeoutError, asyncio.IncompleteReadError):
            return None
        return (loop.time() - moment) * 1000 if good else None

    tasks = [at(begins + number / rate, request) for number, request in enumerate(requests)]
    found = await asyncio.gather(*tasks)
    took = time.perf_counter() - started - _AHEAD
    times = [each for each in found if each is not None]
    return Load(len(found), took, times, len(found) - len(times), (clock() - before) / len(found) * 1e6)


class _Client:
    """HTTP over as many kept connections as are busy at once."""

    def __init__(self, site: Site) -> None:
        self._port = site.port
        self._head = (
            f"POST {VERIFY_ROUTE} HTTP/1.1\r\nhost: {HOST}\r\nauthorization: Bearer {site.token}\r\n"
            "content-type: application/json\r\ncontent-length: "
        ).encode()
        self._idle: list[_Connection] = []

    def request(self, presentation: str) -> bytes:
        """Return the whole request."""
        body = orjson.dumps({"text": presentation})
        return self._head + f"{len(body)}\r\n\r\n".encode() + body

    async def verify(self, request: bytes) -> bool:
        """Send a request and tell whether the verdict is valid."""
        connection = await self._connection()
        reader, writer = connection
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        body = await reader.readexactly(int(head.partition(b"content-length: ")[2].partition(b"\r")[0]))
        self._idle.append(connection)
        return head.startswith(b"http/1.1 200") and orjson.loads(body)["verdict"] == "valid"

    async def _connection(self) -> _Connection:
        while self._idle:
            reader, writer = self._idle.pop()
            if not reader.at_eof():  # the server lets go of one that was idle for five seconds
                return reader, writer
            writer.close()
        return await asyncio.open_connection(HOST, self._port)
