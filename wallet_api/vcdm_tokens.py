"""A holder's own VCDM credentials: their fields, and presentations of them without signature.

What is chosen stands in a derived proof (ecdsa-sd-2023) or in disclosures; a format without choice shows all that it
holds. A credential with an embedded proof is shown in a presentation with one, any other enveloped in a vp+jwt.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from keys import did, jws, strict_json
from keys.algorithms import Algorithm
from keys.encoding import b64url, b64url_decode, b64url_text
from keys.public import PublicKey
from schemas.formats import data_integrity, key_binding, vc_model
from schemas.formats.cose import sign1
from schemas.formats.data_integrity import AUTHENTICATION, ProofOptions, Suite
from schemas.formats.data_integrity.ecdsa_sd_2023.values import BaseValue
from schemas.formats.data_integrity.multibase import Base, encode
from schemas.formats.data_integrity.options import Proof as DataIntegrityProof
from schemas.formats.data_integrity.options import read_all
from schemas.formats.errors import UnknownClaimPath
from schemas.formats.sd_jwt import SdJwt
from schemas.formats.vc_jose_cose import enveloped, presentations
from schemas.formats.vc_jose_cose.kinds import Kind
from schemas.order import CredentialFormat, IssuedCredential
from wallet_api.unsigned import FieldNames, Proof, Unsigned

_SUBJECT = "/credentialSubject/"
# JCS: nothing of a presentation needs JSON-LD to be signed. There is no suite for P-521.
_SUITES = {
    Algorithm.ES256: Suite.ECDSA_JCS_2019,
    Algorithm.ES384: Suite.ECDSA_JCS_2019,
    Algorithm.EDDSA: Suite.EDDSA_JCS_2022,
}
_MEDIA_TYPES = {
    CredentialFormat.VC_JWT: "application/vc+jwt",
    CredentialFormat.JWT_VC_JSON: enveloped.OLD_JWT,
    CredentialFormat.VC_SD_JWT: "application/vc+sd-jwt",
    CredentialFormat.VC_COSE: "application/vc+cose",
}


def registered(credential: IssuedCredential) -> Mapping[str, Any]:
    """Return the JWT claims of a credential, or the whole document of one that has none."""
    if credential.format is CredentialFormat.LDP_VC:
        return strict_json.loads_object(credential.token.encode())
    if credential.format is CredentialFormat.VC_COSE:
        return strict_json.loads_object(sign1.peek(b64url_decode(credential.token)).peeked_payload or b"")
    return jws.peek(credential.token.partition("~")[0]).peek_claims()


def claims(credential: IssuedCredential) -> dict[str, Any]:
    """Return every claim of the subject but its ``id``."""
    if credential.format is CredentialFormat.VC_SD_JWT:
        document: Mapping[str, Any] = SdJwt.parse_issued(credential.token).peek_claims()
    else:
        held = registered(credential)
        document = held["vc"] if credential.format is CredentialFormat.JWT_VC_JSON else held
    return {name: value for name, value in document["credentialSubject"].items() if name != "id"}


def field_names(credential: IssuedCredential) -> FieldNames:
    """Return the names of the fields: those that can be left out, and those that come along."""
    held = claims(credential)
    selective = frozenset(held) - _always(credential, held)
    return FieldNames(selective, tuple(name for name in held if name not in selective))


def holder_key(credential: IssuedCredential) -> PublicKey:
    """Return the key of ``cnf`` or of the subject's ``id``; raises KeysError, FormatError, KeyError, TypeError."""
    held = registered(credential)
    if credential.format in (CredentialFormat.LDP_VC, CredentialFormat.VC_COSE):
        return did.from_did(held["credentialSubject"]["id"])
    return key_binding.holder_key(held)


def begins(credential: IssuedCredential) -> float:
    """Return the moment before which the credential is not good, in seconds; 0 when it says none."""
    held = registered(credential)
    if credential.format in (CredentialFormat.LDP_VC, CredentialFormat.VC_COSE):
        return vc_model.date_time_stamp(held["validFrom"]).timestamp()
    moment: float = held.get("nbf", 0)
    return moment


def unsigned(credential: IssuedCredential, fields: Iterable[str], proof: Proof, key: PublicKey) -> Unsigned:
    """Return the presentation of ``fields`` that lacks the holder's signature; the same input gives the same bytes.

    Raises:
        UnknownClaimPath: a field does not stand in the credential.
    """
    shown = _shown(credential, tuple(fields))
    suite = _SUITES.get(key.algorithm)
    if credential.format is CredentialFormat.LDP_VC and suite is not None:
        return _with_proof(shown, proof, key, suite)
    return _as_jwt(shown, proof, key)


def _always(credential: IssuedCredential, held: Mapping[str, Any]) -> frozenset[str]:
    """The fields that a holder cannot leave out."""
    if credential.format is CredentialFormat.VC_SD_JWT:
        clear = registered(credential)["credentialSubject"]
        return frozenset(held.keys() & clear.keys())
    proof = _selective_proof(credential)
    if proof is None:
        return frozenset(held)
    pointers = BaseValue.parse(proof.value).mandatory_pointers
    return frozenset(name for name in held if _SUBJECT + name in pointers)


def _selective_proof(credential: IssuedCredential) -> DataIntegrityProof | None:
    if credential.format is not CredentialFormat.LDP_VC:
        return None
    proof = read_all(registered(credential))[0]
    return proof if proof.rules.name is Suite.ECDSA_SD_2023 else None


def _shown(credential: IssuedCredential, fields: tuple[str, ...]) -> dict[str, Any]:
    """Return the credential as it stands in a presentation, with nothing selective but ``fields``."""
    held = claims(credential)
    if not held.keys() >= set(fields):
        raise UnknownClaimPath("a chosen field does not stand in this credential")
    if credential.format is CredentialFormat.LDP_VC:
        document = dict(registered(credential))
        chosen = [_SUBJECT + name for name in fields]
        return document if _selective_proof(credential) is None else data_integrity.derive(document, chosen)
    token: str | bytes = credential.token
    if credential.format is CredentialFormat.VC_SD_JWT:
        token = SdJwt.parse_issued(credential.token).present([("credentialSubject", name) for name in fields]).text()
    elif credential.format is CredentialFormat.VC_COSE:
        token = b64url_decode(credential.token)
    return enveloped.wrap(_MEDIA_TYPES[credential.format], token)


def _presentation(shown: Mapping[str, Any], key: PublicKey) -> dict[str, Any]:
    return {
        "@context": [vc_model.CONTEXT],
        "type": [presentations.TYPE],
        "holder": did.to_did_key(key),
        "verifiableCredential": [shown],
    }


def _as_jwt(shown: Mapping[str, Any], proof: Proof, key: PublicKey) -> Unsigned:
    header = {"alg": key.algorithm.value, "typ": Kind.PRESENTATION.jwt, "cty": Kind.PRESENTATION.value}
    said = {"aud": proof.audience, "nonce": proof.nonce, "iat": int(proof.at.timestamp())}
    payload = strict_json.dumps(_presentation(shown, key) | said)
    signing_input = b64url(strict_json.dumps(header)) + b"." + b64url(payload)
    text = signing_input.decode("ascii")

    def completed(signature: bytes) -> str:
        key.verify(signature, signing_input)
        return f"{text}.{b64url_text(signature)}"

    return Unsigned(signing_input, text, "text", completed)


@dataclass(slots=True)
class _NotYet:
    """Stands in for the holder's signer: keeps what is to be signed."""

    public_key: PublicKey
    chain: tuple[bytes, ...] = ()
    signing_input: bytes = field(default=b"", repr=False)

    def sign(self, payload: bytes) -> bytes:
        """Keep ``payload``; there is no signature yet."""
        self.signing_input = payload
        return b""


def _with_proof(shown: Mapping[str, Any], proof: Proof, key: PublicKey, suite: Suite) -> Unsigned:
    document, signer = _presentation(shown, key), _NotYet(key)
    made = data_integrity.issue(
        document,
        signer,
        suite=suite,
        verification_method=did.verification_method(document["holder"]),
        created=proof.at,
        options=ProofOptions(purpose=AUTHENTICATION, domain=proof.audience, challenge=proof.nonce),
    )
    signing_input = signer.signing_input

    def completed(signature: bytes) -> str:
        key.verify(signature, signing_input)
        said = made["proof"] | {"proofValue": encode(signature, Base.BASE58BTC)}
        return strict_json.dumps(made | {"proof": said}).decode()

    return Unsigned(signing_input, b64url_text(signing_input), "base64url", completed)
