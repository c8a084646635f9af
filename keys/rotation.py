"""Key rotation: a department's keys are versions of one name, ``issuing/amr/1``, ``issuing/amr/2`` …

The newest version that has a certificate signs. The older ones sign no more and still verify: they stand on the trust
list in their own period, and for as long after it as what they signed may be valid.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from keys.algorithms import Algorithm
from keys.errors import KeyNotFound
from keys.pki import SIGNING_DAYS, SigningRequest, describe, issue_signing_certificate
from keys.signer import SoftwareSigner
from keys.store import KeyStore
from keys.trust import TrustedKey

LONGEST_CREDENTIAL = timedelta(days=366)  # ADR 5: a credential ends a year after it was signed at the latest


@dataclass(frozen=True, slots=True)
class Department:
    """Whose keys they are: the name that the versions share (``issuing/amr``) and what the certificates say."""

    name: str
    office: str
    credit_code: str
    issuer: str


@dataclass(frozen=True, slots=True)
class Root:
    """The key and the certificate that signing certificates are issued with; opened for the act alone."""

    signer: SoftwareSigner
    certificate: bytes


@dataclass(frozen=True, slots=True)
class KeyVersion:
    """One version: its number, and its signer with its certificate."""

    number: int
    signer: SoftwareSigner

    def trusted(self) -> TrustedKey:
        """Return the key with the period of its certificate, as the trust list names it."""
        facts = describe(self.signer.chain[0])
        return TrustedKey(self.signer.public_key, facts.not_before, facts.not_after)


def rotate(
    store: KeyStore,
    department: Department,
    root: Root,
    *,
    now: datetime,
    days: int = SIGNING_DAYS,
    algorithm: Algorithm = Algorithm.ES256,
) -> KeyVersion:
    """Return a new version with a certificate from ``now``; the first one where there is none.

    A version that a crash left without its certificate is finished instead of a second one made.
    Credentials name the beginning of their hour as ``iat``: give it as ``now``, or the first ones lie before their key.

    Raises:
        KeyStoreError, InvalidChain, KeysError: as the store and ``issue_signing_certificate``.
    """
    numbers = _numbers(store, department.name)
    number = numbers[-1] if numbers else 0
    if not numbers or store.open(f"{department.name}/{number}").chain:
        number += 1
        store.create(f"{department.name}/{number}", algorithm)
    name = f"{department.name}/{number}"
    key = store.open(name).public_key
    request = SigningRequest(key, department.office, department.credit_code, department.issuer)
    certificate = issue_signing_certificate(root.signer, root.certificate, request, now=now, days=days)
    return KeyVersion(number, store.set_chain(name, (certificate,)))


def versions(store: KeyStore, name: str) -> tuple[KeyVersion, ...]:
    """Return the versions of ``name`` that have a certificate, oldest first."""
    opened = (KeyVersion(number, store.open(f"{name}/{number}")) for number in _numbers(store, name))
    return tuple(version for version in opened if version.signer.chain)


def current(store: KeyStore, name: str) -> SoftwareSigner:
    """Return the signer of the newest version of ``name``; raises KeyNotFound where there is none."""
    found = versions(store, name)
    if not found:
        raise KeyNotFound(f"key store has no key with a certificate named {name}")
    return found[-1].signer


def trusted_keys(
    found: Iterable[KeyVersion], *, now: datetime, keep: timedelta = LONGEST_CREDENTIAL
) -> tuple[TrustedKey, ...]:
    """Return what the trust list says of these versions; those that ended more than ``keep`` ago are left out."""
    listed = (version.trusted() for version in found)
    return tuple(key for key in listed if key.not_after is None or now <= key.not_after + keep)


def _numbers(store: KeyStore, name: str) -> list[int]:
    tails = (found.removeprefix(name + "/") for found in store.names(name + "/"))
    return sorted(int(tail) for tail in tails if tail.isdecimal() and tail.isascii() and tail == str(int(tail)))
