"""Words for the reasons of JSON-LD, Data Integrity, presentations and packed codes; one sentence for what a clerk need
not tell apart. The codes stay apart, for whoever looks into it.
"""

from collections.abc import Mapping


def _same(zh: str, en: str, codes: str) -> dict[str, tuple[str, str]]:
    return dict.fromkeys(codes.split(), (zh, en))


JSON_LD: Mapping[str, tuple[str, str]] = {
    **_same(
        "证照引用了未收录的上下文",
        "the certificate refers to a context that is not on board",
        "context_unknown",
    ),
    **_same("证照的上下文有误", "the context of the certificate is malformed", "context_invalid"),
    **_same("证照改动了受保护的术语", "a protected term is given another meaning", "protected_term_redefined"),
    **_same(
        "含有未定义、不受签名保护的内容",
        "holds something that no context defines, so that it is not signed",
        "term_undefined term_null type_undefined id_relative iri_invalid value_dropped",
    ),
    **_same("含有不支持的 JSON-LD 写法", "uses a feature of JSON-LD that is not read", "jsonld_unsupported"),
    **_same("数据过大，拒绝读取", "the data is too large and was not read", "jsonld_too_large poison_graph"),
}
MISSING_EXTRA: Mapping[str, tuple[str, str]] = {
    "jsonld_processor_missing": (
        "本机未安装 JSON-LD 组件，无法验证",
        "this installation lacks the part that reads such a document",
    )
}
PROOF: Mapping[str, tuple[str, str]] = {
    **_same("没有证明，可能未经签发", "carries no proof: it may never have been issued", "proof_missing"),
    **_same(
        "证明缺失内容或格式有误",
        "a member of the proof is missing or malformed",
        "proof_malformed proof_type_invalid proof_purpose_invalid verification_method_invalid proof_created_invalid "
        "proof_expires_invalid proof_id_invalid proof_id_twice proof_member_invalid proof_value_invalid "
        "proof_value_prefix_wrong proof_value_undecodable secured_document_malformed json_not_canonicalizable",
    ),
    **_same("证明过多，拒绝读取", "too many proofs; they were not read", "too_many_proofs"),
    **_same("证明的算法不被支持", "the cryptosuite of the proof is not supported", "cryptosuite_unknown"),
    **_same("证明用于别的目的", "the proof is made for another purpose", "proof_purpose_mismatch"),
    **_same("证明的上下文与证照不符", "the proof's context is another one", "proof_context_mismatch"),
    **_same(
        "证明之间的引用有误",
        "the references between the proofs are wrong",
        "previous_proof_invalid previous_proof_missing proof_cycle",
    ),
    **_same("证明不是颁发机构的", "the proof is not the issuer's own", "issuer_not_controller"),
}
UNFIT_KEY: Mapping[str, tuple[str, str]] = {
    **_same("密钥不适用于此证明算法", "the key does not fit the cryptosuite", "key_unfit_for_cryptosuite"),
    **_same("签名密钥不属于该颁发机构", "the key is not one of the issuer's", "unknown_issuer_key"),
}
SELECTIVE: Mapping[str, tuple[str, str]] = {
    **_same(
        "出示的不是派生证明，或其格式有误",
        "the proof is not a derived one, or is malformed",
        "sd_header_wrong sd_not_cbor sd_components_wrong sd_base_signature_malformed sd_public_key_malformed "
        "sd_hmac_key_malformed sd_signatures_malformed sd_label_map_malformed sd_mandatory_indexes_malformed "
        "sd_mandatory_pointers_malformed",
    ),
    **_same(
        "含有颁发机构没有签过的内容",
        "something that is shown is not what the issuer signed",
        "sd_signature_count_wrong sd_statement_signature_invalid sd_label_map_incomplete json_pointer_malformed "
        "json_pointer_unmatched nothing_selected selection_not_signed",
    ),
}
PRESENTATION: Mapping[str, tuple[str, str]] = {
    **_same("出示内容不符合 VCDM", "the presentation does not follow VCDM", "vp_model_invalid"),
    **_same("封装的证照格式有误", "the envelope of the certificate is malformed", "envelope_invalid"),
    **_same("一次只能出示一份证照", "one certificate is shown at a time", "one_credential_expected"),
    **_same("持证主体的签名出现两次", "a second signature of the holder stands inside", "key_binding_unexpected"),
    **_same("证照的状态引用有误", "the reference to the status list is malformed", "bitstring_entry_invalid"),
    **_same("证照内容不在数据中", "the signed data is not there", "cose_payload_detached"),
    **_same("证照缺少主体", "the certificate names no subject", "sd_cwt_subject_missing"),
    **_same("没有此证照类型，请更新程序", "no type of this name; update the program", "unknown_type"),
}
QR: Mapping[str, tuple[str, str]] = {
    **_same(
        "不是完整的电子证照，请重新扫描",
        "not a whole certificate; scan it again",
        "malformed_base45 malformed_packing unknown_qr_text",
    ),
    **_same("二维码的字典未知，请更新程序", "the code's dictionary is not known; update", "unknown_dictionary"),
    **_same("数据过大，拒绝读取", "the data is too large and was not read", "inflated_too_large"),
}
