"""A wallet without a browser: it answers a request of the test environment as a phone would, with a magic certificate.

It fetches and authenticates the request, chooses by DCQL, signs with a fresh holder key, encrypts and posts, all by the
wallet's own code (``wallet_api.openid4vp``). It holds nothing and leaves no history. It asks this installation alone:
another verifier's link is refused, so that nobody makes the server call addresses.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ecert.errors import CompositionError
from ecert.testmode.issuer import HOLDER, SampleIssuer
from ecert.testmode.outcomes import DECLINE, Magic
from keys.signer import SoftwareSigner
from schemas.catalogue import CertificateType, TypeId
from schemas.dcql.query import CredentialQuery
from schemas.formats import key_binding
from schemas.formats.sd_jwt import SdJwt
from schemas.generate.jsonld_terms import type_iri
from schemas.openid4vp.errors import PresentationDeclined
from schemas.openid4vp.metadata import FORMATS
from schemas.openid4vp.response import Response
from schemas.order import CredentialFormat, CredentialId, HolderRef
from schemas.types import all_types, by_vct, certificate_type
from wallet_api.errors import WalletError
from wallet_api.openid4vp import incoming as requests
from wallet_api.openid4vp.choices import Weighed, weigh
from wallet_api.openid4vp.errors import ChoiceInvalid
from wallet_api.openid4vp.incoming import Incoming
from wallet_api.openid4vp.links import read_link
from wallet_api.openid4vp.parts import Parts
from wallet_api.openid4vp.sending import send, send_error
from wallet_api.openid4vp.signing import presentation_of, unsigned
from wallet_api.records import Holding
from wallet_api.unsigned import Proof


class SampleRefused(CompositionError):
    """The request is none that the test wallet answers: another installation's, or for what no example fits."""


@dataclass(frozen=True, slots=True)
class SampleAnswer:
    """What the wallet did: which certificates it showed, and where it was sent; not how they were judged."""

    outcome: str
    shown: tuple[str, ...]
    taken: bool
    redirect_uri: str | None = None


class SampleWallet:
    """Answers requests; every answer is by another holder."""

    def __init__(self, issuer: SampleIssuer, parts: Parts, *, public_url: str) -> None:
        self._issuer = issuer
        self._parts = parts
        self._public_url = public_url

    async def answer(self, link: str, outcome: str) -> SampleAnswer:
        """Answer the request of ``link`` with a magic certificate, or decline it.

        ``taken`` False: the verifier did not take it, which is what it does with what does not hold.

        Raises:
            SampleRefused: the link is of another installation, or no example certificate answers the request.
            PresentationRequestRefused, RequestNotServed: the request is none, or over.
        """
        self._check_ours(link)
        incoming = await requests.by_link(link, self._parts)
        if outcome == DECLINE:
            return await self._declined(incoming)
        response, shown = await self._parts.run(self._response, incoming, Magic(outcome))
        try:
            sent = await send(self._parts.http, incoming.request, response)
        except WalletError:
            return SampleAnswer(outcome, shown, taken=False)
        return SampleAnswer(outcome, shown, taken=True, redirect_uri=sent.redirect_uri)

    def present(self, type_id: TypeId, outcome: str, *, audience: str, nonce: str) -> str:
        """Return a presentation of every field in hand (``POST /v1/verifications/present``), as an SD-JWT VC.

        Raises:
            UnknownType: there is no such type.
        """
        holder, magic = SoftwareSigner.generate(), Magic(outcome)
        ours = holder if magic is not Magic.WRONG_HOLDER else SoftwareSigner.generate()
        bound, formats = HolderRef(HOLDER, holder.public_key), (CredentialFormat.SD_JWT_VC,)
        ctype = certificate_type(type_id)
        credential = self._issuer.credentials(ctype.id, magic, formats=formats, holder=bound)[0]
        iat = int(self._parts.clock().timestamp())
        whole = SdJwt.parse_issued(credential.token)
        made = key_binding.prepare(whole, ours.public_key, audience=audience, nonce=nonce, iat=iat)
        return made.completed(ours.sign(made.signing_input)).text()

    async def _declined(self, incoming: Incoming) -> SampleAnswer:
        request = incoming.request
        declined = PresentationDeclined("holder declined")
        await send_error(self._parts.http, request.response_uri or "", declined, state=request.state)
        return SampleAnswer(DECLINE, (), taken=True)

    def _response(self, incoming: Incoming, magic: Magic) -> tuple[Response, tuple[str, ...]]:
        holder = SoftwareSigner.generate()
        ours = holder if magic is not Magic.WRONG_HOLDER else SoftwareSigner.generate()
        holdings = list(self._holdings(incoming, magic, HolderRef(HOLDER, holder.public_key)))
        weighed = weigh(incoming, holdings)
        try:
            chosen = weighed.default()
        except ChoiceInvalid:
            raise SampleRefused("no example certificate answers the request") from None
        at = requests.moment_of(self._parts.clock())
        made: dict[str, tuple[Any, ...]] = {}
        shown = []
        for query_id, (credential_id,) in chosen.items():
            made[query_id] = (_presentation(weighed, query_id, credential_id, at=at, holder=ours),)
            shown.append(str(weighed.holdings[credential_id].credential.type_id))
        return Response(made, incoming.request.state), tuple(shown)

    def _holdings(self, incoming: Incoming, magic: Magic, holder: HolderRef) -> Iterator[Holding]:
        """Give an example of every type that is asked for, in the formats that are asked for."""
        wanted: dict[str, tuple[CertificateType, list[CredentialFormat]]] = {}
        for query in incoming.request.query.credentials:
            for ctype in _types(query) if query.format in FORMATS else ():
                wanted.setdefault(ctype.id, (ctype, []))[1].append(CredentialFormat(query.format))
        for ctype, formats in wanted.values():
            distinct = tuple(dict.fromkeys(formats))
            for made in self._issuer.credentials(ctype.id, magic, formats=distinct, holder=holder):
                yield Holding(made, self._parts.clock())

    def _check_ours(self, link: str) -> None:
        """The address in the link is below our public URL; what a request object names, our verifier wrote."""
        found = read_link(link)
        place = found.request_uri or found.parameters.get("response_uri")
        if not isinstance(place, str) or not place.startswith(f"{self._public_url}/openid4vp/"):
            raise SampleRefused("link is of another installation")


def _presentation(
    weighed: Weighed, query_id: str, credential_id: CredentialId, *, at: datetime, holder: SoftwareSigner
) -> Any:
    incoming, credential = weighed.incoming, weighed.holdings[credential_id].credential
    proof = Proof(incoming.audience, incoming.request.nonce, at)
    entries = [each for each in weighed.transactions if query_id in each.credential_ids]
    match = weighed.offered[query_id][credential_id]
    made = unsigned(credential, match, proof, holder.public_key, authorised=entries)
    return presentation_of(credential, made.completed(holder.sign(made.signing_input)))


def _types(query: CredentialQuery) -> Sequence[CertificateType]:
    """Return our types that the query takes; the identity card for one that takes any."""
    if not query.types:
        return tuple(each for each in all_types() if each.id == "resident_id_card")
    return tuple(each for each in all_types() if any(one <= _names(each) for one in query.types))


def _names(ctype: CertificateType) -> frozenset[str]:
    base = "https://www.w3.org/2018/credentials#VerifiableCredential"
    return frozenset({str(ctype.vct), base, type_iri(by_vct(str(ctype.vct)))})
