"""What a clerk at a counter reads: every check, outcome, verdict and reason of a report, in Chinese and in English.

A reason is a stable code; the words may be bettered at any time. No text names a person or a value.
"""

from dataclasses import dataclass
from types import MappingProxyType

from schemas import report_texts_formats as more


@dataclass(frozen=True, slots=True)
class Text:
    """A short sentence in both languages."""

    zh: str
    en: str


def _table(rows: dict[str, tuple[str, str]]) -> MappingProxyType[str, Text]:
    return MappingProxyType({code: Text(*row) for code, row in rows.items()})


VERDICTS = _table(
    {
        "valid": ("有效", "valid"),
        "invalid": ("无效", "invalid"),
        "indeterminate": ("无法确认", "cannot confirm"),
    }
)
OUTCOMES = _table(
    {
        "passed": ("通过", "passed"),
        "failed": ("不通过", "failed"),
        "unknown": ("未知", "unknown"),
        "skipped": ("未检查", "skipped"),
    }
)
CHECK_NAMES = _table(
    {
        "format": ("格式", "format"),
        "issuer": ("颁发机构", "issuer"),
        "signature": ("签名", "signature"),
        "disclosure": ("披露内容", "disclosure"),
        "type": ("证照类型", "type"),
        "validity": ("有效期", "validity"),
        "status": ("证照状态", "status"),
        "holder_binding": ("持证主体", "holder"),
        "presentation": ("出示", "presentation"),
    }
)

_ANY = {
    "not_reached": ("前面的检查未通过，未再检查", "not checked, because an earlier check failed"),
}
_FORMAT = {
    "well_formed": ("格式正确", "the certificate is well formed"),
    "malformed_token": ("不是完整的电子证照，请重新扫描", "not a whole certificate; scan it again"),
    "malformed_sd_jwt": ("不是完整的电子证照，请重新扫描", "not a whole certificate; scan it again"),
    "too_large": ("数据过大，拒绝读取", "the data is too large and was not read"),
    "too_many_disclosures": ("披露项过多，拒绝读取", "too many disclosures; they were not read"),
    "duplicate_member": ("数据中有重复字段，拒绝读取", "a field stands twice in the data, which is refused"),
    "forbidden_header": ("证照头部含有禁用的参数", "the header holds a parameter that is never followed"),
    "algorithm_not_allowed": ("签名算法不被允许", "the signature algorithm is not allowed"),
    "wrong_type": ("不是电子证照，而是别的文件", "a document of another kind, not a certificate"),
    "vct_invalid": ("证照类型标识缺失或有误", "the certificate does not name its type"),
    "registered_claim_invalid": ("证照的固定字段缺失或有误", "a registered claim is missing or malformed"),
    "status_claim_invalid": ("证照的状态引用有误", "the reference to the status list is malformed"),
    "vc_model_invalid": ("证照不符合 VCDM 2.0", "the certificate does not follow VCDM 2.0"),
    "vc_claim_forbidden": ("证照含有禁用的字段", "the certificate holds a claim that is forbidden"),
    "vc_claims_conflict": ("证照的字段互相矛盾", "two claims of the certificate contradict each other"),
    "malformed_sd_cwt": ("不是完整的电子证照，请重新扫描", "not a whole certificate; scan it again"),
    "malformed_cbor": ("不是完整的电子证照，请重新扫描", "not a whole certificate; scan it again"),
    "malformed_cose": ("不是完整的电子证照，请重新扫描", "not a whole certificate; scan it again"),
    "cose_header_forbidden": ("证照头部含有禁用的参数", "the header holds a parameter that is never followed"),
    "cbor_duplicate_key": ("数据中有重复字段，拒绝读取", "a field stands twice in the data, which is refused"),
    "cbor_indefinite_length": ("数据编码不规范，拒绝读取", "the data is not encoded by the rules, which is refused"),
    "cbor_not_shortest": ("数据编码不规范，拒绝读取", "the data is not encoded by the rules, which is refused"),
    "cbor_key_order": ("数据编码不规范，拒绝读取", "the data is not encoded by the rules, which is refused"),
    "cbor_key_refused": ("数据编码不规范，拒绝读取", "the data is not encoded by the rules, which is refused"),
    "cbor_trailing_bytes": ("数据之后有多余内容，拒绝读取", "bytes follow after the data, which is refused"),
    "cbor_too_large": ("数据过大，拒绝读取", "the data is too large and was not read"),
    "cbor_too_deep": ("数据嵌套过深，拒绝读取", "the data is nested too deep and was not read"),
    "cbor_too_many_items": ("数据项过多，拒绝读取", "the data holds too many items and was not read"),
    "cwt_claim_invalid": ("证照的固定字段缺失或有误", "a registered claim is missing or malformed"),
    "claim_key_refused": ("证照的字段键有误", "a key of the claims is of a kind that is refused"),
    "claim_key_unknown": (
        "含有此类型没有的字段，请更新程序",
        "a field that this type does not have; update the program",
    ),
    "claim_value_invalid": ("证照的字段值编码有误", "a field's value is not of its form"),
    "sd_cwt_cnf_missing": ("未绑定密钥，也不是加注件", "bound to no key, and no printed copy"),
    "sd_cwt_times_contradict": ("证照的时间互相矛盾", "the times of the certificate contradict each other"),
    "printed_copy_invalid": ("加注信息缺失或有误", "the mark of a printed copy is missing or malformed"),
}
_ISSUER = {
    "issuer_listed": ("颁发机构在信任名单上", "the issuer is on the trust list"),
    "key_withdrawn_but_kept": (
        "签名密钥已停用，但此证照登记在保留名单上",
        "the key was withdrawn, but this certificate stands on the list of those kept",
    ),
    "issuer_is_its_own_key": (
        "颁发者是一把密钥本身，仅供测试",
        "the issuer is a key of its own; for tests alone",
    ),
    "malformed_key": ("颁发者的密钥格式有误", "the issuer's key is malformed"),
    "unknown_issuer": ("颁发机构不在信任名单上", "the issuer is not on the trust list"),
    "issuer_not_entitled": ("颁发机构无权颁发此类证照", "the issuer may not issue this type"),
    "unknown_issuer_key": ("签名密钥不属于该颁发机构", "the key is not one of the issuer's"),
    "key_withdrawn": ("签名密钥已停用", "the key has been withdrawn"),
    "trust_list_stale": ("信任名单已过期，请更新离线数据", "the trust list is out of date; update the offline data"),
    "pack_stale": ("离线数据包已过期，请更新", "the offline data is out of date; update it"),
}
_SIGNATURE = {
    "signature_valid": ("签名正确，内容未被改动", "signed by the issuer and unchanged"),
    "invalid_signature": ("签名不符，内容可能被改动", "the signature does not match: it may have been changed"),
}
_DISCLOSURE = {
    "disclosures_match": ("披露内容与签名一致", "what is shown is what the issuer signed"),
    "not_selective": ("此格式没有选择性披露", "this format shows all of its fields"),
    "malformed_disclosure": ("披露项格式有误", "a disclosure is malformed"),
    "wrong_disclosure_kind": ("披露项放错了位置", "a disclosure stands in the wrong place"),
    "malformed_digests": ("证照中的摘要格式有误", "the certificate's digests are malformed"),
    "reserved_claim_name": ("披露项使用了保留名称", "a disclosure uses a reserved name"),
    "claim_already_present": ("披露项与已有字段重复", "a disclosure repeats a field that is there already"),
    "unsupported_sd_alg": ("摘要算法不被支持", "the digest algorithm is not supported"),
    "digest_twice": ("同一摘要出现两次", "a digest stands twice"),
    "disclosure_twice": ("同一披露项出现两次", "a disclosure was sent twice"),
    "never_selective": ("必须公开的字段被隐藏", "a field that must be open is hidden"),
    "nested_too_deep": ("数据嵌套过深，拒绝读取", "the data is nested too deep and was not read"),
    "redaction_tag_refused": ("遮蔽标记放错了位置", "a mark of redaction stands in the wrong place"),
    "disclosure_unreferenced": ("含有颁发机构没有签过的披露项", "a disclosure is not one that the issuer signed"),
}
_TYPE = {
    "type_accepted": ("证照类型符合要求", "the type is one that is accepted here"),
    "type_not_accepted": ("不是此处所需的证照类型", "not a type that is accepted here"),
    "type_unknown": ("离线数据中没有此证照类型", "the offline data does not know this type"),
}
_VALIDITY = {
    "in_force": ("在有效期内", "within its period"),
    "expired": ("已过有效期", "expired"),
    "not_yet_valid": ("尚未生效", "not yet valid"),
    "issued_in_future": ("颁发时间晚于当前时间", "issued later than now"),
    "dates_malformed": ("证照日期格式有误", "a date of the certificate is malformed"),
}
_STATUS = {
    "status_valid": ("状态有效", "in force by the status list"),
    "revoked": ("已吊销、撤销或注销", "revoked or cancelled"),
    "suspended": ("已暂扣", "suspended"),
    "replaced": ("已变更或延续，由新证照取代", "replaced by a newer certificate"),
    "status_other": ("状态不是有效", "the status is not valid"),
    "status_not_referenced": ("证照没有状态引用，无法确认状态", "the certificate names no status list"),
    "status_list_missing": ("没有状态名单，无法确认状态", "the status list is not here"),
    "status_list_not_fetched": ("暂时取不到状态名单，请稍后再试", "the status list cannot be had now; try again later"),
    "status_list_untrusted": ("状态名单不是可信机构签的", "the status list is not signed by a trusted issuer"),
    "status_list_of_another_issuer": ("状态名单属于别的机构", "the status list is another issuer's"),
    "status_list_in_future": ("状态名单的时间晚于当前时间", "the status list is dated later than now"),
    "status_list_stale": ("状态名单太旧，请更新离线数据", "the status list is too old; update the offline data"),
    "status_list_expired": ("状态名单已过期，请更新离线数据", "the status list has expired; update the offline data"),
    "status_hard_stop": (
        "离线数据过旧，停止验证，请先更新",
        "the offline data is so old that checking stops; update it first",
    ),
    "status_index_out_of_bounds": ("证照不在状态名单的范围内", "the status list does not reach this certificate"),
    "bitstring_purpose_mismatch": ("状态名单用于别的目的", "the status list is for another purpose"),
    "bitstring_too_short": ("状态名单的长度有误", "the status list is too short"),
    "status_not_required": ("按要求不检查状态", "the status is not asked for"),
}
_HOLDER = {
    "holder_bound": ("由持证主体本人的密钥出示", "shown with the holder's own key"),
    "key_binding_not_required": ("按要求不检查持证主体", "the holder is not asked for"),
    "by_delegation": ("不是持证人本人，由代理人凭授权出示", "not the holder: an agent shows it, by delegation"),
    "holder_key_missing": ("证照未绑定密钥，无法确认持证主体", "bound to no key: the holder cannot be confirmed"),
    "holder_key_unsupported": ("持证主体的密钥不被支持", "the holder's key is of a kind that is not supported"),
    "holder_key_other": ("证照绑定的是别的密钥", "the certificate is bound to another key"),
    "key_binding_missing": ("没有持证主体的签名，可能是截图或副本", "the holder's signature is missing: maybe a copy"),
    "key_binding_malformed": ("持证主体的签名格式有误", "the holder's signature is malformed"),
    "key_binding_wrong_type": ("持证主体的签名类型有误", "the holder's signature is of the wrong kind"),
    "key_binding_algorithm_refused": ("持证主体的签名算法不被允许", "the holder's algorithm is not allowed"),
    "key_binding_signature_invalid": ("不是持证主体的签名", "not signed with the holder's key"),
    "key_binding_claim_invalid": ("持证主体的签名缺少必要字段", "the holder's signature lacks a claim"),
    "key_binding_times_contradict": ("持证主体签名的时间互相矛盾", "the times of the holder's signature contradict"),
    "printed_copy": ("加注件，请与本人证件核对", "printed copy: compare with the person's document"),
    "sd_hash_mismatch": ("出示内容在签名后被增减", "fields were added or taken away after the holder signed"),
}
_PRESENTATION = {
    "presentation_fresh": ("刚刚出示给本窗口", "shown just now, for here"),
    "no_key_binding": ("没有可检查的出示签名", "there is no signed presentation to check"),
    "by_delegation": ("不是持证人本人，由代理人凭授权出示", "not the holder: an agent shows it, by delegation"),
    "audience_mismatch": ("是出示给别处的", "meant for someone else"),
    "nonce_mismatch": ("不是对本次请求的回应", "not an answer to this request"),
    "presentation_too_old": ("出示已超时，请重新出示", "shown too long ago; ask for a fresh one"),
    "presentation_in_future": ("出示时间晚于当前时间，请核对时钟", "dated later than now; check the clocks"),
    "pdf_contradicts": ("PDF 的附件与二维码不是同一份加注件", "the PDF's attachment and its code are not one copy"),
    "presentation_replayed": ("此次出示已用过，请重新出示", "used before; ask for a fresh one"),
}

REASONS_BY_CHECK: MappingProxyType[str, MappingProxyType[str, Text]] = MappingProxyType(
    {
        "format": _table(
            _FORMAT
            | {**more.JSON_LD, **more.PROOF, **more.SELECTIVE, **more.PRESENTATION, **more.QR}
            # A presentation that is an SD-JWT itself has disclosures of its own.
            | {code: text for code, text in _DISCLOSURE.items() if code not in ("disclosures_match", "not_selective")}
        ),
        "issuer": _table(_ANY | _ISSUER | {"malformed_token": _FORMAT["malformed_token"]}),
        "signature": _table(
            _ANY
            | _SIGNATURE
            | {"algorithm_not_allowed": _FORMAT["algorithm_not_allowed"], **more.UNFIT_KEY, **more.MISSING_EXTRA}
        ),
        "disclosure": _table(
            _ANY
            | _DISCLOSURE
            | {code: _FORMAT[code] for code in ("duplicate_member", "too_large")}
            | {**more.SELECTIVE}
        ),
        "type": _table(_ANY | _TYPE),
        "validity": _table(_ANY | _VALIDITY),
        "status": _table(_ANY | _STATUS),
        "holder_binding": _table(_ANY | _HOLDER),
        "presentation": _table(_ANY | _PRESENTATION),
    }
)
"""The reasons that each check can give."""

REASONS: MappingProxyType[str, Text] = MappingProxyType(
    {code: text for texts in REASONS_BY_CHECK.values() for code, text in texts.items()}
)
"""Every reason, whichever check gives it."""
