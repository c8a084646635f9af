"""The pack: everything that an offline verifier needs, in one document signed by the trust anchor.

    text = write_pack(content, signer)       # a JWS, typ ecert-pack+jwt, which WebCrypto can check too
    content = read_pack(text, anchor)        # PackContent, or an error

The payload, times in seconds since 1970::

    {"version": 7, "issued_at": 1767225600, "next_update": 1767312000,
     "trust_list": "<JWS>",                                     typ ecert-trust-list+jwt, by the anchor
     "status_lists": {"<uri>": "<JWS>"},                        the newest token of every list, by its issuer
     "kept": {"<kid>": "<JWS>"},                                typ ecert-kept+jwt, by the anchor
     "catalogue": {"digest": "sha256-…", "types": {"<vct>": {"id": "…", "zh": "…", "en": "…"}}}}

``version`` never falls: a verifier keeps the highest one that it has seen. The documents inside are not opened here;
each is checked by its own signature (``verifier.pack``).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from keys import jws, strict_json
from keys.anchor import Anchor
from keys.errors import MalformedDocument
from keys.signer import Signer

TYP = "ecert-pack+jwt"
MAX_PACK = 67_108_864  # characters; 40 lists of 2^20 entries with 1 % set take 3 million
MAX_DOCUMENT = 8_388_608  # characters of one document inside; an incompressible list of 2^20 entries takes 350,000
MAX_STATUS_LISTS = 4096
MAX_KEPT = 1024
MAX_TYPES = 1024
_MAX_TEXT = 512
_MAX_TIME = 253_402_300_799  # the last second of the year 9999
_MEMBERS = frozenset({"version", "issued_at", "next_update", "trust_list", "status_lists", "kept", "catalogue"})


class MalformedPack(MalformedDocument):
    """The pack breaks a rule of its form."""

    code = "malformed_pack"


@dataclass(frozen=True, slots=True)
class TypeLabel:
    """A certificate type as an offline verifier shows it."""

    type_id: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class PackContent:
    """A pack's parts; the texts are signed documents that nobody has opened yet.

    ``catalogue_digest`` names the types' data that the pack was built from (``sha256-`` and base64url).
    """

    version: int
    issued_at: datetime
    next_update: datetime
    trust_list: str = field(repr=False)
    status_lists: Mapping[str, str] = field(repr=False)
    kept: Mapping[str, str] = field(repr=False)
    catalogue_digest: str
    types: Mapping[str, TypeLabel] = field(repr=False)


def write_pack(content: PackContent, signer: Signer) -> str:
    """Return the signed pack.

    Raises:
        MalformedPack: ``content`` breaks a rule that ``read_pack`` would refuse.
    """
    payload = {
        "version": content.version,
        "issued_at": int(content.issued_at.timestamp()),
        "next_update": int(content.next_update.timestamp()),
        "trust_list": content.trust_list,
        "status_lists": dict(content.status_lists),
        "kept": dict(content.kept),
        "catalogue": {
            "digest": content.catalogue_digest,
            "types": {vct: {"id": t.type_id, "zh": t.zh, "en": t.en} for vct, t in content.types.items()},
        },
    }
    _parsed(payload)
    return jws.sign(strict_json.dumps(payload), signer, typ=TYP)


def read_pack(text: str, anchor: Anchor) -> PackContent:
    """Return the parts of a pack that ``anchor`` signed.

    Raises:
        TooLarge: longer than ``MAX_PACK``.
        InvalidSignature, UnexpectedType, MalformedToken: as ``Anchor.payload``.
        MalformedPack: the payload breaks a rule of its form; ``field`` names the member.
    """
    return _parsed(anchor.payload(text, typ=TYP, max_bytes=MAX_PACK))


def _parsed(payload: dict[str, Any]) -> PackContent:
    if payload.keys() != _MEMBERS:
        raise MalformedPack("pack", f"has {len(payload)} members, expected {', '.join(sorted(_MEMBERS))}")
    issued_at = _time(payload["issued_at"], "issued_at")
    next_update = _time(payload["next_update"], "next_update")
    if next_update <= issued_at:
        raise MalformedPack("next_update", "is not after issued_at")
    catalogue = payload["catalogue"]
    if type(catalogue) is not dict or catalogue.keys() != {"digest", "types"}:
        raise MalformedPack("catalogue", "is not an object of digest and types")
    return PackContent(
        version=_number(payload["version"], "version"),
        issued_at=issued_at,
        next_update=next_update,
        trust_list=_text(payload["trust_list"], "trust_list", MAX_DOCUMENT),
        status_lists=_documents(payload["status_lists"], "status_lists", MAX_STATUS_LISTS),
        kept=_documents(payload["kept"], "kept", MAX_KEPT),
        catalogue_digest=_text(catalogue["digest"], "catalogue.digest", _MAX_TEXT),
        types=_types(catalogue["types"]),
    )


def _number(value: Any, name: str) -> int:
    if type(value) is not int or not 0 <= value <= 2**53 - 1:
        raise MalformedPack(name, "is not a whole number from 0 to 2^53 - 1")
    return value


def _time(value: Any, name: str) -> datetime:
    if type(value) is not int or not 0 <= value <= _MAX_TIME:
        raise MalformedPack(name, "is not a time in whole seconds since 1970")
    return datetime.fromtimestamp(value, UTC)


def _text(value: Any, name: str, limit: int) -> str:
    if type(value) is not str or not 1 <= len(value) <= limit:
        raise MalformedPack(name, f"is not a text of 1 to {limit} characters")
    return value


def _documents(value: Any, name: str, limit: int) -> dict[str, str]:
    if type(value) is not dict or len(value) > limit:
        raise MalformedPack(name, f"is not an object of at most {limit} documents")
    return {_text(key, name, _MAX_TEXT): _text(text, name, MAX_DOCUMENT) for key, text in value.items()}


def _types(value: Any) -> dict[str, TypeLabel]:
    if type(value) is not dict or len(value) > MAX_TYPES:
        raise MalformedPack("catalogue.types", f"is not an object of at most {MAX_TYPES} types")
    return {_text(vct, "catalogue.types", _MAX_TEXT): _label(label) for vct, label in value.items()}


def _label(value: Any) -> TypeLabel:
    if type(value) is not dict or value.keys() != {"id", "zh", "en"}:
        raise MalformedPack("catalogue.types", "holds a type that is not an object of id, zh and en")
    type_id, zh, en = (_text(value[name], f"catalogue.types.{name}", _MAX_TEXT) for name in ("id", "zh", "en"))
    return TypeLabel(type_id, zh, en)
