"""What the tests of ``keys`` share: records in memory, and certificates with one flaw at a time."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from keys.chain import SIGNING_EKU


class MemoryBlobs:
    """Records in a dict; ``before_add`` is called once, between a reader's look and its adding."""

    def __init__(self) -> None:
        self.records: dict[str, bytes] = {}
        self.before_add: Callable[[], object] | None = None

    def read(self, name: str) -> bytes | None:
        return self.records.get(name)

    def add(self, name: str, data: bytes) -> bool:
        interrupt, self.before_add = self.before_add, None
        if interrupt:
            interrupt()
        return self.records.setdefault(name, data) is data

    def replace(self, name: str, data: bytes) -> None:
        self.records[name] = data

    def remove(self, name: str) -> None:
        self.records.pop(name, None)

    def names(self, prefix: str = "") -> list[str]:
        return [name for name in self.records if name.startswith(prefix)]


NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
DAY = timedelta(days=1)
ISSUER = "https://ecert.example/issuers/civil-affairs"
LEAF_USAGE = x509.KeyUsage(True, False, False, False, False, False, False, False, False)
CA_USAGE = x509.KeyUsage(False, False, False, False, False, True, True, False, False)


@dataclass(frozen=True)
class Draft:
    """A certificate to be made; a test changes one member and so makes one flaw."""

    subject: str
    issuer: str
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
    by: ec.EllipticCurvePrivateKey
    extensions: tuple[tuple[x509.ExtensionType, bool], ...]
    start: datetime = NOW - 10 * DAY
    end: datetime = NOW + 10 * DAY
    digest: hashes.HashAlgorithm = field(default_factory=hashes.SHA256)

    def der(self) -> bytes:
        """Return the certificate."""
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, self.subject)]))
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, self.issuer)]))
            .serial_number(x509.random_serial_number())
            .public_key(self.key.public_key())
            .not_valid_before(self.start)
            .not_valid_after(self.end)
        )
        for value, critical in self.extensions:
            builder = builder.add_extension(value, critical=critical)
        return builder.sign(self.by, self.digest).public_bytes(serialization.Encoding.DER)  # type: ignore[arg-type]

    def having(self, *values: x509.ExtensionType, critical: bool = True) -> "Draft":
        """Return the draft with these extensions in place of those of the same kind."""
        kinds = tuple(type(value) for value in values)
        kept = tuple(item for item in self.extensions if not isinstance(item[0], kinds))
        return replace(self, extensions=kept + tuple((value, critical) for value in values))

    def lacking(self, kind: type[x509.ExtensionType]) -> "Draft":
        """Return the draft without the extensions of this kind."""
        return replace(self, extensions=tuple(item for item in self.extensions if not isinstance(item[0], kind)))


@dataclass(frozen=True)
class Chain:
    """A chain that is right: root, one CA under it, one leaf; ``ders`` is what a token would carry."""

    root: Draft
    middle: Draft
    leaf: Draft

    @classmethod
    def good(cls) -> "Chain":
        """Return a chain of new keys in which everything is right."""
        keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(3)]
        authority = ((x509.BasicConstraints(ca=True, path_length=None), True), (CA_USAGE, True))
        end = (
            (x509.BasicConstraints(ca=False, path_length=None), True),
            (LEAF_USAGE, True),
            (x509.ExtendedKeyUsage([SIGNING_EKU]), False),
            (x509.SubjectAlternativeName([x509.UniformResourceIdentifier(ISSUER)]), False),
        )
        return cls(
            Draft("root", "root", keys[0], keys[0], authority),
            Draft("middle", "root", keys[1], keys[0], authority),
            Draft("leaf", "middle", keys[2], keys[1], end),
        )

    @property
    def ders(self) -> tuple[bytes, ...]:
        """The leaf and the CA above it, without the root."""
        return (self.leaf.der(), self.middle.der())
