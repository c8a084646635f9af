"""What is the same for all JWTs that clients send: DPoP proofs, client attestations, client assertions, key proofs.

The key decides the algorithm, and only ``ALGORITHMS`` are taken (HAIP 1.0, 7); the header may name no key by address
and no extension that we do not know (``keys.jws.peek``). Times are compared with a leeway of ``LEEWAY``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from keys import jws
from keys.algorithms import Algorithm
from keys.errors import AlgorithmNotAllowed, MalformedToken, UnexpectedType
from keys.fields import LATEST, is_text
from keys.jws import UnverifiedJws
from keys.public import PublicKey

ALGORITHMS = (Algorithm.ES256, Algorithm.ES384, Algorithm.EDDSA)
"""What a client may sign with, as the metadata say."""
LEEWAY = timedelta(seconds=60)
MAX_TOKEN = 16_384  # characters; an attestation with a chain of two certificates has about 3,000
_MAX_TEXT = 1_024


def peek(text: str, *, typ: frozenset[str | None], embedded_jwk: bool = False) -> UnverifiedJws:
    """Take a token apart without believing it; ``typ`` has the types that are taken, in lower case (None: no type).

    Raises:
        MalformedToken (UnexpectedType, ForbiddenHeader, TooLarge among them), AlgorithmNotAllowed: as ``jws.peek``.
    """
    token = jws.peek(text, max_bytes=MAX_TOKEN, embedded_jwk=embedded_jwk)
    found = token.header.typ
    if (None if found is None else found.lower()) not in typ:
        raise UnexpectedType("token is of another type than expected")
    return token


def key_of(jwk: Any) -> PublicKey:
    """Return the public key of a JWK.

    Raises:
        MalformedKey: no key, a private one, or of a kind that is not supported.
        AlgorithmNotAllowed: a key of an algorithm that clients may not use.
    """
    return allowed(PublicKey.from_jwk(jwk))


def allowed(key: PublicKey) -> PublicKey:
    """Return ``key`` if clients may sign with its kind; raises AlgorithmNotAllowed."""
    if key.algorithm not in ALGORITHMS:
        raise AlgorithmNotAllowed(f"key is for {key.algorithm}, expected one of {', '.join(ALGORITHMS)}")
    return key


@dataclass(frozen=True, slots=True)
class Claims:
    """The claims of a token; every method raises MalformedToken, which names the claim."""

    members: Mapping[str, Any]

    def text(self, name: str) -> str:
        """Return a text of 1 to 1024 characters."""
        value = self.members.get(name)
        if not is_text(value, _MAX_TEXT):
            raise MalformedToken(f"claim {name} is missing or no text")
        return str(value)

    def optional_moment(self, name: str) -> datetime | None:
        """Return a NumericDate (RFC 7519, 2), None where there is none."""
        value = self.members.get(name)
        if value is None:
            return None
        if type(value) not in (int, float) or not 0 <= value <= LATEST:
            raise MalformedToken(f"claim {name} is no time")
        return datetime.fromtimestamp(value, UTC)

    def moment(self, name: str) -> datetime:
        """Return a NumericDate that has to be there."""
        value = self.optional_moment(name)
        if value is None:
            raise MalformedToken(f"claim {name} is missing")
        return value

    def has_expired(self, now: datetime) -> bool:
        """Tell whether ``exp``, where it stands, has passed (RFC 7519, 4.1.4)."""
        ends = self.optional_moment("exp")
        # The leeway goes to our side: theirs may be the last moment that there is.
        return ends is not None and ends <= now - LEEWAY

    def check_period(self, now: datetime) -> None:
        """Return if ``nbf`` and ``exp``, where they stand, allow ``now`` (RFC 7519, 4.1.4 and 4.1.5)."""
        starts = self.optional_moment("nbf")
        if self.has_expired(now):
            raise MalformedToken("token has expired")
        if starts is not None and starts > now + LEEWAY:
            raise MalformedToken("token is not valid yet")

    def fresh_until(self, now: datetime, *, life: timedelta) -> datetime:
        """Return until when the token counts as fresh, ``life`` after its ``iat``; it has to be fresh ``now``."""
        made = self.moment("iat")
        if not now - life - LEEWAY <= made <= now + LEEWAY:
            raise MalformedToken("token was not made just now")
        return made + life + LEEWAY
