"""The keys by which relying parties sign their requests (``verifier.openid4vp.ports.RequestSigners``).

A party's key is made when it first asks, as ``verifying/<party>/<n>`` in the key store, with a certificate from the
city's root; the next one follows ``AHEAD`` before a certificate ends. The certificate is a record that the first writer
wins, because its hash is the client identifier: every worker signs with the same one.
"""

from datetime import datetime, timedelta
from urllib.parse import urlsplit

from ecert.installation import Clock, Installation
from keys.errors import KeyAlreadyExists
from keys.pki import SigningRequest, describe
from keys.signer import SoftwareSigner
from verifier.errors import UnknownParty
from verifier.openid4vp.ports import Parties
from verifier.purposes.model import RelyingParty

AHEAD = timedelta(days=30)
_MAX_NAME = 64  # RFC 5280, appendix A.1: ub-organization-name


class RequestKeys:
    """Finds and makes the keys; keeps what it has opened."""

    def __init__(self, installation: Installation, parties: Parties, clock: Clock) -> None:
        self._installation = installation
        self._parties = parties
        self._clock = clock
        self._opened: dict[str, tuple[SoftwareSigner, datetime]] = {}

    def signer(self, party_id: str) -> SoftwareSigner:
        """Return the present key of a party with its certificate, without the root.

        Raises:
            UnknownParty: nobody has this id, and no key.
            StartInterrupted: a certificate is needed and the root's key is not here.
        """
        now = self._clock()
        if party_id in self._opened and now < self._opened[party_id][1]:
            return self._opened[party_id][0]
        newest = max(self._numbers(party_id), default=1)
        signer = self._open(party_id, newest)
        if signer is None:
            signer = self._make(party_id, newest)
        elif now >= _ends(signer):
            signer = self._make(party_id, newest + 1)
        self._opened[party_id] = signer, _ends(signer)
        return signer

    def _numbers(self, party_id: str) -> list[int]:
        prefix = f"verifying/{party_id}/"
        return [int(name.removeprefix(prefix)) for name in self._installation.keys.names(prefix)]

    def _open(self, party_id: str, number: int) -> SoftwareSigner | None:
        """Return a key with its certificate; None when it has none yet."""
        certificate = self._installation.blobs.read(_certificate(party_id, number))
        if certificate is None:
            return None
        return self._installation.keys.open(_key(party_id, number)).with_chain((certificate,))

    def _make(self, party_id: str, number: int) -> SoftwareSigner:
        party = self._parties.find(party_id)
        if party is None:
            raise UnknownParty("no relying party has this id")
        keys = self._installation.keys
        try:
            signer = keys.create(_key(party_id, number))
        except KeyAlreadyExists:
            signer = keys.open(_key(party_id, number))
        place = _certificate(party_id, number)
        self._installation.blobs.add(place, self._certified(party, signer))
        return signer.with_chain((self._installation.blobs.read(place) or b"",))

    def _certified(self, party: RelyingParty, signer: SoftwareSigner) -> bytes:
        installation = self._installation
        uri = f"{installation.public_url}/parties/{party.party_id}"
        request = SigningRequest(signer.public_key, party.name_zh[:_MAX_NAME], party.credit_code, uri)
        host = urlsplit(installation.public_url).hostname or ""
        return installation.certify_request(request, host=host)


def _key(party_id: str, number: int) -> str:
    return f"verifying/{party_id}/{number}"


def _certificate(party_id: str, number: int) -> str:
    return f".state/verifying/{party_id}/{number}.der"


def _ends(signer: SoftwareSigner) -> datetime:
    return describe(signer.chain[0]).not_after - AHEAD
