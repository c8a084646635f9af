"""A stand-in for python-pkcs11: as much of it as ``keys.hsm`` uses, over software keys."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from types import ModuleType, SimpleNamespace
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from keys.algorithms import EC, Algorithm, der_to_raw


class PKCS11Error(RuntimeError):
    """The root of the stand-in's errors."""


class PinIncorrect(PKCS11Error):
    """The PIN is another one."""


class NoSuchToken(PKCS11Error):
    """No token has this label."""


PARAMS = {
    Algorithm.ES256: bytes.fromhex("06082a8648ce3d030107"),
    Algorithm.ES384: bytes.fromhex("06052b81040022"),
    Algorithm.ES512: bytes.fromhex("06052b81040023"),
    Algorithm.EDDSA: b"\x13\x0cedwards25519",
}


@dataclass
class Thing:
    """An object of a token: a dict of attributes, and a key where it signs."""

    attributes: dict[str, Any]
    key: Any = None

    def __getitem__(self, name: str) -> Any:
        return self.attributes[name]

    def sign(self, data: bytes, *, mechanism: str) -> bytes:
        """Sign as the mechanism says: ECDSA over a digest, EDDSA over a message."""
        if isinstance(self.key, ed25519.Ed25519PrivateKey):
            assert mechanism == "EDDSA"
            return self.key.sign(data)
        assert mechanism == "ECDSA"
        digest = {32: hashes.SHA256(), 48: hashes.SHA384(), 64: hashes.SHA512()}[len(data)]
        return der_to_raw(self.key.sign(data, ec.ECDSA(Prehashed(digest))), (self.key.curve.key_size + 7) // 8)


@dataclass
class FakeModule:
    """A module with one token ``civil`` with the PIN 1234; ``opened`` counts the logins."""

    things: list[Thing] = field(default_factory=list)
    opened: int = 0

    def add(self, label: str, algorithm: Algorithm, *, public: bool = True, wrapped: bool = True) -> Any:
        """Add a key pair and return its private key."""
        if algorithm is Algorithm.EDDSA:
            key: Any = ed25519.Ed25519PrivateKey.generate()
            point = key.public_key().public_bytes_raw()
        else:
            key = ec.generate_private_key(EC[algorithm].curve)
            numbers, size = key.public_key().public_numbers(), EC[algorithm].size
            point = b"\x04" + numbers.x.to_bytes(size, "big") + numbers.y.to_bytes(size, "big")
        self.things.append(Thing({"CLASS": "PRIVATE_KEY", "LABEL": label, "ID": label.encode()}, key))
        if public:
            head = bytes((4, len(point))) if len(point) < 128 else bytes((4, 0x81, len(point)))
            value = head + point if wrapped else point
            self.put(label, "PUBLIC_KEY", EC_PARAMS=PARAMS[algorithm], EC_POINT=value)
        return key

    def put(self, label: str, kind: str, **attributes: bytes) -> None:
        """Add an object."""
        self.things.append(Thing({"CLASS": kind, "LABEL": label, "ID": label.encode()} | attributes))

    def get_token(self, *, token_label: str) -> "FakeModule":
        if token_label != "civil":
            raise NoSuchToken
        return self

    def open(self, *, user_pin: str) -> "FakeModule":
        if user_pin != "1234":
            raise PinIncorrect
        self.opened += 1
        return self

    def get_objects(self, wanted: dict[str, Any]) -> Iterator[Thing]:
        return (thing for thing in self.things if wanted.items() <= thing.attributes.items())


def fake_pkcs11(modules: dict[str, FakeModule]) -> ModuleType:
    """Return a stand-in for the package ``pkcs11`` that loads ``modules`` by the name of their library."""
    package = ModuleType("pkcs11")

    def lib(name: str) -> FakeModule:
        if name not in modules:
            raise PKCS11Error("cannot open shared object file")
        return modules[name]

    names = ("CLASS", "LABEL", "ID", "VALUE", "EC_PARAMS", "EC_POINT")
    kinds = ("PRIVATE_KEY", "PUBLIC_KEY", "CERTIFICATE")
    package.__dict__.update(
        lib=lib,
        PKCS11Error=PKCS11Error,
        Attribute=SimpleNamespace(**{name: name for name in names}),
        ObjectClass=SimpleNamespace(**{kind: kind for kind in kinds}),
        Mechanism=SimpleNamespace(ECDSA="ECDSA", EDDSA="EDDSA"),
    )
    return package
