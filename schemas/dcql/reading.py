"""Reading a DCQL query: every rule of OpenID4VP 1.0, 6, and limits; members that we do not know are passed over."""

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from schemas.dcql.query import (
    SD_JWT_VC,
    ClaimsQuery,
    CredentialQuery,
    CredentialSetQuery,
    Path,
    Query,
    TrustedAuthorities,
)
from schemas.errors import InvalidDcqlQuery

MAX_CREDENTIALS = 20
MAX_CLAIMS = 100
MAX_SETS = 50
MAX_PATH = 16
MAX_VALUES = 100
MAX_TEXT = 1_000
MAX_INDEX = 9_999
_ID = re.compile(r"[A-Za-z0-9_-]{1,100}")
_W3C = frozenset({"jwt_vc_json", "ldp_vc"})
T = TypeVar("T")


def read_query(document: object) -> Query:
    """Return the query that ``document`` (JSON) holds.

    Raises:
        InvalidDcqlQuery: a rule is broken; the message says where and which, and repeats no value.
    """
    members = _object(document, "query")
    credentials = _array(members, "credentials", MAX_CREDENTIALS, _credential, at="query")
    ids = [each.id for each in credentials]
    _unique(ids, "credentials")
    sets: tuple[CredentialSetQuery, ...] = ()
    if "credential_sets" in members:
        sets = _array(members, "credential_sets", MAX_SETS, _set_of(frozenset(ids)), at="query")
    return Query(credentials, sets)


def _credential(document: object, at: str) -> CredentialQuery:
    members = _object(document, at)
    form = _text(members.get("format"), f"{at}.format")
    claims = None
    if "claims" in members:
        claims = _array(members, "claims", MAX_CLAIMS, _claim, at=at)
        _unique([each.id for each in claims if each.id is not None], f"{at}.claims")
    authorities: tuple[TrustedAuthorities, ...] = ()
    if "trusted_authorities" in members:
        authorities = _array(members, "trusted_authorities", MAX_SETS, _authority, at=at)
    return CredentialQuery(
        id=_id(members.get("id"), f"{at}.id"),
        format=form,
        types=_types(_object(members.get("meta"), f"{at}.meta"), form, f"{at}.meta"),
        claims=claims,
        claim_sets=_claim_sets(members, claims, at),
        trusted_authorities=authorities,
        multiple=_flag(members, "multiple", False, at),
        holder_binding=_flag(members, "require_cryptographic_holder_binding", True, at),
    )


def _types(meta: Mapping[str, Any], form: str, at: str) -> tuple[frozenset[str], ...]:
    # 6.1: an empty meta is no constraint.
    if form == SD_JWT_VC and meta:
        return tuple(frozenset({name}) for name in _array(meta, "vct_values", MAX_VALUES, _text, at=at))
    if form in _W3C and meta:
        return _array(meta, "type_values", MAX_VALUES, _type_set, at=at)
    return ()


def _type_set(value: object, at: str) -> frozenset[str]:
    return frozenset(_items(value, MAX_VALUES, _text, at=at))


def _claim(document: object, at: str) -> ClaimsQuery:
    members = _object(document, at)
    name = _id(members["id"], f"{at}.id") if "id" in members else None
    values = _array(members, "values", MAX_VALUES, _value, at=at) if "values" in members else ()
    return ClaimsQuery(read_path(members.get("path"), f"{at}.path"), name, values)


def read_path(value: object, at: str = "path") -> Path:
    """Return a claims path pointer (7); raises InvalidDcqlQuery."""
    return _items(value, MAX_PATH, _component, at=at)


def _component(value: object, at: str) -> str | int | None:
    if value is None:
        return None
    if type(value) is int and 0 <= value <= MAX_INDEX:
        return value
    return _text(value, at)


def _value(value: object, at: str) -> str | int | bool:
    if isinstance(value, bool) or type(value) is int:
        return value
    return _text(value, at)


def _claim_sets(
    members: Mapping[str, Any], claims: tuple[ClaimsQuery, ...] | None, at: str
) -> tuple[tuple[str, ...], ...] | None:
    if "claim_sets" not in members:
        return None
    if claims is None:
        raise InvalidDcqlQuery(f"{at} has claim_sets without claims")
    ids = frozenset(each.id for each in claims)
    if None in ids:
        raise InvalidDcqlQuery(f"{at} has claim_sets and a claim without id")
    return _array(members, "claim_sets", MAX_SETS, _references(ids), at=at)


def _references(ids: frozenset[str | None]) -> Callable[[object, str], tuple[str, ...]]:
    def read(value: object, at: str) -> tuple[str, ...]:
        names = _items(value, MAX_CLAIMS, _id, at=at)
        if not ids.issuperset(names):
            raise InvalidDcqlQuery(f"{at} names what is not there")
        return names

    return read


def _set_of(ids: frozenset[str]) -> Callable[[object, str], CredentialSetQuery]:
    def read(document: object, at: str) -> CredentialSetQuery:
        members = _object(document, at)
        options = _array(members, "options", MAX_SETS, _references(frozenset(ids)), at=at)
        return CredentialSetQuery(options, _flag(members, "required", True, at))

    return read


def _authority(document: object, at: str) -> TrustedAuthorities:
    members = _object(document, at)
    return TrustedAuthorities(
        _text(members.get("type"), f"{at}.type"), _array(members, "values", MAX_VALUES, _text, at=at)
    )


def _array(
    members: Mapping[str, Any], name: str, most: int, read: Callable[[object, str], T], *, at: str
) -> tuple[T, ...]:
    return _items(members.get(name), most, read, at=f"{at}.{name}")


def _items(value: object, most: int, read: Callable[[object, str], T], *, at: str) -> tuple[T, ...]:
    if not isinstance(value, list) or not 0 < len(value) <= most:
        raise InvalidDcqlQuery(f"{at} is no array of 1 to {most} elements")
    return tuple(read(item, f"{at}[{number}]") for number, item in enumerate(value))


def _object(value: object, at: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise InvalidDcqlQuery(f"{at} is no object")
    return value


def _id(value: object, at: str) -> str:
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise InvalidDcqlQuery(f"{at} is no identifier of 1 to 100 letters, digits, _ and -")
    return value


def _text(value: object, at: str) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= MAX_TEXT:
        raise InvalidDcqlQuery(f"{at} is no text of 1 to {MAX_TEXT} characters")
    return value


def _flag(members: Mapping[str, Any], name: str, default: bool, at: str) -> bool:
    value = members.get(name, default)
    if not isinstance(value, bool):
        raise InvalidDcqlQuery(f"{at}.{name} is no boolean")
    return value


def _unique(names: list[str], at: str) -> None:
    if len(set(names)) != len(names):
        raise InvalidDcqlQuery(f"{at} has an id twice")
