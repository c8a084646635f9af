"""The setting of key attestations: rules for all types and for one."""

import pytest

from ecert.key_attestations import key_attestations
from ecert.settings import load
from issuer.openid4vci.credentials.policy import AttestationPolicies, AttestationPolicy
from schemas.catalogue import TypeId

NONE = AttestationPolicy()
ID_CARD = TypeId("resident_id_card")


@pytest.mark.parametrize(
    ("text", "policy"),
    [
        ("", NONE),
        ("none", NONE),
        ("offered", AttestationPolicy(offered=True)),
        ("required", AttestationPolicy(required=True)),
        ("required:iso_18045_high", AttestationPolicy(required=True, key_storage=("iso_18045_high",))),
        ("offered:/iso_18045_basic", AttestationPolicy(offered=True, user_authentication=("iso_18045_basic",))),
        (
            "required:iso_18045_moderate/iso_18045_enhanced-basic",
            AttestationPolicy(False, True, ("iso_18045_moderate",), ("iso_18045_enhanced-basic",)),
        ),
    ],
)
def test_a_rule_holds_for_every_type(text: str, policy: AttestationPolicy) -> None:
    assert key_attestations(text) == AttestationPolicies(policy)


def test_a_type_may_have_a_rule_of_its_own() -> None:
    policies = key_attestations("offered, resident_id_card=required:iso_18045_high ,")
    assert policies.of(ID_CARD) == AttestationPolicy(required=True, key_storage=("iso_18045_high",))
    assert policies.of(TypeId("business_licence")) == AttestationPolicy(offered=True)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("always", "one of none, offered, required"),
        ("none:iso_18045_high", "no level"),
        ("required:high", "a level of"),
        ("required:/iso_18045", "a level of"),
        ("none,required", "one rule for all types"),
        ("resident_id_cards=required", "did you mean resident_id_card"),
        ("zzzz=required", "the id of a type"),
        ("=required", "the id of a type"),
        ("resident_id_card=none,resident_id_card=required", "type resident_id_card once"),
    ],
)
def test_a_rule_that_is_none_is_refused(text: str, rule: str) -> None:
    with pytest.raises(ValueError, match=rule):
        key_attestations(text)


def test_the_settings_hold_the_rules() -> None:
    assert load({"ECERT_KEY_ATTESTATIONS": "required"}).key_attestations.default.required
    assert load({}).key_attestations == AttestationPolicies()
