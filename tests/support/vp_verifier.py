"""A verifier of OpenID4VP in memory, and a wallet that answers it: everything right, so that a test changes one thing.

verifier = Verifier()
begun = verifier.begin()
answered = verifier.answer(begun, verifier.shown(begun))
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from keys import strict_json
from keys.pki import SigningRequest, create_root, issue_request_certificate
from keys.signer import Signer, SoftwareSigner
from schemas.dcql import Query, read_query
from schemas.openid4vp.client_id import ClientId
from schemas.openid4vp.response import Response
from schemas.order import CredentialFormat
from tests.support.desk import HOLDER, LICENCE, NOW, Certificate, Desk, p256
from tests.support.forms import Shown, present
from tests.support.protocol_state import CountingLimits, MemoryState
from verifier.errors import UnknownParty
from verifier.evidence import Evidence
from verifier.openid4vp.answers import Answered, AnswerParts, Answers
from verifier.openid4vp.endpoint import Endpoint
from verifier.openid4vp.requests import Asked, Begun, RequestParts, Requests
from verifier.openid4vp.transactions import Transaction

PUBLIC_URL = "https://verifier.example"
IRI = "https://ecert.example/contexts/business_licence/1"
SD_JWT_QUERY: Mapping[str, Any] = {
    "id": "licence",
    "format": "dc+sd-jwt",
    "meta": {"vct_values": [LICENCE]},
    "claims": [{"path": ["business_scope"]}],
}


def w3c_query(form: str) -> dict[str, Any]:
    """The same licence, asked for in a format of the W3C."""
    meta = {"type_values": [["https://www.w3.org/2018/credentials#VerifiableCredential"]]}
    return {
        "id": "licence",
        "format": form,
        "meta": meta,
        "claims": [{"path": ["credentialSubject", "business_scope"]}],
    }


def query(*credentials: Mapping[str, Any], **more: Any) -> Query:
    return read_query({"credentials": [dict(each) for each in credentials or (SD_JWT_QUERY,)]} | more)


@dataclass
class Party:
    """The one relying party with its key, under a root of its own."""

    root: bytes
    key: SoftwareSigner

    @classmethod
    def made(cls) -> "Party":
        top, key = p256(31), p256(32)
        root = create_root(top, name="示例根证书", now=NOW - timedelta(days=1))
        asked = SigningRequest(key.public_key, "示例自来水公司", "91440799MA00000000", f"{PUBLIC_URL}/parties/water")
        leaf = issue_request_certificate(top, root, asked, host="verifier.example", now=NOW - timedelta(days=1))
        return cls(root, key.with_chain((leaf,)))

    def signer(self, party_id: str) -> Signer:
        if party_id != "water":
            raise UnknownParty("no relying party has this id")
        return self.key


class Heard:
    """Who hears how transactions end."""

    def __init__(self) -> None:
        self.ends: list[Transaction] = []

    def ended(self, transaction: Transaction, *, now: datetime) -> None:
        del now
        self.ends.append(transaction)


class Attests:
    """Says the same of every request."""

    def info(
        self, party_id: str, purpose_id: str, *, client_id: ClientId, query: Query
    ) -> tuple[Mapping[str, Any], ...]:
        del query
        return ({"format": "jwt", "data": f"{party_id} {purpose_id} {client_id}"},)


def _numbers() -> Iterator[bytes]:
    return (number.to_bytes(24, "big") for number in count(1))


@dataclass
class Verifier:
    """The whole of it; ``desk`` is what it knows, and ``now`` the time."""

    desk: Desk = field(default_factory=Desk)
    now: datetime = NOW
    state: MemoryState = field(default_factory=MemoryState)
    party: Party = field(default_factory=Party.made)
    heard: Heard = field(default_factory=Heard)
    limits: CountingLimits = field(default_factory=CountingLimits)
    attests: Attests | None = None
    elsewhere: dict[str, str] = field(default_factory=dict)
    """Lists that the desk has once they are wanted."""

    def __post_init__(self) -> None:
        numbers = _numbers()
        self.requests = Requests(
            RequestParts(
                state=self.state,
                signers=self.party,
                clock=lambda: self.now,
                random=lambda size: next(numbers)[-size:],
                public_url=PUBLIC_URL,
                secret=b"\x07" * 32,
                attesters=self.attests,
            )
        )
        parts = AnswerParts(self.state, self, self.heard, lambda: self.now, lambda size: next(numbers)[-size:])
        self.answers = Answers(self.requests, parts)
        self.endpoint = Endpoint(self.requests, self.answers, self.limits, lambda: self.now)

    def evidence(self, wanted: Sequence[str] = ()) -> Evidence:
        if fetched := {uri: self.elsewhere[uri] for uri in wanted if uri in self.elsewhere}:
            self.desk.lists = fetched
        return replace(self.desk.evidence())

    def begin(self, *credentials: Mapping[str, Any], **more: Any) -> Begun:
        asked = {"party_id": "water", "purpose_id": "water.account", "query": query(*credentials)} | more
        return self.requests.begin(Asked(**asked))

    # The wallet

    def shown(
        self,
        begun: Begun,
        form: CredentialFormat = CredentialFormat.SD_JWT_VC,
        certificate: Certificate | None = None,
        **changes: Any,
    ) -> str:
        """The licence, shown to who asks, for this moment."""
        transaction = begun.transaction
        said = {
            "holder": HOLDER,
            "at": self.now - timedelta(seconds=5),
            "audience": transaction.audience,
            "nonce": transaction.request.nonce,
        } | changes
        return present(form, certificate or self.desk.certificate(), Shown(**said))

    def fields(self, begun: Begun, response: Response) -> dict[str, Any]:
        """The response as the mode asks for it."""
        request = begun.transaction.request
        if request.response_mode.encrypted:
            assert request.metadata is not None
            return {"response": response.encrypted(request.metadata)}
        return dict(response.members() if request.response_mode.by_dc_api else response.form())

    def answer(self, begun: Begun, *presentations: str | Mapping[str, Any], **more: Sequence[Any]) -> Answered:
        """Answer with these presentations of the query ``licence``, and with those of other queries."""
        found = {"licence": presentations} | more if presentations else dict(more)
        response = Response({name: tuple(map(parsed, each)) for name, each in found.items()}, self.state_of(begun))
        return self.answers.answer(begun.transaction.transaction_id, self.fields(begun, response))

    def state_of(self, begun: Begun) -> str | None:
        return begun.transaction.request.state

    def stored(self, begun: Begun) -> Transaction:
        return self.requests.transaction(begun.transaction.transaction_id)


def parsed(presentation: str | Mapping[str, Any]) -> str | Mapping[str, Any]:
    """A presentation as it stands in a VP Token: those of ``ldp_vc`` are objects."""
    if isinstance(presentation, str) and presentation.startswith("{"):
        return strict_json.loads_object(presentation.encode())
    return presentation
