"""A certificate's claims against its type: every flaw at once, by field and rule, without any value.

1. every claim is a field of the type, the digest of an image, or ``holder_code_type``; every required one is there
2. each value: JSON type, form, code list, number rule (``schemas.values``)
3. numbers whose check depends on another field (``check_by``)
4. items of arrays, the same way
5. the certificate number against the type's rule
6. dates in their order, the last one within the type's validity
7. birth date and sex against the citizen number that repeats them, the common code type against the holder's
8. derived claims that the department gave against the computed ones
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from schemas.catalogue import CertificateType, Field, Kind
from schemas.derive import contradicts, derive
from schemas.errors import InvalidNumber
from schemas.holders import code_type_of, holders_of
from schemas.national import DivisionTable, NumberContext
from schemas.national.certificate_number import check_certificate_number
from schemas.problems import FieldProblem, problem
from schemas.text import normalise_value
from schemas.types import envelope_fields
from schemas.validity import exceeds_rule
from schemas.values import DIGEST, array_flaw, flaw_of, number_flaw, plain_item_flaws, read_date

HOLDER_CODE_TYPE = "holder_code_type"
"""The one common field that an order may give: it names the document whose number a holder field has."""
CITIZEN = "111"
"""The code type of citizen numbers (GB/T 36903 annex A)."""
_DIGEST_SUFFIX = "_digest"
_SEX = ("2", "1")
_UNSTATED = ("0", "9")  # GB/T 2261.1: unknown, not stated


def normalise(ctype: CertificateType, claims: Mapping[str, Any]) -> dict[str, Any]:
    """Return the claims with texts in NFC, without blanks at their ends and without empty members.

    The digest of an image that stands under the image's own name moves to ``<image>_digest``.
    """
    found: dict[str, Any] = normalise_value(claims)
    for member in ctype.fields:
        value = found.get(member.name)
        if member.kind is Kind.IMAGE and isinstance(value, str) and DIGEST.fullmatch(value):
            found.setdefault(member.name + _DIGEST_SUFFIX, found.pop(member.name))
    return found


def validate_claims(
    ctype: CertificateType,
    claims: Mapping[str, Any],
    *,
    today: date,
    divisions: DivisionTable | None = None,
) -> tuple[FieldProblem, ...]:
    """Return every flaw of normalized claims on ``today`` (a day of Asia/Shanghai); empty when there is none.

    Cross-field rules are asked only when every single value is sound.
    """
    context = NumberContext(today=today, divisions=divisions)
    single = (*_unknown(ctype, claims), *_fields(ctype.fields, claims, "", context), *_common(claims, context))
    if single:
        return single
    return tuple(_together(ctype, claims, context))


def _unknown(ctype: CertificateType, claims: Mapping[str, Any]) -> Iterator[FieldProblem]:
    digests = {member.name + _DIGEST_SUFFIX for member in ctype.fields if member.kind is Kind.IMAGE}
    for name in claims:
        if name in digests:
            if not isinstance(claims[name], str) or not DIGEST.fullmatch(claims[name]):
                yield problem(name, "pattern")
        elif name not in ctype.by_name and name != HOLDER_CODE_TYPE:
            # A stranger's name may be anything, a citizen number too: it is not repeated.
            yield problem("?", "unknown_field")


def _fields(
    fields: tuple[Field, ...], record: Mapping[str, Any], prefix: str, context: NumberContext
) -> Iterator[FieldProblem]:
    for member in fields:
        value = record.get(member.name)
        if value is None:
            if _is_missing(member, record):
                yield problem(prefix + member.name, "required", field=member)
        elif member.kind is Kind.ARRAY:
            yield from _array(member, value, prefix, context)
        else:
            flaw = flaw_of(member, value, context) or _check_by(member, value, record, context)
            if flaw is not None:
                yield problem(prefix + member.name, flaw[0], field=member, reason=flaw[1])


def _is_missing(member: Field, record: Mapping[str, Any]) -> bool:
    if not member.required or member.derivation is not None:
        return False
    return member.kind is not Kind.IMAGE or member.name + _DIGEST_SUFFIX not in record


def _check_by(member: Field, value: Any, record: Mapping[str, Any], context: NumberContext) -> tuple[str, str] | None:
    rule = member.check_by
    if rule is None:
        return None
    kind = record.get(rule["field"], rule.get("default"))
    if not isinstance(kind, str):
        # A number whose document nobody names could not be checked: it is not let through.
        return "number", f"{rule['field']}: absent"
    return number_flaw(rule["checks"].get(kind), value, context)


def _array(member: Field, value: Any, prefix: str, context: NumberContext) -> Iterator[FieldProblem]:
    path = prefix + member.name
    flaw = array_flaw(member, value)
    if flaw is not None:
        yield problem(path, flaw[0], field=member, reason=flaw[1])
        return
    fields = (member.items or {}).get("fields")
    if fields is None:
        for place, (rule, reason) in plain_item_flaws(member, value):
            yield problem(f"{path}[{place}]", rule, field=member, reason=reason)
        return
    for place, item in enumerate(value):
        yield from _item(member, fields, item, f"{path}[{place}]", context)


def _item(
    member: Field, fields: tuple[Field, ...], item: Any, path: str, context: NumberContext
) -> Iterator[FieldProblem]:
    if not isinstance(item, Mapping):
        yield problem(path, "type", field=member, reason="object")
        return
    if item.keys() - {known.name for known in fields}:
        yield problem(path, "unknown_field", field=member)
    flaws = tuple(_fields(fields, item, f"{path}.", context))
    yield from flaws
    start, end = read_date(item.get("from")), read_date(item.get("to"))
    if start and end and end < start:
        yield problem(f"{path}.to", "date_order", field=member, reason="from")


def _common(claims: Mapping[str, Any], context: NumberContext) -> Iterator[FieldProblem]:
    if HOLDER_CODE_TYPE in claims:
        member = next(known for known in envelope_fields() if known.name == HOLDER_CODE_TYPE)
        yield from _fields((member,), claims, "", context)


def _together(ctype: CertificateType, claims: Mapping[str, Any], context: NumberContext) -> Iterator[FieldProblem]:
    yield from _number(ctype, claims, context)
    yield from _dates(ctype, claims)
    yield from _citizen_numbers(ctype, claims)
    yield from _holder_code_type(ctype, claims)
    yield from _derived(ctype, claims, context)


def _number(ctype: CertificateType, claims: Mapping[str, Any], context: NumberContext) -> Iterator[FieldProblem]:
    member = ctype.by_name[ctype.number_field]
    try:
        check_certificate_number(ctype, claims[member.name], claims, context=context)
    except InvalidNumber as error:
        yield problem(member.name, "certificate_number", field=member, reason=f"{error.rule}: {error.reason}")


def _dates(ctype: CertificateType, claims: Mapping[str, Any]) -> Iterator[FieldProblem]:
    for earlier, later in ctype.date_order:
        first, second = read_date(claims.get(earlier)), read_date(claims.get(later))
        if first and second and second < first:
            yield problem(later, "date_order", field=ctype.by_name[later], reason=earlier)
    if exceeds_rule(ctype, claims):
        name = ctype.validity["expires"]
        yield problem(name, "validity", field=ctype.by_name[name], reason=ctype.validity["rule"])


def _citizen_numbers(ctype: CertificateType, claims: Mapping[str, Any]) -> Iterator[FieldProblem]:
    """GB 11643: digits 7 to 14 are the birth date, an odd 17th is a man's."""
    for rule in ctype.holders:
        if rule.each or code_type_of(rule, claims) != CITIZEN or rule.code not in claims:
            continue
        number, prefix = claims[rule.code], rule.code.removesuffix("id_number")
        prefix = prefix if prefix != rule.code else ""
        repeated = {
            f"{prefix}birth_date": f"{number[6:10]}-{number[10:12]}-{number[12:14]}",
            f"{prefix}gender": _SEX[int(number[16]) % 2],
        }
        for name, value in repeated.items():
            if claims.get(name, value) not in (value, *_UNSTATED):
                yield problem(name, "citizen_number", field=ctype.by_name[name])


def _holder_code_type(ctype: CertificateType, claims: Mapping[str, Any]) -> Iterator[FieldProblem]:
    given = claims.get(HOLDER_CODE_TYPE)
    if given is not None and given != holders_of(ctype, claims)[0].code_type:
        yield problem(HOLDER_CODE_TYPE, "holder_code_type")


def _derived(ctype: CertificateType, claims: Mapping[str, Any], context: NumberContext) -> Iterator[FieldProblem]:
    given = [member for member in ctype.fields if member.derivation is not None and member.name in claims]
    if not given or context.today is None:
        return
    computed = derive(ctype, claims, today=context.today, divisions=context.divisions).values
    for member in given:
        if member.name in computed and contradicts(member, claims[member.name], computed[member.name]):
            yield problem(member.name, "derived", field=member)
