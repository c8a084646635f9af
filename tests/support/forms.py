"""The desk's certificate in every format, and as its holder shows it: each made by the format's own writer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from keys import did, strict_json
from keys.encoding import b64url_decode, b64url_text
from keys.signer import SoftwareSigner
from schemas.formats import data_integrity, key_binding
from schemas.formats.bitstring_credential import BitstringEntry
from schemas.formats.data_integrity import ProofOptions, Suite
from schemas.formats.sd_cwt import credential as sd_cwt
from schemas.formats.sd_cwt import kbt
from schemas.formats.sd_cwt import token as sd_cwt_token
from schemas.formats.sd_jwt import SdJwt
from schemas.formats.status_answer import entries_for
from schemas.formats.status_claim import StatusReference
from schemas.formats.vc_jose_cose import cose, enveloped, jwt, jwt_vc_json, sd_jwt
from schemas.formats.vc_jose_cose.kinds import Kind
from schemas.order import CredentialFormat
from tests.support.desk import BASE, HOLDER, INDEX, LIST, NOW, Certificate, seconds
from verifier import COUNTER_AUDIENCE

SHOWN = "business_scope"
NONCE = "q7Zk"
CONTEXT = f"{BASE}/contexts/business_licence/1"


@dataclass(frozen=True)
class Shown:
    """For whom and when something is shown, and by whose key."""

    holder: SoftwareSigner = HOLDER
    at: datetime = NOW - timedelta(seconds=5)
    audience: str = COUNTER_AUDIENCE
    nonce: str = NONCE


def salts() -> Callable[[], bytes]:
    """Salts that count."""
    numbers = count()
    return lambda: next(numbers).to_bytes(16, "big")


def vcdm(certificate: Certificate, **changes: Any) -> dict[str, Any]:
    """The credential by VCDM 2.0; None takes a member out."""
    subject = dict(certificate.claims)
    # The context knows no number for it.
    subject["certificate_version"] = f"{subject['certificate_version']:03}"
    document = {
        "@context": ["https://www.w3.org/ns/credentials/v2", CONTEXT],
        "type": ["VerifiableCredential", "BusinessLicence"],
        "issuer": certificate.issuer,
        "validFrom": "2025-05-31T16:00:00Z",
        "validUntil": "2026-12-31T16:00:00Z",
        "credentialSubject": subject,
        "credentialSchema": {"id": f"{BASE}/schemas/business_licence/1", "type": "JsonSchema"},
    } | changes
    return {name: value for name, value in document.items() if value is not None}


def bound_vcdm(
    certificate: Certificate, *, entries: tuple[BitstringEntry, ...] = entries_for(LIST, INDEX), **changes: Any
) -> dict[str, Any]:
    """The credential whose subject is the holder's key, with its place in the bitstring lists."""
    document = vcdm(certificate)
    if certificate.holder is not None:
        document["credentialSubject"] = {
            "id": did.to_did_key(certificate.holder.public_key),
            **document["credentialSubject"],
        }
    document |= {"credentialStatus": [entry.document() for entry in entries]} | changes
    return {name: value for name, value in document.items() if value is not None}


def method(certificate: Certificate) -> str:
    """The verification method of the issuer's key."""
    return f"{certificate.issuer}#{certificate.signer.public_key.kid}"


def ldp_vc(
    certificate: Certificate, *, suite: Suite = Suite.ECDSA_SD_2023, document: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The credential with a Data Integrity proof; for ecdsa-sd-2023 a base proof."""
    document = bound_vcdm(certificate) if document is None else document
    hidden = certificate.selective
    pointers = tuple(f"/{name}" for name in document if name not in ("@context", "type", "credentialSubject"))
    pointers += tuple(f"/credentialSubject/{name}" for name in document["credentialSubject"] if name not in hidden)
    return data_integrity.issue(
        document,
        certificate.signer,
        suite=suite,
        verification_method=method(certificate),
        created=certificate.iat,
        options=ProofOptions(
            expires=certificate.exp, mandatory_pointers=pointers if suite is Suite.ECDSA_SD_2023 else ()
        ),
    )


def vc_sd_jwt(certificate: Certificate) -> SdJwt:
    """The credential as vc+sd-jwt."""
    document = vcdm(certificate) | certificate.registered()
    paths = [("credentialSubject", name) for name in sorted(certificate.selective & certificate.claims.keys())]
    return sd_jwt.issue(document, paths, certificate.signer, kind=Kind.CREDENTIAL, salt=salts())


def vc_cose(certificate: Certificate) -> bytes:
    """The credential as COSE_Sign1."""
    document = bound_vcdm(certificate, validFrom=_stamp(certificate.iat), validUntil=_stamp(certificate.exp or NOW))
    return cose.issue(document, certificate.signer, kind=Kind.CREDENTIAL)


def old_jwt(certificate: Certificate) -> str:
    """The credential by VCDM 1.1 as JWT."""
    document = vcdm(certificate, validFrom=None, validUntil=None, issuer=None)
    document["@context"] = ["https://www.w3.org/2018/credentials/v1", CONTEXT]
    claims = certificate.registered() | {"nbf": seconds(certificate.iat), "vc": document}
    return jwt_vc_json.issue(claims, certificate.signer)


def full_sd_cwt(certificate: Certificate, **changes: Any) -> bytes:
    """The credential as SD-CWT, everything selective redacted."""
    claims = dict(certificate.claims) | {"certificate_version": "001"}
    content = {
        "issuer": certificate.issuer,
        "subject": "pseudonym",
        "vct": certificate.vct,
        "iat": seconds(certificate.iat),
        "exp": seconds(certificate.exp or NOW),
        "fields": claims,
        "redacted": certificate.selective & claims.keys(),
        "status": StatusReference(LIST, INDEX),
        "holder_key": None if certificate.holder is None else certificate.holder.public_key,
    } | changes
    return sd_cwt.issue(sd_cwt.Content(**content), certificate.signer, salt=salts())


# Shown by the holder


def vp_claims(credential: Any, shown: Shown, **changes: Any) -> dict[str, Any]:
    """The claims of a presentation as JWT; None takes one out."""
    claims = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiablePresentation"],
        "holder": did.to_did_key(shown.holder.public_key),
        "verifiableCredential": [credential],
        "aud": shown.audience,
        "nonce": shown.nonce,
        "iat": seconds(shown.at),
    } | changes
    return {name: value for name, value in claims.items() if value is not None}


def vp_jwt(credential: Any, shown: Shown, **changes: Any) -> str:
    """A presentation as vp+jwt."""
    return jwt.issue(vp_claims(credential, shown, **changes), shown.holder, kind=Kind.PRESENTATION)


def vp_data_integrity(credential: Any, shown: Shown, *, suite: Suite = Suite.ECDSA_JCS_2019, **said: Any) -> str:
    """A presentation with an embedded proof; ``said`` replaces what the proof says."""
    name = did.to_did_key(shown.holder.public_key)
    document = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiablePresentation"],
        "holder": name,
        "verifiableCredential": [credential],
    }
    created = said.pop("created", shown.at)
    options = {"purpose": data_integrity.AUTHENTICATION, "domain": shown.audience, "challenge": shown.nonce} | said
    signed = data_integrity.issue(
        document,
        shown.holder,
        suite=suite,
        verification_method=did.verification_method(name),
        created=created,
        options=ProofOptions(**options),
    )
    return strict_json.dumps(signed).decode()


def kbt_text(token: bytes, shown: Shown, *fields: str) -> str:
    """An SD-CWT in its Key Binding Token."""
    chosen = sd_cwt.choose(sd_cwt_token.peek(token), fields)
    challenge = b64url_decode(shown.nonce)
    return kbt.to_text(kbt.bind(chosen, shown.holder, audience=shown.audience, iat=seconds(shown.at), cnonce=challenge))


def present(form: CredentialFormat, certificate: Certificate, shown: Shown = Shown()) -> str:
    """The one field ``SHOWN`` of the certificate, shown in a form of its format; those without choice show all."""
    if form is CredentialFormat.SD_JWT_VC:
        return certificate.present(SHOWN, holder=shown.holder, at=shown.at, audience=shown.audience, nonce=shown.nonce)
    if form is CredentialFormat.LDP_VC:
        return vp_data_integrity(data_integrity.derive(ldp_vc(certificate), [f"/credentialSubject/{SHOWN}"]), shown)
    if form is CredentialFormat.SD_CWT:
        return kbt_text(full_sd_cwt(certificate), shown, SHOWN)
    return vp_jwt(envelope(form, certificate), shown)


def envelope(form: CredentialFormat, certificate: Certificate) -> dict[str, Any]:
    """The enveloped credential of a format that a JWT presentation carries."""
    if form is CredentialFormat.VC_COSE:
        return enveloped.wrap("application/vc+cose", vc_cose(certificate))
    if form is CredentialFormat.JWT_VC_JSON:
        return enveloped.wrap("application/jwt", old_jwt(certificate))
    if form is CredentialFormat.VC_SD_JWT:
        return enveloped.wrap(
            "application/vc+sd-jwt", vc_sd_jwt(certificate).present([("credentialSubject", SHOWN)]).text()
        )
    return enveloped.wrap("application/vc+jwt", certificate.vc_jwt())


def bare(form: CredentialFormat, certificate: Certificate) -> str:
    """The certificate as its issuer sent it."""
    return {
        CredentialFormat.SD_JWT_VC: lambda: certificate.sd_jwt().text(),
        CredentialFormat.VC_JWT: lambda: certificate.vc_jwt(),
        CredentialFormat.LDP_VC: lambda: strict_json.dumps(ldp_vc(certificate)).decode(),
        CredentialFormat.JWT_VC_JSON: lambda: old_jwt(certificate),
        CredentialFormat.VC_SD_JWT: lambda: vc_sd_jwt(certificate).text(),
        CredentialFormat.VC_COSE: lambda: b64url_text(vc_cose(certificate)),
        CredentialFormat.SD_CWT: lambda: kbt.to_text(full_sd_cwt(certificate)),
    }[form]()


def bound_sd_jwt(certificate: Certificate, shown: Shown = Shown()) -> str:
    """A vc+sd-jwt with a key binding of its own."""
    chosen = vc_sd_jwt(certificate).present([("credentialSubject", SHOWN)])
    return key_binding.bind(
        chosen, shown.holder, audience=shown.audience, nonce=shown.nonce, iat=seconds(shown.at)
    ).text()


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
