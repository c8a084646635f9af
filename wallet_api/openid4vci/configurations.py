"""Credential configurations (OpenID4VCI 1.0, 12.2.4, appendices A and B.2): those that this wallet can hold, by type.

A wallet holds ``dc+sd-jwt``, ``jwt_vc_json`` and ``ldp_vc`` of the catalogue's types, bound to a key that is proved by
a JWT. Anything else that an issuer offers is passed over; a malformed entry is one of those.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from keys.public import PublicKey
from schemas.catalogue import CertificateType, TypeId
from schemas.errors import UnknownType
from schemas.order import CredentialFormat
from schemas.types import all_types, by_vct
from wallet_api.openid4vci.errors import HolderKeyNotSupported

_MAX_LABELS = 200
_MAX_LABEL = 120
_JWK, _DID_KEY = "jwk", "did:key"


@dataclass(frozen=True, slots=True)
class FieldLabel:
    """A field that a certificate will have, as its issuer names it."""

    name: str
    label_zh: str
    label_en: str


@dataclass(frozen=True, slots=True)
class Configuration:
    """What can be fetched under one configuration id. ``as_jwk``: the proof's key is given as a JWK, not as did:key.

    ``attested``: the key must be attested (appendix D), which the wallet server does for those in its custody.
    """

    id: str
    format: CredentialFormat
    type: CertificateType
    scope: str | None
    as_jwk: bool
    proof_algorithms: frozenset[str]
    name_zh: str
    name_en: str
    fields: tuple[FieldLabel, ...]
    attested: bool = False

    @property
    def type_id(self) -> TypeId:
        """The type of the catalogue."""
        return self.type.id

    def check_key(self, key: PublicKey, *, in_custody: bool) -> None:
        """Return if the issuer takes proofs by this key; raises HolderKeyNotSupported."""
        if self.attested and not in_custody:
            raise HolderKeyNotSupported("issuer wants an attested key, and nobody attests those of holders' devices")
        if not self.proof_algorithms.intersection(key.accepted):
            raise HolderKeyNotSupported(f"issuer takes no key proof signed with {key.algorithm}")


def read_configuration(name: str, document: Any) -> Configuration | None:
    """Return the configuration of an entry, None when this wallet cannot hold such credentials."""
    if not isinstance(document, dict):
        return None
    form, ctype = document.get("format"), _type(document)
    binding = _strings(document.get("cryptographic_binding_methods_supported"))
    algorithms, attested = _proofs(document)
    if (
        not isinstance(form, str)
        or form not in _FORMATS
        or ctype is None
        or not algorithms
        or not {_JWK, _DID_KEY}.intersection(binding)
    ):
        return None
    metadata = _object(document.get("credential_metadata"))
    zh, en = labels_of(metadata.get("display"), "name", (ctype.name_zh, ctype.name_en))
    scope = document.get("scope")
    return Configuration(
        id=name,
        format=CredentialFormat(form),
        type=ctype,
        scope=scope if isinstance(scope, str) and scope and " " not in scope else None,
        as_jwk=_JWK in binding,
        proof_algorithms=algorithms,
        name_zh=zh,
        name_en=en,
        fields=tuple(_fields(metadata.get("claims"))),
        attested=attested,
    )


_FORMATS = frozenset({CredentialFormat.SD_JWT_VC, CredentialFormat.JWT_VC_JSON, CredentialFormat.LDP_VC})


def labels_of(display: Any, member: str, default: tuple[str, str]) -> tuple[str, str]:
    """Return the zh and en texts of a ``display`` array; for one that is missing the other, else ``default``."""
    found: dict[str, str] = {}
    for each in display[:_MAX_LABELS] if isinstance(display, list) else ():
        entry = _object(each)
        text, locale = entry.get(member), entry.get("locale", "")
        if isinstance(text, str) and text and isinstance(locale, str):
            found.setdefault(locale.partition("-")[0].lower(), text[:_MAX_LABEL])
    any_text = next(iter(found.values()), None)
    zh, en = (found.get(tongue) or any_text or text for tongue, text in zip(("zh", "en"), default, strict=True))
    return zh, en


def _type(document: Mapping[str, Any]) -> CertificateType | None:
    """The type of the catalogue that an entry names: by ``vct`` (A.3.2) or by the name of the VCDM type (A.1)."""
    if document.get("format") == CredentialFormat.SD_JWT_VC:
        try:
            return by_vct(str(document.get("vct")))
        except UnknownType:
            return None
    names = _strings(_object(document.get("credential_definition")).get("type"))
    found = [_by_class()[name] for name in names if name in _by_class()]
    return found[0] if len(found) == 1 else None


@cache
def _by_class() -> Mapping[str, CertificateType]:
    return {"".join(word.capitalize() for word in ctype.id.split("_")): ctype for ctype in all_types()}


def _proofs(document: Mapping[str, Any]) -> tuple[frozenset[str], bool]:
    """The algorithms of key proofs, and whether their keys must be attested; no algorithm where we cannot attest so."""
    jwt = _object(_object(document.get("proof_types_supported")).get("jwt"))
    attested = "key_attestations_required" in jwt
    if attested and jwt["key_attestations_required"] != {}:
        return frozenset(), attested  # a level that nobody has found our custody to reach (D.2; ADR 30)
    return frozenset(_strings(jwt.get("proof_signing_alg_values_supported"))), attested


def _fields(claims: Any) -> Iterator[FieldLabel]:
    for each in claims[:_MAX_LABELS] if isinstance(claims, list) else ():
        entry = _object(each)
        path = entry.get("path")
        # Members of what stands inside an array say nothing more to who decides whether to accept.
        names = [step for step in path if step != "credentialSubject"] if isinstance(path, list) else []
        if len(names) == 1 and isinstance(names[0], str):
            name = names[0][:_MAX_LABEL]
            yield FieldLabel(name, *labels_of(entry.get("display"), "name", (name, name)))


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _strings(value: Any) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []
