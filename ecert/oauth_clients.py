"""The clients and attesters that the authorization servers know, from two JSON files that the settings name.

    ECERT_OAUTH_CLIENTS      {"clients": [CLIENT with "jwks": {"keys": [...]}, ...]}
    ECERT_WALLET_ATTESTERS   {"attesters": [{"iss": "https://...", "anchors": ["base64 of DER", ...],
                                             "jwks": {"keys": [...]}, "clients": [CLIENT, ...]}, ...]}
    CLIENT                   {"client_id": "...", "redirect_uris": ["https://...", ...]}

An attester has anchors, or keys, or both; without ``clients`` it may attest any client, and a client without
``redirect_uris`` may be sent back anywhere. The files are read once, when the settings are.
"""

import base64
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from ecert.json_files import read_named
from issuer.openid4vci.authorization.client_auth import KnownClients
from issuer.openid4vci.authorization.policy import Policy
from issuer.openid4vci.authorization.ports import AttestedClient, Attester, RegisteredClient
from issuer.openid4vci.protocol_tokens import key_of
from keys.chain import check_authority, load_certificate
from keys.fields import Fields
from keys.public import PublicKey
from wallet_api.openid4vci.attestation import WalletProvider

MAX_FILE = 4_194_304  # bytes
_MAX_ENTRIES = 10_000
_MAX_KEYS = 20
_Entry = TypeVar("_Entry")


@dataclass(frozen=True, slots=True)
class Known(Generic[_Entry]):
    """Entries by name: the ports ``Clients`` and ``Attesters``."""

    entries: Mapping[str, _Entry] = field(default_factory=dict, repr=False)

    def find(self, name: str) -> _Entry | None:
        """Return the entry of this name, None when there is none."""
        return self.entries.get(name)


@dataclass(frozen=True, slots=True)
class AuthorizationSettings:
    """What the settings say about the authorization servers."""

    policy: Policy
    clients: Known[RegisteredClient]
    attesters: Known[Attester]

    def known(self, also: Iterable[RegisteredClient] = (), *, attesters: Iterable[Attester] = ()) -> KnownClients:
        """Return where clients are known from; ``also`` and ``attesters`` are the installation's own."""
        own = {client.client_id: client for client in also}
        vouching = {attester.iss: attester for attester in attesters}
        return KnownClients(Known({**self.clients.entries, **own}), Known({**self.attesters.entries, **vouching}))


def read_clients(text: str) -> Known[RegisteredClient]:
    """Return the clients of the file that ``text`` names, none without a file; raises ValueError with what is wrong."""
    return _read(text, "clients", _client, lambda client: client.client_id)


def read_attesters(text: str) -> Known[Attester]:
    """Return the attesters of the file that ``text`` names, none without one; raises ValueError with what is wrong."""
    return _read(text, "attesters", _attester, lambda attester: attester.iss)


def attester_document(provider: WalletProvider) -> dict[str, Any]:
    """Return what another installation's file of attesters says of this wallet server."""
    jwks = {"keys": [dict(provider.signer.public_key.jwk)]}
    return {"attesters": [{"iss": provider.issuer, "jwks": jwks, "clients": [{"client_id": provider.client_id}]}]}


def _read(text: str, member: str, entry: Callable[[Fields], _Entry], name: Callable[[_Entry], str]) -> Known[_Entry]:
    def read(fields: Fields) -> list[_Entry]:
        return [entry(one) for one in fields.objects(member, limit=_MAX_ENTRIES)]

    found = read_named(text, read, what=f"a file of {member}", most=MAX_FILE) or []
    entries = {name(one): one for one in found}
    if len(entries) != len(found):
        raise ValueError(f"expected {member} of different names")
    return Known(entries)


def _client(fields: Fields) -> RegisteredClient:
    uris = fields.texts("redirect_uris", limit=_MAX_KEYS)
    return RegisteredClient(fields.text("client_id"), _keys(fields.object("jwks")), uris)


def _attester(fields: Fields) -> Attester:
    texts = fields.array("anchors", limit=_MAX_KEYS) if "anchors" in fields.value else ()
    anchors = tuple(_anchor(text, fields) for text in texts)
    keys = _keys(fields.object("jwks")) if "jwks" in fields.value else ()
    if not anchors and not keys:
        raise fields.fail("anchors", "expected anchors, or keys in jwks")
    clients = None
    if "clients" in fields.value:
        clients = tuple(_attested(one) for one in fields.objects("clients", limit=_MAX_ENTRIES))
    return Attester(fields.text("iss"), anchors, keys, clients)


def _attested(fields: Fields) -> AttestedClient:
    uris = fields.texts("redirect_uris", limit=_MAX_KEYS) if "redirect_uris" in fields.value else None
    return AttestedClient(fields.text("client_id"), uris)


def _keys(jwks: Fields) -> tuple[PublicKey, ...]:
    found = tuple(key_of(jwk.value) for jwk in jwks.objects("keys", limit=_MAX_KEYS))
    if not found:
        raise jwks.fail("keys", "expected at least one key")
    return found


def _anchor(text: object, fields: Fields) -> bytes:
    try:
        der = base64.b64decode(str(text), validate=True)
    except ValueError:
        raise fields.fail("anchors", "expected certificates (DER) in base64") from None
    check_authority(load_certificate(der), purpose=None)
    return der
