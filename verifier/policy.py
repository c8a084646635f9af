"""What a relying party asks for: the policy of one verification. A field left alone is the strict one."""

from dataclasses import dataclass
from datetime import timedelta

from keys.public import PublicKey

COUNTER_AUDIENCE = "urn:ecert:counter"
"""The audience of a presentation in a one-way QR code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The rules of one verification.

    ``accepted_types`` holds the ``vct`` that are accepted; None says on purpose that every type is. ``nonce`` is the
    one that was asked for; None is the one-way QR code, whose nonce is the holder's own, and replay is judged from
    ``Evidence.seen``. ``holder_key`` is the key that the credential must be bound to, where the caller knows it.
    """

    accepted_types: frozenset[str] | None
    audience: str = COUNTER_AUDIENCE
    nonce: str | None = None
    require_key_binding: bool = True
    require_status: bool = True
    holder_key: PublicKey | None = None
    max_presentation_age: timedelta = timedelta(seconds=60)
    max_future_skew: timedelta = timedelta(seconds=10)
    status_max_age: timedelta = timedelta(hours=24)  # older: indeterminate
    status_hard_stop: timedelta = timedelta(days=7)  # older: nothing may be decided with it
    leeway: timedelta = timedelta(0)  # for iat, nbf and exp of the credential
    did_issuers: bool = False  # True: whoever is a did:key or did:jwk may issue; for test installations alone
    max_bytes: int = 131_072  # of the whole presentation; the largest certificate with a portrait has 60,000
