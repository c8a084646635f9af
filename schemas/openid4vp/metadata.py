"""``client_metadata``: what a verifier says of itself in a request (OpenID4VP 1.0, 5.1 and 11.1), in three members."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from keys.jwe import ALG, ENCS
from schemas.openid4vp.errors import InvalidPresentationRequest
from schemas.order import CredentialFormat

_ALGS = ("ES256", "ES384", "EdDSA")
_SUITES = ("ecdsa-rdfc-2019", "ecdsa-jcs-2019", "eddsa-rdfc-2022", "eddsa-jcs-2022", "ecdsa-sd-2023")
FORMATS: Mapping[str, Mapping[str, Any]] = {
    CredentialFormat.SD_JWT_VC.value: {"sd-jwt_alg_values": list(_ALGS), "kb-jwt_alg_values": list(_ALGS)},
    CredentialFormat.JWT_VC_JSON.value: {"alg_values": list(_ALGS)},
    CredentialFormat.LDP_VC.value: {"proof_type_values": ["DataIntegrityProof"], "cryptosuite_values": list(_SUITES)},
}
"""``vp_formats_supported`` of our verifiers (appendix B: B.3.4, B.1.3.1.3, B.1.3.2.3)."""
_DEFAULT_ENC = ("A128GCM",)
_MAX_KEYS = 20


@dataclass(frozen=True, slots=True)
class ClientMetadata:
    """The verifier's keys to encrypt to, content encryptions (none: A128GCM), formats with parameters."""

    keys: tuple[Mapping[str, Any], ...] = ()
    encs: tuple[str, ...] = ()
    formats: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """Return it as JSON."""
        made: dict[str, Any] = {"vp_formats_supported": {name: dict(value) for name, value in self.formats.items()}}
        if self.keys:
            made["jwks"] = {"keys": [dict(key) for key in self.keys]}
        if self.encs:
            made["encrypted_response_enc_values_supported"] = list(self.encs)
        return made

    def encryption(self) -> tuple[Mapping[str, Any], str]:
        """Return the first key and content encryption that we encrypt with (8.3).

        Raises:
            InvalidPresentationRequest: there is none.
        """
        fitting = (key for key in self.keys if (key.get("kty"), key.get("crv"), key.get("alg")) == ("EC", "P-256", ALG))
        key = next((key for key in fitting if key.get("use", "enc") == "enc"), None)
        enc = next((enc for enc in self.encs or _DEFAULT_ENC if enc in ENCS), None)
        if key is None or enc is None:
            raise InvalidPresentationRequest("client_metadata names no key and encryption that we have")
        return key, enc


def read_metadata(document: object) -> ClientMetadata:
    """Return the client metadata; unknown members are passed over (5.1).

    Raises:
        InvalidPresentationRequest: a member has another form.
    """
    if not isinstance(document, dict):
        raise InvalidPresentationRequest("client_metadata is no object")
    formats = document.get("vp_formats_supported", {})
    if not isinstance(formats, dict) or not all(isinstance(value, dict) for value in formats.values()):
        raise InvalidPresentationRequest("vp_formats_supported is no object of objects")
    return ClientMetadata(_keys(document), _encs(document), formats)


def _keys(document: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    if "jwks" not in document:
        return ()
    jwks = document["jwks"]
    keys = jwks.get("keys") if isinstance(jwks, dict) else None
    if not isinstance(keys, list) or not 0 < len(keys) <= _MAX_KEYS or not all(isinstance(key, dict) for key in keys):
        raise InvalidPresentationRequest(f"jwks holds no array of 1 to {_MAX_KEYS} keys")
    _check_names(keys)
    return tuple(keys)


def _check_names(keys: Sequence[Mapping[str, Any]]) -> None:
    names = [key.get("kid") for key in keys]
    if not all(isinstance(name, str) and name for name in names) or len(set(names)) != len(names):
        raise InvalidPresentationRequest("a key of jwks has no kid of its own")


def _encs(document: Mapping[str, Any]) -> tuple[str, ...]:
    if "encrypted_response_enc_values_supported" not in document:
        return ()
    encs = document["encrypted_response_enc_values_supported"]
    if not isinstance(encs, list) or not encs or not all(isinstance(enc, str) for enc in encs):
        raise InvalidPresentationRequest("encrypted_response_enc_values_supported is no array of texts")
    return tuple(encs)
