"""What others may use of ``issuer``: adding a name is allowed, taking one away or changing a code is not."""

import dataclasses

import issuer
from issuer import errors
from issuer.bulk import Summary
from issuer.lints import LINTS


def test_the_public_names_are_pinned() -> None:
    assert issuer.__all__ == [
        "Decision",
        "Done",
        "Issued",
        "Issuer",
        "LifeCycle",
        "Ports",
        "Prepared",
        "Profile",
        "ProfileConfig",
        "PublicationPolicy",
        "Randomness",
        "Replaced",
        "Resumed",
        "Rules",
        "StatusPublisher",
        "signed_kept_lists",
    ]


def test_the_names_of_the_lints_are_pinned() -> None:
    """A profile skips a lint by its name."""
    assert sorted(LINTS) == [
        "national.complete",
        "national.identifier",
        "national.normalised",
        "national.period",
        "policy.derived_only_when_true",
        "policy.full_hours",
        "policy.lifetime",
        "sd_cwt.bound",
        "sd_cwt.keyed",
        "sd_cwt.size",
        "sd_jwt_vc.numeric_dates",
        "sd_jwt_vc.public_holder_key",
        "sd_jwt_vc.registered_in_clear",
        "sd_jwt_vc.reserved_names",
        "sd_jwt_vc.size",
        "sd_jwt_vc.type_named",
        "vcdm2.issuer_is_url",
        "vcdm2.model",
        "vcdm2.no_unstable_claim",
        "vcdm2.nothing_lost",
        "vcdm2.schema_named",
        "vcdm2.status_named",
        "vcdm2.typed",
    ]


def test_every_error_has_a_code_of_its_own() -> None:
    classes = [
        each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, errors.IssuerError)
    ]
    assert sorted(each.code for each in classes) == [
        "act_incomplete",
        "act_not_allowed",
        "already_signed",
        "file_refused",
        "issuer_error",
        "order_refused",
        "profile_refused",
        "publication_conflict",
        "round_incomplete",
        "row_key_conflict",
        "state_changed",
        "status_list_full",
        "too_many_credentials",
        "unknown_certificate",
        "unknown_status_list",
    ]


def test_the_fields_of_a_summary_are_pinned() -> None:
    assert [field.name for field in dataclasses.fields(Summary)] == ["issued", "repeated", "refused"]
