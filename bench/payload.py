"""What everything is measured with: 14 claims with Chinese text, 10 of them selective, holder key, status reference.

The person and the company are fictional.
"""

from collections.abc import Mapping
from typing import Any

from keys.signer import SoftwareSigner

ISSUER = "https://ecert.example/issuers/amr"
VCT = "urn:ecert:business_licence:1"
STATUS_URI = "https://ecert.example/status/6tC3pQ"
IAT, EXP = 1_772_415_000, 1_798_732_800

ALWAYS: dict[str, Any] = {
    "certificate_version": 1,
    "issuing_authority_code": "11440799MB2X00071F",
    "issue_date": "2025-06-01",
    "expiring_date": "2045-05-31",
}
SELECTIVE: dict[str, Any] = {
    "certificate_identifier": "1.2.156.3005.2.11440799MB2X00071F.11440799MB2X00071F001.000000001.001.X",
    "enterprise_name": "江门市示例陈皮有限公司",
    "unified_social_credit_code": "91440799MA00000000",
    "legal_representative": "陈大文",
    "enterprise_type": "有限责任公司(自然人投资或控股)",
    "registered_capital": "1000000.00",
    "establishment_date": "2025-06-01",
    "address": "广东省江门市蓬江区示例路 1 号示例大厦 1001 室",
    "business_scope": "食品销售;货物进出口;技术服务、技术开发、技术咨询;农副产品销售(依法须经批准的项目除外)",
    "registration_authority": "江门市市场监督管理局",
}

# Two claims are named otherwise than the type's fields, which contexts and integer keys know.
_FIELD_OF = {"enterprise_name": "name", "enterprise_type": "entity_type"}


def by_field(claims: Mapping[str, Any]) -> dict[str, Any]:
    """Return claims by the names of the type's fields."""
    return {_FIELD_OF.get(name, name): value for name, value in claims.items()}


def claims(holder: SoftwareSigner, *, index: int) -> dict[str, Any]:
    """Return the claims of an SD-JWT VC for this holder, with this status index."""
    return {
        "iss": ISSUER,
        "iat": IAT,
        "exp": EXP,
        "vct": VCT,
        "cnf": {"jwk": holder.public_key.jwk},
        "status": {"status_list": {"idx": index, "uri": STATUS_URI}},
        **ALWAYS,
        **SELECTIVE,
    }


def document(holder: SoftwareSigner, *, index: int) -> dict[str, Any]:
    """Return the same certificate as a VCDM 2.0 document."""
    return {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiableCredential", "BusinessLicence"],
        "issuer": ISSUER,
        "validFrom": "2025-06-01T00:00:00+08:00",
        "validUntil": "2045-06-01T00:00:00+08:00",
        "credentialSubject": ALWAYS | SELECTIVE,
        "credentialSchema": {"id": "https://ecert.example/schemas/business_licence/1", "type": "JsonSchema"},
        "iss": ISSUER,
        "iat": IAT,
        "exp": EXP,
        "cnf": {"jwk": holder.public_key.jwk},
        "status": {"status_list": {"idx": index, "uri": STATUS_URI}},
    }
