"""The clients and attesters of the settings: read at the door, each flaw refused for its own reason."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from ecert import oauth_clients
from ecert.errors import InvalidSettings
from ecert.oauth_clients import AuthorizationSettings, read_attesters, read_clients
from ecert.settings import load
from issuer.openid4vci.authorization.policy import Policy
from issuer.openid4vci.authorization.ports import Attester, RegisteredClient
from keys.algorithms import Algorithm
from keys.signer import SoftwareSigner
from tests.support.keys import Chain

KEY = SoftwareSigner.generate().public_key
ROOT = Chain.good().root
ANCHOR = base64.b64encode(ROOT.der()).decode()
CLIENT: dict[str, Any] = {
    "client_id": "bank",
    "jwks": {"keys": [dict(KEY.jwk) | {"kid": "1"}]},
    "redirect_uris": ["https://bank.example/back"],
}
ATTESTER: dict[str, Any] = {"iss": "https://wallets.example", "anchors": [ANCHOR]}


def written(tmp_path: Path, document: Any) -> str:
    path = tmp_path / "file.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    return str(path)


def test_without_a_file_nobody_is_known() -> None:
    assert read_clients("").find("bank") is None
    assert read_attesters("").find("https://wallets.example") is None


def test_a_client_has_its_keys_and_addresses(tmp_path: Path) -> None:
    known = read_clients(written(tmp_path, {"clients": [CLIENT]}))
    assert known.find("bank") == RegisteredClient("bank", (KEY,), ("https://bank.example/back",))


def test_an_attester_has_anchors_and_speaks_for_everybody(tmp_path: Path) -> None:
    found = read_attesters(written(tmp_path, {"attesters": [ATTESTER]})).find("https://wallets.example")
    assert found is not None
    assert (found.anchors, found.keys, found.clients) == ((base64.b64decode(ANCHOR),), (), None)


def test_an_attester_may_have_keys_and_named_clients(tmp_path: Path) -> None:
    entry = {"iss": "w", "jwks": CLIENT["jwks"], "clients": [{"client_id": "a"}, CLIENT]}
    found = read_attesters(written(tmp_path, {"attesters": [entry]})).find("w")
    assert found is not None
    assert found.clients is not None
    assert found.keys == (KEY,)
    assert [one.redirect_uris for one in found.clients] == [None, ("https://bank.example/back",)]


P521 = SoftwareSigner.generate(Algorithm.ES512).public_key
LEAF = base64.b64encode(Chain.good().leaf.der()).decode()
CLIENT_FLAWS: dict[str, tuple[Any, str]] = {
    "not JSON": ("{", "text is not JSON"),
    "a member twice": ('{"clients": [], "clients": []}', "twice"),
    "no list": ({"clients": {}}, "clients: expected a list"),
    "no object": ({"clients": [1]}, "expected an object"),
    "no id": ({"clients": [CLIENT | {"client_id": ""}]}, "client_id"),
    "no keys": ({"clients": [CLIENT | {"jwks": {"keys": []}}]}, "at least one key"),
    "no jwks": ({"clients": [CLIENT | {"jwks": None}]}, "jwks: expected an object"),
    "a private key": ({"clients": [CLIENT | {"jwks": {"keys": [{**KEY.jwk, "d": "AA"}]}}]}, "private"),
    "a key of another algorithm": ({"clients": [CLIENT | {"jwks": {"keys": [dict(P521.jwk)]}}]}, "ES512"),
    "no addresses": ({"clients": [{k: CLIENT[k] for k in ("client_id", "jwks")}]}, "redirect_uris"),
    "a client twice": ({"clients": [CLIENT, CLIENT]}, "different names"),
}
ATTESTER_FLAWS: dict[str, tuple[Any, str]] = {
    "no name": ({"attesters": [{"anchors": [ANCHOR]}]}, "iss"),
    "neither anchors nor keys": ({"attesters": [{"iss": "w"}]}, "expected anchors, or keys"),
    "an anchor that is no base64": ({"attesters": [ATTESTER | {"anchors": ["*"]}]}, "in base64"),
    "an anchor that is no certificate": ({"attesters": [ATTESTER | {"anchors": ["AAAA"]}]}, "not well formed"),
    "an anchor that is no CA": ({"attesters": [ATTESTER | {"anchors": [LEAF]}]}, "not a CA"),
    "an attester twice": ({"attesters": [ATTESTER, ATTESTER]}, "different names"),
}


@pytest.mark.parametrize("flaw", CLIENT_FLAWS)
def test_a_file_of_clients_with_one_flaw_is_refused_for_it(tmp_path: Path, flaw: str) -> None:
    document, reason = CLIENT_FLAWS[flaw]
    with pytest.raises(ValueError, match=f"expected .*{reason}"):
        read_clients(written(tmp_path, document))


@pytest.mark.parametrize("flaw", ATTESTER_FLAWS)
def test_a_file_of_attesters_with_one_flaw_is_refused_for_it(tmp_path: Path, flaw: str) -> None:
    document, reason = ATTESTER_FLAWS[flaw]
    with pytest.raises(ValueError, match=f"expected .*{reason}"):
        read_attesters(written(tmp_path, document))


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="can be read"):
        read_clients(str(tmp_path / "none.json"))


def test_a_file_over_the_limit_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oauth_clients, "MAX_FILE", 10)
    with pytest.raises(ValueError, match="at most 10 bytes"):
        read_clients(written(tmp_path, {"clients": [CLIENT]}))


def test_an_anchor_may_be_of_a_pki_with_purposes_of_its_own(tmp_path: Path) -> None:
    root = ROOT.having(x509.ExtendedKeyUsage([x509.ObjectIdentifier("1.2.3")]))
    entry = ATTESTER | {"anchors": [base64.b64encode(root.der()).decode()]}
    assert read_attesters(written(tmp_path, {"attesters": [entry]})).find("https://wallets.example")


def test_the_settings_hold_what_the_files_say(tmp_path: Path) -> None:
    path = written(tmp_path, {"clients": [CLIENT]})
    found = load({"ECERT_OAUTH_CLIENTS": path, "ECERT_DPOP_NONCES": "yes"}).authorization
    assert found.policy == Policy(dpop_nonces=True)
    assert found.known().clients.find("bank") is not None
    assert found.known().attesters.find("bank") is None


def test_the_installations_own_clients_stand_beside_those_of_the_file(tmp_path: Path) -> None:
    settings = AuthorizationSettings(
        Policy(), read_clients(written(tmp_path, {"clients": [CLIENT]})), read_attesters("")
    )
    own = RegisteredClient("own", (KEY,), ())
    known = settings.known([own])
    assert known.clients.find("own") is own
    assert known.clients.find("bank") is not None


def test_the_installations_own_attester_stands_beside_those_of_the_file(tmp_path: Path) -> None:
    read = read_attesters(written(tmp_path, {"attesters": [ATTESTER]}))
    own = Attester("own", keys=(KEY,))
    known = AuthorizationSettings(Policy(), read_clients(""), read).known(attesters=[own])
    assert known.attesters.find("own") is own
    assert known.attesters.find("https://wallets.example") is not None


def test_a_broken_file_stops_the_program(tmp_path: Path) -> None:
    with pytest.raises(InvalidSettings) as caught:
        load({"ECERT_WALLET_ATTESTERS": written(tmp_path, {"attesters": [{}]})})
    assert caught.value.faults[0].startswith("ECERT_WALLET_ATTESTERS: expected a file of attesters")
