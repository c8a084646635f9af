"""What is wrong with a field, in words for both languages: the field and the rule, never the value."""

from dataclasses import dataclass

from schemas.catalogue import Field

_TEXTS = {
    "unknown_field": ("不是本证照的字段", "is no field of this type"),
    "required": ("必填", "is required"),
    "type": ("数据类型不符", "has the wrong JSON type"),
    "text": ("含控制字符或不可用字符", "holds control or unusable characters"),
    "nfc": ("字符未规范化(NFC)", "is not in normal form NFC"),
    "length": ("长度超限", "is longer than its limit"),
    "pattern": ("格式不符", "does not fit its form"),
    "code_list": ("不在代码表内", "is not in its code list"),
    "number": ("号码不符合编码规则", "breaks its number rule"),
    "certificate_number": ("证照编号不符合编码规则或与其他字段不一致", "breaks the rule of the certificate number"),
    "date": ("不是真实日期", "is not a real date"),
    "date_order": ("日期先后颠倒", "is before the date that it follows"),
    "validity": ("有效期超过规定期限", "is later than the type's validity rule allows"),
    "range": ("数值超出范围", "is out of range"),
    "decimal": ("应为十进制数字文本", "must be a text of decimal digits"),
    "image": ("图像应为 JPEG 或 PNG 数据URI,不超过20 kB", "must be a data URI of a JPEG or PNG, at most 20 kB"),
    "items": ("项目数超限或为空", "has no items or too many"),
    "citizen_number": ("与公民身份号码不一致", "differs from what the citizen number says"),
    "holder_code_type": ("与持证主体的证件类型不一致", "differs from the holder's document"),
    "derived": ("与由其他字段推算的结果不一致", "differs from what the other fields give"),
}
RULES = frozenset(_TEXTS)
"""The stable codes of ``FieldProblem.rule``."""


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One flaw: where (``right_holders[0].id_number``), which rule, its finer reason, and a sentence for each language.

    ``reason`` is a stable word of the rule, for example ``check_character``; empty when the rule says it all.
    """

    path: str
    rule: str
    reason: str
    message_zh: str
    message_en: str


def problem(path: str, rule: str, *, field: Field | None = None, reason: str = "") -> FieldProblem:
    """Return the problem of ``rule`` at ``path``; labels come from the field, the path stands for an unknown one."""
    zh, en = _TEXTS[rule]
    label_zh, label_en = (field.label_zh, field.label_en) if field else (path, path)
    detail = f" ({reason})" if reason else ""
    return FieldProblem(path, rule, reason, f"{label_zh}: {zh}{detail}", f"{label_en} {en}{detail}")
