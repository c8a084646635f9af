"""The test issuer: credentials of every type, really signed, with one thing about each; and its status lists.

Its key is in the key store (``testing/issuer``), so that every worker signs with the same one. The live trust list
never names it: ``SampleIssuer.entry`` is added to the evidence of the test environment and nowhere else.
"""

import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count

from ecert.testmode.outcomes import Magic
from issuer.prepare import Numbering, Rules, prepare
from issuer.profile import Profile, ProfileConfig
from issuer.records import RecordedIntent, StatusValue
from issuer.signing import Desk, Ticket, sign
from keys.errors import KeyAlreadyExists
from keys.signer import SoftwareSigner
from keys.store import KeyStore
from keys.trust import TrustedKey, TrustEntry
from schemas.catalogue import TypeId
from schemas.examples import example_claims
from schemas.formats import status_token
from schemas.formats.status_list import StatusList
from schemas.formats.status_token import Times
from schemas.order import CredentialFormat, HolderId, HolderRef, IssuedCredential, Order, StatusRef
from schemas.types import all_types, certificate_type
from schemas.validity import day_of

KEY_NAME = "testing/issuer"
HOLDER = HolderId("test-holder")
_SINCE = datetime(2019, 1, 1, tzinfo=UTC)
_SERIAL = "TEST0000000000000000"
_BITS = 2
_SIZE = 1024
# How long ago the expired certificate was made: a credential is good for a year at most.
_LONG_AGO = timedelta(days=400)
# Older than the 24 h of the policy, younger than its hard stop of 7 days.
_STALE = timedelta(hours=30)
_INDEX: Mapping[Magic, int] = {Magic.REVOKED: 1, Magic.SUSPENDED: 2}
_VALUES = {1: StatusValue.INVALID.value, 2: StatusValue.SUSPENDED.value}


class SampleIssuer:
    """Issues magic certificates; keeps nothing but its key."""

    def __init__(self, keys: KeyStore, *, public_url: str, clock: Callable[[], datetime]) -> None:
        self._signer = _create_or_open(keys)
        self._stranger = SoftwareSigner.generate()
        self._base = f"{public_url}/test"
        self._clock = clock

    @property
    def issuer(self) -> str:
        """Its ``iss``."""
        return f"{self._base}/issuers/sample"

    @property
    def entry(self) -> TrustEntry:
        """The issuer as the test environment trusts it: with every type."""
        return TrustEntry(
            issuer=self.issuer,
            name_zh="测试发证机构",
            name_en="Test issuer",
            offices=("test",),
            types=frozenset(str(each.vct) for each in all_types()),
            not_before=_SINCE,
            not_after=None,
            keys=(TrustedKey(self._signer.public_key, _SINCE, datetime.max.replace(tzinfo=UTC)),),
        )

    def credentials(
        self, type_id: TypeId, magic: Magic, *, formats: Sequence[CredentialFormat], holder: HolderRef
    ) -> tuple[IssuedCredential, ...]:
        """Return one certificate in ``formats``, standard credentials first; the claims are the type's examples."""
        now = self._clock() - (_LONG_AGO if magic is Magic.EXPIRED else timedelta(0))
        known = magic is not Magic.UNKNOWN_ISSUER
        issuer = self.issuer if known else f"{self._base}/issuers/unknown"
        profile = Profile.of(ProfileConfig(name="test", formats=tuple(each.value for each in formats)))
        order = Order(type_id, (holder,), example_claims(certificate_type(type_id), today=day_of(now)))
        numbers = count(1)
        numbering = Numbering(_SERIAL, 1, lambda: f"test-{type_id}-{next(numbers)}")
        intent = prepare(order, rules=Rules(profile), issuer=issuer, numbering=numbering, now=now).intent
        status = StatusRef(self.list_uri(magic), _INDEX.get(magic, 0))
        desk = Desk(self._signer if known else self._stranger, issuer, profile, lambda: secrets.token_bytes(16))
        recorded = RecordedIntent(intent, tuple(status for _ in intent.credentials))
        made = sign(Ticket(recorded), desk, now=now)
        return tuple(sorted(made, key=lambda one: one.short_lived))

    def list_uri(self, magic: Magic) -> str:
        """Return where the status of a certificate stands."""
        return f"{self._base}/status/{'stale' if magic is Magic.STALE_LIST else 'fresh'}"

    def status_lists(self) -> Iterator[tuple[str, str]]:
        """Give each status list with its token, as they are at this hour: one of now, one that nobody renewed."""
        hour = self._clock().replace(minute=0, second=0, microsecond=0)
        for magic, issued_at in ((Magic.VALID, hour), (Magic.STALE_LIST, hour - _STALE)):
            uri = self.list_uri(magic)
            statuses = StatusList.from_statuses(_VALUES, bits=_BITS, size=_SIZE)
            times = Times(int(issued_at.timestamp()), None, 3600)
            yield uri, status_token.issue(statuses, self._signer, uri=uri, times=times)


def _create_or_open(keys: KeyStore) -> SoftwareSigner:
    try:
        return keys.create(KEY_NAME)
    except KeyAlreadyExists:
        return keys.open(KEY_NAME)
