"""The credential endpoints of all departments: a request comes in as values, an answer goes out as values.

    services = credential_services(CredentialPorts(...), CredentialOptions(...))
    answer = services.credential("amr", incoming)

Every call raises what ``issuer.openid4vci.answers.REFUSALS`` names, UnknownDepartment, and what the ports raise. Calls
wait for storage: a route makes them in a thread.
"""

import secrets
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from issuer.errors import ProfileRefused
from issuer.openid4vci.answers import NO_STORE, Answer, json_answer, public_answer
from issuer.openid4vci.configuration import configurations
from issuer.openid4vci.credentials.deferred import DeferredEndpoint
from issuer.openid4vci.credentials.issuing import Call, Counter, CredentialEndpoint, Result
from issuer.openid4vci.credentials.messages import JWT, NoEncryption
from issuer.openid4vci.credentials.metadata import LOCALES, MetadataOptions, in_languages, issuer_metadata
from issuer.openid4vci.credentials.negotiation import locales_for, wants_signed
from issuer.openid4vci.credentials.nonces import ProofNonces
from issuer.openid4vci.credentials.notification import NotificationEndpoint, read_notification
from issuer.openid4vci.credentials.policy import AttestationPolicies
from issuer.openid4vci.credentials.ports import (
    Attesters,
    Message,
    Messages,
    Notified,
    ResponseEncryption,
    SignsMetadata,
)
from issuer.openid4vci.errors import InvalidRequest
from issuer.openid4vci.grants import TokenGrant
from issuer.openid4vci.nonces import Nonces, Random
from issuer.openid4vci.ports import AccessCheck, Entitlements, ProtectedRequest, ProtocolState, RateLimits
from issuer.ports import Clock, SigningKeys
from keys import strict_json
from keys.algorithms import Algorithm
from schemas import types
from schemas.errors import UnknownDepartment

_VARY = {"Vary": "Accept, Accept-Language"}


@dataclass(frozen=True, slots=True)
class CredentialPorts:
    """What the endpoints work with."""

    access: AccessCheck
    entitlements: Entitlements
    state: ProtocolState
    limits: RateLimits
    keys: SigningKeys
    clock: Clock


@dataclass(frozen=True, slots=True)
class CredentialOptions:
    """What an installation chooses.

    ``nonce_key`` is a secret of the key store (32 bytes); ``suite_for`` gives the Data Integrity cryptosuite for a key,
    or refuses (``Profile.suite_for``), or None; ``signs`` is None where metadata are not signed; ``dpop_nonces`` are
    those that the access check demands, None where it demands none.
    """

    nonce_key: bytes = field(repr=False)
    attesters: Attesters
    notified: Notified
    suite_for: Callable[[Algorithm], str | None]
    policies: AttestationPolicies = field(default_factory=AttestationPolicies)
    messages: Messages = field(default_factory=NoEncryption)
    signs: SignsMetadata | None = None
    dpop_nonces: Nonces | None = None
    random: Random = secrets.token_bytes


@dataclass(frozen=True, slots=True)
class Incoming:
    """A request at a protected endpoint: its headers ``Authorization`` and ``DPoP``, every field of them; the names of
    its query's parameters; its body."""

    authorization: Sequence[str]
    dpop: Sequence[str]
    query: Sequence[str]
    content_type: str | None
    body: bytes


@dataclass(frozen=True, slots=True)
class CredentialServices:
    """The endpoints; build it with ``credential_services``."""

    ports: CredentialPorts
    options: CredentialOptions
    nonces: ProofNonces
    issuing: CredentialEndpoint
    deferring: DeferredEndpoint
    notifying: NotificationEndpoint
    made: dict[Hashable, bytes] = field(default_factory=dict, repr=False, compare=False)

    def metadata(self, department: str, *, accept: str | None, accept_language: str | None) -> Answer:
        """Return the metadata (12.2.2), signed where that is asked for and done, else for the reader's languages."""
        self._issuer(department)  # an unknown one has no key to ask about
        options, about = self.options, self._about(department)
        if options.signs is not None and wants_signed(accept):
            # 12.2.3: all parameters are in it, so that the languages are, too.
            whole = issuer_metadata(department, issuer=self._issuer(department), options=about)
            token = options.signs.signed(whole, department=department, now=self.ports.clock())
            return replace(public_answer(None, headers={"Content-Type": JWT, **_VARY}), body=token.encode())
        locales = locales_for(accept_language)
        languages = ", ".join(each for each in LOCALES if each in locales)
        answer = public_answer(None, headers={"Content-Language": languages, **_VARY})
        return replace(answer, body=self._plain(department, about, locales))

    def nonce(self, department: str, *, address: str) -> Answer:
        """Return a new ``c_nonce`` (7); ``address`` is where the request comes from."""
        issuer, now = self._issuer(department), self.ports.clock()
        self.ports.limits.hit("nonce", f"address {address}", now=now)
        given = self.options.dpop_nonces
        headers = {} if given is None else {"DPoP-Nonce": given.fresh(now)}  # 7.2: it saves the wallet a refusal
        return json_answer({"c_nonce": self.nonces.fresh(issuer, now=now)}, headers=headers)

    def credential(self, department: str, incoming: Incoming) -> Answer:
        """Return credentials, or the transaction that stands for them (8)."""
        call = self._call(department, "credential", incoming)
        members, encryption = self._read(department, incoming)
        return self._written(self.issuing.answer(members, call), encryption)

    def deferred_credential(self, department: str, incoming: Incoming) -> Answer:
        """Return the credentials of a transaction, or that they still wait (9)."""
        call = self._call(department, "deferred_credential", incoming)
        members, encryption = self._read(department, incoming)
        result = self.deferring.answer(members, call)
        # There is nothing to hide in an answer that says to wait.
        return self._written(result, encryption if result.status == 200 else None)

    def notification(self, department: str, incoming: Incoming) -> Answer:
        """Record what a wallet says of its credentials (11)."""
        call = self._call(department, "notification", incoming)
        self.notifying.answer(read_notification(incoming.content_type, incoming.body), call)
        return Answer(204, NO_STORE, b"")

    def _issuer(self, department: str) -> str:
        if not configurations(types.department(department).id):
            raise UnknownDepartment("department issues no certificates")
        return self.ports.keys.issuer_uri(department)

    def _about(self, department: str) -> MetadataOptions:
        algorithm = self.ports.keys.signer(department).public_key.algorithm
        options = self.options
        try:
            suite = options.suite_for(algorithm)
        except ProfileRefused:
            suite = None
        return MetadataOptions(algorithm, suite, options.policies, options.messages.metadata(department))

    def _plain(self, department: str, about: MetadataOptions, locales: frozenset[str]) -> bytes:
        # A hundred kilobytes that change with a key or a setting, for anybody who asks: made once.
        place = (department, about.algorithm, about.suite, strict_json.dumps(dict(about.encryption)), locales)
        if place not in self.made:
            whole = issuer_metadata(department, issuer=self._issuer(department), options=about)
            self.made[place] = strict_json.dumps(in_languages(whole, locales))
        return self.made[place]

    def _call(self, department: str, endpoint: str, incoming: Incoming) -> Call:
        issuer, now = self._issuer(department), self.ports.clock()
        if "access_token" in incoming.query:
            raise InvalidRequest("an access token in a query is never taken")  # RFC 9700, 4.3.2
        url = f"{issuer}/{endpoint}"
        request = ProtectedRequest("POST", url, incoming.authorization, incoming.dpop)
        token: TokenGrant = self.ports.access.grant(request, department=department)
        self.ports.limits.hit("credential", f"holder {token.grant.holder_id}", now=now)
        return Call(issuer, token, now)

    def _read(self, department: str, incoming: Incoming) -> tuple[Mapping[str, object], ResponseEncryption | None]:
        return self.options.messages.read_request(incoming.content_type, incoming.body, department=department)

    def _written(self, result: Result, encryption: ResponseEncryption | None) -> Answer:
        message: Message = self.options.messages.write_response(result.members, encryption)
        return Answer(result.status, {"Content-Type": message.media_type, **NO_STORE}, message.body)


def credential_services(ports: CredentialPorts, options: CredentialOptions) -> CredentialServices:
    """Return the endpoints over these ports."""
    nonces = ProofNonces(options.nonce_key, ports.state, options.random)
    counter = Counter(ports.entitlements, ports.state, options.random)
    return CredentialServices(
        ports,
        options,
        nonces,
        CredentialEndpoint(counter, nonces, options.attesters, options.policies),
        DeferredEndpoint(counter),
        NotificationEndpoint(ports.state, options.notified),
    )
