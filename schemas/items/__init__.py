"""The 267 service items (政务服务事项) as data: who handles each, and which certificates are its material (申办材料).

    item("440107001000").name_zh                       有限责任公司设立登记
    query(item("440107001000"), role="legal_rep")      what is asked of the holder who stands in this role, as DCQL

``data/<department>.json`` has the items of a department. A requirement names the fewest claims that the item needs, a
derived one before the datum behind it; nobody may ask for more (invariant 6).
"""

from schemas.items.material import query, query_of, roles
from schemas.items.registry import (
    Alternative,
    Category,
    Handling,
    Requirement,
    ServiceItem,
    all_items,
    item,
    read_requirement,
    role_names,
)

__all__ = [
    "Alternative",
    "Category",
    "Handling",
    "Requirement",
    "ServiceItem",
    "all_items",
    "item",
    "query",
    "query_of",
    "read_requirement",
    "role_names",
    "roles",
]
