"""Credential offers (OpenID4VCI 1.0, 4.1): by value, by reference, as a link or in a picture of a QR code.

openid-credential-offer://?credential_offer={...}            haip-vci://, or any https link
openid-credential-offer://?credential_offer_uri=https://...  fetched: 200, JSON

What an offer says is a stranger's word: it names an issuer, and the trust list says whether it is one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from keys import strict_json
from keys.errors import KeysError
from schemas.qr import animation, compact, reading
from schemas.qr.errors import PictureTooLarge, UnreadablePicture
from schemas.qr.text import REFERENCE_PREFIX
from wallet_api.openid4vci.errors import AddressRefused, CopyNotHeld, OfferInvalid
from wallet_api.openid4vci.web import Web, check_identifier, check_url

PRE_AUTHORIZED = "urn:ietf:params:oauth:grant-type:pre-authorized_code"
MAX_TEXT = 16_384
MAX_CONFIGURATIONS = 50
_SCHEMES = frozenset({"openid-credential-offer", "haip-vci", "https"})
_CERTIFICATES = ("eyJ", compact.PREFIX, REFERENCE_PREFIX)  # eyJ: a JSON object in base64url, as a JWT begins
_MAX_ID = 256
_MAX_CODE = 4_096
_MAX_DESCRIPTION = 300
_MAX_TX_CODE = 64


@dataclass(frozen=True, slots=True)
class TxCodeForm:
    """What a transaction code looks like, and where the holder finds it; ``length`` None when the offer says none."""

    input_mode: str = "numeric"
    length: int | None = None
    description: str | None = None

    def fits(self, code: str) -> bool:
        """Tell whether ``code`` has this form."""
        numeric = self.input_mode != "numeric" or (code.isascii() and code.isdigit())
        return numeric and 0 < len(code) <= _MAX_TX_CODE and self.length in (None, len(code))


@dataclass(frozen=True, slots=True)
class PreAuthorized:
    """The grant ``pre-authorized_code``."""

    code: str = field(repr=False)
    tx_code: TxCodeForm | None = None
    server: str | None = None


@dataclass(frozen=True, slots=True)
class ByLogin:
    """The grant ``authorization_code``."""

    issuer_state: str | None = field(default=None, repr=False)
    server: str | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """An offer that keeps the rules of its form; ``document`` is its JSON. Without grants the holder logs in."""

    issuer: str
    configuration_ids: tuple[str, ...]
    pre_authorized: PreAuthorized | None
    by_login: ByLogin | None
    document: Mapping[str, Any] = field(repr=False, compare=False)


def offer_in_picture(data: bytes) -> str:
    """Return the text of the one offer among the QR codes of a picture.

    Raises:
        OfferInvalid: no picture, no code, no offer among them, or several.
        CopyNotHeld: no offer, but the code of a certificate that somebody shows, or that is printed on a copy.
    """
    try:
        texts = reading.read(data).texts
    except (PictureTooLarge, UnreadablePicture) as exc:
        raise OfferInvalid("picture cannot be read") from exc
    offers = [text for text in texts if _is_offer(text.strip())]
    if not offers and any(map(_is_certificate, texts)):
        raise CopyNotHeld("picture shows the code of a certificate, which is a copy, and no offer of one")
    if len(offers) != 1:
        raise OfferInvalid(f"picture holds {len(offers)} credential offers, expected one")
    return offers[0]


async def resolve(text: str, *, web: Web) -> Offer:
    """Return the offer that ``text`` is or refers to.

    Raises:
        OfferInvalid: it breaks a rule of 4.1, or is not where the text says.
        CopyNotHeld: it is a certificate, or what a code of one holds.
        AddressRefused, HttpFailed: the reference cannot be asked.
    """
    name, value = _parameter(text)
    if name == "credential_offer":
        return read_offer(_object(value))
    answer = await web.get(check_url(value))
    if answer.status != 200 or answer.members is None:  # 4.1.3
        raise OfferInvalid(f"offer by reference was not given: status {answer.status}")
    return read_offer(answer.members)


def read_offer(document: Mapping[str, Any]) -> Offer:
    """Return the offer of a JSON object; raises OfferInvalid, which names the member."""
    try:
        issuer = check_identifier(document.get("credential_issuer"))
    except AddressRefused as exc:
        raise OfferInvalid(f"credential_issuer: {exc}") from exc
    ids = document.get("credential_configuration_ids")
    if not isinstance(ids, list) or not 0 < len(ids) <= MAX_CONFIGURATIONS:
        raise OfferInvalid(f"credential_configuration_ids is no array of 1 to {MAX_CONFIGURATIONS}")
    names = tuple(_text(each, "credential_configuration_ids", _MAX_ID) for each in ids)
    if len(set(names)) != len(names):
        raise OfferInvalid("credential_configuration_ids names one twice")
    grants = document.get("grants", {})
    if not isinstance(grants, dict):
        raise OfferInvalid("grants is no object")
    return Offer(issuer, names, _pre_authorized(grants), _by_login(grants), dict(document))


def _pre_authorized(grants: Mapping[str, Any]) -> PreAuthorized | None:
    if PRE_AUTHORIZED not in grants:
        return None
    grant = _member(grants, PRE_AUTHORIZED)
    code = _text(grant.get("pre-authorized_code"), "pre-authorized_code", _MAX_CODE)
    return PreAuthorized(code, _tx_code(grant), _server(grant))


def _by_login(grants: Mapping[str, Any]) -> ByLogin | None:
    if "authorization_code" not in grants:
        return None if grants else ByLogin()
    grant = _member(grants, "authorization_code")
    state = grant.get("issuer_state")
    return ByLogin(None if state is None else _text(state, "issuer_state", _MAX_CODE), _server(grant))


def _tx_code(grant: Mapping[str, Any]) -> TxCodeForm | None:
    if "tx_code" not in grant:
        return None
    form = _member(grant, "tx_code")
    mode, length, description = form.get("input_mode", "numeric"), form.get("length"), form.get("description")
    if mode not in ("numeric", "text"):
        raise OfferInvalid("tx_code's input_mode is neither numeric nor text")
    if length is not None and (type(length) is not int or not 0 < length <= _MAX_TX_CODE):
        raise OfferInvalid(f"tx_code's length is not from 1 to {_MAX_TX_CODE}")
    if description is not None:
        description = _text(description, "tx_code's description", _MAX_DESCRIPTION)
    return TxCodeForm(mode, length, description)


def _server(grant: Mapping[str, Any]) -> str | None:
    server = grant.get("authorization_server")
    try:
        return None if server is None else check_identifier(server)
    except AddressRefused as exc:
        raise OfferInvalid(f"authorization_server: {exc}") from exc


def _parameter(text: str) -> tuple[str, str]:
    """The one of the two parameters that a link carries (4.1), percent-decoded."""
    text = text.strip()
    if _is_certificate(text):
        raise CopyNotHeld("text is a certificate or its code, which is a copy, and no offer of one")
    if len(text) > MAX_TEXT or not _is_offer(text):
        raise OfferInvalid("text is no link to a credential offer")
    try:
        pairs = parse_qsl(urlsplit(text).query, keep_blank_values=True, max_num_fields=32, errors="strict")
    except ValueError:
        raise OfferInvalid("link's query is malformed") from None
    found = [pair for pair in pairs if pair[0] in ("credential_offer", "credential_offer_uri")]
    if len(found) != 1:
        raise OfferInvalid(f"link has {len(found)} credential offers, expected one")
    return found[0]


def _is_certificate(text: str) -> bool:
    text = text.strip()
    return text.startswith(_CERTIFICATES) or animation.is_frame(text)


def _is_offer(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme.lower() in _SCHEMES and "credential_offer" in parts.query


def _object(text: str) -> dict[str, Any]:
    try:
        return strict_json.loads_object(text.encode("utf-8", "replace"))
    except KeysError as exc:
        raise OfferInvalid(f"credential_offer: {exc}") from exc


def _member(holder: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = holder[name]
    if not isinstance(value, dict):
        raise OfferInvalid(f"{name.rpartition(':')[2]} is no object")
    return value


def _text(value: Any, name: str, limit: int) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= limit:
        raise OfferInvalid(f"{name} is no text of 1 to {limit} characters")
    return value
