"""The 40 certificate types, the departments, the code lists and the common fields, read once from this folder."""

from schemas.types.registry import (
    all_types,
    by_vct,
    certificate_type,
    code_list,
    code_lists,
    credential_fields,
    department,
    departments,
    envelope_fields,
    record_fields,
)

__all__ = [
    "all_types",
    "by_vct",
    "certificate_type",
    "code_list",
    "code_lists",
    "credential_fields",
    "department",
    "departments",
    "envelope_fields",
    "record_fields",
]
