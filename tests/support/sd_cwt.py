"""An SD-CWT that is right in everything, for tests that break one thing: fixed keys, numbered salts, fixed times."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from hashlib import sha256
from itertools import count
from typing import Any

from cbor2 import CBORTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from keys.algorithms import der_to_raw
from keys.encoding import b64url_text
from keys.public import PublicKey
from keys.signer import SoftwareSigner
from schemas.formats.cose import cbor, sign1
from schemas.formats.sd_cwt import credential, kbt, labels, token
from schemas.formats.sd_cwt.credential import Content, PrintedCopy
from schemas.formats.status_claim import StatusReference

IAT = 1_798_765_200
EXP = IAT + 7 * 86_400
NOW = IAT + 1_800
AUDIENCE = "urn:ecert:counter"
LIST = "https://ecert.example/status/AAECAwQFBgcICQoLDA0ODw"
ISSUER_URI = "https://ecert.example/issuers/psb"
VCT = "urn:ecert:resident_id_card:1"
DIGEST = "sha256-" + b64url_text(sha256(b"portrait").digest())
FIELDS: dict[str, Any] = {
    "name": "陈大文",
    "gender": "1",
    "ethnicity": "01",
    "birth_date": "1990-03-07",
    "address": "广东省江门市蓬江区示例路88号3栋501房",
    "id_number": "440799199003070112",
    "photo_digest": DIGEST,
    "age_over_14": True,
    "age_over_16": True,
    "age_over_18": True,
}
"""The ten selective claims of an identity card."""
COPY = PrintedCopy("江门市公安局", "办理入学 School enrolment", IAT, EXP)


class FixedSigner:
    """A P-256 key from a name; its signatures are deterministic (RFC 6979), so that golden files can hold them."""

    chain: tuple[bytes, ...] = ()

    def __init__(self, name: str) -> None:
        number = int.from_bytes(sha256(name.encode()).digest(), "big") % (2**255)
        self._key = ec.derive_private_key(number, ec.SECP256R1())
        self.public_key = PublicKey(self._key.public_key())

    def sign(self, payload: bytes) -> bytes:
        """Return r ‖ s."""
        scheme = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)
        return der_to_raw(self._key.sign(payload, scheme), 32)


ISSUER, HOLDER, ANOTHER = FixedSigner("psb"), FixedSigner("holder"), FixedSigner("another")


def numbered_salts() -> Callable[[], bytes]:
    """Salts 1, 2, 3 … of 16 bytes."""
    numbers = count(1)
    return lambda: next(numbers).to_bytes(16, "big")


def content(fields: Mapping[str, Any] = FIELDS, redacted: Iterable[str] = (), **changed: Any) -> Content:
    """What the issuer signs; anything may be changed."""
    whole = Content(
        issuer=ISSUER_URI,
        subject=f"{LIST}#300000",
        vct=VCT,
        iat=IAT,
        exp=EXP,
        fields=fields,
        redacted=frozenset(redacted),
        status=StatusReference(LIST, 300_000),
        holder_key=HOLDER.public_key,
    )
    return replace(whole, **changed)


def issued(fields: Mapping[str, Any] = FIELDS, redacted: Iterable[str] = (), **changed: Any) -> bytes:
    """A signed SD-CWT."""
    return credential.issue(content(fields, redacted, **changed), ISSUER, salt=numbered_salts())


def full() -> token.UnverifiedSdCwt:
    """The full SD-CWT: every field redacted, every disclosure there."""
    return token.peek(issued(FIELDS, FIELDS))


def shown(*fields: str, signer: Any = HOLDER, **terms: Any) -> bytes:
    """A presentation of some fields of the full SD-CWT."""
    return kbt.bind(credential.choose(full(), fields), signer, **({"audience": AUDIENCE, "iat": NOW} | terms))


def raw_claims(**changed: Any) -> dict[Any, Any]:
    """Claims by their CWT keys as ``issued`` has them; ``changed`` by the names of ``labels``, None takes one out."""
    claims = dict(token.peek(issued()).peek_claims())
    for name, value in changed.items():
        claims.pop(getattr(labels, name), None)
        if value is not None:
            claims[getattr(labels, name)] = value
    return claims


def raw_sd_cwt(
    claims: Mapping[Any, Any],
    *,
    protected: Mapping[Any, Any] | None = None,
    unprotected: Mapping[Any, Any] | None = None,
    signer: Any = ISSUER,
) -> bytes:
    """Any claims, signed as an SD-CWT without a look at them."""
    header = {labels.TYP: labels.TYP_SD_CWT} | dict(protected or {})
    return sign1.sign(cbor.dumps(dict(claims)), signer, protected=header, unprotected=unprotected or {})


def raw_kbt(
    claims: Mapping[Any, Any],
    *,
    inner: bytes | None = None,
    protected: Mapping[Any, Any] | None = None,
    unprotected: Mapping[Any, Any] | None = None,
) -> bytes:
    """Any claims, signed by the holder as a Key Binding Token without a look at them; None takes a header out."""
    kcwt = cbor.loads_strict(inner if inner is not None else issued())
    header = {labels.KID: None, labels.TYP: labels.TYP_KBT, labels.KCWT: kcwt} | dict(protected or {})
    kept = {label: value for label, value in header.items() if value is not None or label == labels.KID}
    return sign1.sign(cbor.dumps(dict(claims)), HOLDER, protected=kept, unprotected=unprotected or {})


def marked(key: Any) -> CBORTag:
    """The mark of a key or element to be redacted."""
    return CBORTag(labels.TO_BE_REDACTED, key)


def p384() -> SoftwareSigner:
    """A key of another algorithm."""
    from keys.algorithms import Algorithm

    return SoftwareSigner.generate(Algorithm.ES384)
