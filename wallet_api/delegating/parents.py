"""Who is a child's parent, by the certificates of both. Pure: claims and the two holders come in.

A birth certificate is held by the parents and names the child without its number: the child's name and the day of birth
in its number stand for the child. The household register has a page for each, with the relation to the head: one of the
two has to be the head. A household's number is its police station's own, so that head and address have to be the same.
"""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from schemas.validity import SHANGHAI, birthday
from schemas.values import read_date
from wallet_api.records import Holder

BIRTH_CERTIFICATE = "birth_medical_certificate"
HOUSEHOLD_REGISTER = "household_register"
OF_AGE = 14
"""From this birthday on a child decides itself (个人信息保护法, article 31)."""
_ID_NUMBER = "111"
# GB/T 4761, as the type's code list has it.
_HEAD = frozenset({"01", "02"})
_CHILD = frozenset({"20", "30"})
_PARENT = frozenset({"50", "51", "52"})
_OF_ONE_HOUSEHOLD = ("household_number", "household_address", "head_name")

Claims = Mapping[str, Any]


def born_by_birth_certificate(claims: Claims, *, child: Holder, parent: Holder) -> date | None:
    """Return the child's day of birth if this certificate of the parent's shows the two as child and parent."""
    number = (parent.code_type, parent.code)
    parents = {(claims.get(f"{one}_id_type"), claims.get(f"{one}_id_number")) for one in ("mother", "father")}
    born = read_date(claims.get("birth_date"))
    if number not in parents or born is None or born != _born_by_number(child):
        return None
    return born if claims.get("newborn_name") == child.name else None


def born_by_household(page: Claims, child_page: Claims, *, child: Holder, parent: Holder) -> date | None:
    """Return the child's day of birth if the parent's page and the child's show the two as parent and child."""
    if any(not page.get(name) or page[name] != child_page.get(name) for name in _OF_ONE_HOUSEHOLD):
        return None
    if (page.get("id_number"), child_page.get("id_number")) != (parent.code, child.code):
        return None
    relations = page.get("relation_to_head"), child_page.get("relation_to_head")
    if relations[0] in _HEAD and relations[1] in _CHILD:
        head = page
    elif relations[0] in _PARENT and relations[1] in _HEAD:
        head = child_page
    else:
        return None
    born = read_date(child_page.get("birth_date"))
    return born if head.get("member_name") == head["head_name"] and born == _born_by_number(child) else None


def decides_itself_from(born: date) -> datetime:
    """Return the moment from which somebody born on this day needs no guardian for it."""
    return datetime.combine(birthday(born, OF_AGE), time(), SHANGHAI)


def _born_by_number(child: Holder) -> date | None:
    # GB 11643: digits 7 to 14.
    if child.code_type != _ID_NUMBER or len(child.code) != 18:
        return None
    digits = child.code[6:14]
    return read_date(f"{digits[:4]}-{digits[4:6]}-{digits[6:]}")
