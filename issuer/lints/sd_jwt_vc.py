"""Lints of SD-JWT VC (draft-ietf-oauth-sd-jwt-vc) and RFC 9901; a document of another format passes."""

from collections.abc import Iterator, Mapping

from issuer.documents import Document
from issuer.lints.model import Finding, Lint
from keys import strict_json
from schemas.formats.sd_jwt import MAX_BYTES
from schemas.formats.sd_jwt_vc import NEVER_SELECTIVE
from schemas.order import CredentialFormat

_RESERVED = frozenset({"_sd", "_sd_alg", "..."})
_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "k", "oth"})


def _applies(draft: Document) -> bool:
    return draft.frame.format is CredentialFormat.SD_JWT_VC


def registered_in_clear(draft: Document) -> Iterator[Finding]:
    """SD-JWT VC, 2.2.2.3: what the verifier needs first is never disclosed selectively."""
    for name in sorted(draft.selective & NEVER_SELECTIVE) if _applies(draft) else ():
        yield Finding(name, "该声明不得选择性披露", "the claim must not be selectively disclosable")


def reserved_names(draft: Document) -> Iterator[Finding]:
    """RFC 9901, 4.1 and 4.2.4: names that mean a digest, at any depth."""
    if _applies(draft) and _RESERVED & set(_names(draft.claims)):
        yield Finding("-", "声明使用了保留名称", "a claim is named _sd, _sd_alg or ...")


def type_named(draft: Document) -> Iterator[Finding]:
    """SD-JWT VC, 2.2.2.1: ``vct`` is there, and it is the type's own."""
    if _applies(draft) and draft.claims.get("vct") != draft.frame.certificate_type.vct:
        yield Finding("vct", "vct 与证照类型不符", "vct is not that of the type")


def numeric_dates(draft: Document) -> Iterator[Finding]:
    """RFC 7519, 2: iat, nbf and exp are numbers; an end lies after its beginning."""
    if not _applies(draft):
        return
    times = {name: draft.claims[name] for name in ("iat", "nbf", "exp") if name in draft.claims}
    if not all(type(value) is int for value in times.values()) or not {"iat", "exp"} <= times.keys():
        yield Finding("exp", "iat、exp 应为整数秒", "iat and exp must be whole numbers of seconds")
    elif times["exp"] <= max(times["iat"], times.get("nbf", 0)):
        yield Finding("exp", "失效时间不晚于生效时间", "the credential ends before it begins")


def public_holder_key(draft: Document) -> Iterator[Finding]:
    """RFC 7800, 3.2: ``cnf`` holds a public key."""
    jwk = draft.claims.get("cnf", {}).get("jwk", {}) if _applies(draft) else {}
    if _PRIVATE & jwk.keys():
        yield Finding("cnf", "持证人公钥中含有私钥", "the holder's key is a private one")


def size(draft: Document) -> Iterator[Finding]:
    """What a verifier reads (``schemas.formats.sd_jwt.MAX_BYTES``): base64url makes four characters of three bytes."""
    if _applies(draft) and len(strict_json.dumps(draft.claims)) * 4 // 3 > MAX_BYTES * 3 // 4:
        yield Finding("-", "证照内容过大", "the claims are larger than a verifier reads")


def _names(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, member in value.items():
            yield name
            yield from _names(member)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _names(item)


LINTS: Mapping[str, Lint] = {
    "registered_in_clear": registered_in_clear,
    "reserved_names": reserved_names,
    "type_named": type_named,
    "numeric_dates": numeric_dates,
    "public_holder_key": public_holder_key,
    "size": size,
}
