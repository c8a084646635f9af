"""The issuer's ports in memory, for tests: a ledger, keys, a holder directory, a delivery, a clock."""

import hashlib
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from issuer import records
from issuer.errors import (
    RowKeyConflict,
    StateChanged,
    StatusListFull,
    TooManyCredentials,
    UnknownCertificate,
    UnknownStatusList,
)
from issuer.permutation import permute
from issuer.records import (
    Act,
    CertificateRecord,
    CredentialIntent,
    Intent,
    RecordedIntent,
    State,
    StatusListRow,
    StatusValue,
)
from keys.encoding import b64url_text
from keys.public import PublicKey
from keys.signer import SoftwareSigner
from schemas.formats.issued import issuer_part
from schemas.order import CredentialId, HolderId, HolderRef, Identifier, IssuedCredential, StatusRef
from tests.support.status_store_fake import MemoryStatusStore

_VALUES = {
    State.ISSUED: StatusValue.VALID,
    State.SUSPENDED: StatusValue.SUSPENDED,
    State.REVOKED: StatusValue.INVALID,
    State.CANCELLED: StatusValue.INVALID,
    State.REPLACED: StatusValue.REPLACED,
}


class UnsafeLedgerWarning(UserWarning):
    """A ledger that forgets everything when the process ends is in use."""


@dataclass(slots=True)
class _List:
    uri: str
    department: str
    key: bytes
    taken: int = 0


@dataclass(slots=True)
class _Planned:
    credential: CredentialIntent
    status: StatusRef
    issued: IssuedCredential | None = None
    delivered: bool = False


@dataclass(slots=True)
class _Certificate:
    intent: Intent
    state: State
    planned: list[_Planned]
    acts: list[Act] = field(default_factory=list)


class UnsafeMemoryLedger(MemoryStatusStore):
    """A ledger in memory; not for production: it warns on construction."""

    def __init__(self, *, size: int = 2**20, max_lists: int = 1000) -> None:
        warnings.warn("UnsafeMemoryLedger forgets everything", UnsafeLedgerWarning, stacklevel=2)
        super().__init__()
        self._size = size
        self._max_lists = max_lists
        self._certificates: dict[Identifier, _Certificate] = {}
        self._row_keys: dict[tuple[str, str], Identifier] = {}
        self._lists: list[_List] = []

    def record_intents(self, intents: Sequence[Intent]) -> list[RecordedIntent]:
        """Record intents; all or none."""
        fresh: dict[tuple[str, str], Intent] = {}
        for intent in intents:
            self._check(intent, fresh)
        return [self._record(intent) for intent in intents]

    def record_issued(self, issued: Sequence[tuple[Identifier, Sequence[IssuedCredential]]]) -> set[Identifier]:
        """Record signatures; all or none."""
        for identifier, _ in issued:
            certificate = self._certificate(identifier)
            if certificate.state is State.PREPARED and certificate.intent.replaces:
                self._replaceable(certificate.intent.replaces)
        return {
            identifier for identifier, credentials in issued if self._sign(self._certificate(identifier), credentials)
        }

    def recorded_as(self, department: str, row_key: str) -> Identifier | None:
        """Return the certificate of a row key."""
        return self._row_keys.get((department, row_key))

    def unfinished(self, *, limit: int) -> list[RecordedIntent]:
        """Return what was planned and never signed."""
        found = []
        for certificate in self._certificates.values():
            replaced = certificate.intent.replaces
            waiting = [planned for planned in certificate.planned if planned.issued is None]
            blocked = certificate.state is State.PREPARED and replaced is not None
            if blocked and self._certificate(replaced).state is not State.ISSUED:  # type: ignore[arg-type]
                continue
            if waiting and certificate.state in (State.PREPARED, State.ISSUED):
                intent = replace(certificate.intent, credentials=tuple(planned.credential for planned in waiting))
                found.append(RecordedIntent(intent, tuple(planned.status for planned in waiting)))
        return found[:limit]

    def add_credentials(self, identifier: Identifier, intent: Intent) -> RecordedIntent:
        """Plan further credentials."""
        certificate = self._certificate(identifier)
        if certificate.state is not State.ISSUED:
            raise StateChanged(f"certificate is {certificate.state}, expected issued")
        for form in {each.format for each in intent.credentials}:
            held = [each for each in certificate.planned if each.credential.format == form]
            in_force = [each for each in held if each.issued is None or each.issued.expires_at > intent.planned_at]
            if len(in_force) + sum(each.format == form for each in intent.credentials) > records.MAX_IN_FORCE:
                raise TooManyCredentials("certificate would have too many credentials in force")
        planned = [self._plan(intent.department, credential) for credential in intent.credentials]
        certificate.planned += planned
        return RecordedIntent(intent, tuple(each.status for each in planned))

    def certificate(self, identifier: Identifier) -> CertificateRecord:
        """Return a certificate."""
        found = self._certificate(identifier)
        credentials = tuple(planned.issued for planned in found.planned if planned.issued)
        return CertificateRecord(found.intent, found.state, credentials, tuple(found.acts))

    def standing(self, identifier: Identifier) -> CertificateRecord:
        """Return a certificate without credentials and acts."""
        found = self._certificate(identifier)
        return CertificateRecord(found.intent, found.state, (), ())

    def standings(self, identifiers: Iterable[Identifier]) -> dict[Identifier, CertificateRecord]:
        """Return certificates without credentials and acts."""
        return {each: self.standing(each) for each in identifiers if each in self._certificates}

    def apply(self, act: Act, *, expected: State, new: State, value: int) -> CertificateRecord:
        """Record an act."""
        certificate = self._certificate(act.identifier)
        if certificate.state is not expected:
            raise StateChanged(f"certificate is {certificate.state}, expected {expected}")
        assert _VALUES[new] == value, "the value does not fit the state"
        certificate.state = new
        certificate.acts.append(act)
        self._ask(certificate, value=value, at=act.at)
        return replace(self.certificate(act.identifier), credentials=())

    def lists_of(self, identifier: Identifier) -> list[str]:
        """Return the lists in which a certificate stands."""
        found = self._certificates.get(identifier)
        return list(dict.fromkeys(each.status.uri for each in found.planned)) if found else []

    def serial_taken(self, serials: Iterable[str]) -> set[str]:
        """Return the serials in use."""
        return set(serials) & {identifier.split(".")[-3] for identifier in self._certificates}

    def status_lists(self) -> list[StatusListRow]:
        """Return every list."""
        return [StatusListRow(each.uri, each.department, self._size, each.taken) for each in self._lists]

    def status_values(self, uri: str) -> Mapping[int, int]:
        """Return the values that are not 0."""
        if uri not in {each.uri for each in self._lists}:
            raise UnknownStatusList("no status list has this uri")
        return {
            planned.status.index: int(_VALUES[certificate.state])
            for certificate in self._certificates.values()
            if _VALUES.get(certificate.state)
            for planned in certificate.planned
            if planned.status.uri == uri
        }

    def known_uris(self) -> Iterable[str]:
        """Return the lists that there are."""
        return [each.uri for each in self._lists]

    def issued_digests(self, kid: str) -> list[str]:
        """Return digests of the issuer-signed JWTs of a key."""
        parts = [
            issuer_part(planned.issued.format, planned.issued.token)
            for certificate in self._certificates.values()
            for planned in certificate.planned
            if planned.issued
        ]
        return sorted(b64url_text(hashlib.sha256(part.text.encode()).digest()) for part in parts if part.kid == kid)

    def undelivered(self, *, limit: int) -> list[IssuedCredential]:
        """Return what no wallet has."""
        waiting = [
            planned.issued
            for certificate in self._certificates.values()
            for planned in certificate.planned
            if planned.issued and not planned.delivered and not planned.credential.fetched
        ]
        return waiting[:limit]

    def mark_delivered(self, credentials: Sequence[IssuedCredential]) -> None:
        """Note what the wallets have."""
        arrived = {credential.credential_id for credential in credentials}
        for certificate in self._certificates.values():
            for planned in certificate.planned:
                planned.delivered = planned.delivered or planned.credential.credential_id in arrived

    def _check(self, intent: Intent, fresh: dict[tuple[str, str], Intent]) -> None:
        if intent.row_key is not None:
            key = (intent.department, intent.row_key)
            known = self._row_keys.get(key)
            first = self._certificates[known].intent if known else fresh.setdefault(key, intent)
            if first.row_digest != intent.row_digest:
                raise RowKeyConflict("row key was used for another content")
            if known:
                return
        if intent.replaces:
            self._replaceable(intent.replaces)
            if any(other.intent.replaces == intent.replaces for other in self._certificates.values()):
                raise StateChanged("another intent replaces the certificate")

    def _replaceable(self, identifier: Identifier) -> None:
        state = self._certificate(identifier).state
        if state is not State.ISSUED:
            raise StateChanged(f"certificate is {state}, expected issued")

    def _record(self, intent: Intent) -> RecordedIntent:
        known = self._row_keys.get((intent.department, intent.row_key)) if intent.row_key is not None else None
        if known is not None:
            found = self._certificates[known]
            first = found.planned[: len(found.intent.credentials)]
            issued = tuple(planned.issued for planned in first if planned.issued)
            return RecordedIntent(found.intent, tuple(planned.status for planned in first), issued)
        planned = [self._plan(intent.department, credential) for credential in intent.credentials]
        self._certificates[intent.identifier] = _Certificate(intent, State.PREPARED, planned)
        if intent.row_key is not None:
            self._row_keys[intent.department, intent.row_key] = intent.identifier
        return RecordedIntent(intent, tuple(each.status for each in planned))

    def _plan(self, department: str, credential: CredentialIntent) -> _Planned:
        mine = [each for each in self._lists if each.department == department and each.taken < self._size]
        if not mine:
            if len(self._lists) >= self._max_lists:
                raise StatusListFull("no list has an index left")
            number = len(self._lists)
            uri = f"https://ecert.example/status/list-{number}"
            mine = [_List(uri, department, hashlib.sha256(uri.encode()).digest())]
            self._lists += mine
        chosen = mine[0]
        index = permute(chosen.taken, self._size, chosen.key)
        chosen.taken += 1
        return _Planned(credential, StatusRef(chosen.uri, index))

    def _sign(self, certificate: _Certificate, credentials: Sequence[IssuedCredential]) -> bool:
        by_id = {credential.credential_id: credential for credential in credentials}
        late = any(each.issued and each.credential.credential_id in by_id for each in certificate.planned)
        for planned in certificate.planned:
            if planned.issued is None:
                planned.issued = by_id.get(planned.credential.credential_id)
        if certificate.state is not State.PREPARED:
            return late
        certificate.state = State.ISSUED
        intent = certificate.intent
        if intent.replaces:
            replaced = self._certificate(intent.replaces)
            replaced.state = State.REPLACED
            self._ask(replaced, value=StatusValue.REPLACED, at=intent.planned_at)
            if intent.decision:
                replaced.acts.append(intent.decision)
        return late

    def _ask(self, certificate: _Certificate, *, value: int, at: datetime) -> None:
        uris = [planned.status.uri for planned in certificate.planned]
        self.ask(certificate.intent.identifier, uris, value=int(value), at=at)

    def _certificate(self, identifier: Identifier) -> _Certificate:
        if identifier not in self._certificates:
            raise UnknownCertificate("no certificate has this identifier")
        return self._certificates[identifier]


class FakeKeys:
    """One signing key a department, made when first asked for."""

    def __init__(self, make: Callable[[], SoftwareSigner] = SoftwareSigner.generate) -> None:
        self._make = make
        self._signers: dict[str, SoftwareSigner] = {}

    def signer(self, department: str) -> SoftwareSigner:
        """Return the department's key."""
        if department not in self._signers:
            self._signers[department] = self._make()
        return self._signers[department]

    def rotate(self, department: str) -> None:
        """Give the department a new key."""
        self._signers.pop(department, None)

    def issuer_uri(self, department: str) -> str:
        """Return the department's ``iss``."""
        return f"https://ecert.example/issuers/{department}"


class FakeDirectory:
    """Holders by number; each gets a key unless ``keys`` is off."""

    def __init__(self, *, keys: bool = True) -> None:
        self._keys = keys
        self.holders: dict[tuple[str, str], HolderRef] = {}
        self.signers: dict[HolderId, SoftwareSigner] = {}

    def resolve(self, code_type: str, code: str, name: str) -> HolderRef:
        """Return the holder of a number."""
        if (code_type, code) not in self.holders:
            holder_id = HolderId(f"holder-{len(self.holders) + 1}")
            key = self._new_key(holder_id) if self._keys else None
            self.holders[code_type, code] = HolderRef(holder_id, key)
        return self.holders[code_type, code]

    def _new_key(self, holder_id: HolderId) -> PublicKey:
        self.signers[holder_id] = SoftwareSigner.generate()
        return self.signers[holder_id].public_key


class FakeDelivery:
    """Wallets that keep what arrives; ``failing`` makes the way impassable."""

    def __init__(self) -> None:
        self.arrived: dict[CredentialId, IssuedCredential] = {}
        self.failing: Exception | None = None

    def deliver(self, credentials: Sequence[IssuedCredential]) -> None:
        """Keep credentials."""
        if self.failing:
            raise self.failing
        self.arrived |= {credential.credential_id: credential for credential in credentials}


class FixedClock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime = datetime(2026, 3, 2, 1, 23, 45, tzinfo=UTC)) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """Return the moment it stands at."""
        return self.now

    def move(self, by: timedelta) -> None:
        """Let time pass."""
        self.now += by
