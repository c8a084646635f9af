"""Targets of OpenID4VCI's authorization server: forms, DPoP proofs, client attestations, client assertions."""

from collections.abc import Sequence
from typing import Any

from issuer.openid4vci.answers import Form as Parameters
from issuer.openid4vci.answers import read_form
from issuer.openid4vci.authorization.attestation import Attestation, Instance, check_attestation
from issuer.openid4vci.authorization.client_auth import Client
from issuer.openid4vci.authorization.details import ids_of_details
from issuer.openid4vci.authorization.dpop import DpopRequest, Proof
from tests.fuzz.target import Form, Target, as_text, only
from tests.support import oauth

_SERVER = oauth.server()
_WALLET = _SERVER.wallet
_NOW = _SERVER.clock()
_ATTESTATION, _POP = _WALLET.attestation(), _WALLET.pop()
_DPOP = _WALLET.dpop("POST", oauth.TOKEN_URL, oauth.Proof(_SERVER.key))
_ASSERTION = _SERVER.assertion()
_FORM = b"grant_type=authorization_code&code=abc&redirect_uri=https%3A%2F%2Fwallets.example%2Fback%3Fa%3D1&x=%E6%B1%9F"
_DETAILS = b'[{"type":"openid_credential","credential_configuration_id":"business_licence.dc+sd-jwt","claims":[]}]'


def _proof(data: bytes) -> Proof:
    return _SERVER.services.dpop.check(DpopRequest("POST", oauth.TOKEN_URL, (as_text(data),)), now=_NOW)


def _is_proof(_: bytes, proof: Proof) -> bool:
    return proof.key == _SERVER.key.public_key


def _attested(attestation: str, pop: str) -> Instance:
    sent, known = Attestation((attestation,), (pop,)), _SERVER.services.clients._known.attesters
    return check_attestation(sent, known, audience=oauth.ISSUER, now=_NOW)


def _is_instance(_: bytes, instance: Instance) -> bool:
    return instance.key == _WALLET.key.public_key and instance.client.client_id == oauth.WALLET


def _asserted(data: bytes) -> Client:
    _SERVER.state.kept.clear()  # the same assertion again and again
    form = _SERVER.bank_form(client_assertion=as_text(data))
    return _SERVER.services.clients.authenticate(_SERVER.client(form, oauth.NOBODY), now=_NOW)


def _parameters(data: bytes) -> Parameters:
    return read_form(data, "application/x-www-form-urlencoded")


def _is_read_again(_: bytes, form: Any) -> bool:
    from urllib.parse import urlencode

    return bool(_parameters(urlencode(dict(form.parameters)).encode()) == form)


def _details(data: bytes) -> tuple[str, ...]:
    return ids_of_details(data.decode("utf-8", "replace"), department=oauth.DEPARTMENT, issuer=oauth.ISSUER)


def _seeds(*texts: str) -> Sequence[bytes]:
    return [text.encode() for text in texts]


TARGETS = (
    Target("oauth_form", "issuer.openid4vci.answers.read_form", _parameters, lambda: [_FORM], sound=_is_read_again),
    Target(
        "dpop_proof",
        "issuer.openid4vci.authorization.dpop.DpopProofs.check",
        _proof,
        lambda: _seeds(_DPOP),
        Form.JWT,
        _is_proof,
    ),
    Target(
        "client_attestation",
        "issuer.openid4vci.authorization.attestation.check_attestation",
        lambda data: _attested(as_text(data), _POP),
        lambda: _seeds(_ATTESTATION),
        Form.JWT,
        _is_instance,
    ),
    Target(
        "client_attestation_pop",
        "issuer.openid4vci.authorization.attestation.check_attestation",
        lambda data: _attested(_ATTESTATION, as_text(data)),
        lambda: _seeds(_POP),
        Form.JWT,
        _is_instance,
    ),
    Target(
        "client_assertion",
        "issuer.openid4vci.authorization.client_auth.ClientAuthentication.authenticate",
        _asserted,
        lambda: _seeds(_ASSERTION),
        Form.JWT,
        only(lambda: _asserted(_ASSERTION.encode())),
    ),
    Target(
        "authorization_details",
        "issuer.openid4vci.authorization.details.ids_of_details",
        _details,
        lambda: [_DETAILS],
        Form.JSON,
    ),
)
