"""Lints of SD-CWT (draft-ietf-spice-sd-cwt) and of the QR profile; a document of another format passes."""

from collections.abc import Iterator, Mapping

from issuer.documents import Document, content
from issuer.lints.model import Finding, Lint
from keys import strict_json
from schemas.formats.errors import FormatError
from schemas.formats.sd_cwt import claim_map
from schemas.formats.sd_cwt.token import MAX_BYTES
from schemas.order import CredentialFormat


def _applies(draft: Document) -> bool:
    return draft.frame.format is CredentialFormat.SD_CWT


def bound(draft: Document) -> Iterator[Finding]:
    """ADR 15: it is bound to the holder's key, unless it is a printed copy."""
    if _applies(draft) and draft.frame.holder_key is None and draft.frame.copy is None:
        yield Finding("cnf", "持证主体没有密钥", "the holder has no key to bind it to")


def keyed(draft: Document) -> Iterator[Finding]:
    """ADR 15: every field has an integer key."""
    if not _applies(draft):
        return
    try:
        claim_map.to_keys(draft.frame.certificate_type.vct, content(draft))
    except FormatError as exc:
        yield Finding("-", "字段没有编号", f"a field has no key: {exc}")


def size(draft: Document) -> Iterator[Finding]:
    """What a verifier reads: CBOR is shorter than the same in JSON, and a third is left for all that is around it."""
    if _applies(draft) and len(strict_json.dumps(dict(content(draft)))) > MAX_BYTES * 2 // 3:
        yield Finding("-", "证照内容过大", "the claims are larger than a verifier reads")


LINTS: Mapping[str, Lint] = {"bound": bound, "keyed": keyed, "size": size}
