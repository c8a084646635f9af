"""A holder's credentials as DCQL sees them (OpenID4VP 1.0, 6 and appendix B): those that may be offered now.

Left out is what a verifier would refuse: over, not in force yet, superseded by a newer version, suspended, revoked.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from cryptography import x509
from cryptography.x509.oid import ExtensionOID

from keys import jws
from keys.chain import load_certificate
from keys.encoding import b64url_text
from keys.errors import EcertError
from schemas.dcql import Candidate
from schemas.generate.jsonld_terms import type_iri
from schemas.openid4vp.metadata import FORMATS
from schemas.order import CredentialFormat, CredentialId, Identifier, IssuedCredential
from schemas.types import by_vct, certificate_type
from wallet_api import tokens, vcdm_tokens
from wallet_api.records import Holding
from wallet_api.selection import lineage_of, version_of

States = Mapping[Identifier, str | None]
"""What is known of certificates beside what their credentials say."""
IN_FORCE = (None, "issued")
_BASE_TYPE = "https://www.w3.org/2018/credentials#VerifiableCredential"


def current(holdings: Sequence[Holding], *, states: States, now: datetime) -> list[Holding]:
    """Return what may be offered at ``now``: standard credentials before short-lived ones, the newest first."""
    highest: dict[str, int] = {}
    for holding in holdings:
        name = holding.credential.identifier
        highest[lineage_of(name)] = max(highest.get(lineage_of(name), 0), version_of(name))
    found = [
        holding
        for holding in holdings
        if holding.credential.format in FORMATS
        and version_of(holding.credential.identifier) == highest[lineage_of(holding.credential.identifier)]
        and states.get(holding.credential.identifier) in IN_FORCE
        and tokens.good_from(holding.credential) <= now < holding.credential.expires_at
    ]
    newest = sorted(found, key=lambda one: (one.credential.issued_at, one.credential.credential_id), reverse=True)
    return sorted(newest, key=lambda one: one.credential.short_lived)


def candidates(holdings: Sequence[Holding]) -> dict[CredentialId, Candidate]:
    """Return what DCQL compares, in the order given."""
    return {one.credential.credential_id: candidate(one.credential) for one in holdings}


def candidate(credential: IssuedCredential) -> Candidate:
    """Return one credential, whole."""
    bound = credential.holder_kid is not None
    authorities = {"aki": authority_keys(credential)}
    if credential.format is CredentialFormat.SD_JWT_VC:
        claims = tokens.claims_of(credential)
        types = frozenset({str(claims["vct"]), *claims.get("aka_vcts", ())})
        return Candidate(credential.format.value, types, claims, bound, authorities)
    types = frozenset({_BASE_TYPE, type_iri(by_vct(certificate_type(credential.type_id).vct))})
    return Candidate(credential.format.value, types, _document(credential), bound, authorities)


def authority_keys(credential: IssuedCredential) -> frozenset[str]:
    """Return the authority key identifiers of the chain that a credential carries (6.1.1.1), in base64url."""
    if credential.format is CredentialFormat.LDP_VC:
        return frozenset()
    try:
        chain = jws.peek(credential.token.partition("~")[0]).header.x5c()
        return frozenset(found for der in chain for found in _key_ids(der))
    except EcertError:
        return frozenset()


def _key_ids(der: bytes) -> list[str]:
    try:
        value = load_certificate(der).extensions.get_extension_for_oid(ExtensionOID.AUTHORITY_KEY_IDENTIFIER).value
    except x509.ExtensionNotFound:
        return []
    known = isinstance(value, x509.AuthorityKeyIdentifier) and value.key_identifier is not None
    return [b64url_text(value.key_identifier)] if known else []  # type: ignore[attr-defined]


def _document(credential: IssuedCredential) -> Mapping[str, Any]:
    """The credential from its root (B.1): where claims path pointers of the W3C's formats start."""
    held = vcdm_tokens.registered(credential)
    document: Mapping[str, Any] = held["vc"] if credential.format is CredentialFormat.JWT_VC_JSON else held
    return document
