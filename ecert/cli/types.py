"""``ecert types`` and ``ecert types show TYPE``: the certificate types, a line each, id first."""

import argparse
import unicodedata

from schemas.catalogue import CertificateType, Disclosure
from schemas.types import all_types, certificate_type, department

_SHOWN = {
    Disclosure.ALWAYS: "随证出示 always",
    Disclosure.SELECTIVE: "本人选择 selective",
    Disclosure.DERIVED_SELECTIVE: "推导 derived",
}


def arguments(parser: argparse.ArgumentParser) -> None:
    """``show TYPE`` is optional."""
    actions = parser.add_subparsers(dest="action", metavar="show")
    show = actions.add_parser("show", help="一种类型的全部字段 / one type with its fields")
    show.add_argument("type", help="类型编号 / type id, for example resident_id_card")


def run(args: argparse.Namespace) -> int:
    """Print the list or the type; raises UnknownType."""
    if args.action == "show":
        print("\n".join(described(certificate_type(args.type))))
    else:
        for ctype in all_types():
            print(f"{ctype.id:40} {_wide(ctype.name_zh, 30)} {ctype.name_en}")
    return 0


def described(ctype: CertificateType) -> list[str]:
    """Return the lines that describe one type."""
    office = department(ctype.department)
    lines = [
        f"{ctype.id}  {ctype.name_zh} / {ctype.name_en}",
        f"  vct         {ctype.vct}",
        f"  发证部门    {office.id}  {office.name_zh} / {office.name_en}",
        f"  证照代码    {ctype.type_code}",
        f"  依据        {ctype.legal_basis}",
        f"  状态        {', '.join(sorted(ctype.states))}",
        "",
        f"  {_wide('字段 field', 38)} {_wide('名称', 30)} {_wide('出示 shown', 22)} 示例 example",
    ]
    for field in ctype.fields:
        marks = _SHOWN[field.disclosure] + (" 敏感" if field.sensitive else "")
        name = field.name + ("" if field.required else " ?")
        lines.append(f"  {_wide(name, 38)} {_wide(field.label_zh, 30)} {_wide(marks, 22)} {str(field.example)[:60]}")
    return lines


def _wide(text: str, width: int) -> str:
    """Pad to ``width`` columns of a terminal, where a Chinese character takes two."""
    columns = sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
    return text + " " * max(0, width - columns)
