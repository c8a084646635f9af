"""Which formats a certificate is signed in: the profile's, or those that an order asks for."""

from typing import Any

import pytest

from issuer.errors import ProfileRefused
from issuer.profile import Profile, ProfileConfig
from keys.algorithms import Algorithm


def test_an_order_may_ask_for_other_formats_than_the_profiles(desk: Any) -> None:
    issuer = desk.issuer.with_formats(["vc+jwt"])
    issued = issuer.issue(desk.order())
    assert [each.format for each in issued.credentials] == ["vc+jwt"]


def test_a_refreshed_certificate_keeps_the_formats_that_were_asked_for(desk: Any) -> None:
    desk.rules = type(desk.rules)(Profile.of(ProfileConfig(formats=("dc+sd-jwt",))))
    issued = desk.issuer.with_formats(["vc+jwt"]).issue(desk.order())
    refreshed = desk.issuer.refresh(issued.identifier)
    assert [each.format for each in refreshed.credentials] == ["dc+sd-jwt", "vc+jwt"]


@pytest.mark.parametrize("names", [[], ["mso_mdoc"], ["vc+jwt", "vc+jwt"]])
def test_formats_that_are_none_are_refused(desk: Any, names: list[str]) -> None:
    with pytest.raises(ProfileRefused):
        desk.issuer.with_formats(names)


@pytest.mark.parametrize(
    ("algorithm", "suite"),
    [
        (Algorithm.ES256, "ecdsa-sd-2023"),
        (Algorithm.ES384, "ecdsa-rdfc-2019"),
        (Algorithm.EDDSA, "eddsa-rdfc-2022"),
    ],
)
def test_the_suite_follows_from_the_key_when_the_profile_names_none(algorithm: Algorithm, suite: str) -> None:
    assert Profile.of(ProfileConfig()).suite_for(algorithm) == suite


def test_the_profiles_suite_is_used_with_a_key_that_it_fits() -> None:
    assert Profile.of(ProfileConfig(suite="ecdsa-jcs-2019")).suite_for(Algorithm.ES384) == "ecdsa-jcs-2019"


@pytest.mark.parametrize(
    ("suite", "algorithm"),
    [("ecdsa-sd-2023", Algorithm.ES384), ("eddsa-jcs-2022", Algorithm.ES256), (None, Algorithm.ES512)],
)
def test_a_suite_for_other_keys_is_refused(suite: str | None, algorithm: Algorithm) -> None:
    with pytest.raises(ProfileRefused, match="no Data Integrity suite"):
        Profile.of(ProfileConfig(suite=suite)).suite_for(algorithm)


def test_a_suite_that_is_none_is_refused() -> None:
    with pytest.raises(ProfileRefused, match="names a suite"):
        Profile.of(ProfileConfig(suite="bbs-2023"))
