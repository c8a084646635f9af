"""An installation's own state: the public URL, the root, the anchor, a signing key for each issuing department.

Made by the first start, found by every later one. Each step is one atomic ``add`` of a record that the first writer
wins, and each is looked at again on every start: any number of processes may start at once, and a start that was
interrupted is completed by the next one. Records that are not keys stand beside the keys under names with a dot.

The root is kept apart (``$ECERT_HOME/root``): it signs departments' certificates and nothing else, and can be carried
away once they stand.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ecert.errors import PublicUrlChanged, StartInterrupted
from keys.anchor import Anchor
from keys.blobs import Blobs, DirectoryBlobs
from keys.errors import InvalidChain, KeyAlreadyExists
from keys.pki import SigningRequest, create_root, issue_request_certificate, issue_signing_certificate
from keys.signer import SoftwareSigner
from keys.store import KeyStore
from schemas.catalogue import Department
from schemas.types import all_types, department

PUBLIC_URL = ".state/public-url"
ROOT = ".state/root.der"
ANCHOR_KEY = "anchor"
ROOT_KEY = "root"
ROOT_NAME = "江门市电子证照示例根证书"

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Places:
    """Where an installation keeps its keys, and where the root is made when there is none."""

    blobs: Blobs
    root: Path


class Installation:
    """The state of one installation; building it makes what is missing."""

    def __init__(self, places: Places, passphrase: str, *, public_url: str | None, own_url: str, clock: Clock) -> None:
        """Open or make everything.

        Raises:
            PublicUrlChanged: ``public_url`` is not the one of the first start.
            StartInterrupted: the root certificate is there and the root's key, which is needed now, is not.
            WrongPassphrase: the keys are locked with another one.
        """
        self.blobs = places.blobs
        self.keys = KeyStore(places.blobs, passphrase)
        self.clock = clock
        self._root_folder = places.root
        self._passphrase = passphrase
        self.public_url = self._fixed_url(public_url, own_url)
        self.anchor_signer = _create_or_open(self.keys, ANCHOR_KEY)
        self.anchor = Anchor((self.anchor_signer.public_key,))
        for office in issuing_departments():
            self._complete(signing_name(office.id, 1), office)

    def issuer_uri(self, department_id: str) -> str:
        """Return a department's ``iss``."""
        return f"{self.public_url}/issuers/{department_id}"

    def next_key(self, department_id: str) -> SoftwareSigner:
        """Make the department's next signing key with its certificate, and return it; nothing trusts it yet."""
        number = 1 + max(signing_numbers(self.keys, department_id), default=0)
        return self._complete(signing_name(department_id, number), department(department_id))

    def certify_request(self, request: SigningRequest, *, host: str) -> bytes:
        """Return a certificate of the root for a key that signs a relying party's requests.

        Raises:
            StartInterrupted: the root's key is not here.
        """
        root, root_certificate = self._root()
        try:
            return issue_request_certificate(root, root_certificate, request, host=host, now=self.hour())
        except InvalidChain as exc:
            raise StartInterrupted("the root's key is not here, and a relying party has no certificate yet") from exc

    def _fixed_url(self, asked: str | None, own_url: str) -> str:
        self.blobs.add(PUBLIC_URL, (asked or own_url).encode())
        fixed = (self.blobs.read(PUBLIC_URL) or b"").decode()
        if asked is not None and asked != fixed:
            raise PublicUrlChanged(f"public URL is {asked}, signed documents name {fixed}")
        return fixed

    def _complete(self, name: str, office: Department) -> SoftwareSigner:
        """Return the key ``name``, made and certified if it was not."""
        signer = _create_or_open(self.keys, name)
        if signer.chain:
            return signer
        root, root_certificate = self._root()
        request = SigningRequest(signer.public_key, office.name_zh, office.credit_code, self.issuer_uri(office.id))
        try:
            certificate = issue_signing_certificate(root, root_certificate, request, now=self.hour())
        except InvalidChain as exc:
            raise StartInterrupted(f"the root's key is not here, and {office.id} has no certificate yet") from exc
        return self.keys.set_chain(name, (certificate,))

    def _root(self) -> tuple[SoftwareSigner, bytes]:
        signer = _create_or_open(KeyStore(DirectoryBlobs(self._root_folder), self._passphrase), ROOT_KEY)
        certificate = self.blobs.read(ROOT)
        if certificate is None:
            self.blobs.add(ROOT, create_root(signer, name=ROOT_NAME, now=self.hour()))
            certificate = self.blobs.read(ROOT)
        return signer, certificate or b""

    def hour(self) -> datetime:
        """Return the present hour's beginning: credentials' times are rounded down to it, so keys begin there too."""
        return self.clock().replace(minute=0, second=0, microsecond=0)


def issuing_departments() -> tuple[Department, ...]:
    """Return the departments that issue at least one type."""
    return tuple(department(name) for name in dict.fromkeys(ctype.department for ctype in all_types()))


def signing_name(department_id: str, number: int) -> str:
    """Return the name of a department's signing key in the store."""
    return f"issuing/{department_id}/{number}"


def signing_numbers(keys: KeyStore, department_id: str) -> list[int]:
    """Return the numbers of the department's keys, the oldest first."""
    prefix = f"issuing/{department_id}/"
    return sorted(int(name.removeprefix(prefix)) for name in keys.names(prefix))


def _create_or_open(keys: KeyStore, name: str) -> SoftwareSigner:
    try:
        return keys.create(name)
    except KeyAlreadyExists:
        return keys.open(name)
