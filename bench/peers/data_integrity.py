"""openvc-core on every suite, PyLD with cryptography on eddsa-rdfc-2022; contexts are at hand, none is fetched."""

import hashlib
import importlib
import json
from functools import partial
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ed25519

from bench.data_integrity import CREATED, MANDATORY, METHOD, SHOWN, Desk
from bench.peers import Work, offered, openvc_key, row
from bench.timing import Row, Unavailable
from keys.algorithms import Algorithm
from schemas.formats.data_integrity import Suite, multibase
from schemas.formats.jsonld import contexts

_PEER, _PYLD = "openvc-core", "PyLD"
_WHOLE = {
    Suite.EDDSA_RDFC_2022: ("data_integrity", "DataIntegrityProofSuite"),
    Suite.EDDSA_JCS_2022: ("di_jcs", "EddsaJcsProofSuite"),
    Suite.ECDSA_RDFC_2019: ("di_ecdsa_rdfc", "EcdsaRdfcProofSuite"),
    Suite.ECDSA_JCS_2019: ("di_jcs", "EcdsaJcsProofSuite"),
}
_JCS = frozenset({Suite.EDDSA_JCS_2022, Suite.ECDSA_JCS_2019})


def rows() -> list[Row | Unavailable]:
    """Return the peers' rows of Data Integrity."""
    edwards, point = Desk(Algorithm.EDDSA), Desk(Algorithm.ES256)
    made: list[Row | Unavailable] = []
    for suite in _WHOLE:
        desk = edwards if suite in (Suite.EDDSA_RDFC_2022, Suite.EDDSA_JCS_2022) else point
        made += offered(_PEER, _names(suite), partial(_openvc, desk, suite))
    made += offered(_PEER, _names(Suite.ECDSA_SD_2023), lambda: _openvc_selective(point))
    return [*made, *offered(_PYLD, _names(Suite.EDDSA_RDFC_2022), lambda: _pyld(edwards))]


def _names(suite: Suite) -> list[str]:
    return [f"issue {suite}, known type", f"verify {suite}, known type"]


def _contexts(document: dict[str, Any]) -> dict[str, Any]:
    board = contexts.for_document(document)
    return {url: json.loads(board.read(url) or b"") for url in document["@context"]}


def _openvc(desk: Desk, suite: Suite) -> list[Row]:
    module, name = _WHOLE[suite]
    theirs = getattr(importlib.import_module(f"openvc.proof.{module}"), name)()
    more = {} if suite in _JCS else {"extra_contexts": _contexts(desk.document)}
    key, jwk = openvc_key(desk.raw), desk.signer.public_key.jwk

    def issue() -> Any:
        return theirs.add_proof(desk.document, signing_key=key, verification_method=METHOD, created=CREATED, **more)

    signed = issue()
    verify = partial(theirs.verify, signed, public_key_jwk=jwk, now=CREATED, **more)
    if suite not in _JCS:  # its JCS proofs leave out the @context that was hashed (VC DI EdDSA, 3.3.1 step 2)
        desk.verify(signed)
    return _both(desk, suite, _PEER, issue, verify)


def _openvc_selective(desk: Desk) -> list[Row]:
    from openvc.proof.ecdsa_sd import EcdsaSdProofSuite

    theirs, extra = EcdsaSdProofSuite(), _contexts(desk.document)
    key, jwk = openvc_key(desk.raw), desk.signer.public_key.jwk

    def issue() -> Any:
        return theirs.add_base_proof(
            desk.document,
            signing_key=key,
            verification_method=METHOD,
            mandatory_pointers=MANDATORY,
            created=CREATED,
            extra_contexts=extra,
        )

    signed = issue()
    shown = theirs.derive_proof(signed, selective_pointers=SHOWN, extra_contexts=extra)
    making, checking = desk.selective_limits(signed, shown)
    verify = partial(theirs.verify, shown, public_key_jwk=jwk, now=CREATED, extra_contexts=extra)
    verify()  # not ours: it leaves blank nodes' labels as ids, and an id is a URL (VCDM 2.0, 4.4)
    names = _names(Suite.ECDSA_SD_2023)
    return [row(names[0], _PEER, making, issue), row(names[1], _PEER, checking, verify)]


def _pyld(desk: Desk) -> list[Row]:
    from pyld import jsonld

    known = _contexts(desk.document)
    options = {
        "algorithm": "URDNA2015",
        "format": "application/n-quads",
        "documentLoader": lambda url, _: {"contextUrl": None, "documentUrl": url, "document": known[url]},
    }
    signed = desk.issue(Suite.EDDSA_RDFC_2022)
    proof = {name: value for name, value in signed["proof"].items() if name != "proofValue"}
    config = {"@context": desk.document["@context"]} | proof
    key, value = desk.raw, multibase.decode(signed["proof"]["proofValue"], multibase.Base.BASE58BTC)
    assert isinstance(key, ed25519.Ed25519PrivateKey)
    public = key.public_key()

    def hashed() -> bytes:
        parts = [jsonld.normalize(part, options) for part in (config, desk.document)]
        return b"".join(hashlib.sha256(part.encode()).digest() for part in parts)

    return _both(
        desk,
        Suite.EDDSA_RDFC_2022,
        _PYLD,
        lambda: key.sign(hashed()),
        lambda: public.verify(value, hashed()),
    )


def _both(desk: Desk, suite: Suite, peer: str, issue: Work, verify: Work) -> list[Row]:
    verify()
    making, checking = desk.whole_limits()
    names = _names(suite)
    return [row(names[0], peer, making, issue), row(names[1], peer, checking, verify)]
