"""Who may share what, from a JSON file that ``ECERT_SHARE_GRANTS`` names: nobody anything, unless it says so.

    {"grants": [{"caller": "example-bank",
                 "types": [{"type": "business_licence", "operations": ["query", "data", "verify", "copy"],
                            "fields": ["name", "legal_representative"]}]}]}

``caller`` is a relying party's id, or the id of an API token. ``fields`` are those that ``data`` and ``duty`` answer
and that ``verify`` compares; ``["*"]`` are all that the face has. A copy shows the whole face, so it needs ``["*"]``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from ecert.share.errors import ShareNotPermitted
from keys import strict_json
from keys.errors import KeysError, MalformedDocument
from keys.fields import Fields
from schemas.catalogue import CertificateType
from schemas.errors import UnknownType
from schemas.generate.face import copied_fields
from schemas.types import certificate_type

_MAX_FILE = 1 << 20
_MAX = 10_000
_ALL = ("*",)


class Operation(StrEnum):
    """What a grant may permit."""

    QUERY = "query"
    DATA = "data"
    VERIFY = "verify"
    COPY = "copy"
    DUTY = "duty"


@dataclass(frozen=True, slots=True)
class Permission:
    """Operations on a type, and the fields that they reach."""

    operations: frozenset[Operation]
    fields: frozenset[str]


@dataclass(frozen=True, slots=True)
class Grants:
    """Permissions by caller and type."""

    by_caller: Mapping[str, Mapping[str, Permission]] = field(default_factory=dict, repr=False)

    def permission(self, caller: str, ctype: CertificateType, operation: Operation) -> Permission:
        """Return what ``caller`` may do; raises ShareNotPermitted."""
        found = self.by_caller.get(caller, {}).get(ctype.id)
        if found is None or operation not in found.operations:
            raise ShareNotPermitted(f"caller has no permission for {operation} on this type")
        return found


def read_grants(text: str) -> Grants:
    """Return the grants of the file that ``text`` names, none without a file; raises ValueError with what is wrong."""
    if not text:
        return Grants()
    try:
        data = Path(text).read_bytes()
        if len(data) > _MAX_FILE:
            raise ValueError(f"expected at most {_MAX_FILE} bytes")
        entries = Fields(strict_json.loads_object(data), "", MalformedDocument).objects("grants", limit=_MAX)
        return Grants({entry.text("caller"): _types(entry) for entry in entries})
    except OSError:
        raise ValueError("expected a file that can be read") from None
    except (KeysError, UnknownType) as exc:
        raise ValueError(f"expected a file of grants: {exc}") from None


def _types(entry: Fields) -> dict[str, Permission]:
    return dict(_permission(each) for each in entry.objects("types", limit=_MAX))


def _permission(entry: Fields) -> tuple[str, Permission]:
    ctype = certificate_type(entry.text("type"))
    named, fields = entry.texts("operations", limit=len(Operation)), entry.texts("fields", limit=500)
    if unknown := set(named) - set(Operation):
        raise entry.fail("operations", f"expected some of {', '.join(Operation)}, got {len(unknown)} others")
    printed = copied_fields(ctype)
    if fields != _ALL and (strangers := set(fields) - printed):
        raise entry.fail("fields", f"expected fields of the type's face, got {len(strangers)} others")
    operations = frozenset(map(Operation, named))
    if Operation.COPY in operations and fields != _ALL:
        raise entry.fail("fields", "expected * with the operation copy, which shows the whole face")
    return str(ctype.id), Permission(operations, printed if fields == _ALL else frozenset(fields))
