"""The certificate types (证照类型) as immutable values, read from ``schemas/types/data`` (one JSON file a type).

The data says everything that the other packages need: fields, labels, rules, dates, holders, states. Nothing here
knows who issues or who asks.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Any, NewType

TypeId = NewType("TypeId", str)
"""A type's id within ecert, for example ``business_licence``."""
Vct = NewType("Vct", str)
"""A type with its revision as signed documents name it: ``urn:ecert:<type>:<revision>`` (docs/adr/0003)."""


class AssuranceLevel(IntEnum):
    """How surely somebody is who they say (invariant 11); a type names the lowest level that it takes."""

    ACCOUNT = 1  # a user name with a second factor, or less
    REAL_NAME = 2  # name and number compared with the population register 实名
    PRESENCE = 3  # face and liveness compared, too 实人


class Disclosure(StrEnum):
    """When a field is shown (disclosure class)."""

    ALWAYS = "always"
    SELECTIVE = "selective"
    DERIVED_SELECTIVE = "derived_selective"


class Kind(StrEnum):
    """The JSON shape of a field's value."""

    STRING = "string"
    DATE = "date"  # YYYY-MM-DD
    DATE_OR_LONG_TERM = "date_or_long_term"  # YYYY-MM-DD or 长期
    DATETIME = "datetime"  # YYYY-MM-DDTHH:MM+08:00
    MONTH = "month"  # YYYY-MM
    ENUM = "enum"
    INTEGER = "integer"
    DECIMAL = "decimal"  # a string of digits, so that no float rounds it
    BOOLEAN = "boolean"
    IMAGE = "image"  # a data URI of at most 20 kB; its digest is the claim ``<name>_digest``
    ARRAY = "array"


@dataclass(frozen=True, slots=True)
class Derivation:
    """How the issuer computes a derived claim: a rule's name (``schemas/derive.py``) and its parameters.

    ``stable``: once true it stays so; otherwise it is signed only in credentials of at most 7 days.
    """

    rule: str
    parameters: Mapping[str, Any]
    stable: bool


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a type."""

    name: str
    label_zh: str
    label_en: str
    kind: Kind
    disclosure: Disclosure
    example: Any
    required: bool = True
    sensitive: bool = False
    pattern: str | None = None
    check: str | None = None  # a number rule of ``schemas/national``, for every value
    check_by: Mapping[str, Any] | None = None  # {"field": name, "checks": {value: number rule}}
    code_list: str | None = None
    unit: str | None = None
    items: Mapping[str, Any] | None = None  # for arrays: {"kind": "string"|"enum"|"object", "code_list"?, "fields"?}
    derivation: Derivation | None = None
    note: str | None = None
    media_type: str | None = None  # of an image
    max_length: int = 500  # characters of a text

    @property
    def selective(self) -> bool:
        """Whether the holder chooses to show it."""
        return self.disclosure is not Disclosure.ALWAYS


@dataclass(frozen=True, slots=True)
class HolderRule:
    """Whose certificate it is: the field with the holder's number, its code type, and the field with the name.

    ``each``: the name of an array field; then ``code``, ``code_type`` and ``name`` are members of its items.
    ``code_type`` is a fixed code of GB/T 36903 annex A (``"111"``) or, with a leading ``$``, a field that holds it;
    ``default`` is the code type when that field may be left out (``$holder_code_type``, a common field).
    """

    code: str
    code_type: str
    name: str | None
    each: str | None = None
    default: str | None = None


@dataclass(frozen=True, slots=True)
class CertificateType:
    """One type (证照类型), at one revision.

    ``assurance`` is how surely a holder must be known before a certificate of the type is handed out; it is a rule of
    the issuer's and no part of signed documents or type metadata.
    """

    id: TypeId
    revision: int
    name_zh: str
    name_en: str
    department: str
    issuer_zh: str
    holder_kind: str
    holders: tuple[HolderRule, ...]
    document_kind: str
    type_code: str
    legal_basis: str
    validity: Mapping[str, Any]
    number_field: str
    number_rule: Mapping[str, Any]
    states: frozenset[str]
    delegable: bool
    guardian_may_hold: bool
    fields: tuple[Field, ...]
    national_type_code: str | None = None
    note: str | None = None
    issuer_note: str | None = None
    assurance: AssuranceLevel = AssuranceLevel.PRESENCE  # left alone, the strictest
    number_example: str = ""
    certificate_identifier_example: str = ""
    date_order: tuple[tuple[str, str], ...] = ()  # (earlier or same day, later or same day)
    by_name: Mapping[str, Field] = field(default_factory=dict, repr=False, compare=False)

    @property
    def vct(self) -> Vct:
        """The type's name in signed documents."""
        return Vct(f"urn:ecert:{self.id}:{self.revision}")


@dataclass(frozen=True, slots=True)
class Department:
    """An issuing body (颁发机构) with its own credit code."""

    id: str
    name_zh: str
    name_en: str
    credit_code: str


@dataclass(frozen=True, slots=True)
class CodeList:
    """A national code list (代码表): its standard, value → label_zh, and value → label_en."""

    id: str
    standard: str
    values: Mapping[str, str]
    values_en: Mapping[str, str] = field(default_factory=dict)
