"""A request, fetched and authenticated as far as it can be: who asks, and how surely that is known.

by link      direct_post, direct_post.jwt      x509_hash, x509_san_dns, decentralized_identifier; redirect_uri unsigned
by browser   dc_api, dc_api.jwt                signed with expected origins; unsigned: the origin alone is known

A request that breaks a rule is answered with an error (8.5), where the address for it came from an authenticated
request; nothing is sent anywhere for a request that is not authenticated.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from cryptography import x509
from cryptography.x509.oid import NameOID

from keys import jws, strict_json
from keys.algorithms import Algorithm
from keys.chain import load_certificate
from keys.encoding import b64url_text
from keys.errors import EcertError, KeysError
from schemas.openid4vp import dc_api, request_object
from schemas.openid4vp.client_id import Prefix, read_client_id
from schemas.openid4vp.errors import (
    InvalidPresentationRequest,
    PresentationRequestRefused,
    VerifierNotAuthenticated,
    VpFormatsNotSupported,
)
from schemas.openid4vp.metadata import FORMATS
from schemas.openid4vp.registration import Registration
from schemas.openid4vp.request import AuthorizationRequest, ResponseMode, is_endpoint, read_request
from schemas.openid4vp.request_object import UnverifiedRequest
from schemas.openid4vp.transaction_data import read_transaction_data, usable_for
from wallet_api.openid4vci.errors import AddressRefused
from wallet_api.openid4vci.ports import HttpRequest
from wallet_api.openid4vci.web import check_url
from wallet_api.openid4vp import links
from wallet_api.openid4vp.errors import RequestNotServed
from wallet_api.openid4vp.links import Link
from wallet_api.openid4vp.parts import Parts
from wallet_api.openid4vp.sending import send_error
from wallet_api.records import PartyRecord, Trust

MAX_CLAIMS = 40_000
"""Bytes of a request's parameters: what is kept while the holder decides has room for so much."""
MAX_ORIGIN = 300
_MAX_NAME = 100
_WALLET_METADATA = {
    "vp_formats_supported": {name: dict(value) for name, value in FORMATS.items()},
    "client_id_prefixes_supported": [each.value for each in Prefix if each],
    "request_object_signing_alg_values_supported": [Algorithm.ES256.value, Algorithm.ES384.value, "EdDSA"],
    "response_modes_supported": [each.value for each in ResponseMode if not each.by_dc_api],
    "response_types_supported": ["vp_token"],
}


@dataclass(frozen=True, slots=True)
class DcApiCall:
    """A call over the Digital Credentials API; the browser vouches for ``origin`` and for nothing else."""

    protocol: str
    data: Mapping[str, Any]
    origin: str


@dataclass(frozen=True, slots=True)
class Incoming:
    """A request that may be shown to the holder. ``registration``: what the city attests of it, if anything."""

    request: AuthorizationRequest
    party: PartyRecord
    origin: str | None = None
    registration: Registration | None = None

    @property
    def audience(self) -> str:
        """The whole client identifier (14.10), over the DC API the origin (A.4)."""
        return str(self.request.client_id) if self.origin is None else dc_api.audience(self.origin)

    @property
    def reply_to(self) -> str | None:
        """Where an error may be sent: an address of a party that proved who it is."""
        return None if self.party.trust is Trust.UNVERIFIED else self.request.response_uri


async def by_link(text: str, parts: Parts) -> Incoming:
    """Return the request of a link or of a QR code's text.

    Raises:
        LinkInvalid, PresentationRequestRefused: it is none, or breaks a rule.
        RequestNotServed, AddressRefused, HttpFailed: it cannot be fetched.
    """
    link = links.read_link(text)
    if link.request_uri is None and link.request is None:
        return await _checked(_unsigned(link), parts)
    wallet_nonce = b64url_text(parts.randomness(24)) if link.by_post else None
    signed = link.request or await _fetched(link, wallet_nonce, parts)
    unverified = request_object.peek(signed, client_id=link.client_id)
    return await _checked(await _authenticated(unverified, parts, wallet_nonce), parts)


async def by_browser(call: DcApiCall, parts: Parts) -> Incoming:
    """Return the request of a call; raises PresentationRequestRefused. There is no address to send an error to."""
    _check_origin(call.origin)
    if call.protocol == dc_api.Protocol.UNSIGNED:
        # A.2: client_id is ignored when it stands in an unsigned request, and so is what goes with a signed one.
        data = {name: value for name, value in call.data.items() if name not in ("client_id", "expected_origins")}
        party = PartyRecord(dc_api.audience(call.origin), Trust.ORIGIN)
        incoming = Incoming(read_request(data), party, call.origin)
    elif call.protocol == dc_api.Protocol.SIGNED:
        unverified = request_object.peek(_text(call.data, "request"), client_id=_named_inside(call.data))
        request = unverified.verified_by(parts.anchors.key_of, now=parts.clock())
        dc_api.check_origin(request, call.origin)
        incoming = _known(request, unverified, parts, origin=call.origin)
    else:
        raise InvalidPresentationRequest("protocol is not supported")
    if not incoming.request.response_mode.by_dc_api:
        raise InvalidPresentationRequest("response_mode is not one of the Digital Credentials API")
    check_askable(incoming.request)
    return incoming


def check_askable(request: AuthorizationRequest) -> None:
    """Return when a wallet of ours can answer such a request at all.

    Raises:
        VpFormatsNotSupported: no credential is asked for in a format that we present.
        InvalidTransactionData: an entry breaks its rules, or goes with a format that cannot carry its hash.
        InvalidPresentationRequest: more than is kept while the holder decides.
    """
    if not {each.format for each in request.query.credentials} & set(FORMATS):
        raise VpFormatsNotSupported("none of the formats asked for can be presented")
    for encoded in request.transaction_data:
        read_transaction_data(encoded, asked=usable_for(request.query))
    if len(strict_json.dumps(request.claims())) > MAX_CLAIMS:
        raise InvalidPresentationRequest(f"request has more than {MAX_CLAIMS} bytes")


def _unsigned(link: Link) -> Incoming:
    prefix = read_client_id(link.client_id).prefix
    if prefix.signed:
        raise VerifierNotAuthenticated("request with this client_id must be signed")
    if prefix is Prefix.PRE_REGISTERED:
        raise VerifierNotAuthenticated("client_id is not registered with this wallet")
    return Incoming(read_request(link.parameters), PartyRecord(link.client_id, Trust.UNVERIFIED))


async def _fetched(link: Link, wallet_nonce: str | None, parts: Parts) -> str:
    url = check_url(link.request_uri)
    headers = {"Accept": request_object.MEDIA_TYPE}
    if wallet_nonce is None:
        answer = await parts.http.send(HttpRequest("GET", url, headers))
    else:
        form = {"wallet_metadata": strict_json.dumps(_WALLET_METADATA).decode(), "wallet_nonce": wallet_nonce}
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        answer = await parts.http.send(HttpRequest("POST", url, headers, urlencode(form).encode()))
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if answer.status != 200 or kind != request_object.MEDIA_TYPE:  # 5.10.1
        raise RequestNotServed(f"request_uri gave no request object: status {answer.status}")
    if len(answer.body) > request_object.MAX_REQUEST or not answer.body.isascii():
        raise RequestNotServed("request_uri gave what is too long, or no token")
    return answer.body.decode("ascii").strip()


async def _authenticated(unverified: UnverifiedRequest, parts: Parts, wallet_nonce: str | None) -> Incoming:
    now = parts.clock()
    try:
        request = unverified.verified_by(parts.anchors.key_of, now=now, wallet_nonce=wallet_nonce)
    except VerifierNotAuthenticated:
        raise
    except PresentationRequestRefused as exc:
        # The signature holds: it is looked at before anything else. So the address in it is the verifier's.
        await _tell(unverified, exc, parts)
        raise
    return _known(request, unverified, parts)


async def _tell(unverified: UnverifiedRequest, refusal: PresentationRequestRefused, parts: Parts) -> None:
    claims = unverified.token.peek_claims()
    uri, state = claims.get("response_uri"), claims.get("state")
    client_id = unverified.client_id
    if not isinstance(uri, str) or not is_endpoint(uri):
        return
    if client_id.prefix is Prefix.X509_SAN_DNS and urlsplit(uri).hostname != client_id.name:
        return
    await send_error(parts.http, uri, refusal, state=state if isinstance(state, str) else None)


async def _checked(incoming: Incoming, parts: Parts) -> Incoming:
    try:
        if incoming.request.response_mode.by_dc_api:
            raise InvalidPresentationRequest("response_mode is one of the Digital Credentials API")
        _check_address(incoming.request)
        check_askable(incoming.request)
    except PresentationRequestRefused as exc:
        if incoming.reply_to is not None:
            await send_error(parts.http, incoming.reply_to, exc, state=incoming.request.state)
        raise
    return incoming


def _check_address(request: AuthorizationRequest) -> None:
    try:
        check_url(request.response_uri)
    except AddressRefused as exc:
        raise InvalidPresentationRequest("response_uri is no address that a wallet sends to") from exc


def _check_origin(origin: str) -> None:
    good = len(origin) <= MAX_ORIGIN and is_endpoint(origin)  # looked at first: urlsplit refuses some in its own way
    if not good or urlsplit(origin).path or urlsplit(origin).query:
        raise InvalidPresentationRequest("origin is no https origin")


def _text(data: Mapping[str, Any], name: str) -> str:
    value = data.get(name)
    if not isinstance(value, str):
        raise InvalidPresentationRequest(f"{name} is no text")
    return value


def _named_inside(data: Mapping[str, Any]) -> object:
    # Over the DC API nothing stands beside the request object (A.3.2): it is authenticated as whom it names itself.
    try:
        return jws.peek(_text(data, "request"), max_bytes=request_object.MAX_REQUEST).peek_claims().get("client_id")
    except KeysError as exc:
        raise InvalidPresentationRequest(f"request object cannot be read: {exc.code}") from exc


def _known(
    request: AuthorizationRequest, verified: UnverifiedRequest, parts: Parts, *, origin: str | None = None
) -> Incoming:
    """Return the request with who signed it: by the city's attestation, by the certificate's names, or a bare key."""
    client_id = verified.client_id
    party = PartyRecord(str(client_id), Trust.KEY)
    if client_id.prefix is not Prefix.DECENTRALIZED_IDENTIFIER:
        name, english = names_of(verified.token.header.x5c())
        party = replace(party, trust=Trust.LISTED, name_zh=name, name_en=english)
    registration = parts.anchors.registration_of(request, parts.clock())
    if registration is not None:
        names = {"name_zh": registration.party_zh, "name_en": registration.party_en}
        party = replace(party, trust=Trust.LISTED, **names)
    return Incoming(request, party, origin, registration)


def names_of(chain: Sequence[bytes]) -> tuple[str, str]:
    """Return the organisation that a verified chain's leaf names, and its common name where that is another one."""
    try:
        subject = load_certificate(chain[0]).subject
    except (EcertError, IndexError):
        return "", ""
    organisation, common = _attribute(subject, NameOID.ORGANIZATION_NAME), _attribute(subject, NameOID.COMMON_NAME)
    name = organisation or common
    return name, common if common != name else ""


def _attribute(subject: x509.Name, oid: x509.ObjectIdentifier) -> str:
    values = [str(each.value) for each in subject.get_attributes_for_oid(oid)]
    return values[0][:_MAX_NAME] if values and values[0].isprintable() else ""


def kept(incoming: Incoming) -> dict[str, Any]:
    """Return a request as it is kept while the holder decides; ``back`` reads it."""
    party = incoming.party
    return {
        "request": incoming.request.claims(),
        "party": [party.client_id, party.trust.value, party.name_zh, party.name_en, party.contact],
        "origin": incoming.origin,
        "registration": None if incoming.registration is None else asdict(incoming.registration),
    }


def back(value: Mapping[str, Any]) -> Incoming:
    """Return the request that ``kept`` wrote."""
    client_id, trust, *names = value["party"]
    said = value["registration"]
    return Incoming(
        read_request(value["request"]),
        PartyRecord(client_id, Trust(trust), *names),
        value["origin"],
        None if said is None else Registration(**said),
    )


def moment_of(now: datetime) -> datetime:
    """Return ``now`` in whole seconds, as a NumericDate has them."""
    return now.replace(microsecond=0)
