"""The pack: everything that an offline verifier needs, in one document signed by the trust anchor.

    text = write_pack(content, signer)       # a JWS, typ ecert-pack+jwt, which WebCrypto can check too
    content = read_pack(text, anchor)        # PackContent, or an error

The payload, times in seconds since 1970::

    {"version": 7, "issued_at": 1767225600, "next_update": 1767312000,
     "trust_list": "<JWS>",                                     typ ecert-trust-list+jwt, by the anchor
     "status_lists": {"<uri>": "<JWS>"},                        the newest token of every list, by its issuer
     "recall_lists": {"<uri>": "<JWS>"},                        the same of recalled delegations, by the anchor
     "kept": {"<kid>": "<JWS>"},                                typ ecert-kept+jwt, by the anchor
     "catalogue": {"digest": "sha256-…", "types": {"<vct>": {"id": "…", "zh": "…", "en": "…"}}}}

``version`` never falls: a verifier keeps the highest one that it has seen. The documents inside are not opened here;
each is checked by its own signature (``verifier.pack``). Members that are not known are passed over; a pack without
``recall_lists`` knows of no delegation whether it was recalled.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from keys import jws, strict_json
from keys.anchor import Anchor
from keys.errors import MalformedDocument
from keys.fields import Fields, seconds
from keys.signer import Signer

TYP = "ecert-pack+jwt"
MAX_PACK = 134_217_728  # characters; 40 lists of 2^20 entries with 1 % set take 3 million
MAX_DOCUMENT = 67_108_864  # characters of one document inside; a kept list of a million digests
MAX_STATUS_LISTS = 4096
MAX_KEPT = 1024
MAX_TYPES = 1024


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
    recall_lists: Mapping[str, str] = field(default_factory=dict, repr=False)


def write_pack(content: PackContent, signer: Signer) -> str:
    """Return the signed pack.

    Raises:
        MalformedPack: ``content`` breaks a rule that ``read_pack`` would refuse.
    """
    payload = {
        "version": content.version,
        "issued_at": seconds(content.issued_at),
        "next_update": seconds(content.next_update),
        "trust_list": content.trust_list,
        "status_lists": dict(content.status_lists),
        "recall_lists": dict(content.recall_lists),
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
    fields = Fields(payload, "", MalformedPack)
    issued_at, next_update = fields.time("issued_at"), fields.time("next_update")
    if next_update <= issued_at:
        raise fields.fail("next_update", "expected a time after issued_at")
    catalogue = fields.object("catalogue")
    return PackContent(
        version=fields.number("version", most=2**53 - 1),
        issued_at=issued_at,
        next_update=next_update,
        trust_list=fields.text("trust_list", limit=MAX_DOCUMENT),
        status_lists=_documents(fields, "status_lists", MAX_STATUS_LISTS),
        kept=_documents(fields, "kept", MAX_KEPT),
        catalogue_digest=catalogue.text("digest"),
        types=_types(catalogue),
        recall_lists=_documents(fields, "recall_lists", MAX_STATUS_LISTS) if "recall_lists" in payload else {},
    )


def _documents(fields: Fields, name: str, limit: int) -> dict[str, str]:
    documents = _limited(fields.object(name), limit)
    return {key: documents.text(key, limit=MAX_DOCUMENT) for key in documents.value}


def _types(catalogue: Fields) -> dict[str, TypeLabel]:
    types = _limited(catalogue.object("types"), MAX_TYPES)
    return {vct: _label(types.object(vct)) for vct in types.value}


def _label(fields: Fields) -> TypeLabel:
    return TypeLabel(fields.text("id"), fields.text("zh"), fields.text("en"))


def _limited(fields: Fields, limit: int) -> Fields:
    if len(fields.value) > limit:
        raise MalformedPack(fields.path, f"expected at most {limit} members")
    return fields
