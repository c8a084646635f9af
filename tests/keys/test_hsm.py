"""Keys in a security module: over a stand-in always, over SoftHSM2 where its library is present."""

import os
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519

from keys import hsm, jws
from keys.algorithms import Algorithm
from keys.errors import HsmError
from keys.hsm import HsmKey, HsmSigner, open_hsm_signer
from keys.pki import SigningRequest, create_root, issue_signing_certificate
from keys.public import PublicKey
from keys.signer import SoftwareSigner
from tests.support.pkcs11 import FakeModule, fake_pkcs11

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
WHERE = HsmKey("fake.so", "civil", "amr", None)
SOFTHSM = [Path("/usr/lib/softhsm/libsofthsm2.so"), Path("/usr/local/lib/softhsm/libsofthsm2.so")]
ROOT = SoftwareSigner.generate()
ROOT_CERTIFICATE = create_root(ROOT, name="root", now=NOW)


def certificate(key: PublicKey) -> bytes:
    request = SigningRequest(key, "示例市市场监督管理局", "11440799MB2D00000X", "https://ecert.example/issuers/amr")
    return issue_signing_certificate(ROOT, ROOT_CERTIFICATE, request, now=NOW)


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> FakeModule:
    fake = FakeModule()
    monkeypatch.setitem(sys.modules, "pkcs11", fake_pkcs11({"fake.so": fake}))
    # A cache of its own: the real one holds the one login of a real token.
    monkeypatch.setattr(hsm, "_open_session", lru_cache(hsm._open_session.__wrapped__))
    return fake


def opened(where: HsmKey = WHERE, pin: str = "1234") -> HsmSigner:
    return open_hsm_signer(where, pin=pin)


@pytest.mark.parametrize("wrapped", [True, False])
@pytest.mark.parametrize("algorithm", Algorithm)
def test_a_key_signs_in_the_module(module: FakeModule, algorithm: Algorithm, wrapped: bool) -> None:
    module.add("amr", algorithm, wrapped=wrapped)
    signer = opened()
    assert signer.public_key.algorithm is algorithm
    assert jws.peek(jws.sign(b"{}", signer, typ="t")).verified_by(signer.public_key) == {}


def test_a_key_is_found_by_its_id(module: FakeModule) -> None:
    module.add("other", Algorithm.ES256)
    key = module.add("amr", Algorithm.ES256)
    assert opened(replace(WHERE, label=None, id=b"amr")).public_key == PublicKey(key.public_key())


def test_the_chain_is_the_certificate_beside_the_key(module: FakeModule) -> None:
    key = module.add("amr", Algorithm.ES256)
    der = certificate(PublicKey(key.public_key()))
    module.put("amr", "CERTIFICATE", VALUE=der)
    assert opened().chain == (der,)


def test_without_a_public_key_the_certificate_tells_it(module: FakeModule) -> None:
    key = module.add("amr", Algorithm.ES384, public=False)
    module.put("amr", "CERTIFICATE", VALUE=certificate(PublicKey(key.public_key())))
    assert opened().public_key == PublicKey(key.public_key())


def test_without_both_the_key_is_refused(module: FakeModule) -> None:
    module.add("amr", Algorithm.ES256, public=False)
    with pytest.raises(HsmError, match="neither"):
        opened()


def test_a_certificate_of_another_key_is_refused(module: FakeModule) -> None:
    module.add("amr", Algorithm.ES256)
    module.put("amr", "CERTIFICATE", VALUE=certificate(SoftwareSigner.generate().public_key))
    with pytest.raises(HsmError, match="does not belong"):
        opened()


def test_a_public_key_of_another_key_is_refused(module: FakeModule) -> None:
    module.add("amr", Algorithm.EDDSA)
    module.things[0].key = ed25519.Ed25519PrivateKey.generate()
    with pytest.raises(HsmError, match="does not belong"):
        opened()


@pytest.mark.parametrize("count", [0, 2])
def test_a_name_stands_for_one_key(module: FakeModule, count: int) -> None:
    for _ in range(count):
        module.add("amr", Algorithm.ES256)
    with pytest.raises(HsmError, match=f"{count} private keys"):
        opened()


@pytest.mark.parametrize(
    ("name", "value", "fact"),
    [
        ("EC_PARAMS", b"\x06\x05\x2b\x81\x04\x00\x0a", "curve"),
        ("EC_POINT", b"\x04" * 65, "point"),
        ("EC_POINT", b"", "point"),
    ],
    ids=["secp256k1", "off the curve", "empty"],
)
def test_a_public_key_that_is_none_of_ours_is_refused(module: FakeModule, name: str, value: bytes, fact: str) -> None:
    module.add("amr", Algorithm.ES256)
    module.things[1].attributes[name] = value
    with pytest.raises(HsmError, match=fact):
        opened()


@pytest.mark.parametrize(
    ("where", "pin", "fact"),
    [
        (replace(WHERE, module="none.so"), "1234", "cannot be loaded"),
        (replace(WHERE, token="other"), "1234", "NoSuchToken"),
        (WHERE, "0000", "PinIncorrect"),
    ],
    ids=["library", "token", "PIN"],
)
def test_what_cannot_be_reached_is_our_error(module: FakeModule, where: HsmKey, pin: str, fact: str) -> None:
    with pytest.raises(HsmError, match=fact):
        opened(where, pin)


def test_signers_of_a_token_share_its_login(module: FakeModule) -> None:
    module.add("amr", Algorithm.ES256)
    module.add("civil-affairs", Algorithm.ES256)
    opened()
    opened(replace(WHERE, label="civil-affairs"))
    assert module.opened == 1


def test_without_the_package_the_extra_is_named(module: FakeModule, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pkcs11", None)
    with pytest.raises(HsmError, match="extra hsm"):
        opened()


def test_a_signer_shows_its_public_key_alone(module: FakeModule) -> None:
    module.add("amr", Algorithm.ES256)
    signer = opened()
    assert repr(signer) == f"HsmSigner({signer.public_key!r})"


@pytest.fixture(scope="module")
def softhsm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The library of SoftHSM2 with a token ``civil`` that holds a key of each algorithm."""
    found = [path for path in SOFTHSM if path.exists()]
    if not found:
        pytest.skip("SOFTHSM2 IS NOT HERE: keys in a security module are tested over a stand-in alone")
    pkcs11 = pytest.importorskip("pkcs11", reason="PYTHON-PKCS11 IS NOT HERE: install the extra hsm")
    folder = tmp_path_factory.mktemp("softhsm")
    (folder / "tokens").mkdir()
    (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder / 'tokens'}\nlog.level = ERROR\n")
    os.environ["SOFTHSM2_CONF"] = str(folder / "softhsm2.conf")  # read by the library when it is loaded
    command = ["softhsm2-util", "--init-token", "--free", "--label", "civil", "--so-pin", "12345678", "--pin", "1234"]
    subprocess.run(command, check=True, capture_output=True)
    _fill(pkcs11, str(found[0]))
    return found[0]


def _fill(pkcs11: Any, library: str) -> None:
    kinds = {
        Algorithm.ES256: ("secp256r1", pkcs11.KeyType.EC, pkcs11.Mechanism.EC_KEY_PAIR_GEN),
        Algorithm.ES384: ("secp384r1", pkcs11.KeyType.EC, pkcs11.Mechanism.EC_KEY_PAIR_GEN),
        Algorithm.ES512: ("secp521r1", pkcs11.KeyType.EC, pkcs11.Mechanism.EC_KEY_PAIR_GEN),
        Algorithm.EDDSA: ("1.3.101.112", pkcs11.KeyType.EC_EDWARDS, pkcs11.Mechanism.EC_EDWARDS_KEY_PAIR_GEN),
    }
    with pkcs11.lib(library).get_token(token_label="civil").open(rw=True, user_pin="1234") as session:
        for algorithm, (curve, kind, mechanism) in kinds.items():
            encoded = pkcs11.util.ec.encode_named_curve_parameters(curve)
            parameters = session.create_domain_parameters(kind, {pkcs11.Attribute.EC_PARAMS: encoded}, local=True)
            parameters.generate_keypair(label=algorithm.value, id=b"\x01", store=True, mechanism=mechanism)


@pytest.mark.parametrize("algorithm", Algorithm)
def test_a_key_of_softhsm_signs(softhsm: Path, algorithm: Algorithm) -> None:
    signer = opened(HsmKey(str(softhsm), "civil", algorithm.value, None))
    assert signer.public_key.algorithm is algorithm
    assert jws.peek(jws.sign(b"{}", signer, typ="t")).verified_by(signer.public_key) == {}


def test_the_certificate_of_a_softhsm_key_is_found(softhsm: Path) -> None:
    where = HsmKey(str(softhsm), "civil", "ES256", None)
    signer = opened(where)
    der = certificate(signer.public_key)
    pkcs11 = pytest.importorskip("pkcs11")
    kind, attribute = pkcs11.CertificateType.X_509, pkcs11.Attribute
    template = {attribute.CLASS: pkcs11.ObjectClass.CERTIFICATE, attribute.CERTIFICATE_TYPE: kind}
    subject = {attribute.SUBJECT: b"0\0", attribute.LABEL: "ES256", attribute.VALUE: der, attribute.ID: b"\x01"}
    with signer._session.entered():
        kept = signer._session.handle.create_object(template | subject)
    assert opened(where).chain == (der,)
    kept.destroy()


def test_many_threads_may_sign_at_once(softhsm: Path) -> None:
    signer = opened(HsmKey(str(softhsm), "civil", "ES256", None))
    signatures: list[bytes] = []
    threads = [threading.Thread(target=lambda: signatures.append(signer.sign(b"x"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for signature in signatures:
        signer.public_key.verify(signature, b"x")
    assert len(signatures) == 8
