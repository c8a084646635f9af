"""``ecert status check``: what it finds, what it mends, and how it ends."""

from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from ecert.cli import main
from ecert.status_source import Fetcher, StatusNotFetched
from ecert.wiring import Container, open_container
from issuer.records import Act, ActKind, State
from schemas.order import Identifier
from tests.support.ecert_world import settings_of

Capture = pytest.CaptureFixture[str]


def decide(home: Path) -> str:
    """Revoke a licence in the ledger as a process that crashed before it published."""
    with open_container(settings_of(home)) as container:
        container.publish_all()
        identifier = licence(container)
        act = Act(ActKind.REVOKE, identifier, "吊销", "O-17", "示例-2026-0042", container.clock())
        container.storage.ledger.apply(act, expected=State.ISSUED, new=State.REVOKED, value=1)
    return identifier


def licence(container: Container) -> Identifier:
    for holder in container.wallet.holders.page(limit=500):
        for held in container.wallet.holdings.certificates(holder.holder_id):
            if held.type_id == "business_licence":
                return held.identifier
    raise AssertionError("nobody holds the business licence")


def publish(home: Path) -> None:
    with open_container(settings_of(home)) as container:
        container.publish_all()


def test_lists_that_agree_end_well(command_home: Path, capsys: Capture) -> None:
    publish(command_home)
    assert main(["status", "check"]) == 0
    shown = capsys.readouterr().out
    assert "一致 agrees" in shown
    assert "longest wait 0:00:00" in shown


def test_a_decision_that_was_never_published_is_found_and_nothing_is_changed(
    command_home: Path, capsys: Capture
) -> None:
    decide(command_home)
    assert main(["status", "check"]) == 1
    assert main(["status", "check"]) == 1
    shown = capsys.readouterr().out
    assert "message.json 与台账不符 differs from the ledger" in shown
    assert "--yes" in shown


def test_a_decision_that_was_never_published_is_published_when_asked(command_home: Path, capsys: Capture) -> None:
    decide(command_home)
    assert main(["status", "check", "--yes"]) == 0
    assert "已重新发布 published anew: 1" in capsys.readouterr().out
    assert main(["status", "check"]) == 0


def test_a_ledger_that_contradicts_itself_is_told_and_not_mended(command_home: Path, capsys: Capture) -> None:
    identifier = decide(command_home)
    with open_container(settings_of(command_home)) as container:
        container.publish_all()
        with container.storage.database.write() as connection:
            connection.execute(
                text("UPDATE certificates SET state = 'issued' WHERE identifier = :name"), {"name": identifier}
            )
    assert main(["status", "check", "--yes"]) == 1
    assert "台账自相矛盾 the ledger contradicts itself" in capsys.readouterr().out


def test_a_repair_that_does_not_help_is_told(
    command_home: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(command_home)
    monkeypatch.setattr(Fetcher, "document", lambda *_: None)
    assert main(["status", "check", "--fetch", "--yes"]) == 1
    assert "missing" in capsys.readouterr().out


def test_lists_that_cannot_be_fetched_end_in_doubt(
    command_home: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object) -> bytes:
        raise StatusNotFetched("https://ecert.example/status/1: ConnectError")

    monkeypatch.setattr(Fetcher, "document", gone)
    assert main(["status", "check", "--fetch"]) == 2
    assert "无法取得列表" in capsys.readouterr().out


# the fetcher

URI = "https://ecert.example/status/1"


def fetcher(answer: httpx.Response | Exception, asked: list[httpx.Request] | None = None) -> Fetcher:
    def handle(request: httpx.Request) -> httpx.Response:
        if asked is not None:
            asked.append(request)
        if isinstance(answer, Exception):
            raise answer
        return answer

    return Fetcher(transport=httpx.MockTransport(handle))


@pytest.mark.parametrize(
    ("form", "url", "media"),
    [
        ("jwt", URI, "application/statuslist+jwt"),
        ("cwt", URI, "application/statuslist+cwt"),
        ("revocation.jwt", f"{URI}/revocation", "application/vc+jwt"),
        ("message.json", f"{URI}/message", "application/vc"),
    ],
)
def test_each_form_is_asked_for_by_its_address_and_type(form: str, url: str, media: str) -> None:
    asked: list[httpx.Request] = []
    assert fetcher(httpx.Response(200, content=b"document"), asked).document(URI, form) == b"document"
    assert (str(asked[0].url), asked[0].headers["accept"]) == (url, media)


@pytest.mark.parametrize("status", [404, 406])
def test_a_form_that_is_not_there_is_none(status: int) -> None:
    assert fetcher(httpx.Response(status)).document(URI, "cwt") is None


@pytest.mark.parametrize("answer", [httpx.Response(503), httpx.Response(302), httpx.ConnectError("gone")])
def test_another_answer_says_nothing_of_the_list(answer: httpx.Response | Exception) -> None:
    with pytest.raises(StatusNotFetched):
        fetcher(answer).document(URI, "jwt")


def test_a_document_past_the_limit_is_not_taken() -> None:
    with pytest.raises(StatusNotFetched):
        fetcher(httpx.Response(200, content=bytes((8 << 20) + 1))).document(URI, "jwt")
