"""The composition root: settings in, one object with every part out. Nothing else joins the packages.

    with open_container(settings) as container:
        container.issuer ...

The first start makes keys, certificates, the trust list and the schema; later ones find them (``ecert.installation``).
"""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from secrets import token_bytes

from ecert.copies import Copies, CopyParts
from ecert.elsewhere import ListFetcher, ListsElsewhere
from ecert.elsewhere.fetching import MAX_BYTES, SECONDS
from ecert.evidence import Check, EvidenceSource
from ecert.http.metrics import Metrics
from ecert.installation import Installation, Places
from ecert.pack import PackBuilder
from ecert.pdf import PdfCopyWriter
from ecert.protocol_http import HttpOptions, ProtocolHttp
from ecert.recall_lists import SignedRecalls
from ecert.settings import Settings
from ecert.sightings import Sightings
from ecert.storage import Options, Storage, TableBlobs, migrate, open_storage
from ecert.storage.engine import Database, connect
from ecert.trust import Trust
from ecert.waking import Waking
from issuer.errors import RoundIncomplete
from issuer.issuing import Issuer, Ports, Resumed
from issuer.lifecycle import LifeCycle
from issuer.orders.entitlements import EntitlementPorts, OrderEntitlements
from issuer.prepare import Rules
from issuer.profile import Profile, ProfileConfig
from issuer.purpose import PurposeCertificates
from issuer.randomness import Randomness
from issuer.records import PublishedList
from issuer.status import PublicationPolicy, StatusPublisher
from keys.blobs import Blobs, DirectoryBlobs
from keys.errors import KeyAlreadyExists
from keys.passphrase import passphrase_from_env
from schemas.national import DivisionTable
from schemas.order import Identifier
from wallet_api import Wallet
from wallet_api.openid4vci.attestation import KEY_NAME, WalletProvider

_TEST_COUNTY = "440799"  # not assigned in GB/T 2260; every fictional example carries it
PUBLICATION = PublicationPolicy()

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Return the present moment."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Container:
    """Every part of one installation, joined."""

    settings: Settings
    clock: Clock
    installation: Installation
    trust: Trust
    storage: Storage
    publisher: StatusPublisher
    sightings: Sightings
    packs: PackBuilder
    evidence: EvidenceSource
    recalls: SignedRecalls
    wallet: Wallet
    wallet_provider: WalletProvider
    issuer: Issuer
    entitlements: OrderEntitlements
    life: LifeCycle
    waking: Waking
    metrics: Metrics

    @property
    def publication_ttl(self) -> timedelta:
        """How long a status list token may be kept by who fetched it."""
        return PUBLICATION.ttl

    @property
    def purposes(self) -> PurposeCertificates:
        """Certificates for one purpose, fetched ahead or printed."""
        return PurposeCertificates(self.issuer, clock=self.clock)

    @property
    def copies(self) -> Copies:
        """Annotated copies, as PDF."""
        parts = CopyParts(self.storage.ledger, self.purposes, self.trust, self.clock)
        return Copies(parts, PdfCopyWriter(self.settings.pdf_font))

    def publish_due(self) -> list[PublishedList]:
        """Publish the status lists that are due, and let the next verification see them."""
        try:
            published = self.publisher.publish_due(self.clock())
        except RoundIncomplete:
            self.evidence.invalidate()
            raise
        if published:
            self.evidence.invalidate()
        return published

    def publish_all(self) -> list[PublishedList]:
        """Sign every status list anew, after a key was changed."""
        try:
            return self.publisher.publish_all(self.clock())
        finally:
            self.evidence.invalidate()

    def forget_old_statuses(self) -> int:
        """Delete the editions of status lists that are older than the history that is kept."""
        return self.publisher.forget(self.clock())

    def resume(self) -> Resumed:
        """Finish what a crash left: sign what was planned, deliver what was signed."""
        return self.issuer.resume()

    def state_of(self, identifier: Identifier) -> str:
        """Return the state of a certificate today; raises UnknownCertificate."""
        return str(self.life.state(self.storage.ledger.standing(identifier)))


@contextmanager
def open_container(
    settings: Settings, *, clock: Clock = utc_now, environ: Mapping[str, str] = os.environ
) -> Iterator[Container]:
    """Give an installation that is ready to work, and close its connections afterwards.

    A database without a schema gets one; one with an older schema waits for ``ecert db upgrade``.

    Raises:
        SchemaNotCurrent, StorageError: the database is not ready.
        WrongPassphrase, PublicUrlChanged, StartInterrupted: as ``Installation``.
    """
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _database(settings) as database:
        blobs: Blobs = TableBlobs(database) if settings.keys_in_database else DirectoryBlobs(settings.home / "keys")
        installation = Installation(
            Places(blobs, settings.home / "root"),
            passphrase_from_env(environ),
            public_url=settings.public_url,
            own_url=settings.own_url,
            clock=clock,
        )
        storage = open_storage(
            settings.database_url,
            data_key=installation.keys.secret("claims"),
            lookup_key=installation.keys.secret("lookup"),
            public_url=installation.public_url,
            options=Options(rate_rules=settings.rate_limits),
        )
        container = _joined(settings, clock, installation, storage)
        try:
            yield container
        finally:
            container.evidence.close()
            storage.close()


@contextmanager
def _database(settings: Settings) -> Iterator[Database]:
    """Give the database for the keys that are kept in it; one without a schema gets it now."""
    database = Database(connect(settings.database_url))
    try:
        if migrate.current(database.engine) is None:
            migrate.upgrade(database.engine)
        yield database
    finally:
        database.close()


def _joined(settings: Settings, clock: Clock, installation: Installation, storage: Storage) -> Container:
    trust = Trust(installation, others=settings.trusted_issuers)
    wallet = Wallet(
        wallets=storage.wallets,
        custody=installation.keys,
        check=Check(trust, clock),
        clock=clock,
        randomness=token_bytes,
        secret=installation.keys.secret("wallet"),
        audience=installation.public_url,
    )
    publisher = StatusPublisher(storage.ledger, trust, policy=PUBLICATION)
    recalls = SignedRecalls(storage.delegations, installation.anchor_signer, clock=clock)
    sightings = Sightings(storage.ledger, clock)
    waking = Waking(storage.receivings, clock)
    packs = PackBuilder(installation, trust, storage.ledger, sightings=sightings, recalls=recalls)
    ports = Ports(storage.ledger, trust, wallet.receiving, clock)
    issuer = Issuer(ports, rules=_rules(settings), randomness=Randomness.of_system(installation.keys.secret("rows")))
    return Container(
        settings=settings,
        clock=clock,
        installation=installation,
        trust=trust,
        storage=storage,
        publisher=publisher,
        sightings=sightings,
        packs=packs,
        evidence=EvidenceSource(
            trust,
            packs,
            anchor=installation.anchor,
            clock=clock,
            elsewhere=_elsewhere(settings, installation, trust, clock),
        ),
        recalls=recalls,
        wallet=wallet,
        wallet_provider=_wallet_provider(installation),
        issuer=issuer,
        entitlements=OrderEntitlements(issuer, EntitlementPorts(storage.orders, storage.ledger, clock)),
        life=LifeCycle(ports, issuer=issuer, publisher=publisher, replaced=waking.replaced),
        waking=waking,
        metrics=Metrics(),
    )


def _elsewhere(settings: Settings, installation: Installation, trust: Trust, clock: Clock) -> ListsElsewhere | None:
    """What fetches status lists of issuers elsewhere; nothing where none is trusted, or none is to be asked."""
    if not settings.trusted_issuers or not settings.fetch_status_lists:
        return None
    options = HttpOptions(settings.extra_ca, settings.private_issuers, most_bytes=MAX_BYTES, seconds=SECONDS)
    http = ProtocolHttp(installation.public_url, options=options)
    return ListsElsewhere(
        ListFetcher(http),
        trust.current,
        own_url=installation.public_url,
        clock=clock,
        waiting=max(1, settings.threads // 2),
    )


def _wallet_provider(installation: Installation) -> WalletProvider:
    """This installation's wallet server as a client of authorization servers, which attests its own instances."""
    name = f"{installation.public_url}/wallet"
    try:
        signer = installation.keys.create(KEY_NAME)
    except KeyAlreadyExists:
        signer = installation.keys.open(KEY_NAME)
    return WalletProvider(signer, issuer=name, client_id=name)


def _rules(settings: Settings) -> Rules:
    divisions = None
    if settings.divisions is not None:
        divisions = DivisionTable.load(settings.divisions, also=(_TEST_COUNTY,))
    return Rules(Profile.of(ProfileConfig()), divisions)
