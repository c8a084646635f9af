"""The trust list of an installation and the signing keys that it names: current, rotated, withdrawn.

Every version is a record of its own (``.state/trust/<version>``), added once: of two writers one wins and the other
looks again, so a version never stands for two lists. The signed list is the only place that says which key is present.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ecert.errors import CommandFailed
from ecert.installation import ROOT, Installation, issuing_departments, signing_name, signing_numbers
from keys.pki import describe
from keys.signer import SoftwareSigner
from keys.trust import TrustedKey, TrustEntry, TrustList, Withdrawal, read_trust_list, write_trust_list
from schemas.types import all_types, department

GOOD_FOR = timedelta(days=7)
RENEWED_AFTER = timedelta(days=1)
_PREFIX = ".state/trust/"
_KEPT_VERSIONS = 3
_LOOK_AGAIN = 2.0  # seconds after which another process's change is seen


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """One signing key as an operator sees it."""

    department: str
    name: str
    kid: str
    not_before: datetime
    not_after: datetime
    state: str  # "present", "earlier", "withdrawn"


class Trust:
    """The trust list and its keys. Fulfils the issuer's port ``SigningKeys``."""

    def __init__(
        self,
        installation: Installation,
        *,
        others: Mapping[str, TrustEntry] | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """``others`` are trusted issuers of other installations; the list has them while they are given."""
        self._home = installation
        self._others = others or {}
        self._monotonic = monotonic
        self._signers: dict[str, SoftwareSigner] = {}
        self._text = ""
        self._list: TrustList | None = None
        self._looked = float("-inf")
        self.refresh()

    def current(self) -> TrustList:
        """Return the newest trust list, as read with the anchor."""
        if self._list is None or self._monotonic() - self._looked >= _LOOK_AGAIN:
            self._reload()
        if self._list is None:
            raise CommandFailed("there is no trust list yet")
        return self._list

    def text(self) -> str:
        """Return the newest trust list as signed."""
        self.current()
        return self._text

    def signer(self, department_id: str) -> SoftwareSigner:
        """Return the present signing key: the newest listed one that is not withdrawn.

        Raises:
            CommandFailed: the department has none.
        """
        trust = self.current()
        entry = trust.entries.get(self.issuer_uri(department_id))
        keys = [key for key in entry.keys if trust.withdrawal(key.key.kid) is None] if entry else []
        if not keys:
            raise CommandFailed(f"department {department_id} has no signing key in force")
        # The last of those that begin in the same hour was listed last.
        present = max(enumerate(keys), key=lambda item: (item[1].not_before, item[0]))[1]
        return self._signer(department_id, present.key.kid)

    def issuer_uri(self, department_id: str) -> str:
        """Return a department's ``iss``."""
        return self._home.issuer_uri(department_id)

    def refresh(self) -> TrustList:
        """Sign the list anew when a day has passed or the catalogue has changed; return the newest."""
        self._reload()
        now = self._home.clock()
        present = self._list
        if present is None or present.issued_at + RENEWED_AFTER <= now or self._completed(present) != present.entries:
            self._change(lambda trust: trust)
        return self.current()

    def rotate(self, department_id: str) -> KeyFacts:
        """Give the department a new present key; what the earlier ones signed verifies on."""
        signer = self._home.next_key(department_id)
        issuer, trusted = self.issuer_uri(department_id), _trusted(signer)

        def with_key(trust: TrustList) -> TrustList:
            entry = trust.entries[issuer]
            return replace(trust, entries={**trust.entries, issuer: replace(entry, keys=(*entry.keys, trusted))})

        self._change(with_key)
        return next(facts for facts in self.facts() if facts.kid == trusted.key.kid)

    def withdraw(self, kid: str, *, reason: str) -> Withdrawal:
        """Withdraw a key: everything it signed is refused from now on, but for what a kept list names.

        A department whose present key it is gets a new one first.

        Raises:
            CommandFailed: no listed key has this ``kid``, or it is withdrawn already.
        """
        facts = next((one for one in self.facts() if one.kid == kid), None)
        if facts is None or facts.state == "withdrawn":
            raise CommandFailed("no key in force has this kid")
        if facts.state == "present":
            self.rotate(facts.department)
        withdrawal = Withdrawal(kid, self._home.clock().replace(microsecond=0), reason)
        self._change(lambda trust: replace(trust, withdrawn={**trust.withdrawn, kid: withdrawal}))
        return withdrawal

    def own_entries(self) -> list[TrustEntry]:
        """Return this installation's issuers as another one would list them: their keys, and the root as an anchor."""
        root = self._home.blobs.read(ROOT)
        anchors = () if root is None else (root,)
        entries = (self.current().entries[self.issuer_uri(office.id)] for office in issuing_departments())
        return [replace(entry, anchors=anchors) for entry in entries]

    def facts(self) -> list[KeyFacts]:
        """Return every listed signing key, department by department, the oldest first."""
        trust = self.current()
        found = []
        for office in issuing_departments():
            present = self.signer(office.id).public_key.kid
            for number in signing_numbers(self._home.keys, office.id):
                name = signing_name(office.id, number)
                signer = self._home.keys.open(name)
                kid = signer.public_key.kid
                if not signer.chain or not _listed(trust.entries[self.issuer_uri(office.id)], kid):
                    continue
                state = "withdrawn" if trust.withdrawal(kid) else "present" if kid == present else "earlier"
                certificate = describe(signer.chain[0])
                found.append(KeyFacts(office.id, name, kid, certificate.not_before, certificate.not_after, state))
        return found

    def _signer(self, department_id: str, kid: str) -> SoftwareSigner:
        if kid not in self._signers:
            for number in signing_numbers(self._home.keys, department_id):
                signer = self._home.keys.open(signing_name(department_id, number))
                self._signers[signer.public_key.kid] = signer
        return self._signers[kid]

    def _change(self, change: Callable[[TrustList], TrustList]) -> None:
        """Write ``change`` of the newest list as the next version; look again when another writer was first."""
        blobs, written = self._home.blobs, False
        while not written:
            self._reload()
            now = self._home.clock().replace(microsecond=0)
            newest = self._list or TrustList(0, now, now + GOOD_FOR, {}, {})
            moved = replace(
                change(replace(newest, entries=self._completed(newest))),
                version=newest.version + 1,
                issued_at=now,
                next_update=now + GOOD_FOR,
            )
            text = write_trust_list(moved, self._home.anchor_signer)
            written = blobs.add(f"{_PREFIX}{moved.version}", text.encode())
        self._reload()
        for version in self._versions()[:-_KEPT_VERSIONS]:
            blobs.remove(f"{_PREFIX}{version}")

    def _completed(self, trust: TrustList) -> Mapping[str, TrustEntry]:
        """The list's entries with every issuing department and every type of the catalogue in them."""
        own = self.issuer_uri("")
        entries = {issuer: entry for issuer, entry in trust.entries.items() if issuer.startswith(own)}
        entries |= {issuer: entry for issuer, entry in self._others.items() if not issuer.startswith(own)}
        for office in issuing_departments():
            issuer = self.issuer_uri(office.id)
            types = frozenset(str(ctype.vct) for ctype in all_types() if ctype.department == office.id)
            entry = entries.get(issuer)
            entries[issuer] = replace(entry, types=entry.types | types) if entry else self._entry(office.id, types)
        return entries

    def _entry(self, department_id: str, types: frozenset[str]) -> TrustEntry:
        office = department(department_id)
        signer = self._home.keys.open(signing_name(department_id, 1))
        trusted = _trusted(signer)
        return TrustEntry(
            issuer=self.issuer_uri(department_id),
            name_zh=office.name_zh,
            name_en=office.name_en,
            offices=(office.id,),
            types=types,
            not_before=trusted.not_before,
            not_after=None,
            keys=(trusted,),
        )

    def _versions(self) -> list[int]:
        return sorted(int(name.removeprefix(_PREFIX)) for name in self._home.blobs.names(_PREFIX))

    def _reload(self) -> None:
        versions = self._versions()
        self._looked = self._monotonic()
        if versions and (self._list is None or versions[-1] != self._list.version):
            raw = self._home.blobs.read(f"{_PREFIX}{versions[-1]}") or b""
            self._list = read_trust_list(raw.decode(), self._home.anchor)
            self._text = raw.decode()


def _trusted(signer: SoftwareSigner) -> TrustedKey:
    certificate = describe(signer.chain[0])
    return TrustedKey(signer.public_key, certificate.not_before, certificate.not_after)


def _listed(entry: TrustEntry, kid: str) -> bool:
    return any(trusted.key.kid == kid for trusted in entry.keys)
