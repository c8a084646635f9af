"""Profiles: how credentials are signed. What an operator wrote becomes an immutable ``Profile`` once, or is refused.

ProfileConfig  →  Profile.of(config)  →  Profile
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Self

from issuer.errors import ProfileRefused
from issuer.lints import LINTS
from keys.algorithms import Algorithm
from schemas.order import CredentialFormat

# ADR 5: a credential ends one year after its signature at the latest; the wallet refreshes it.
VALIDITY_CEILING = timedelta(days=365)
# ADR 5: a derived claim that can turn back is signed only in credentials of at most seven days.
SHORT_LIVED_CEILING = timedelta(days=7)
# ADR 5: times are rounded to the hour, so that anything shorter could end before it begins.
VALIDITY_FLOOR = timedelta(hours=2)
# Data Integrity suites by the issuer's key; the first of each is the one used when the profile names none. P-256 gets
# the suite that discloses selectively.
SUITES_FOR: Mapping[Algorithm, tuple[str, ...]] = {
    Algorithm.ES256: ("ecdsa-sd-2023", "ecdsa-rdfc-2019", "ecdsa-jcs-2019"),
    Algorithm.ES384: ("ecdsa-rdfc-2019", "ecdsa-jcs-2019"),
    Algorithm.EDDSA: ("eddsa-rdfc-2022", "eddsa-jcs-2022"),
}
SUITES = tuple(dict.fromkeys(suite for suites in SUITES_FOR.values() for suite in suites))


@dataclass(frozen=True, slots=True)
class ProfileConfig:
    """What an operator writes; every default is a good one. Formats and lints by name."""

    name: str = "default"
    formats: tuple[str, ...] = ("dc+sd-jwt", "vc+jwt")
    max_validity_days: float = 365
    short_lived_days: float = 7
    x5c: bool = False  # on for OpenID4VC; a chain does not fit a QR code
    skip_lints: tuple[str, ...] = ()
    suite: str | None = None  # of Data Integrity proofs; None: the one that fits the department's key


@dataclass(frozen=True, slots=True)
class Profile:
    """A validated profile; build it with ``of``."""

    name: str
    formats: tuple[CredentialFormat, ...]
    max_validity: timedelta
    short_lived: timedelta
    x5c: bool
    skipped_lints: frozenset[str]
    suite: str | None = None

    @classmethod
    def of(cls, config: ProfileConfig) -> Self:
        """Return the profile that ``config`` describes.

        Raises:
            ProfileRefused: a limit breaks its rule, or a format, a suite or a lint is unknown, named twice, or missing.
        """
        validity, short_lived = timedelta(days=config.max_validity_days), timedelta(days=config.short_lived_days)
        _within(config.name, "validity", validity, VALIDITY_CEILING)
        _within(config.name, "short-lived validity", short_lived, min(SHORT_LIVED_CEILING, validity))
        unknown = set(config.skip_lints) - set(LINTS)
        if unknown:
            raise ProfileRefused(f"profile {config.name!r} skips lints that do not exist: {', '.join(sorted(unknown))}")
        if config.suite not in (None, *SUITES):
            raise ProfileRefused(f"profile {config.name!r} names a suite that is none of {', '.join(SUITES)}")
        return cls(
            name=config.name,
            formats=_formats(config.name, config.formats),
            max_validity=validity,
            short_lived=short_lived,
            x5c=config.x5c,
            skipped_lints=frozenset(config.skip_lints),
            suite=config.suite,
        )

    def with_formats(self, names: Iterable[str]) -> Self:
        """Return this profile with other formats; raises ProfileRefused as ``of``."""
        return replace(self, formats=_formats(self.name, tuple(names)))

    def suite_for(self, algorithm: Algorithm) -> str:
        """Return the cryptosuite of Data Integrity proofs by a key of ``algorithm``.

        Raises:
            ProfileRefused: the profile's suite, or every suite, is for other keys.
        """
        fitting = SUITES_FOR.get(algorithm, ())
        suite = self.suite or next(iter(fitting), None)
        if suite not in fitting:
            raise ProfileRefused(f"profile {self.name!r} has no Data Integrity suite for a key of {algorithm}")
        return suite


def _within(name: str, what: str, value: timedelta, ceiling: timedelta) -> None:
    if value > ceiling:
        raise ProfileRefused(f"{what} of profile {name!r} is longer than the rule allows ({value} > {ceiling})")
    if value < VALIDITY_FLOOR:
        raise ProfileRefused(f"{what} of profile {name!r} is shorter than times rounded to the hour ({value})")


def _formats(profile: str, names: tuple[str, ...]) -> tuple[CredentialFormat, ...]:
    known = {member.value: member for member in CredentialFormat}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise ProfileRefused(f"profile {profile!r} names formats that do not exist: {', '.join(unknown)}")
    if not names or len(set(names)) != len(names):
        raise ProfileRefused(f"profile {profile!r} names no format, or one twice")
    return tuple(known[name] for name in names)
