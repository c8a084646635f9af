"""Profiles: how credentials are signed. What an operator wrote becomes an immutable ``Profile`` once, or is refused.

ProfileConfig  →  Profile.of(config)  →  Profile
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Self

from issuer.errors import ProfileRefused
from issuer.lints import LINTS
from schemas.order import CredentialFormat

# DESIGN.md 6: a credential ends one year after its signature at the latest; the wallet refreshes it.
VALIDITY_CEILING = timedelta(days=365)
# DESIGN.md 6: a derived claim that can turn back is signed only in credentials of at most seven days.
SHORT_LIVED_CEILING = timedelta(days=7)
# DESIGN.md 6: times are rounded to the hour, so that anything shorter could end before it begins.
VALIDITY_FLOOR = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class ProfileConfig:
    """What an operator writes; every default is a good one. Formats and lints by name."""

    name: str = "default"
    formats: tuple[str, ...] = ("dc+sd-jwt", "vc+jwt")
    max_validity_days: float = 365
    short_lived_days: float = 7
    x5c: bool = False  # on for OpenID4VC; a chain does not fit a QR code
    skip_lints: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Profile:
    """A validated profile; build it with ``of``."""

    name: str
    formats: tuple[CredentialFormat, ...]
    max_validity: timedelta
    short_lived: timedelta
    x5c: bool
    skipped_lints: frozenset[str]

    @classmethod
    def of(cls, config: ProfileConfig) -> Self:
        """Return the profile that ``config`` describes.

        Raises:
            ProfileRefused: a limit breaks its rule, or a format or a lint is unknown, named twice, or missing.
        """
        validity, short_lived = timedelta(days=config.max_validity_days), timedelta(days=config.short_lived_days)
        _within(config.name, "validity", validity, VALIDITY_CEILING)
        _within(config.name, "short-lived validity", short_lived, min(SHORT_LIVED_CEILING, validity))
        unknown = set(config.skip_lints) - set(LINTS)
        if unknown:
            raise ProfileRefused(f"profile {config.name!r} skips lints that do not exist: {', '.join(sorted(unknown))}")
        return cls(
            name=config.name,
            formats=_formats(config),
            max_validity=validity,
            short_lived=short_lived,
            x5c=config.x5c,
            skipped_lints=frozenset(config.skip_lints),
        )


def _within(name: str, what: str, value: timedelta, ceiling: timedelta) -> None:
    if value > ceiling:
        raise ProfileRefused(f"{what} of profile {name!r} is longer than the rule allows ({value} > {ceiling})")
    if value < VALIDITY_FLOOR:
        raise ProfileRefused(f"{what} of profile {name!r} is shorter than times rounded to the hour ({value})")


def _formats(config: ProfileConfig) -> tuple[CredentialFormat, ...]:
    known = {member.value: member for member in CredentialFormat}
    unknown = [name for name in config.formats if name not in known]
    if unknown:
        raise ProfileRefused(f"profile {config.name!r} names formats that do not exist: {', '.join(unknown)}")
    if not config.formats or len(set(config.formats)) != len(config.formats):
        raise ProfileRefused(f"profile {config.name!r} names no format, or one twice")
    return tuple(known[name] for name in config.formats)
