"""The Key Binding Token (draft-ietf-spice-sd-cwt, 8.1 and 9): the holder's proof around an SD-CWT.

    shown = kbt.bind(chosen, signer, audience=..., iat=...)           # a key we hold
    prepared = kbt.prepare(chosen, key, audience=..., iat=...)        # a device's key: it signs ``signing_input``
    shown = prepared.completed(signature)

    opened = kbt.peek(shown)                          # or of an SD-CWT alone: a printed copy
    verified = opened.verified_by(issuer_key)
    binding = verified.holder_verified()

Whether a binding is for this verifier and this moment is the caller's policy. As text (in a wallet, in an API) a
token is base64url of its bytes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cbor2 import CBORTag

from keys.encoding import b64url_decode, b64url_text
from keys.errors import AlgorithmNotAllowed, InvalidSignature, TooLarge
from keys.public import PublicKey
from keys.signer import Signer
from schemas.formats.cose import cbor, cwt, sign1
from schemas.formats.cose.errors import CborError, CwtClaimInvalid
from schemas.formats.cose.key import ALGORITHMS
from schemas.formats.errors import (
    HolderKeyMissing,
    KeyBindingAlgorithmRefused,
    KeyBindingClaimInvalid,
    KeyBindingMalformed,
    KeyBindingMissing,
    KeyBindingSignatureInvalid,
)
from schemas.formats.sd_cwt import credential, labels, token
from schemas.formats.sd_cwt.credential import PrintedCopy
from schemas.formats.sd_cwt.errors import KeyBindingTimesContradict, MalformedSdCwt
from schemas.formats.sd_cwt.token import MAX_BYTES, UnverifiedSdCwt, has_type, is_above
from schemas.formats.status_claim import StatusReference


@dataclass(frozen=True, slots=True)
class KbtBinding:
    """A proof that holds for what is shown; whether it is for this verifier and this moment is the caller's."""

    audience: str
    iat: float
    cnonce: bytes | None
    exp: float | None = None
    nbf: float | None = None


@dataclass(frozen=True, slots=True)
class VerifiedSdCwt:
    """An e-certificate that its issuer signed, with what the holder disclosed of it.

    ``claims`` are the fields by name; ``registered`` every claim by its CWT key. ``hidden`` counts the digests that
    nobody disclosed. ``printed_copy`` is given where ``cnf`` is None.
    """

    issuer: str | None
    vct: str
    iat: float | None
    nbf: float | None
    exp: float | None
    status: StatusReference | None
    cnf: PublicKey | None
    printed_copy: PrintedCopy | None
    claims: Mapping[str, Any] = field(repr=False)
    registered: Mapping[Any, Any] = field(repr=False)
    hidden: int
    kbt: sign1.UnverifiedSign1 | None = field(repr=False)

    def holder_verified(self) -> KbtBinding:
        """Return the holder's proof if the key of ``cnf`` signed the Key Binding Token (draft, 9, steps 4 to 6).

        Raises:
            HolderKeyMissing: a printed copy is bound to nobody's key.
            KeyBindingMissing: an SD-CWT without a Key Binding Token.
            KeyBindingError: a subclass for each way in which it does not hold.
        """
        if self.cnf is None:
            raise HolderKeyMissing("a printed copy is bound to nobody's key")
        if self.kbt is None:
            raise KeyBindingMissing("presentation carries no Key Binding Token")
        return binding_by(self.kbt, self.cnf, self.registered)


@dataclass(frozen=True, slots=True)
class UnverifiedKbt:
    """A presentation that nobody has checked yet: enough to choose the issuer's key, nothing more.

    ``message`` is the Key Binding Token around ``sd_cwt``; None for an SD-CWT alone.
    """

    sd_cwt: UnverifiedSdCwt = field(repr=False)
    message: sign1.UnverifiedSign1 | None = field(repr=False)
    issuer: str | None
    vct: str | None
    iat: float | None
    kid: str | None

    @property
    def is_printed_copy(self) -> bool:
        """Whether it says that it is a printed copy, unverified."""
        return labels.PRINTED_COPY in self.sd_cwt.peek_claims()

    @property
    def chain(self) -> tuple[bytes, ...]:
        """The issuer's certificates that came along (DER, leaf first)."""
        return self.sd_cwt.message.header.x5chain

    @property
    def signed_by_holder(self) -> bytes | None:
        """What the holder's key signed, for noticing a replay: the same for every signature that holds over it."""
        if self.message is None:
            return None
        return sign1.sig_structure(self.message.protected_bytes, b"", self.message.peeked_payload or b"")

    def verified_by(self, key: PublicKey) -> VerifiedSdCwt:
        """Return the e-certificate if ``key`` signed it; raises as ``UnverifiedSdCwt.verified_by`` and
        ``credential.read``."""
        placed = self.sd_cwt.verified_by(key)
        read = credential.read(placed.claims)
        return VerifiedSdCwt(
            issuer=read.issuer,
            vct=read.vct,
            iat=read.iat,
            nbf=read.nbf,
            exp=read.exp,
            status=read.status,
            cnf=read.cnf,
            printed_copy=read.printed_copy,
            claims=read.claims,
            registered=placed.claims,
            hidden=placed.hidden,
            kbt=self.message,
        )


@dataclass(frozen=True, slots=True)
class PreparedKbt:
    """A Key Binding Token that lacks its signature: the holder's key signs ``signing_input``."""

    signing_input: bytes = field(repr=False)
    protected: bytes = field(repr=False)
    payload: bytes = field(repr=False)
    key: PublicKey

    def completed(self, signature: bytes) -> bytes:
        """Return the Key Binding Token; raises InvalidSignature when ``signature`` (r ‖ s) is not the key's."""
        self.key.verify(signature, self.signing_input)
        return cbor.dumps(CBORTag(sign1.TAG, [self.protected, {}, self.payload, signature]))


def prepare(
    shown: UnverifiedSdCwt, key: PublicKey, *, audience: str, iat: int, cnonce: bytes | None = None
) -> PreparedKbt:
    """Return what the holder's key has to sign to show ``shown`` to ``audience``."""
    header = {labels.ALG: ALGORITHMS[key.algorithm], labels.KCWT: shown.item(), labels.TYP: labels.TYP_KBT}
    claims: dict[int, Any] = {labels.AUD: audience, labels.IAT: iat}
    if cnonce is not None:
        claims[labels.CNONCE] = cnonce
    protected, payload = cbor.dumps(header), cbor.dumps(claims)
    return PreparedKbt(sign1.sig_structure(protected, b"", payload), protected, payload, key)


def bind(shown: UnverifiedSdCwt, signer: Signer, *, audience: str, iat: int, cnonce: bytes | None = None) -> bytes:
    """Return the Key Binding Token around ``shown``, signed by ``signer``."""
    prepared = prepare(shown, signer.public_key, audience=audience, iat=iat, cnonce=cnonce)
    return prepared.completed(signer.sign(prepared.signing_input))


def peek(data: bytes) -> UnverifiedKbt:
    """Take a presentation apart without believing it: a Key Binding Token, or an SD-CWT alone.

    Raises:
        TooLarge: more than ``MAX_BYTES``.
        CborError, MalformedCose, CoseHeaderForbidden, AlgorithmNotAllowed, WrongType: as ``sign1.peek``.
        MalformedSdCwt: ``kcwt`` is absent, or a header parameter has no place here.
        UnsupportedHashAlgorithm: ``sd_alg``.
        CwtClaimInvalid: a registered claim of the SD-CWT.
    """
    if len(data) > MAX_BYTES:
        raise TooLarge(f"presentation has {len(data)} bytes, limit {MAX_BYTES}")
    item = cbor.loads_strict(data, max_bytes=MAX_BYTES)
    message = sign1.from_item(item)
    if not has_type(message, labels.KBT_TYPES):
        return _opened(token.from_item(item), None)
    if type(item) is not CBORTag:
        raise MalformedSdCwt("Key Binding Token has not the tag of a COSE_Sign1")
    protected, unprotected = message.header.protected, message.header.unprotected
    if labels.KCWT not in protected or labels.CWT_CLAIMS in protected or unprotected:
        raise MalformedSdCwt("Key Binding Token lacks kcwt, or holds a header parameter that has no place in it")
    return _opened(token.from_item(protected[labels.KCWT]), message)


def to_text(data: bytes) -> str:
    """Return a token as text."""
    return b64url_text(data)


def from_text(text: str) -> bytes:
    """Return the bytes of a token's text; raises MalformedToken."""
    return b64url_decode(text)


def binding_by(message: sign1.UnverifiedSign1, key: PublicKey, sd_cwt_claims: Mapping[Any, Any]) -> KbtBinding:
    """Return the binding if ``key`` signed ``message``; ``sd_cwt_claims`` are those of the SD-CWT inside it.

    Raises:
        KeyBindingAlgorithmRefused, KeyBindingSignatureInvalid, KeyBindingMalformed, KeyBindingClaimInvalid,
       , KeyBindingTimesContradict: by the rule that is broken.
    """
    try:
        payload = message.verified_by(key)
    except AlgorithmNotAllowed as exc:
        raise KeyBindingAlgorithmRefused("key binding names an alg that the holder's key does not allow") from exc
    except InvalidSignature as exc:
        raise KeyBindingSignatureInvalid("key binding is not signed by the holder's key") from exc
    claims = _claims(payload)
    nbf, iat, exp = (claims.get(label) for label in (labels.NBF, labels.IAT, labels.EXP))
    if is_above(nbf, iat, equal=False) or is_above(iat, exp, equal=True):
        raise KeyBindingTimesContradict("the times of the key binding contradict each other")
    _check_within(claims, sd_cwt_claims)
    return KbtBinding(claims[labels.AUD], claims[labels.IAT], claims.get(labels.CNONCE), exp, nbf)


def _claims(payload: bytes) -> dict[Any, Any]:
    try:
        claims = cwt.read_claims(payload, max_bytes=MAX_BYTES)
    except CwtClaimInvalid as exc:
        raise KeyBindingClaimInvalid(f"a claim of the key binding is not of its kind: {exc}") from exc
    except CborError as exc:
        raise KeyBindingMalformed("key binding is not deterministic CBOR") from exc
    if labels.ISS in claims or labels.SUB in claims:  # draft, 6: implied by cnf
        raise KeyBindingClaimInvalid("key binding names an issuer or a subject")
    if type(claims.get(labels.AUD)) is not str or labels.IAT not in claims:
        # The draft allows cti in place of iat; without a moment nobody knows how old a code is.
        raise KeyBindingClaimInvalid("key binding's aud or iat is absent or not of its kind")
    cnonce = claims.get(labels.CNONCE, b"")
    if type(cnonce) is not bytes or not all(type(key) in (int, str) for key in claims):
        raise KeyBindingClaimInvalid("key binding's cnonce is no bytes, or a key is of another kind")
    return claims


def _check_within(claims: Mapping[Any, Any], outer: Mapping[Any, Any]) -> None:
    """Step 6: the binding is not valid when its SD-CWT is not."""
    nbf, iat, exp = (claims.get(label) for label in (labels.NBF, labels.IAT, labels.EXP))
    begins, issued, ends = (outer.get(label) for label in (labels.NBF, labels.IAT, labels.EXP))
    contradictions = (
        is_above(exp, ends, equal=False),
        is_above(begins, nbf, equal=False),
        is_above(issued, iat, equal=False),
        is_above(nbf, ends, equal=True),
        is_above(iat, ends, equal=True),
        is_above(begins, iat, equal=False),
    )
    if any(contradictions):
        raise KeyBindingTimesContradict("the times of the key binding contradict those of its SD-CWT")


def _opened(sd_cwt: UnverifiedSdCwt, message: sign1.UnverifiedSign1 | None) -> UnverifiedKbt:
    claims = sd_cwt.peek_claims()
    vct = claims.get(labels.VCT)
    return UnverifiedKbt(
        sd_cwt=sd_cwt,
        message=message,
        issuer=claims.get(labels.ISS),
        vct=vct if type(vct) is str else None,
        iat=claims.get(labels.IAT),
        kid=credential.kid_of(sd_cwt),
    )
