"""Signers by URI: the forms that open one, and every other form refused."""

import sys
from functools import lru_cache
from pathlib import Path

import pytest

from keys import hsm
from keys.algorithms import Algorithm
from keys.errors import HsmError, KeyNotFound, MalformedKeyUri, WrongPassphrase
from keys.store import DevelopmentPassphraseWarning, DirectoryBlobs, KeyStore
from keys.uri import open_signer
from tests.support.pkcs11 import FakeModule, fake_pkcs11

ENVIRON = {"ECERT_PASSPHRASE": "passphrase"}
HSM = {"ECERT_PKCS11_MODULE": "fake.so", "ECERT_PKCS11_PIN": "1234"}


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "key store"


@pytest.fixture
def store(directory: Path) -> KeyStore:
    return KeyStore(DirectoryBlobs(directory), "passphrase", work=16)


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> FakeModule:
    fake = FakeModule()
    monkeypatch.setitem(sys.modules, "pkcs11", fake_pkcs11({"fake.so": fake}))
    # A cache of its own: the real one holds the one login of a real token.
    monkeypatch.setattr(hsm, "_open_session", lru_cache(hsm._open_session.__wrapped__))
    return fake


@pytest.mark.parametrize("prefix", ["file:", "file://", "file://localhost"])
def test_a_key_of_a_directory_is_opened(store: KeyStore, directory: Path, prefix: str) -> None:
    key = store.create("issuing/amr/2").public_key
    uri = f"{prefix}{directory.as_posix().replace(' ', '%20')}#issuing/amr/2"
    assert open_signer(uri, environ=ENVIRON).public_key == key


def test_a_directory_may_be_relative(store: KeyStore, directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = store.create("a").public_key
    monkeypatch.chdir(directory.parent)
    assert open_signer("file:key%20store#a", environ=ENVIRON).public_key == key


def test_a_key_that_is_not_there_is_not_found(store: KeyStore, directory: Path) -> None:
    with pytest.raises(KeyNotFound):
        open_signer(f"file:{directory}#a", environ=ENVIRON)


def test_opening_makes_no_key_store(directory: Path) -> None:
    with pytest.raises(KeyNotFound):
        open_signer(f"file:{directory}#a", environ=ENVIRON)
    assert not directory.exists()


def test_another_passphrase_is_refused(store: KeyStore, directory: Path) -> None:
    store.create("a")
    with pytest.raises(WrongPassphrase):
        open_signer(f"file:{directory}#a", environ={"ECERT_PASSPHRASE": "another"})


def test_without_a_passphrase_the_development_one_warns(store: KeyStore, directory: Path) -> None:
    store.create("a")
    with pytest.warns(DevelopmentPassphraseWarning), pytest.raises(WrongPassphrase):
        open_signer(f"file:{directory}#a", environ={})


@pytest.mark.parametrize("uri", ["file:var/keys", "file:#a", "file://host/var#a", "file:var?x#a", "file:var#"])
def test_another_form_of_file_is_refused(uri: str) -> None:
    with pytest.raises(MalformedKeyUri, match="DIRECTORY#NAME"):
        open_signer(uri, environ=ENVIRON)


@pytest.mark.parametrize("uri", ["", "var/keys#a", "vault:a", "https://a.example/k", "FILE:a#b"])
def test_an_unknown_scheme_is_refused_with_those_that_are_known(uri: str) -> None:
    with pytest.raises(MalformedKeyUri, match="none of: file, pkcs11"):
        open_signer(uri)


@pytest.mark.parametrize(
    "path", ["token=civil;object=a", "token=civil;id=%61", "token=civil;object=a;id=a;type=private"]
)
def test_a_key_of_a_security_module_is_opened(module: FakeModule, path: str) -> None:
    module.add("b", Algorithm.ES256)
    module.add("a", Algorithm.ES256)
    signer = open_signer(f"pkcs11:{path}", environ=HSM)
    signer.public_key.verify(signer.sign(b"x"), b"x")


def test_module_and_pin_may_stand_in_the_uri(module: FakeModule, tmp_path: Path) -> None:
    module.add("a", Algorithm.ES256)
    pin = tmp_path / "pin"
    pin.write_text("1234\n")
    for source in (f"file:{pin}", f"{pin}"):
        assert open_signer(f"pkcs11:token=civil;object=a?module-path=fake.so&pin-source={source}", environ={})


@pytest.mark.parametrize(
    "rest",
    [
        "",
        "token=civil",
        "object=a",
        "token=civil;object=a;type=public",
        "token=civil;object=a;object=b",
        "token=civil;object=",
        "token=civil;object",
        "token=civil;object=a;serial=1",
        "token=civil;object=%ff",
        "token=civil;object=a?pin-value=1234",
        "token=civil;object=a?pin-source=pin",
        "token=civil;object=a?pin-source=/nowhere/pin",
    ],
)
def test_another_form_of_pkcs11_is_refused(module: FakeModule, rest: str) -> None:
    with pytest.raises(MalformedKeyUri):
        open_signer(f"pkcs11:{rest}", environ=HSM)


@pytest.mark.parametrize("variable", HSM)
def test_a_setting_that_is_missing_is_named(module: FakeModule, variable: str) -> None:
    with pytest.raises(MalformedKeyUri, match=variable):
        open_signer("pkcs11:token=civil;object=a", environ={**HSM, variable: ""})


def test_no_error_shows_the_pin(module: FakeModule) -> None:
    with pytest.raises(HsmError, match="PinIncorrect") as refused:
        open_signer("pkcs11:token=civil;object=a", environ=HSM | {"ECERT_PKCS11_PIN": "secret-pin"})
    assert "secret-pin" not in str(refused.value)
