"""The rules for Credential Issuer Metadata (OpenID4VCI 1.0, 12.2), as a conformance suite applies them."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

TOP = {
    "credential_issuer",
    "authorization_servers",
    "credential_endpoint",
    "nonce_endpoint",
    "deferred_credential_endpoint",
    "notification_endpoint",
    "credential_request_encryption",
    "credential_response_encryption",
    "batch_credential_issuance",
    "display",
    "credential_configurations_supported",
}
CONFIGURATION = {
    "format",
    "scope",
    "credential_signing_alg_values_supported",
    "cryptographic_binding_methods_supported",
    "proof_types_supported",
    "credential_metadata",
}
OF_FORMAT = {
    "dc+sd-jwt": {"vct"},
    "jwt_vc_json": {"credential_definition"},
    "ldp_vc": {"credential_definition"},
}
DEFINITION = {"jwt_vc_json": {"type"}, "ldp_vc": {"@context", "type"}}
JWS = {"ES256", "ES384", "ES512", "EdDSA", "Ed25519"}
JWE = {"ECDH-ES", "ECDH-ES+A128KW", "ECDH-ES+A256KW"}
SUITES = {"ecdsa-sd-2023", "ecdsa-rdfc-2019", "ecdsa-jcs-2019", "eddsa-rdfc-2022", "eddsa-jcs-2022"}
LOOK = {"name", "locale", "logo", "description", "background_color", "background_image", "text_color"}
LANGUAGES = {"zh-CN", "en"}
SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+")  # RFC 6749, 3.3


def faults(metadata: Mapping[str, Any]) -> list[str]:
    """Return what breaks the rules, a line each; none for metadata that hold."""
    return [*_top(metadata), *_encryption(metadata), *_configurations(metadata)]


def _top(metadata: Mapping[str, Any]) -> Iterator[str]:
    yield from _unknown(metadata, TOP, "the metadata")
    for name in ("credential_issuer", "credential_endpoint", "credential_configurations_supported"):
        if name not in metadata:
            yield f"{name} is missing"
    for name, value in metadata.items():
        if (name.endswith("_endpoint") or name == "credential_issuer") and not _is_address(value):
            yield f"{name} is no https address"
    if metadata.get("batch_credential_issuance", {"batch_size": 2}).get("batch_size", 0) < 2:
        yield "batch_size is under 2"
    yield from _display(metadata.get("display"), {"name", "locale", "logo"}, "the issuer")


def _encryption(metadata: Mapping[str, Any]) -> Iterator[str]:
    asked, answered = (metadata.get(f"credential_{side}_encryption") for side in ("request", "response"))
    if (asked is None) != (answered is None):
        yield "only one side is encrypted"
    if asked is not None:
        yield from _encryption_keys(asked["jwks"]["keys"])
    for side in filter(None, (asked, answered)):
        if not side.get("enc_values_supported") or type(side.get("encryption_required")) is not bool:
            yield "encryption lacks enc_values_supported or encryption_required"
        if side.get("zip_values_supported", ["DEF"]) != ["DEF"]:
            yield "another compression than DEF"
    if answered is not None and not set(answered.get("alg_values_supported", ["none"])) <= JWE:
        yield "the answer's algorithms are not asymmetric"


def _encryption_keys(keys: list[Mapping[str, Any]]) -> Iterator[str]:
    if not keys or len({key.get("kid") for key in keys} - {None, ""}) != len(keys):
        yield "a key of the request has no kid of its own"
    if not any(key.get("use", "enc") == "enc" and key.get("alg") in JWE for key in keys):
        yield "no key of the request is for encryption"
    if any("d" in key for key in keys):
        yield "a private key is published"


def _configurations(metadata: Mapping[str, Any]) -> Iterator[str]:
    for name, each in metadata["credential_configurations_supported"].items():
        for fault in _configuration(each):
            yield f"{name}: {fault}"
        if "cryptographic_binding_methods_supported" in each and "nonce_endpoint" not in metadata:
            yield f"{name}: keys are bound, and there is no nonce_endpoint"


def _configuration(each: Mapping[str, Any]) -> Iterator[str]:
    form = each.get("format")
    if form not in OF_FORMAT:
        yield f"format {form}"
        return
    yield from _unknown(each, CONFIGURATION | OF_FORMAT[form], "the configuration")
    if OF_FORMAT[form] - each.keys():
        yield "what its format needs is missing"
    yield from _unknown(each.get("credential_definition", {}), DEFINITION.get(form, set()), "credential_definition")
    if not SCOPE.fullmatch(each.get("scope", "")):
        yield "scope is no token"
    if ("cryptographic_binding_methods_supported" in each) != ("proof_types_supported" in each):
        yield "binding methods without proof types, or the reverse"
    known = SUITES if form == "ldp_vc" else JWS
    if not set(each.get("credential_signing_alg_values_supported", known)) <= known:
        yield "signing algorithms that are none"
    for kind, proof in each.get("proof_types_supported", {}).items():
        yield from _proof_type(kind, proof)
    about = each.get("credential_metadata", {"display": [], "claims": []})
    yield from _display(about["display"], LOOK, "the credential")
    yield from _claims(about["claims"])


def _proof_type(kind: str, proof: Mapping[str, Any]) -> Iterator[str]:
    yield from _unknown(proof, {"proof_signing_alg_values_supported", "key_attestations_required"}, kind)
    algorithms = proof.get("proof_signing_alg_values_supported", [])
    if not algorithms or not set(algorithms) <= JWS:
        yield f"{kind}: no algorithms, or some that are none"
    needed = proof.get("key_attestations_required", {})
    yield from _unknown(needed, {"key_storage", "user_authentication"}, "key_attestations_required")
    if not all(needed.values()):
        yield "key_attestations_required holds an empty list"


def _claims(claims: list[Mapping[str, Any]]) -> Iterator[str]:
    paths = [tuple(claim.get("path", ())) for claim in claims]
    if not claims or len(set(paths)) != len(paths):
        yield "no claims, or one twice"
    for claim, path in zip(claims, paths, strict=True):
        yield from _unknown(claim, {"path", "mandatory", "display"}, "a claim")
        steps = [step is None or type(step) is str or (type(step) is int and step >= 0) for step in path]
        if not path or not all(steps):
            yield "a path holds what is no step"
        yield from _display(claim.get("display"), {"name", "locale"}, "a claim")


def _display(display: list[Mapping[str, Any]] | None, known: set[str], whose: str) -> Iterator[str]:
    if display is None:
        return
    locales = [each.get("locale") for each in display]
    if not display or len(set(locales)) != len(locales) or not set(locales) <= LANGUAGES:
        yield f"display of {whose} is empty, names a language twice, or one that is none"
    for each in display:
        yield from _unknown(each, known, f"display of {whose}")


def _unknown(value: Iterable[str], known: set[str], where: str) -> Iterator[str]:
    yield from (f"{where} has {name}" for name in value if name not in known)


def _is_address(value: Any) -> bool:
    parts = urlsplit(value)
    return parts.scheme == "https" and bool(parts.netloc) and not (parts.query or parts.fragment or parts.username)
