"""Targets of receiving over OpenID4VCI: all that a wallet reads of an issuer whom it does not know yet."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from issuer.profile import ProfileConfig
from keys import strict_json
from keys.jwe import DecryptionKey
from schemas.order import CredentialFormat
from schemas.types import certificate_type
from tests.fuzz.target import Form, Target, as_text
from tests.support.golden import BASE, _credentials, key
from tests.support.vci_issuer import ISSUER, FakeIssuer
from tests.support.wallet_fakes import Town
from wallet_api.openid4vci import credentials, tokens
from wallet_api.openid4vci.configurations import Configuration
from wallet_api.openid4vci.discovery import read_issuer, read_server
from wallet_api.openid4vci.incoming import credential_of
from wallet_api.openid4vci.offers import _parameter, read_offer
from wallet_api.openid4vci.sources import Asked
from wallet_api.openid4vci.web import Answer

_NOW = datetime(2026, 3, 2, 2, tzinfo=UTC)
_TYPE = certificate_type("business_licence")
_SIGNER = f"{BASE}/issuers/{_TYPE.department}"
_MODULE = "wallet_api.openid4vci"
_SERVER = FakeIssuer(Town(), tx_code="123456")
_SEALING = FakeIssuer(Town(), encryption=DecryptionKey.derive(b"fuzz", "issuer"), wants_attestation=True)
_DETAILS = [{"type": "openid_credential", "credential_configuration_id": "c", "credential_identifiers": ["a", "b"]}]
_TOKEN = {"access_token": "t", "token_type": "DPoP", "expires_in": 60, "authorization_details": _DETAILS}
_ISSUED = {"credentials": [{"credential": "a.b.c~"}], "notification_id": "n"}
_DEFERRED = {"transaction_id": "t", "interval": 5}


def _json(*documents: Mapping[str, Any]) -> Callable[[], Sequence[bytes]]:
    return lambda: [strict_json.dumps(document) for document in documents]


def _answer(data: bytes) -> Answer:
    return Answer(200, {}, strict_json.loads_object(data))


def _incoming(form: CredentialFormat) -> Callable[[bytes], Any]:
    configuration = Configuration("c", form, _TYPE, None, True, frozenset(), "", "", ())
    asked = Asked(_credentials(_TYPE, key("fuzz"))[0].holder_id, _SIGNER, _SIGNER, "c", None, "kid")
    return lambda data: credential_of(as_text(data), asked=asked, configuration=configuration)


def _issued(form: CredentialFormat) -> Callable[[], Sequence[bytes]]:
    return lambda: [each.token.encode() for each in _credentials(_TYPE, key("fuzz"), ProfileConfig(formats=(form,)))]


def _links() -> Sequence[bytes]:
    offer = quote(strict_json.dumps(_SERVER.offer()).decode())
    reference = quote(f"{ISSUER}/offers/1", safe="")
    return [
        f"openid-credential-offer://?credential_offer={offer}".encode(),
        f"https://wallet.example/x?a=1&credential_offer_uri={reference}".encode(),
    ]


TARGETS = (
    Target("offer_link", f"{_MODULE}.offers.resolve", lambda data: _parameter(as_text(data)), _links, Form.TEXT),
    Target(
        "credential_offer",
        f"{_MODULE}.offers.read_offer",
        lambda data: read_offer(strict_json.loads_object(data)),
        _json(_SERVER.offer(), _SERVER.offer(grants={"authorization_code": {"issuer_state": "s"}})),
        Form.JSON,
    ),
    Target(
        "issuer_metadata",
        f"{_MODULE}.discovery.read_issuer",
        lambda data: read_issuer(strict_json.loads_object(data), ISSUER),
        _json(_SERVER.metadata(), _SEALING.metadata()),
        Form.JSON,
    ),
    Target(
        "server_metadata",
        f"{_MODULE}.discovery.read_server",
        lambda data: read_server(strict_json.loads_object(data), ISSUER),
        _json(_SERVER.server_metadata()),
        Form.JSON,
    ),
    Target(
        "token_response",
        f"{_MODULE}.tokens.read_token_response",
        lambda data: tokens.read_token_response(_answer(data), client_id="c", bound=True, now=_NOW),
        _json(_TOKEN),
        Form.JSON,
    ),
    Target(
        "credential_response",
        f"{_MODULE}.credentials.CredentialEndpoints.request",
        lambda data: credentials._credentials(_answer(data), most=2),
        _json(_ISSUED, _DEFERRED),
        Form.JSON,
    ),
    Target(
        "incoming_sd_jwt_vc",
        f"{_MODULE}.incoming.credential_of",
        _incoming(CredentialFormat.SD_JWT_VC),
        _issued(CredentialFormat.SD_JWT_VC),
        Form.JWT,
    ),
    Target(
        "incoming_jwt_vc_json",
        f"{_MODULE}.incoming.credential_of",
        _incoming(CredentialFormat.JWT_VC_JSON),
        _issued(CredentialFormat.JWT_VC_JSON),
        Form.JWT,
    ),
    Target(
        "incoming_ldp_vc",
        f"{_MODULE}.incoming.credential_of",
        _incoming(CredentialFormat.LDP_VC),
        _issued(CredentialFormat.LDP_VC),
        Form.JSON,
    ),
)
