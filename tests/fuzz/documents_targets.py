"""Targets of JSON-LD and Data Integrity: documents, contexts, canonical N-Quads, proofs, proof values, pointers."""

import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import cbor2

from keys import strict_json
from keys.errors import MalformedToken
from keys.public import PublicKey
from keys.signer import SoftwareSigner
from schemas.formats import data_integrity
from schemas.formats.data_integrity import Policy, ProofOptions, Suite, jcs, multibase, statements
from schemas.formats.data_integrity import options as proof_options
from schemas.formats.data_integrity.ecdsa_sd_2023 import selection
from schemas.formats.data_integrity.ecdsa_sd_2023.values import BaseValue, DerivedValue
from schemas.formats.data_integrity.errors import ProofMissing
from schemas.formats.data_integrity.multibase import Base
from schemas.formats.jsonld import compiled, contexts, loss, quads, rdf, rdfc10
from schemas.formats.jsonld.errors import JsonLdError
from tests.fuzz.target import Form, Target, as_text, only
from tests.support import forms
from tests.support.desk import ANOTHER, MARKET, MARKET_KEY, NOW, Certificate

CERTIFICATE = Certificate()
_CONTEXT = {
    "name2": "https://schema.org/name",
    "list": {"@id": "urn:x:list", "@container": "@list"},
    "json": {"@id": "urn:x:json", "@type": "@json"},
    "graph": {"@id": "urn:x:graph", "@container": "@graph"},
    "Typed": {"@id": "urn:x:Typed", "@context": {"inner": {"@id": "urn:x:inner", "@type": "@id"}}},
    "scoped": {"@id": "urn:x:scoped", "@context": {"deep": "urn:x:deep"}},
    "day": {"@id": "urn:x:day", "@type": "http://www.w3.org/2001/XMLSchema#date"},
    "px": {"@id": "urn:x:", "@prefix": True},
}
_RICH = {
    "@context": ["https://www.w3.org/ns/credentials/v2", _CONTEXT],
    "type": ["VerifiableCredential"],
    "issuer": MARKET,
    "credentialSubject": [
        {"name2": ["a", {"@value": "b", "@language": "zh"}], "list": ["x", 1, {"type": "Typed", "inner": "urn:a:b"}]},
        {
            "json": {"b": [1, 1.5], "a": None},
            "graph": {"name2": "in"},
            "px:y": 3,
            "scoped": {"deep": True},
            "day": "2026-01-01",
        },
        {"@context": {"own": "urn:x:own"}, "own": 1.5e20, "type": "https://schema.org/Thing"},
    ],
}
_NQUADS = (
    b'_:a <urn:p> _:b .\n_:b <urn:p> _:a .\n_:c <urn:p> "x\\n"@zh-Hans _:g .\n<urn:s> <urn:p> "1"^^<urn:t> <urn:g> .\n',
    b"".join(b"_:a%d <urn:p> _:a%d .\n" % (one, (one + 1) % 5) for one in range(5)),
)


def _value(data: bytes) -> Any:
    """JSON as a lenient reader gives it to a caller: half surrogate pairs, NaN, numbers of any length."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        raise MalformedToken("not JSON") from None


def _object(data: bytes) -> dict[str, Any]:
    value = _value(data)
    if type(value) is not dict:
        raise MalformedToken("no object")
    return value


def _document(certificate: Certificate = CERTIFICATE) -> dict[str, Any]:
    return forms.bound_vcdm(certificate)


def _documents() -> list[bytes]:
    return [strict_json.dumps(_document()), strict_json.dumps(_RICH)]


def _canonical_both(data: bytes) -> tuple[bytes | None, bytes]:
    document = _object(data)
    return compiled.canonical(document), rdf.canonical(document)


def _canonicalized(data: bytes) -> bytes:
    found = quads.parse(as_text(data).splitlines(keepends=True))
    return rdfc10.canonicalize(found).data


def _is_canonical(_: bytes, canonical: bytes) -> bool:
    return canonical == _canonicalized(canonical)


def _ed25519() -> SoftwareSigner:
    return ANOTHER


@cache
def _secured(suite: Suite) -> dict[str, Any]:
    certificate = CERTIFICATE if suite.startswith("ecdsa") else CERTIFICATE.but(signer=_ed25519())
    signed = forms.ldp_vc(certificate, suite=suite)
    return (
        data_integrity.derive(signed, ["/credentialSubject/business_scope"]) if suite is Suite.ECDSA_SD_2023 else signed
    )


def _key_of(suite: Suite) -> PublicKey:
    return (MARKET_KEY if suite.startswith("ecdsa") else _ed25519()).public_key


def _verified(suite: Suite) -> Callable[[bytes], Any]:
    def decode(data: bytes) -> Mapping[str, Any]:
        document = _value(data)
        return data_integrity.verify(document, lambda _: _key_of(suite), policy=Policy(base_proofs=True)).document

    return decode


def _statements(document: Mapping[str, Any]) -> set[bytes]:
    return set(statements.of_document(document, contexts.for_document(document), "sha256").splitlines())


def _says_nothing_new(suite: Suite) -> Callable[[bytes, Any], bool]:
    """What verifies is what was signed: the same JSON for JCS, the same statements for RDFC, some of them for sd."""

    def sound(_: bytes, document: Mapping[str, Any]) -> bool:
        signed = {name: value for name, value in _secured(suite).items() if name != "proof"}
        if "jcs" in suite:
            return jcs.canonical(document) == jcs.canonical(signed)
        return _statements(document) == _statements(signed)

    return sound


def _suite_target(suite: Suite) -> Target:
    return Target(
        suite.value.replace("-", "_"),
        f"schemas.formats.data_integrity.verify({suite})",
        _verified(suite),
        lambda: [strict_json.dumps(_secured(suite))],
        Form.JSON,
        _says_nothing_new(suite),
    )


def _issued(suite: Suite) -> Callable[[bytes], Any]:
    """Whatever is issued must verify, or it must not be issued."""

    def decode(data: bytes) -> Any:
        options = ProofOptions(mandatory_pointers=("/issuer",)) if suite is Suite.ECDSA_SD_2023 else ProofOptions()
        method = f"{MARKET}#{MARKET_KEY.public_key.kid}"
        document = strict_json.loads_object(data)
        if "proof" in document:
            raise MalformedToken("not the shape of this target")
        return data_integrity.issue(
            document, MARKET_KEY, suite=suite, verification_method=method, created=NOW, options=options
        )

    return decode


def _issued_verifies(_: bytes, signed: Mapping[str, Any]) -> bool:
    policy = Policy(own_key=False, base_proofs=True)
    read = data_integrity.verify(
        strict_json.loads(strict_json.dumps(signed)), lambda _: MARKET_KEY.public_key, policy=policy
    )
    return read.document == {name: value for name, value in signed.items() if name != "proof"}


def _proofs() -> list[bytes]:
    said = ProofOptions(id="urn:p:1", domain="urn:x", challenge="c", nonce="n", expires=NOW, previous_proof=())
    method = f"{MARKET}#{MARKET_KEY.public_key.kid}"
    issue = data_integrity.issue
    one = issue(
        _document(), MARKET_KEY, suite=Suite.ECDSA_JCS_2019, verification_method=method, created=NOW, options=said
    )
    two = issue(
        one,
        MARKET_KEY,
        suite=Suite.ECDSA_RDFC_2019,
        verification_method=method,
        created=NOW,
        options=ProofOptions(previous_proof=("urn:p:1",)),
    )
    return [strict_json.dumps(one), strict_json.dumps(two)]


def _proof_chain(data: bytes) -> Any:
    return data_integrity.verify(_value(data), lambda _: MARKET_KEY.public_key).document


@cache
def _base() -> dict[str, Any]:
    return forms.ldp_vc(CERTIFICATE)


def _sd_values() -> list[bytes]:
    values = [str(proof["proof"]["proofValue"]) for proof in (_base(), _secured(Suite.ECDSA_SD_2023))]
    return [multibase.decode(value, Base.BASE64URL) for value in values]


def _sd_value(data: bytes) -> BaseValue | DerivedValue:
    text = multibase.encode(data, Base.BASE64URL)
    return BaseValue.parse(text) if data[:3] == b"\xd9\x5d\x00" else DerivedValue.parse(text)


def _written_back(data: bytes, value: BaseValue | DerivedValue) -> bool:
    again = multibase.decode(value.text(), Base.BASE64URL)
    # The order of the label map is the writer's.
    return bool(cbor2.loads(again[3:]) == cbor2.loads(data[3:])) and len(again) == len(data)


def _with_value(data: bytes) -> Any:
    """A derived proof whose value says something else, under the right header."""
    value = multibase.encode(b"\xd9\x5d\x01" + data[3:], Base.BASE64URL)
    document = _secured(Suite.ECDSA_SD_2023)
    changed = {**document, "proof": {**document["proof"], "proofValue": value}}
    return data_integrity.verify(changed, lambda _: MARKET_KEY.public_key).document


def _derived(data: bytes) -> dict[str, Any]:
    given = _object(data).get("pointers")
    return data_integrity.derive(_base(), given if type(given) is list else [])


def _derived_verifies(_: bytes, shown: dict[str, Any]) -> bool:
    data_integrity.verify(shown, lambda _: MARKET_KEY.public_key)
    return True


def _derived_of(data: bytes) -> dict[str, Any]:
    return data_integrity.derive(_object(data), ["/credentialSubject/business_scope"])


def _pointers(data: bytes) -> Any:
    given = _object(data)
    pointers, document = given.get("pointers"), given.get("document")
    if type(pointers) is not list or type(document) is not dict:
        raise ProofMissing("not the shape of this target")
    return selection.select(document, selection.tree(pointers))


def _loss(data: bytes) -> None:
    loss.check_no_loss(_object(data))


def _same_numbers(data: bytes, canonical: bytes) -> bool:
    # RFC 8785, 3.2.2.3: a double below 1e21 is written as an integer, which need not be exactly its value.
    return bool(json.loads(canonical, parse_int=float) == json.loads(data, parse_int=float))


def _expanded(data: bytes) -> Any:
    document = _object(data)
    return rdf.compact(rdf.expand(document), document.get("@context", {}))


def _quads_agree(_: bytes, found: tuple[bytes | None, bytes]) -> bool:
    return found[0] is None or found[0] == found[1]


def _compiled_alone(data: bytes) -> bytes | None:
    """The compiled way takes nothing that the general way refuses."""
    document = _object(data)
    found = compiled.canonical(document)
    if found is not None:
        try:
            rdf.canonical(document)
        except JsonLdError as exc:
            raise AssertionError(f"the general way says {exc.code}") from exc
    return found


TARGETS = (
    Target("jsonld_loss", "schemas.formats.jsonld.loss.check_no_loss", _loss, _documents, Form.JSON),
    Target("jsonld_both", "schemas.formats.jsonld.rdf.canonical", _canonical_both, _documents, Form.JSON, _quads_agree),
    Target("jsonld_compiled", "schemas.formats.jsonld.compiled.canonical", _compiled_alone, _documents, Form.JSON),
    Target("jsonld_expand", "schemas.formats.jsonld.rdf.expand", _expanded, _documents, Form.JSON),
    Target(
        "nquads",
        "schemas.formats.jsonld.rdfc10.canonicalize",
        _canonicalized,
        lambda: _NQUADS,
        Form.TEXT,
        _is_canonical,
    ),
    Target(
        "jcs",
        "schemas.formats.data_integrity.jcs.canonical",
        lambda data: jcs.canonical(_value(data)),
        lambda: [strict_json.dumps(_document()), '{"\U00020bb7":1e21,"\ufb33":-0.0,"a":[1.5,1e-7]}'.encode()],
        Form.JSON,
        _same_numbers,
    ),
    *map(_suite_target, Suite),
    Target(
        "di_issue_rdfc",
        "schemas.formats.data_integrity.issue(rdfc)",
        _issued(Suite.ECDSA_RDFC_2019),
        _documents,
        Form.JSON,
        _issued_verifies,
    ),
    Target(
        "di_issue_jcs",
        "schemas.formats.data_integrity.issue(jcs)",
        _issued(Suite.ECDSA_JCS_2019),
        _documents,
        Form.JSON,
        _issued_verifies,
    ),
    Target(
        "di_issue_sd",
        "schemas.formats.data_integrity.issue(sd)",
        _issued(Suite.ECDSA_SD_2023),
        _documents,
        Form.JSON,
        _issued_verifies,
    ),
    Target(
        "proof_chain",
        "schemas.formats.data_integrity.chains.check",
        _proof_chain,
        _proofs,
        Form.JSON,
        lambda _, document: jcs.canonical(document) == jcs.canonical(_document()),
    ),
    Target(
        "proof_options",
        "schemas.formats.data_integrity.options.read_all",
        lambda data: proof_options.read_all(_object(data)),
        _proofs,
        Form.JSON,
    ),
    Target(
        "sd_value",
        "schemas.formats.data_integrity.ecdsa_sd_2023.values.parse",
        _sd_value,
        _sd_values,
        Form.CBOR,
        _written_back,
    ),
    Target(
        "sd_value_in_proof",
        "schemas.formats.data_integrity.ecdsa_sd_2023.verify_derived",
        _with_value,
        lambda: _sd_values()[1:],
        Form.CBOR,
        only(lambda: _with_value(_sd_values()[1])),
    ),
    Target(
        "sd_derive",
        "schemas.formats.data_integrity.derive",
        _derived,
        lambda: [b'{"pointers":["/credentialSubject/business_scope","/type/0","/issuer"]}'],
        Form.JSON,
        _derived_verifies,
    ),
    Target(
        "sd_derive_of",
        "schemas.formats.data_integrity.derive",
        _derived_of,
        lambda: [strict_json.dumps(_base())],
        Form.JSON,
    ),
    Target(
        "json_pointers",
        "schemas.formats.data_integrity.ecdsa_sd_2023.selection.select",
        _pointers,
        lambda: [
            strict_json.dumps(
                {"pointers": ["/credentialSubject/1/graph", "/a~1b/0", "/type/0"], "document": {**_RICH, "a/b": [1]}}
            )
        ],
        Form.JSON,
    ),
    Target(
        "multibase",
        "schemas.formats.data_integrity.multibase.decode",
        lambda data: multibase.decode(as_text(data), Base.BASE58BTC),
        lambda: [b"z111", multibase.encode(b"\x00" * 64, Base.BASE58BTC).encode()],
        Form.TEXT,
    ),
)
