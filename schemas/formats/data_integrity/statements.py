"""What an RDFC suite hashes: the canonical N-Quads of a document and of a proof's options; nothing of them is dropped.

A document of known contexts takes the compiled way; any other one the general way, after the check that JSON-LD would
drop nothing of it. The options of nearly every proof are five statements about one node, under contexts that protect
their terms: these are written down directly, and a test asserts that the general way writes the same.
"""

from collections.abc import Mapping
from typing import Any

from schemas.formats.data_integrity.options import ASSERTION, AUTHENTICATION
from schemas.formats.jsonld import compiled, loss, rdf
from schemas.formats.jsonld.contexts import CREDENTIALS_V1, CREDENTIALS_V2, DATA_INTEGRITY_V2, Contexts
from schemas.formats.jsonld.quads import RDF_TYPE, XSD, literal
from schemas.formats.jsonld.quads import document as nquads

_SEC = "https://w3id.org/security#"
_PURPOSES = {
    ASSERTION: f"<{_SEC}assertionMethod>",
    AUTHENTICATION: f"<{_SEC}authenticationMethod>",
}
_DATED = f"^^<{XSD}dateTime>"
# Schemes that no context on board uses as a prefix, so that the URL stays what it is.
_SCHEMES = ("did:", "https:", "http:", "urn:")
_FLAT = frozenset(
    {
        "type",
        "cryptosuite",
        "created",
        "verificationMethod",
        "proofPurpose",
        "id",
        "expires",
        "domain",
        "challenge",
        "nonce",
    }
)

_DEFINED = _FLAT | {"@context", "previousProof"}


def of_document(document: Mapping[str, Any], contexts: Contexts, algorithm: str) -> bytes:
    """Return the canonical N-Quads of a document that loses nothing.

    Raises:
        JsonLdError: a subclass for each reason; DataLoss for what JSON-LD would drop in silence.
    """
    found = compiled.canonical(document, contexts=contexts, algorithm=algorithm)
    if found is not None:
        return found
    # The compiled way has read all of it, and so would have raised for whatever is lost.
    return rdf.canonical(document, contexts=contexts, algorithm=algorithm)


def check_document(document: Mapping[str, Any], contexts: Contexts) -> None:
    """Return if JSON-LD would drop nothing of the document, for suites that hash it as JSON; raises as above."""
    loss.check_no_loss(document, contexts=contexts)


def of_options(config: Mapping[str, Any], document: Mapping[str, Any], contexts: Contexts, algorithm: str) -> bytes:
    """Return the canonical N-Quads of a proof's options under the document's ``@context``; raises as above."""
    context = document.get("@context")
    if _protects_terms(context) and _is_flat(config):
        return nquads((_flat(config),))
    return of_document({**config, "@context": context}, contexts, algorithm)


def check_options(config: Mapping[str, Any], document: Mapping[str, Any], contexts: Contexts) -> None:
    """Return if the document's contexts define every member of a proof's options; raises as above."""
    if not config.keys() <= _DEFINED:
        loss.check_no_loss({**config, "@context": document.get("@context")}, contexts=contexts)


def _protects_terms(context: Any) -> bool:
    # Contexts on board alone (an inline one could protect a term of a proof for itself), a base context first.
    if type(context) is not list or not context or not all(type(item) is str for item in context):
        return False
    return context[0] == CREDENTIALS_V2 or (context[0] == CREDENTIALS_V1 and DATA_INTEGRITY_V2 in context)


def _is_flat(config: Mapping[str, Any]) -> bool:
    return (
        config.keys() <= _FLAT
        and config["proofPurpose"] in _PURPOSES
        and config["verificationMethod"].startswith(_SCHEMES)
        and config.get("id", "urn:").startswith(_SCHEMES)
        and type(config.get("domain", "")) is str
    )


def _flat(config: Mapping[str, Any]) -> str:
    node = f"<{config['id']}>" if "id" in config else "_:c14n0"
    lines = [
        f"{node} {RDF_TYPE} <{_SEC}DataIntegrityProof> .\n",
        f'{node} <{_SEC}cryptosuite> "{config["cryptosuite"]}"^^<{_SEC}cryptosuiteString> .\n',
        f"{node} <{_SEC}proofPurpose> {_PURPOSES[config['proofPurpose']]} .\n",
        f"{node} <{_SEC}verificationMethod> <{config['verificationMethod']}> .\n",
    ]
    if "created" in config:
        lines.insert(0, f'{node} <http://purl.org/dc/terms/created> "{config["created"]}"{_DATED} .\n')
    if len(config) > len(lines):
        lines += [f"{node} <{_SEC}{name}> {literal(config[name])} .\n" for name in _TEXTS if name in config]
        if "expires" in config:
            lines.append(f'{node} <{_SEC}expiration> "{config["expires"]}"{_DATED} .\n')
        lines.sort()
    return "".join(lines)


_TEXTS = ("challenge", "domain", "nonce")
