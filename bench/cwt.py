"""The rows of the QR certificate: SD-CWT and Key Binding Token, and the packing ``ZK1:``.

The limit of a token is what the format forces: signatures, SHA-256 of each disclosure, the holder's key from its
compressed point. That of the packing is one DEFLATE stream with the same dictionary.
"""

import secrets
import zlib
from collections.abc import Callable

from bench import limits, payload
from bench.timing import Operation, Row, repeated
from keys.algorithms import Algorithm
from keys.encoding import b64url_decode, b64url_text
from keys.signer import SoftwareSigner
from schemas.formats.cose import key as cose_key
from schemas.formats.sd_cwt import credential, kbt, token
from schemas.formats.sd_cwt.credential import Content
from schemas.formats.status_claim import StatusReference
from schemas.qr import compact
from schemas.qr.dictionary import NEWEST, dictionary

TIMES = 32
AUDIENCE = "urn:ecert:counter"


def rows() -> list[Row]:
    """Return issuing, showing and verifying with ten redacted fields, all of them shown; packing and unpacking."""
    raw, holder_raw = limits.generate(Algorithm.ES256), limits.generate(Algorithm.ES256)
    issuer, holder = SoftwareSigner(raw), SoftwareSigner(holder_raw)
    content = _content(holder)

    def issue() -> bytes:
        return credential.issue(content, issuer, salt=_salt)

    issued = issue()
    shown = kbt.bind(token.peek(issued), holder, audience=AUDIENCE, iat=payload.IAT)

    def bind() -> bytes:
        return kbt.bind(token.peek(issued), holder, audience=AUDIENCE, iat=payload.IAT)

    def verify() -> object:
        return kbt.peek(shown).verified_by(issuer.public_key).holder_verified()

    hashes = limits.hashing([b64url_text(each) for each in token.peek(issued).disclosures])
    signed, bound = bytes(700), bytes(len(shown))
    checking = limits.together(
        limits.verifying(raw, signed),
        hashes,
        limits.loading_compressed(_point(holder)),
        limits.verifying(holder_raw, bound),
    )
    return [
        _row("issue SD-CWT, ES256", limits.together(limits.signing(raw, signed), hashes), issue),
        _row("show SD-CWT + KBT, ES256", limits.signing(holder_raw, bound), bind),
        _row("verify SD-CWT + KBT, ES256", checking, verify),
        *_packing(shown),
    ]


def _content(holder: SoftwareSigner) -> Content:
    return Content(
        issuer=payload.ISSUER,
        subject=f"{payload.STATUS_URI}#4711",
        vct=payload.VCT,
        iat=payload.IAT,
        exp=payload.EXP,
        fields=payload.by_field(payload.ALWAYS | payload.SELECTIVE),
        redacted=frozenset(payload.by_field(payload.SELECTIVE)),
        status=StatusReference(payload.STATUS_URI, 4711),
        holder_key=holder.public_key,
    )


def _packing(shown: bytes) -> list[Row]:
    preset, text = dictionary(NEWEST), compact.pack(b64url_text(shown))
    packed = compact.deflate(shown)[1:]
    given = b64url_text(shown)
    assert b64url_decode(compact.unpack(text)) == shown

    def deflate() -> bytes:
        stream = zlib.compressobj(9, zlib.DEFLATED, -15, 9, zlib.Z_DEFAULT_STRATEGY, preset)
        return stream.compress(shown) + stream.flush()

    def inflate() -> bytes:
        return zlib.decompressobj(-15, zdict=preset).decompress(packed)

    return [
        _row("pack ZK1", deflate, lambda: compact.pack(given)),
        _row("unpack ZK1", inflate, lambda: compact.unpack(text)),
    ]


def _point(holder: SoftwareSigner) -> bytes:
    jwk = holder.public_key.jwk
    odd = b64url_decode(jwk["y"])[-1] & 1
    return bytes((2 + odd,)) + b64url_decode(jwk["x"])


def _salt() -> bytes:
    return secrets.token_bytes(16)


def _row(name: str, least: limits.Work, ours: Callable[[], object]) -> Row:
    return Row(name, "limit", repeated(least, TIMES), _each_new_holder(ours), None)


def _each_new_holder(work: Callable[[], object]) -> Operation:
    def run() -> None:
        for _ in range(TIMES):
            # A holder comes once: the key of the one before must not be found in the cache.
            cose_key._decompressed.cache_clear()  # noqa: SLF001  (no public way, and none is wanted)
            work()

    return Operation(run, TIMES)
