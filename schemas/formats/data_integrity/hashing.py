"""What a proof signs: the hash of its options, then that of the document (VC DI EdDSA, 3.2.4; VC DI ECDSA, 3.2.4)."""

from collections.abc import Mapping
from typing import Any

from schemas.formats.data_integrity import jcs, statements
from schemas.formats.data_integrity.suites import Canonicalization, Hash, Rules
from schemas.formats.jsonld.contexts import Contexts


def hash_options(
    config: Mapping[str, Any], document: Mapping[str, Any], rules: Rules, digest: Hash, contexts: Contexts
) -> bytes:
    """Return the hash of a proof's options, ``proofValue`` left out.

    JCS hashes them as they stand, their own ``@context`` included; RDFC reads them under the document's ``@context``.
    """
    if rules.canonicalization is Canonicalization.JCS:
        statements.check_options(config, document, contexts)
        return digest.digest(jcs.canonical(config))
    return digest.digest(statements.of_options(config, document, contexts, digest.name))


def hash_document(document: Mapping[str, Any], rules: Rules, digest: Hash, contexts: Contexts) -> bytes:
    """Return the hash of a document without its own proofs; raises JsonLdError when JSON-LD would drop a part of it."""
    if rules.canonicalization is Canonicalization.JCS:
        statements.check_document(document, contexts)
        return digest.digest(jcs.canonical(document))
    return digest.digest(statements.of_document(document, contexts, digest.name))
