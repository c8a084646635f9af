"""The identity proofing that the settings name; without any, nobody can log in."""

from collections.abc import Callable
from datetime import datetime

import httpx

from ecert.identity.configuration import IdentitySettings
from ecert.identity.oidc import OidcProofing
from ecert.identity.provider import SECONDS
from ecert.identity.unsafe import UnsafeDevelopmentProofing
from issuer.openid4vci.errors import IdentityUnavailable
from issuer.openid4vci.ports import Begun, Identity, IdentityProofing, Login


class NoProofing:
    """No provider is configured: nobody can log in."""

    async def begin(self, login: Login) -> Begun:
        """Raise IdentityUnavailable."""
        del login
        raise IdentityUnavailable("no identity provider is configured")

    async def finish(self, parameters: object, login: Login) -> Identity:
        """Raise IdentityUnavailable."""
        del parameters, login
        raise IdentityUnavailable("no identity provider is configured")


def identity_proofing(
    settings: IdentitySettings,
    *,
    clock: Callable[[], datetime],
    randomness: Callable[[int], bytes],
    client: httpx.AsyncClient | None = None,
) -> IdentityProofing:
    """Return the provider that the settings name; with the stand-in for development it warns.

    ``client`` asks the provider; the one that is made without it follows no redirects.
    """
    if settings.oidc is not None:
        asking = client or httpx.AsyncClient(timeout=SECONDS)
        return OidcProofing(settings.oidc, asking, secret=settings.secret, clock=clock, randomness=randomness)
    return UnsafeDevelopmentProofing() if settings.unsafe else NoProofing()
