"""Issuers that live as long as the process: a new did:key for every mechanism at every start."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ecert.vc_api.errors import MethodNotResolved, NoSuchIssuer
from ecert.vc_api.mechanisms import MECHANISMS, Mechanism
from keys import did
from keys.errors import MalformedKey
from keys.public import PublicKey
from keys.signer import Signer, SoftwareSigner

_METHOD = "did:key:"


class UnsafeVcApiWarning(UserWarning):
    """The VC-API is on: whoever reaches it may sign as its issuers. Never in production."""


@dataclass(frozen=True, slots=True)
class EphemeralIssuer:
    """One instance: its mechanism, its key, its id (a ``did:key``)."""

    mechanism: Mechanism
    signer: Signer
    id: str

    @property
    def verification_method(self) -> str:
        """The key's own name: ``did:key:z…#z…`` (did:key, 3.1.3)."""
        return method_of(self.id)


class UnsafeEphemeralIssuers:
    """Every instance, by name; the private keys are in memory and nowhere else."""

    def __init__(self) -> None:
        self._by_name: Mapping[str, EphemeralIssuer] = MappingProxyType(
            {mechanism.name: _made(mechanism) for mechanism in MECHANISMS}
        )

    def named(self, name: str) -> EphemeralIssuer:
        """Return the instance; raises NoSuchIssuer."""
        found = self._by_name.get(name)
        if found is None:
            raise NoSuchIssuer("no issuer instance has this name")
        return found

    def ids(self) -> dict[str, str]:
        """Return name → id, as ``GET /issuers`` answers."""
        return {name: issuer.id for name, issuer in self._by_name.items()}


def _made(mechanism: Mechanism) -> EphemeralIssuer:
    signer = SoftwareSigner.generate(mechanism.algorithm)
    return EphemeralIssuer(mechanism, signer, did.to_did_key(signer.public_key))


def method_of(did_key: str) -> str:
    """Return the one verification method of a ``did:key``."""
    return f"{did_key}#{did_key.removeprefix(_METHOD)}"


def controller_of(method: str) -> str:
    """Return who controls a verification method: the DID before its fragment."""
    return method.partition("#")[0]


def resolve(method: str) -> PublicKey:
    """Return the key of ``did:key:z…#z…``; raises MethodNotResolved for anything else."""
    did_key, _, fragment = method.partition("#")
    if not did_key.startswith(_METHOD) or fragment != did_key.removeprefix(_METHOD):
        raise MethodNotResolved("verification method is not of the form did:key:z…#z…")
    try:
        return did.from_did(did_key)
    except MalformedKey as exc:
        raise MethodNotResolved("verification method is no did:key of a supported kind") from exc
