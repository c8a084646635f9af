"""Key sets of other parties: rotation, and JWTs refused one flaw at a time."""

import json
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from ecert.jwks import (
    MAX_DOCUMENT,
    MAX_KEYS,
    Expected,
    JwksRefused,
    JwksUnavailable,
    JwtRefused,
    KeySet,
    RotatingKeys,
    fetch_document,
    key_for,
    peek_header,
    verified,
)

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
EXPECTED = Expected("https://login.example", "ecert")
EC = ec.generate_private_key(ec.SECP256R1())
OTHER = ec.generate_private_key(ec.SECP256R1())
RSA = rsa.generate_private_key(65537, 2048)


def jwk(key: Any, kid: str | None = "k1", **more: Any) -> dict[str, Any]:
    """Return the public JWK of a private key."""
    kinds: dict[type, str] = {rsa.RSAPrivateKey: "RS256", ed25519.Ed25519PrivateKey: "EdDSA"}
    name = next((alg for kind, alg in kinds.items() if isinstance(key, kind)), None)
    curve = {256: "ES256", 384: "ES384", 521: "ES512"}
    name = name or curve[key.curve.key_size]
    members = jwt.get_algorithm_by_name(name).to_jwk(key.public_key(), as_dict=True)  # type: ignore[attr-defined]
    members.pop("key_ops", None)
    return {**members, **({} if kid is None else {"kid": kid}), **more}


def document(*entries: Any) -> bytes:
    return json.dumps({"keys": list(entries)}).encode()


def token(key: Any = EC, *, alg: str = "ES256", kid: str | None = "k1", header: Any = None, **claims: Any) -> str:
    made = {
        "iss": "https://login.example",
        "aud": "ecert",
        "iat": int(NOW.timestamp()),
        "exp": int(NOW.timestamp()) + 300,
    }
    made = {name: value for name, value in (made | claims).items() if value is not None}
    headers = ({} if kid is None else {"kid": kid}) | (header or {})
    return jwt.encode(made, key, algorithm=alg, headers=headers)


def claims_of(text: str, *entries: Any, now: datetime = NOW) -> dict[str, Any]:
    key = KeySet.of(document(*(entries or [jwk(EC)]))).find(peek_header(text))
    assert key is not None
    return verified(text, key, EXPECTED, now=now)


@pytest.mark.parametrize(
    ("key", "alg", "more"),
    [
        (EC, "ES256", {}),
        (ec.generate_private_key(ec.SECP384R1()), "ES384", {"alg": "ES384"}),
        (ed25519.Ed25519PrivateKey.generate(), "EdDSA", {}),
        (RSA, "RS256", {"use": "sig"}),
        (RSA, "PS256", {"alg": "PS256"}),
    ],
)
def test_a_token_of_a_key_in_the_set_is_verified(key: Any, alg: str, more: dict[str, Any]) -> None:
    text = token(key, alg=alg, sub="officer-1")
    assert claims_of(text, jwk(key, **more))["sub"] == "officer-1"


def test_one_audience_of_several_is_enough() -> None:
    assert claims_of(token(aud=["other", "ecert"]))["aud"] == ["other", "ecert"]


FLAWS: dict[str, tuple[dict[str, Any], str]] = {
    "issuer": ({"iss": "https://other.example"}, "another issuer"),
    "no issuer": ({"iss": None}, "another issuer"),
    "audience": ({"aud": "other"}, "another audience"),
    "no audience": ({"aud": None}, "another audience"),
    "expired": ({"exp": int(NOW.timestamp()) - 61}, "expired"),
    "no end": ({"exp": None}, "when it was made"),
    "no start": ({"iat": None}, "when it was made"),
    "later": ({"iat": int(NOW.timestamp()) + 61}, "time to come"),
    "not before": ({"nbf": int(NOW.timestamp()) + 61}, "time to come"),
    "signature": ({"key": OTHER}, "signature"),
}


@pytest.mark.parametrize("name", FLAWS)
def test_a_token_with_one_flaw_is_refused_for_it(name: str) -> None:
    changes, reason = FLAWS[name]
    with pytest.raises(JwtRefused, match=reason):
        claims_of(token(**changes))


@pytest.mark.parametrize("name", ["exp", "iat", "nbf"])
@pytest.mark.parametrize("value", ["1", True])
def test_a_time_that_is_no_number_is_refused(name: str, value: Any) -> None:
    raw = {"iss": "https://login.example", "aud": "ecert", "iat": 1, "exp": 2} | {name: value}
    signed = jwt.api_jws.encode(json.dumps(raw).encode(), EC, algorithm="ES256", headers={"kid": "k1"})
    with pytest.raises(JwtRefused):
        claims_of(signed)


def test_times_within_the_leeway_hold() -> None:
    seconds = int(NOW.timestamp())
    assert claims_of(token(iat=seconds + 59, nbf=seconds + 59, exp=seconds - 59))


def test_a_critical_header_parameter_is_refused() -> None:
    with pytest.raises(JwtRefused, match="critical"):
        claims_of(token(header={"crit": ["exp"]}))


@pytest.mark.parametrize("text", ["", "a.b", "a.b.c", "x" * 300])
def test_what_is_no_jwt_is_refused(text: str) -> None:
    with pytest.raises(JwtRefused, match="no signed JWT"):
        peek_header(text)


def test_a_token_whose_algorithm_is_not_the_keys_finds_no_key() -> None:
    assert KeySet.of(document(jwk(RSA))).find({"alg": "ES256", "kid": "k1"}) is None
    assert KeySet.of(document(jwk(RSA))).find({"alg": "none", "kid": "k1"}) is None


def test_without_a_kid_the_only_key_of_the_algorithm_is_meant() -> None:
    one = KeySet.of(document(jwk(EC, "a"), jwk(RSA, "b")))
    two = KeySet.of(document(jwk(EC, "a"), jwk(OTHER, None)))
    assert one.find({"alg": "ES256"}) is not None
    assert two.find({"alg": "ES256"}) is None


def test_keys_of_other_kinds_and_uses_are_passed_over() -> None:
    small = rsa.generate_private_key(65537, 1024)  # noqa: S505 - to be refused
    wide = ec.generate_private_key(ec.SECP521R1())
    entries = [
        jwk(EC, use="enc"),
        jwk(EC, alg="ES384"),
        jwk(RSA, alg="RSA-OAEP"),
        jwk(small),
        jwk(wide),
        jwk(EC, None, alg=7),
        {"kty": "oct", "k": "c2VjcmV0"},
        {"kty": "new"},
    ]
    assert KeySet.of(document(*entries)).keys == ()


@pytest.mark.parametrize("odd", [{**jwk(OTHER, "odd"), "x": "AA"}, "text"])
def test_a_malformed_key_is_in_no_other_ones_way(odd: Any, caplog: pytest.LogCaptureFixture) -> None:
    """RFC 7517, 5: implementations SHOULD ignore it."""
    with caplog.at_level(logging.WARNING):
        keys = KeySet.of(document(odd, jwk(EC))).keys
    assert [key.kid for key in keys] == ["k1"]
    assert [record.message for record in caplog.records] == ["jwks_keys_malformed"]


def test_a_private_key_is_refused_beside_a_malformed_one() -> None:
    with pytest.raises(JwksRefused, match="private"):
        KeySet.of(document("text", {**jwk(EC), "d": "AA"}))


@pytest.mark.parametrize(
    "raw",
    [
        b"[]",
        b"{}",
        b'{"keys": {}}',
        b'{"keys": [], "keys": []}',
        document(*[{"kty": "new"}] * (MAX_KEYS + 1)),
        document("text"),
        document({**jwk(EC), "d": "AA"}),
        document({**jwk(EC), "x": "AA"}),
        b" " * (MAX_DOCUMENT + 1),
    ],
)
def test_what_is_no_key_set_is_refused(raw: bytes) -> None:
    with pytest.raises(JwksRefused):
        KeySet.of(raw)


class Provider:
    """A provider whose keys change, and that counts how often it is asked."""

    def __init__(self) -> None:
        self.keys: list[Any] = [jwk(EC, "k1")]
        self.asked = 0
        self.down = False

    def fetch(self) -> bytes:
        self.asked += 1
        if self.down:
            raise JwksUnavailable("down")
        return document(*self.keys)


@pytest.fixture
def provider() -> Provider:
    return Provider()


@pytest.fixture
def ask(provider: Provider) -> Callable[..., str | None]:
    keys = RotatingKeys()

    def asking(kid: str = "k1", *, after: timedelta = timedelta(0), key: Any = EC) -> str | None:
        return key_for(keys, token(key, kid=kid), fetch=provider.fetch, now=NOW + after).kid

    return asking


def test_a_set_is_fetched_once_in_an_hour(provider: Provider, ask: Callable[..., str]) -> None:
    for minutes in (0, 10, 60):
        ask(after=timedelta(minutes=minutes))
    assert provider.asked == 1
    ask(after=timedelta(minutes=61))
    assert provider.asked == 2


def test_a_new_key_is_found_at_once_when_the_last_try_is_a_minute_ago(
    provider: Provider, ask: Callable[..., str]
) -> None:
    ask()
    provider.keys = [jwk(OTHER, "k2")]
    assert ask("k2", after=timedelta(minutes=1), key=OTHER) == "k2"
    with pytest.raises(JwtRefused, match="no key"):
        ask("k1", after=timedelta(minutes=1, seconds=1))


def test_unknown_keys_make_us_ask_once_in_a_minute(provider: Provider, ask: Callable[..., str]) -> None:
    for seconds in range(59):
        with pytest.raises(JwtRefused, match="no key"):
            ask("stranger", after=timedelta(seconds=seconds))
    assert provider.asked == 1


def test_a_provider_that_is_away_is_not_missed_for_a_day(provider: Provider, ask: Callable[..., str]) -> None:
    ask()
    provider.down = True
    assert ask(after=timedelta(hours=24)) == "k1"
    with pytest.raises(JwksUnavailable):
        ask(after=timedelta(hours=24, minutes=2))


def test_a_broken_document_leaves_the_keys_as_they_were(provider: Provider, ask: Callable[..., str]) -> None:
    ask()
    provider.keys = ["broken"]
    assert ask(after=timedelta(hours=2)) == "k1"


def client(answer: Callable[[httpx.Request], httpx.Response]) -> httpx.Client:
    return httpx.Client(transport=httpx.MockTransport(answer))


def test_a_document_is_fetched() -> None:
    session = client(lambda _: httpx.Response(200, content=b"{}"))
    assert fetch_document("https://login.example/jwks", client=session) == b"{}"


def test_what_is_not_there_or_too_large_is_unavailable() -> None:
    def down(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no")

    answers: list[Callable[[httpx.Request], httpx.Response]] = [
        lambda _: httpx.Response(302, headers={"location": "https://elsewhere.example"}),
        lambda _: httpx.Response(200, content=b" " * (MAX_DOCUMENT + 1)),
        down,
    ]
    for answer in answers:
        with pytest.raises(JwksUnavailable):
            fetch_document("https://login.example/jwks", client=client(answer))
