"""The exchange of docs/openid4vci.md: recorded from a stranger's wallet over the real application, written as Markdown.

``python -m tests.support.exchange`` writes the page anew; a test compares the page's messages with a new recording,
values left out, because tokens, keys and times differ.
"""

import json
import re
import sys
import tempfile
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote_plus, urlsplit

from ecert.orders import order_parts
from issuer.orders.desk import Wish
from issuer.orders.offers import Flow, OfferWish, TxWish
from schemas.audit import Doer
from tests.support.ecert_world import StillClock, World, make_home, world_in
from tests.support.stranger import Provider, Stranger, new_key

PAGE = Path(__file__).resolve().parents[2] / "docs" / "openid4vci.md"
KIND = "business_licence"
_SHOWN_HEADERS = ("authorization", "dpop", "content-type", "oauth-client-attestation", "oauth-client-attestation-pop")
_KEPT = 44
_INTRO = """# OpenID4VCI: the exchange, message by message

The messages below are real: a wallet that shares no code with this project (`tests/support/stranger.py`, on PyJWT
and jwcrypto) received a business licence from the application, and this page was written from what went
over the wire (`python -m tests.support.exchange`; a test compares it with a new recording). Long values are cut. The
people are fictional.

Every department is a credential issuer and an authorization server of its own, both named
`https://host/issuers/{department}`. The client authenticates by attestation, tokens are bound to a key by DPoP,
requests are pushed; the [decisions](adr/) 19 to 23 say why. What is optional can be switched:
[operations.md](operations.md).
"""


@dataclass
class Recorder:
    """A client that remembers what passes, under the title that was said last."""

    inner: Any
    lines: list[str] = field(default_factory=list)
    silent: bool = False

    def say(self, title: str, text: str = "") -> None:
        self.lines += [f"\n## {title}", *([text] if text else [])]

    def request(self, method: str, url: str, **kwargs: Any) -> Any:
        answer = self.inner.request(method, url, **kwargs)
        if not self.silent:
            sent, got = _request(method, url, answer.request), _answer(answer)
            self.lines += ["", "```http", *sent, "```", "", "```http", *got, "```"]
        return answer


def _request(method: str, url: str, sent: Any) -> list[str]:
    parts = urlsplit(url)
    query = f"?{_cut(parts.query)}" if parts.query else ""
    lines = [f"{method} {_cut_path(parts.path)}{query}"]
    lines += [f"{name}: {_cut(value)}" for name, value in sent.headers.items() if name in _SHOWN_HEADERS]
    return lines + _body(sent.headers.get("content-type", ""), sent.content.decode("utf-8", "replace"))


def _answer(answer: Any) -> list[str]:
    shown = ("content-type", "location", "cache-control", "set-cookie")
    lines = [f"HTTP/1.1 {answer.status_code}"]
    lines += [f"{name}: {_cut_location(value)}" for name, value in answer.headers.items() if name in shown]
    return lines + _body(answer.headers.get("content-type", ""), answer.text)


def _body(kind: str, text: str) -> list[str]:
    if not text:
        return []
    if kind.startswith("application/json"):
        return ["", *json.dumps(_cut_all(json.loads(text)), ensure_ascii=False, indent=2).splitlines()]
    if kind.startswith("application/x-www-form-urlencoded"):
        return ["", *(f"{name}={_cut(unquote_plus(value))}" for name, _, value in _pairs(text))]
    return ["", "…"] if kind.startswith("text/html") else ["", _cut(text)]


def _pairs(text: str) -> list[tuple[str, str, str]]:
    return [pair.partition("=") for pair in text.split("&")]


def _cut_all(value: Any, *, name: str = "") -> Any:
    if isinstance(value, dict):
        members = list(value.items())
        few = members[:1] if name == "credential_configurations_supported" else members
        made = {key: _cut_all(each, name=key) for key, each in few}
        return made | ({"…": f"{len(members) - 1} more"} if len(few) < len(members) else {})
    if isinstance(value, list):
        most = 2 if name in ("claims", "display", "credentials", "jwt") or len(value) > 8 else len(value)
        return [_cut_all(each) for each in value[:most]] + (["…"] if len(value) > most else [])
    return _cut(value) if isinstance(value, str) else value


def _cut(text: str) -> str:
    return text if len(text) <= _KEPT or (" " in text[:_KEPT] and len(text) < 160) else text[:_KEPT] + "…"


def _cut_path(path: str) -> str:
    return re.sub(r"(/offers/)[A-Za-z0-9_-]+", r"\1…", path)


def _cut_location(value: str) -> str:
    return re.sub(r"(=)([A-Za-z0-9_%-]{20,})", r"\1…", value)


def record(world: World, provider: Provider) -> list[str]:
    """Go through the exchange and return the page's lines after the introduction."""
    recorder = Recorder(world.client)
    wallet = Stranger(recorder, provider, now=lambda: world.clock().timestamp())
    parts = order_parts(world.container)
    claims, officer = world.claims(KIND), Doer("T-17", "preparer")
    order = parts.desk.hand_in(Wish(KIND, claims), by=officer).order
    made = parts.offers.make(
        OfferWish((order.order_id,), flows=frozenset({Flow.PRE_AUTHORIZED, Flow.AUTHORIZATION_CODE}), tx_code=TxWish()),
        by=officer,
    )
    _pre_authorized(recorder, wallet, made)
    _by_login(recorder, wallet, world, claims)
    return recorder.lines


def _pre_authorized(recorder: Recorder, wallet: Stranger, made: Any) -> None:
    recorder.say(
        "The offer", f"The department's link, as a link or a QR code: `{_cut(made.link)}`. The wallet resolves it:"
    )
    offer = wallet.offer(made.link)
    recorder.say("Metadata", "The well-known segment goes between host and path (12.2.2; RFC 8414, 3.1).")
    issuer, server = wallet.discover(offer["credential_issuer"])
    recorder.say(
        "Token by a pre-authorized code", "With the transaction code that the officer read to the holder (6.1)."
    )
    token = wallet.redeem(server, offer, made.tx_code).json()
    recorder.say("Nonce and credential", "One credential for each key that is proved (7, 8); here two.")
    wanted = {"credential_configuration_id": f"{KIND}.dc+sd-jwt"}
    fetched = wallet.fetch(issuer, token["access_token"], wanted, [new_key(), new_key()])
    recorder.say("Notification", "The wallet says that it kept them (11).")
    wallet.notify(issuer, token["access_token"], fetched.json()["notification_id"], "credential_accepted")
    recorder.say("A refusal", "The code was used; the body is that of RFC 6749, 5.2.")
    wallet.redeem(server, offer, made.tx_code)


def _by_login(recorder: Recorder, wallet: Stranger, world: World, claims: dict[str, Any]) -> None:
    recorder.silent = True
    server = wallet.discover(f"{world.container.installation.public_url}/issuers/amr")[1]
    recorder.silent = False
    recorder.say("The other way: a pushed authorization request", "The holder logs in and agrees (RFC 9126; RFC 7636).")
    pushed = wallet.push(server, f"{KIND}.dc+sd-jwt", verifier="v" * 43).json()
    recorder.say("Login and consent", "The browser's part, with the development stand-in for an identity provider.")
    person = {"username": claims["unified_social_credit_code"], "name": claims["name"], "level": "real_name"}
    back = wallet.authorize(server, pushed["request_uri"], person)
    code = parse_qs(urlsplit(back.headers["location"]).query)["code"][0]
    recorder.say("Token by an authorization code")
    form = {"grant_type": "authorization_code", "code": code, "code_verifier": "v" * 43}
    token = wallet.token(server, form | {"redirect_uri": "https://wallet.stranger.example/cb?keep=this"}).json()
    recorder.say("Refresh", "The refresh token stays, bound to the instance's key; the access token is new (FAPI 2.0).")
    wallet.token(server, {"grant_type": "refresh_token", "refresh_token": token["refresh_token"]})


def recorded(open_world: Callable[[dict[str, str]], Any], folder: Path) -> list[str]:
    """Record in a world that ``open_world`` opens with these settings."""
    provider = Provider()
    attesters = folder / "attesters.json"
    attesters.write_text(json.dumps(provider.attesters_file()))
    settings = {"WALLET_ATTESTERS": str(attesters), "UNSAFE_IDENTITY": "yes"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with open_world(settings) as world:
            return record(world, provider)


def main() -> int:
    """Write the page."""
    folder = Path(tempfile.mkdtemp())
    home = make_home(folder / "home", StillClock())
    lines = recorded(lambda settings: world_in(home, StillClock(), **settings), folder)
    PAGE.write_text(_INTRO + "\n".join(lines) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
