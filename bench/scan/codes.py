"""What is held before the camera: codes that fill a version, and the identity card's purpose code as phones show it."""

from dataclasses import dataclass
from random import Random

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from keys.algorithms import der_to_raw
from keys.encoding import b64url_text
from keys.public import PublicKey
from schemas import purposes, types
from schemas.examples import example_claims
from schemas.formats.sd_cwt import credential, kbt, token
from schemas.formats.status_claim import StatusReference
from schemas.qr import animation, base45, compact, drawing
from schemas.qr.drawing import Drawn

IDENTITY = "identity purpose code"
VERSIONS = tuple(range(10, 27, 2))
_SIGNED_AT, _SHOWN_AT, _WEEK = 1_798_765_200, 1_798_767_000, 7 * 86_400
_CARD = "resident_id_card"
# ISO/IEC 18004, table 7: characters at level L in alphanumeric mode.
_CHARACTERS = {10: 395, 12: 535, 14: 667, 16: 854, 18: 1046, 20: 1249, 22: 1460, 24: 1704, 26: 1990}


class _Signer:
    """A P-256 key from a number, with deterministic signatures (RFC 6979): the same code in every run."""

    chain: tuple[bytes, ...] = ()

    def __init__(self, number: int) -> None:
        self._key = ec.derive_private_key(number, ec.SECP256R1())
        self.public_key = PublicKey(self._key.public_key())

    def sign(self, payload: bytes) -> bytes:
        """Return r ‖ s."""
        return der_to_raw(self._key.sign(payload, ec.ECDSA(hashes.SHA256(), deterministic_signing=True)), 32)


@dataclass(frozen=True, slots=True)
class Code:
    """A code to be scanned: the row's name, its text, its modules."""

    name: str
    text: str
    drawn: Drawn


def of_version(version: int) -> Code:
    """Return a code that fills ``version`` (one of ``VERSIONS``) to the last character, the same every time."""
    chance = Random(version)  # noqa: S311  (noise that can be made again)
    length = _CHARACTERS[version] - len(compact.PREFIX)
    text = compact.PREFIX + "".join(chance.choices(base45.ALPHABET, k=length))
    return Code(f"version {version}", text, drawing.draw(text))


def identity() -> Code:
    """Return the code of a purpose certificate "identity" in its Key Binding Token, as a counter sees it once."""
    issuer, holder, chance = _Signer(2019), _Signer(618), Random(1)  # noqa: S311  (nothing is secret)
    uri = "https://ecert.example/status/" + b64url_text(chance.randbytes(16))
    ctype = types.certificate_type(_CARD)
    examples = example_claims(ctype) | {
        "age_over_18": True,
        "photo_digest": "sha256-" + b64url_text(chance.randbytes(32)),
    }
    signed = credential.Content(
        issuer="https://ecert.example/issuers/psb",
        subject=f"{uri}#300000",
        vct=str(ctype.vct),
        iat=_SIGNED_AT,
        exp=_SIGNED_AT + _WEEK,
        fields={name: examples[name] for name in purposes.purpose(_CARD, "identity").fields},
        status=StatusReference(uri, 300_000),
        holder_key=holder.public_key,
    )
    shown = token.peek(credential.issue(signed, issuer, salt=lambda: chance.randbytes(16)))
    bound = kbt.bind(shown, holder, audience="urn:ecert:counter", iat=_SHOWN_AT)
    (text,) = animation.codes(b64url_text(bound))
    return Code(IDENTITY, text, drawing.draw(text))
