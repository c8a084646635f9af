"""Every form of VC-JOSE-COSE by the name of a feature: what ``ecert jose-cose`` does, on texts and objects.

    text = issue(Feature.CREDENTIAL_JOSE, document, signer, options)
    document = verify(Feature.CREDENTIAL_JOSE, text, key)

Proof of the securing alone is judged: no dates, no status, and not the credentials inside a presentation.
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from keys.public import PublicKey
from keys.signer import Signer
from schemas.formats.disclosures import Salt
from schemas.formats.vc_jose_cose import cose, enveloped, jwt, paths, sd_jwt
from schemas.formats.vc_jose_cose.kinds import NO_HINTS, KeyHints, Kind


class Feature(StrEnum):
    """A kind of document and a form of securing it."""

    CREDENTIAL_JOSE = "credential_jose"
    PRESENTATION_JOSE = "presentation_jose"
    CREDENTIAL_SDJWT = "credential_sdjwt"
    PRESENTATION_SDJWT = "presentation_sdjwt"
    CREDENTIAL_COSE = "credential_cose"
    PRESENTATION_COSE = "presentation_cose"

    @property
    def kind(self) -> Kind:
        """Credential or presentation."""
        return Kind.CREDENTIAL if self.startswith("credential") else Kind.PRESENTATION

    @property
    def form(self) -> str:
        """``jose``, ``sdjwt`` or ``cose``."""
        return self.partition("_")[2]


@dataclass(frozen=True, slots=True)
class Options:
    """What issuing needs beside document and key: salts and dotted paths for SD-JWT, and hints at the key."""

    salt: Salt
    selective: Sequence[str] = ()
    hints: KeyHints = NO_HINTS


def issue(feature: Feature, document: Mapping[str, Any], signer: Signer, options: Options) -> str:
    """Return the secured document: a compact JWS, an SD-JWT, or base64 without padding of a COSE_Sign1.

    Raises:
        CredentialRuleBroken, FormatError: a rule of the document or of the form.
        SdPathInvalid, UnknownClaimPath: of ``options.selective``.
    """
    if feature.form == "jose":
        return jwt.issue(document, signer, kind=feature.kind, hints=options.hints)
    if feature.form == "cose":
        data = cose.issue(document, signer, kind=feature.kind, hints=options.hints)
        return base64.b64encode(data).decode("ascii").rstrip("=")
    selective = [paths.parse(text) for text in options.selective]
    issued = sd_jwt.issue(document, selective, signer, kind=feature.kind, salt=options.salt, hints=options.hints)
    return issued.text()


def verify(feature: Feature, text: str, key: PublicKey) -> dict[str, Any]:
    """Return the document that ``key`` secured; white space around ``text`` is passed over.

    Raises:
        FormatError, KeysError: by the rule that is broken.
    """
    stripped = text.strip()
    if feature.form == "jose":
        return jwt.parse(stripped, kind=feature.kind).secured_by(key)
    if feature.form == "cose":
        return cose.parse(enveloped.base64_decode(stripped), kind=feature.kind).secured_by(key)
    return sd_jwt.parse(stripped, kind=feature.kind).secured_by(key)
