"""Encrypted credential requests and responses as a wallet makes them (OpenID4VCI 1.0, 10 and 12.2.4).

Where the issuer offers it, a request is encrypted to the issuer's key and names a key for its answer, a new one for
each request. An answer is asked for encrypted only in a request that is: else the key could be exchanged (8.2).
Nothing is compressed: the length of what is compressed tells about secrets inside.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from keys import jwe, strict_json
from keys.errors import EncryptionRefused, KeysError
from keys.jwe import DecryptionKey
from wallet_api.openid4vci.errors import CredentialResponseInvalid, IssuerMetadataInvalid
from wallet_api.openid4vci.web import Answer

_REQUEST, _RESPONSE = "credential_request_encryption", "credential_response_encryption"
_ENCS = tuple(reversed(jwe.ENCS))  # the longer key first
MAX_KEYS = 16


@dataclass(frozen=True, slots=True)
class Encryption:
    """How an issuer takes requests, and how it encrypts answers; ``response_enc`` None: they come in the clear."""

    key: Mapping[str, Any] = field(repr=False)
    enc: str
    response_enc: str | None

    def sealed(self, members: Mapping[str, Any]) -> "Sealed":
        """Return a request with these members, encrypted; its answer is opened with what comes back."""
        if self.response_enc is None:
            return Sealed(self._encrypted(members), None)
        answer_key = DecryptionKey.generate()
        wanted = {"jwk": dict(answer_key.jwk), "enc": self.response_enc}
        return Sealed(self._encrypted({**members, _RESPONSE: wanted}), answer_key)

    def _encrypted(self, members: Mapping[str, Any]) -> str:
        return jwe.encrypt(strict_json.dumps(members), to=self.key, enc=self.enc, header={"cty": "json"})


@dataclass(frozen=True, slots=True)
class Sealed:
    """An encrypted request, and the key that its answer is encrypted to."""

    token: str = field(repr=False)
    answer_key: DecryptionKey | None = field(repr=False)

    def opened(self, answer: Answer) -> Answer:
        """Return an answer as it was before it was encrypted.

        A refusal comes in the clear (8.3.1.2), and "not yet" may: it says nothing of anybody.

        Raises:
            CredentialResponseInvalid: what was to be encrypted came in the clear, or cannot be decrypted.
        """
        if self.answer_key is None or answer.status not in (200, 202):
            return answer
        if answer.token is None:
            if answer.status == 202 and "credentials" not in (answer.members or {}):
                return answer
            raise CredentialResponseInvalid("credential response is not encrypted, as was asked")
        try:
            read = jwe.decrypt(answer.token, keys=[self.answer_key])
            members = strict_json.loads_object(read.plaintext)
        except KeysError as exc:
            raise CredentialResponseInvalid("credential response cannot be decrypted") from exc
        return Answer(answer.status, answer.headers, members)


def read_encryption(document: Mapping[str, Any]) -> Encryption | None:
    """Return how to encrypt to the issuer of these metadata; None where it does not offer it, or not as we can.

    Raises:
        IssuerMetadataInvalid: the issuer requires encryption, and by none of the means of this wallet.
    """
    request, response = _member(document, _REQUEST), _member(document, _RESPONSE)
    enc, key = _enc(request), None
    if enc is not None:
        key = _key(request, enc)
    response_enc = _enc(response) if jwe.ALG in _listed(response, "alg_values_supported") else None
    if request.get("encryption_required") is True and key is None:
        raise IssuerMetadataInvalid(f"{_REQUEST} is required, in no way that this wallet knows")
    if response.get("encryption_required") is True and (key is None or response_enc is None):
        raise IssuerMetadataInvalid(f"{_RESPONSE} is required, in no way that this wallet knows")
    return None if key is None or enc is None else Encryption(key, enc, response_enc)


def _key(request: Mapping[str, Any], enc: str) -> Mapping[str, Any] | None:
    """The first key of the issuer that we can encrypt to; each has a ``kid``, which comes back in the header (10)."""
    for jwk in _listed(_member(request, "jwks"), "keys")[:MAX_KEYS]:
        if isinstance(jwk, dict) and isinstance(jwk.get("kid"), str):
            try:
                jwe.encrypt(b"", to=jwk, enc=enc)
            except EncryptionRefused:
                continue
            return jwk
    return None


def _enc(offered: Mapping[str, Any]) -> str | None:
    listed = _listed(offered, "enc_values_supported")
    return next((enc for enc in _ENCS if enc in listed), None)


def _member(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = document.get(name)
    return found if isinstance(found, dict) else {}


def _listed(document: Mapping[str, Any], name: str) -> list[Any]:
    found = document.get(name)
    return found if isinstance(found, list) else []
