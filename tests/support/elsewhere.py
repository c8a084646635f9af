"""Lists of issuers elsewhere without a network: a server that says what a test tells it, and a clock."""

from concurrent.futures import wait
from datetime import datetime, timedelta

from ecert.elsewhere import ListFetcher, ListsElsewhere
from ecert.elsewhere.lists import Known
from tests.support.desk import LIST, NOW, Desk
from wallet_api.openid4vci.ports import HttpRequest, HttpResponse

TOKEN = "application/statuslist+jwt"


class Server:
    """A server: answers by URI, or errors to be raised; ``asked`` is every request."""

    def __init__(self) -> None:
        self.answers: dict[str, HttpResponse | Exception] = {}
        self.asked: list[HttpRequest] = []

    def serve(self, document: str | bytes, uri: str = LIST, *, media: str = TOKEN, status: int = 200) -> None:
        body = document.encode() if isinstance(document, str) else document
        self.answers[uri] = HttpResponse(status, {"content-type": media}, body)

    async def send(self, request: HttpRequest) -> HttpResponse:
        self.asked.append(request)
        answer = self.answers.get(request.url, HttpResponse(404))
        if isinstance(answer, Exception):
            raise answer
        return answer


class Elsewhere:
    """``ListsElsewhere`` over such a server, the desk's trust list, and a clock that a test moves."""

    def __init__(self) -> None:
        self.server, self.desk, self.now = Server(), Desk(), NOW
        self.lists = ListsElsewhere(
            ListFetcher(self.server), lambda: self.desk.trust(), own_url="https://here.example", clock=self.clock
        )

    def clock(self) -> datetime:
        return self.now

    def forward(self, **much: float) -> None:
        self.now += timedelta(**much)

    def sign(self, **flaws: object) -> None:
        """Serve the desk's list, signed a moment ago."""
        self.desk.status_iat = self.now
        self.server.serve(self.desk.status_list_token(**flaws))  # type: ignore[arg-type]

    def wanted(self, *uris: str) -> Known:
        """Want lists, wait for them, and return what is known then."""
        self.lists.wait(uris or (LIST,))
        return self.lists.known()

    def settled(self) -> Known:
        """Wait for what flies in the background, and return what is known then."""
        wait(list(self.lists._flights.values()), timeout=10)
        return self.lists.known()
