"""Integer keys for the fields of every type, in ``schemas/types/claim_keys.json``: given once, never used again.

``python -c "from schemas.generate import claim_keys; claim_keys.main()"`` adds keys for fields that have none yet. It
takes none away and changes none: what was signed with a key must be read with it for ever. Fields of every credential
have keys below zero.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import orjson

from schemas import types
from schemas.catalogue import CertificateType, Field

_TAKEN = 59  # simple(59) is the key of the digests, and some CBOR readers do not tell it from 59
FILE = Path(types.__file__).with_name("claim_keys.json")


def extended(known: dict[str, Any]) -> dict[str, Any]:
    """Return ``known`` with a key for every field of every type: the one it has, or the next one."""
    envelope = _extended(known.get("common", {}), (member.name for member in types.envelope_fields()), step=-1)
    described = known.get("types", {})
    return {
        "common": envelope,
        "types": described | {ctype.id: _of_type(described.get(ctype.id, {}), ctype) for ctype in types.all_types()},
    }


def _of_type(known: dict[str, Any], ctype: CertificateType) -> dict[str, Any]:
    own = [member for member in types.credential_fields(ctype.id) if member not in types.envelope_fields()]
    lists = {member.name: _member_names(member) for member in own if _member_names(member)}
    members = known.get("members", {})
    return {
        "fields": _extended(known.get("fields", {}), (member.name for member in own), step=1),
        "members": members | {name: _extended(members.get(name, {}), names, step=1) for name, names in lists.items()},
    }


def _member_names(member: Field) -> list[str]:
    return [each.name for each in (member.items or {}).get("fields", ())]


def _extended(known: dict[str, int], names: Iterable[str], *, step: int) -> dict[str, int]:
    result = dict(known)
    following = max((abs(key) for key in known.values()), default=0) + 1
    for name in names:
        if name not in result:
            following += following == _TAKEN
            result[name] = step * following
            following += 1
    return result


def main() -> None:
    """Write the file anew."""
    known = orjson.loads(FILE.read_bytes()) if FILE.exists() else {}
    FILE.write_bytes(orjson.dumps(extended(known), option=orjson.OPT_INDENT_2) + b"\n")
