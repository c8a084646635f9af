"""What credentials of the Verifiable Credentials Data Model have in common, whatever secures them."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from keys.did import from_did
from keys.errors import MalformedKey
from keys.public import PublicKey
from schemas.formats import bitstring_credential, vc_jwt
from schemas.formats.bitstring_credential import BitstringEntry
from schemas.formats.errors import HolderKeyMissing, HolderKeyUnsupported
from verifier.documents.common import Credential

# <public URL>/schemas/<type>/<revision>; which issuer may use it is the trust list's, so the host says nothing.
_SCHEMA = re.compile(r"[a-z]+://[!-~]+/schemas/([a-z0-9_]{1,64})/([1-9][0-9]{0,5})")


def vct_of_schema(document: Mapping[str, Any]) -> str | None:
    """Return the type that ``credentialSchema`` names: VCDM has no ``vct``, and a schema is one type's revision."""
    schema = document.get("credentialSchema")
    uri = schema.get("id") if type(schema) is dict else None
    found = _SCHEMA.fullmatch(uri) if type(uri) is str else None
    return f"urn:ecert:{found[1]}:{found[2]}" if found else None


def subject_claims(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the claims of ``credentialSubject`` without its ``id``; several subjects stay together as one claim."""
    subject = document["credentialSubject"]
    claims = subject if type(subject) is dict else {"credentialSubject": subject}
    return {name: value for name, value in claims.items() if name != "id"}


def entries_of(document: Mapping[str, Any]) -> tuple[BitstringEntry, ...]:
    """Return the entries of ``credentialStatus``; raises BitstringEntryInvalid, also for a status of another kind.

    A status that cannot be followed must not look like a credential without one.
    """
    if "credentialStatus" not in document:
        return ()
    return bitstring_credential.read_entries(document["credentialStatus"])


def subject_key(document: Mapping[str, Any]) -> PublicKey:
    """Return the key that the ``id`` of the one subject is (did:key or did:jwk).

    Raises:
        HolderKeyMissing: there is no such ``id``.
        HolderKeyUnsupported: it is another identifier, or a key of another kind.
    """
    subject = document.get("credentialSubject")
    name = subject.get("id") if type(subject) is dict else None
    if name is None:
        raise HolderKeyMissing("credential names no holder key")
    try:
        return from_did(name)
    except MalformedKey as exc:
        raise HolderKeyUnsupported("the subject's id is no key that is supported") from exc


def credential_of(vct: str, iat: datetime, read: vc_jwt.VerifiedCredential) -> Credential:
    """Return the verified credential that was read by the rules of VCDM 2.0 and JWT."""
    return Credential(
        vct,
        iat,
        read.not_before,
        read.not_after,
        read.status,
        subject_claims(read.document),
        read.document,
        entries_of(read.document),
    )
