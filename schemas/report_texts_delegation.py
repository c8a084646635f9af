"""Words for a delegation (授权用证): the row after the nine of a report when an agent shows a certificate."""

from collections.abc import Mapping
from types import MappingProxyType

from schemas.formats.delegation import Relation
from schemas.report_texts import REASONS, Text

CHECK = "delegation"
"""The code of the row."""
NAME = Text("授权用证", "delegation")
_AS_A_HOLDERS = (
    "audience_mismatch",
    "nonce_mismatch",
    "presentation_too_old",
    "presentation_in_future",
    "presentation_replayed",
    "not_reached",
)
DELEGATION: Mapping[str, Text] = MappingProxyType(
    {
        "delegation_valid": Text("授权有效，由被授权的代理人出示", "the delegation holds, and its agent shows it"),
        "delegation_malformed": Text("授权用证格式有误", "the delegation is malformed"),
        "delegation_signature_invalid": Text("授权不是持证主体签的", "the delegation is not signed by the holder"),
        "delegation_of_another_certificate": Text("授权的是另一个证照", "the delegation is for another certificate"),
        "delegation_proof_invalid": Text("不是被授权人本人出示", "it is not the agent who shows it"),
        "delegation_not_allowed_for_type": Text("此类证照不能授权他人使用", "this type cannot be delegated"),
        "delegation_not_begun": Text("授权尚未开始", "the delegation has not begun"),
        "delegation_over": Text("授权已到期", "the delegation is over"),
        "delegation_too_long": Text("授权期限超过上限", "the delegation runs longer than is allowed"),
        "delegation_not_recallable": Text("授权无法查询是否已收回", "whether it was recalled cannot be looked up"),
        "delegation_not_registered": Text("授权未在本市登记", "the delegation is not registered with the city"),
        "delegation_other_purpose": Text("授权不包括此用证事由", "the delegation is not for this purpose"),
        "delegation_recalled": Text("授权已被收回", "the delegation was recalled"),
        "delegation_status_unknown": Text("查不到授权是否已收回", "whether it was recalled is not known"),
        **{code: REASONS[code] for code in _AS_A_HOLDERS},
    }
)
"""The reasons that the row can give."""

RELATIONS: Mapping[Relation, Text] = MappingProxyType(
    {
        Relation.AGENT: Text("代理人", "agent"),
        Relation.MANAGER: Text("证照管理员", "certificate manager"),
        Relation.LEGAL_REPRESENTATIVE: Text("法定代表人", "legal representative"),
        Relation.GUARDIAN: Text("监护人", "guardian"),
    }
)
"""Why an agent may act, in words."""
