"""A profile is validated once, and refused with the limit that it breaks."""

from dataclasses import FrozenInstanceError, replace
from datetime import timedelta
from typing import Any

import pytest

from issuer.errors import ProfileRefused
from issuer.profile import Profile, ProfileConfig
from schemas.order import CredentialFormat


def test_the_defaults_are_a_valid_profile() -> None:
    profile = Profile.of(ProfileConfig())
    assert profile == Profile(
        name="default",
        formats=(CredentialFormat.SD_JWT_VC, CredentialFormat.VC_JWT),
        max_validity=timedelta(days=365),
        short_lived=timedelta(days=7),
        x5c=False,
        skipped_lints=frozenset(),
    )


def test_a_profile_does_not_change() -> None:
    profile = Profile.of(ProfileConfig())
    with pytest.raises(FrozenInstanceError):
        profile.x5c = True  # type: ignore[misc]


def test_a_lint_is_skipped_by_its_name() -> None:
    config = ProfileConfig(skip_lints=("national.identifier",))
    assert Profile.of(config).skipped_lints == {"national.identifier"}


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"max_validity_days": 366}, "validity of profile 'default' is longer than the rule allows"),
        ({"short_lived_days": 8}, "short-lived validity of profile 'default' is longer"),
        ({"max_validity_days": 3, "short_lived_days": 4}, "short-lived validity of profile 'default' is longer"),
        ({"short_lived_days": 0.01}, "shorter than times rounded to the hour"),
        ({"max_validity_days": -1}, "shorter than times rounded to the hour"),
        ({"formats": ()}, "names no format, or one twice"),
        ({"formats": ("vc+jwt", "vc+jwt")}, "names no format, or one twice"),
        ({"formats": ("mso_mdoc",)}, "formats that do not exist: mso_mdoc"),
        ({"skip_lints": ("national.everything",)}, "lints that do not exist: national.everything"),
    ],
)
def test_a_profile_that_breaks_a_rule_is_refused(change: dict[str, Any], word: str) -> None:
    with pytest.raises(ProfileRefused, match=word):
        Profile.of(replace(ProfileConfig(), **change))
