"""Officers' tokens of the staff's identity provider: whose, as what, for which department; and what opens nothing."""

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from ecert.access import Actor, Role
from ecert.http import auth
from ecert.http.auth import bearer
from ecert.jwks import JwksUnavailable
from ecert.officers import Officers, read_officers
from tests.ecert.test_jwks import document, jwk
from tests.support.ecert_world import StillClock, world_in

NOW = datetime(2026, 3, 2, 9, 41, 17, tzinfo=UTC)
KEY, OTHER = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
FILE: dict[str, Any] = {
    "issuer": "https://staff.example",
    "audience": "ecert",
    "jwks_uri": "https://staff.example/jwks",
    "claims": {"role": "roles", "department": "dept", "office": "office"},
    "roles": {"zz-p": "preparer", "zz-a": "approver", "zz-r": "revoker", "zz-x": "auditor"},
    "departments": {"0101": "amr", "0202": "psb"},
}


@pytest.fixture
def configure(tmp_path: Path) -> Callable[..., str]:
    """Write the configuration, with changes (None leaves a member out), and return its path."""

    def write(**changes: Any) -> str:
        members = {name: value for name, value in (FILE | changes).items() if value is not None}
        path = tmp_path / "officers.json"
        path.write_text(json.dumps(members), encoding="utf-8")
        return str(path)

    return write


def token(key: Any = KEY, *, typ: str = "at+jwt", **claims: Any) -> str:
    seconds = int(NOW.timestamp())
    made = {
        "iss": "https://staff.example",
        "aud": "ecert",
        "iat": seconds,
        "exp": seconds + 3600,
        "sub": "officer-4711",
        "roles": ["zz-p"],
        "dept": "0101",
        **claims,
    }
    made = {name: value for name, value in made.items() if value is not None}
    return jwt.encode(made, key, algorithm="ES256", headers={"kid": "k1", "typ": typ})


@pytest.fixture
def find(configure: Callable[..., str]) -> Callable[..., Actor | None]:
    """Return who is behind a token."""

    def finding(text: str, **changes: Any) -> Actor | None:
        provider = read_officers(configure(**changes))
        assert provider is not None
        return Officers(provider, lambda: NOW, fetch=lambda _: document(jwk(KEY))).find(text)

    return finding


def test_an_officer_acts_in_the_role_and_for_the_department_that_the_token_names(find: Callable[..., Actor]) -> None:
    actor = find(token(office="amr-example"))
    assert (actor.role, actor.department, actor.office) == (Role.PREPARER, "amr", "amr-example")
    assert actor.doer.role == "preparer"


def test_an_officer_keeps_the_name_whatever_the_token_says_else(find: Callable[..., Actor]) -> None:
    first, again = find(token()), find(token(roles="zz-a", dept="0202", jti="another"))
    assert first.token_id == again.token_id
    assert first.token_id.startswith("oidc:")
    assert "4711" not in first.token_id
    assert find(token(sub="officer-4712")).token_id != first.token_id


def test_several_roles_are_all_of_them(find: Callable[..., Actor]) -> None:
    actor = find(token(roles=["zz-x", "zz-a", "unknown", 7, "zz-a"]))
    assert (actor.role, actor.also) == (Role.APPROVER, frozenset({Role.AUDITOR}))


@pytest.mark.parametrize("office", [None, "psb", "nowhere", 7])
def test_an_office_of_another_department_is_passed_over(find: Callable[..., Actor], office: Any) -> None:
    assert find(token(office=office)).office is None


def test_a_department_may_be_named_by_its_id(find: Callable[..., Actor]) -> None:
    claims = {"role": "roles", "department": "dept"}
    assert find(token(dept="mca"), departments=None, claims=claims).department == "mca"
    assert find(token(dept="nowhere"), departments=None) is None


def test_keys_may_stand_in_the_file(find: Callable[..., Actor]) -> None:
    keys = {"jwks_uri": None, "jwks": {"keys": [jwk(KEY)]}}
    assert find(token(), **keys)
    assert find(token(), jwks_uri=None, jwks={"keys": [jwk(OTHER, "k2")]}) is None


FLAWS: dict[str, dict[str, Any]] = {
    "another key": {"key": OTHER},
    "another issuer": {"iss": "https://other.example"},
    "another audience": {"aud": "other"},
    "expired": {"exp": int(NOW.timestamp()) - 61},
    "too long a life": {"exp": int(NOW.timestamp()) + 86_401},
    "no subject": {"sub": None},
    "no role": {"roles": None},
    "an unknown role": {"roles": ["operator"]},
    "a role that is none": {"roles": {"zz-p": True}},
    "no department": {"dept": None},
    "an unknown department": {"dept": "0303"},
    "a department that is none": {"dept": ["0101"]},
    "a proof": {"typ": "dpop+jwt"},
}


@pytest.mark.parametrize("name", FLAWS)
def test_a_token_with_one_flaw_opens_nothing(find: Callable[..., Actor | None], name: str) -> None:
    assert find(token(**FLAWS[name])) is None


def test_what_is_no_token_opens_nothing(find: Callable[..., Actor | None]) -> None:
    assert find("a.b.c") is None


def test_a_provider_that_is_away_opens_nothing(configure: Callable[..., str]) -> None:
    def away(_: str) -> bytes:
        raise JwksUnavailable("away")

    provider = read_officers(configure())
    assert provider is not None
    assert Officers(provider, lambda: NOW, fetch=away).find(token()) is None


FAULTS: dict[str, dict[str, Any]] = {
    "issuer": {"issuer": "staff"},
    "audience": {"audience": ""},
    "jwks_uri": {"jwks_uri": "http://staff.example/jwks"},
    "no keys": {"jwks_uri": None},
    "both": {"jwks": {"keys": []}},
    "broken keys": {"jwks_uri": None, "jwks": {"keys": "none"}},
    "roles": {"roles": {"boss": "operator"}},
    "claims": {"claims": {"role": "roles"}},
    "departments": {"departments": {"0101": "nowhere"}},
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_configuration_with_one_fault_is_refused(configure: Callable[..., str], name: str) -> None:
    with pytest.raises(ValueError, match="expected the staff identity provider"):
        read_officers(configure(**FAULTS[name]))


def test_without_a_file_there_is_no_provider(tmp_path: Path) -> None:
    assert read_officers("") is None
    with pytest.raises(ValueError, match="a file that can be read"):
        read_officers(str(tmp_path / "none.json"))
    large = tmp_path / "large.json"
    large.write_bytes(b" " * 300_000)
    with pytest.raises(ValueError, match="at most"):
        read_officers(str(large))


def test_officers_hand_in_and_approve_over_http(
    configure: Callable[..., str], seeded_home: Path, tmp_path: Path, clock: StillClock
) -> None:
    home = shutil.copytree(seeded_home, tmp_path / "home")
    path = configure(jwks_uri=None, jwks={"keys": [jwk(KEY)]})
    with world_in(home, clock, OFFICERS_OIDC=path, FOUR_EYES="all") as world:

        def as_officer(**claims: Any) -> dict[str, str]:
            return {"Authorization": f"Bearer {token(**claims)}"}

        first = as_officer(roles=["zz-p", "zz-a"], office="amr-example")
        body = {"type_id": "business_licence", "claims": world.claims(business_scope="示例经营范围。")}
        made = world.client.post("/v1/orders", json=body, headers=first).json()
        assert (made["state"], made["office"]) == ("awaiting_approval", "amr-example")
        approve = f"/v1/orders/{made['order_id']}/approve"
        own = world.client.post(approve, headers=first)
        assert (own.status_code, own.json()["code"]) == (403, "same_officer")
        elsewhere = world.client.post(approve, headers=as_officer(sub="b", roles=["zz-a"], dept="0202"))
        assert elsewhere.json()["code"] == "not_permitted"
        wrong = world.client.post(approve, headers=as_officer(sub="b", roles=["zz-x"]))
        assert wrong.json()["code"] == "not_permitted"
        done = world.client.post(approve, headers=as_officer(sub="b", roles=["zz-a"]))
        assert done.json()["state"] == "waiting"
        clock.forward(seconds=timedelta(hours=2).total_seconds())
        world.client.app.middleware_stack = None  # forget who was known a moment ago
        assert world.client.post(approve, headers=as_officer(sub="b", roles=["zz-a"])).status_code == 401
        assert world.client.get("/v1/orders", headers=world.token("auditor")).status_code == 200


def test_a_bearer_token_has_a_limit() -> None:
    longest = b"x" * (auth._MAX_TOKEN - len(b"Bearer "))
    assert len(bearer([(b"authorization", b"Bearer " + longest)])) == len(longest)
    assert bearer([(b"authorization", b"Bearer x" + longest)]) == ""
