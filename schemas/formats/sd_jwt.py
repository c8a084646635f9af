"""SD-JWT and SD-JWT+KB (RFC 9901): issuing, reading, presenting, in the compact form.

shown = SdJwt.parse(text)
key = ...                                       # chosen by shown.issuer_jws.header, decided by the trust list
claims = shown.verified_by(key).claims          # the only way to claims that were checked
binding = key_binding.verified_by(shown, key_binding.holder_key(claims))

SdJwt.parse(stored).present([("birth_date",), ("address", "city")]).text()
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from keys import jws, strict_json
from keys.public import PublicKey
from keys.signer import Signer
from schemas.formats import sd_jwt_build, sd_jwt_paths
from schemas.formats.disclosures import DEFAULT_HASH, HASH_NAME, ClaimPath, Salt
from schemas.formats.errors import KeyBindingUnexpected, MalformedSdJwt, TooManyDisclosures
from schemas.formats.sd_jwt_build import Selective
from schemas.formats.sd_jwt_paths import PathPattern
from schemas.formats.sd_jwt_process import process

MAX_BYTES = 262_144  # a certificate with a portrait of 20 kB stays under a quarter of it
MAX_DISCLOSURES = 512


@dataclass(frozen=True, slots=True)
class VerifiedSdJwt:
    """What the issuer signed and the holder disclosed.

    ``claims`` is the processed payload, ``disclosed`` the paths at which disclosures stand in it. The issuer's
    signature and the disclosures were checked; dates, type, status and key binding were not.
    """

    claims: dict[str, Any]
    disclosed: frozenset[ClaimPath]


@dataclass(frozen=True, slots=True)
class SdJwt:
    """An SD-JWT, with ``key_binding`` an SD-JWT+KB; nothing of it is verified.

    ``issuer_jwt`` is the compact JWS of the issuer, ``disclosures`` are the encoded disclosures in order,
    ``key_binding`` is the compact Key Binding JWT.
    """

    issuer_jwt: str
    disclosures: tuple[str, ...] = ()
    key_binding: str | None = None
    _peeked: jws.UnverifiedJws | None = field(default=None, repr=False, compare=False)
    _hash_name: str | None = field(default=None, repr=False, compare=False)
    _signed_claims: dict[str, Any] | None = field(default=None, repr=False, compare=False)

    @classmethod
    def parse(cls, text: str, *, max_bytes: int = MAX_BYTES, max_disclosures: int = MAX_DISCLOSURES) -> "SdJwt":
        """Take the compact form apart, without believing any of it.

        Raises:
            MalformedSdJwt: too long, not ASCII, no ``~``, or an empty part.
            TooManyDisclosures: more than ``max_disclosures``.
        """
        if len(text) > max_bytes:
            raise MalformedSdJwt(f"text has {len(text)} characters, limit {max_bytes}")
        parts = text.split("~", max_disclosures + 2)
        if len(parts) > max_disclosures + 2:
            raise TooManyDisclosures(f"more disclosures than the limit of {max_disclosures}")
        if len(parts) < 2 or not text.isascii():
            raise MalformedSdJwt("text is not a JWT and disclosures with ~ after each")
        disclosures = tuple(parts[1:-1])
        if "" in disclosures:
            raise MalformedSdJwt("a disclosure is empty")
        return cls(parts[0], disclosures, parts[-1] or None)

    @classmethod
    def parse_issued(cls, text: str) -> "SdJwt":
        """Take apart what an issuer sent to a holder: as ``parse``, and never with a Key Binding JWT.

        Raises:
            KeyBindingUnexpected: it carries one (RFC 9901, 7.2).
        """
        parsed = cls.parse(text)
        if parsed.key_binding is not None:
            raise KeyBindingUnexpected("an issuer's SD-JWT carries a key binding")
        return parsed

    def text(self) -> str:
        """Return the compact form; it ends with ``~`` when there is no key binding (RFC 9901, 4)."""
        return self.bound_text() + (self.key_binding or "")

    def bound_text(self) -> str:
        """Return what ``sd_hash`` is taken over: the issuer's JWT and the disclosures, each followed by ``~``."""
        return "~".join((self.issuer_jwt, *self.disclosures, ""))

    @property
    def issuer_jws(self) -> jws.UnverifiedJws:
        """The issuer's JWS, unverified: its header chooses the key. Raises as ``jws.peek``."""
        if self._peeked is None:
            # Taken apart once: header, then verification. The object stays what it was for everyone who looks.
            object.__setattr__(self, "_peeked", jws.peek(self.issuer_jwt, max_bytes=MAX_BYTES))
        return self._peeked  # type: ignore[return-value]

    def verified_by(self, key: PublicKey) -> VerifiedSdJwt:
        """Return the claims if ``key`` signed them and every disclosure has its place (RFC 9901, 7.1).

        Raises:
            InvalidSignature, AlgorithmNotAllowed, MalformedToken: of the issuer's JWS (step 2).
            DisclosureError: a subclass for each broken rule (steps 2.d and 3 to 5).
            NestedTooDeep: deeper than the limit.
        """
        self.issuer_jws.payload_verified_by(key)
        processed = process(self._take_signed_claims(), self.disclosures)
        object.__setattr__(self, "_hash_name", processed.hash_name)  # kept for ``sd_hash``
        return VerifiedSdJwt(processed.claims, frozenset(processed.placed.values()))

    def peek_signed_claims(self) -> Mapping[str, Any]:
        """Return the issuer's payload with its digests, unverified: enough to choose the key. Not to be changed."""
        if self._signed_claims is None:
            object.__setattr__(self, "_signed_claims", self.issuer_jws.peek_claims())
        return self._signed_claims  # type: ignore[return-value]

    def _take_signed_claims(self) -> dict[str, Any]:
        # Read once to choose the key and to believe it; processing uses the object up, so that it is given once.
        claims = self._signed_claims or self.issuer_jws.peek_claims()
        object.__setattr__(self, "_signed_claims", None)
        return claims

    def peek_claims(self) -> dict[str, Any]:
        """Return the processed payload, unverified: for the holder's own documents, never for a decision."""
        return process(self.issuer_jws.peek_claims(), self.disclosures).claims

    def peek_hash_name(self) -> Any:
        """Return ``_sd_alg`` or its default, unverified; ``disclosures.hash_function`` judges it."""
        return self._hash_name or self.issuer_jws.peek_claims().get(HASH_NAME, DEFAULT_HASH)

    def present(self, paths: Iterable[PathPattern]) -> "SdJwt":
        """Return this SD-JWT with only the disclosures that ``paths`` need, without key binding.

        A path leads to a claim as the holder sees it (``peek_claims``); None stands for every element of an array.
        The disclosures around a chosen claim come with it; those inside it have to be chosen themselves.

        Raises:
            UnknownClaimPath: a path leads to no claim.
            DisclosureError: the document itself is broken.
        """
        processed = process(self.issuer_jws.peek_claims(), self.disclosures)
        needed = sd_jwt_paths.prefixes(processed.claims, paths)
        kept = tuple(text for text in self.disclosures if processed.placed[text] in needed)
        return SdJwt(self.issuer_jwt, kept, None, self._peeked, processed.hash_name)

    def with_key_binding(self, key_binding: str) -> "SdJwt":
        """Return the SD-JWT+KB of this SD-JWT and a compact Key Binding JWT."""
        return SdJwt(self.issuer_jwt, self.disclosures, key_binding, self._peeked, self._hash_name)


def issue(
    claims: Mapping[str, Any], selective: Selective, signer: Signer, *, typ: str, salt: Salt, decoys: int = 0
) -> SdJwt:
    """Return the signed SD-JWT of ``claims`` (RFC 9901, 4).

    The same salts and a deterministic algorithm (EdDSA) give the same bytes. Raises as ``sd_jwt_build.build``.
    """
    payload, disclosures = sd_jwt_build.build(claims, selective, salt=salt, decoys=decoys)
    return sign(payload, disclosures, signer, typ=typ)


def sign(
    payload: Mapping[str, Any], disclosures: tuple[str, ...], signer: Signer, *, typ: str, x5c: bool = False
) -> SdJwt:
    """Return the SD-JWT of a built ``payload``; ``x5c`` puts the signer's chain into the header."""
    return SdJwt(jws.sign(strict_json.dumps(payload), signer, typ=typ, x5c=x5c), disclosures)
