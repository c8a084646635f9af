"""What an installation may decide about its authorization servers; a value left alone is the stricter one, but for
nonces and challenges, which cost every client a round trip more (docs/operations.md)."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Policy:
    """The switches and times of the authorization server."""

    dpop_nonces: bool = False  # RFC 9449, 8
    challenges: bool = False  # Attestation-Based Client Authentication, 8
    anonymous: bool = False  # pre-authorized codes without client authentication (OpenID4VCI 1.0, 6.1)
    access_life: timedelta = timedelta(minutes=10)
    refresh_life: timedelta = timedelta(days=90)
