"""The Credential Issuer Metadata of a department (OpenID4VCI 1.0, 12.2), and what is left of them for some languages.

There is no ``authorization_servers``: the credential issuer is its own authorization server (12.2.4). Paths of claims
start at the credential's root (appendix C): the claims set of an SD-JWT VC, the document of a VCDM credential, which is
the claim ``vc`` of a ``jwt_vc_json`` (A.1.1).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from issuer.openid4vci.configuration import Configuration, configurations
from issuer.openid4vci.credentials.policy import AttestationPolicies, AttestationPolicy
from issuer.openid4vci.protocol_tokens import ALGORITHMS
from issuer.vcdm import contexts, vcdm_type
from keys.algorithms import Algorithm
from schemas import types
from schemas.catalogue import CertificateType, Field
from schemas.formats import vc_model
from schemas.generate.svg_card import palette_of
from schemas.order import CredentialFormat

WELL_KNOWN = "/.well-known/openid-credential-issuer"
"""Goes between host and path of the credential issuer's identifier (12.2.2)."""
PROOF_ALGORITHMS = (*map(str, ALGORITHMS), "Ed25519")
"""The JWS algorithms of key proofs and key attestations; the last is the newer name of EdDSA with this curve."""
LOCALES = ("zh-CN", "en")
BATCH_SIZE = 20
_ENDPOINTS = ("credential", "nonce", "deferred_credential", "notification")
# How the key that a credential is bound to may be given: it comes out as cnf.jwk, or as the did:key of the subject.
_BINDING = {
    CredentialFormat.SD_JWT_VC: ("jwk",),
    CredentialFormat.JWT_VC_JSON: ("jwk",),
    CredentialFormat.LDP_VC: ("did:key", "jwk"),
}


@dataclass(frozen=True, slots=True)
class MetadataOptions:
    """What the metadata say beside the types: with what the department signs, and what it asks of wallets.

    ``suite`` is the Data Integrity cryptosuite of ``ldp_vc``, None where the key has none and there is no ``ldp_vc``;
    ``encryption`` holds ``credential_request_encryption`` and ``credential_response_encryption``, or neither (10).
    """

    algorithm: Algorithm
    suite: str | None = None
    policies: AttestationPolicies = field(default_factory=AttestationPolicies)
    encryption: Mapping[str, Any] = field(default_factory=dict)


def issuer_metadata(department: str, *, issuer: str, options: MetadataOptions) -> dict[str, Any]:
    """Return the metadata of a department; ``issuer`` is its identifier.

    Raises:
        UnknownDepartment: there is no such department.
    """
    office = types.department(department)
    return {
        "credential_issuer": issuer,
        **{f"{name}_endpoint": f"{issuer}/{name}" for name in _ENDPOINTS},
        "batch_credential_issuance": {"batch_size": BATCH_SIZE},
        **options.encryption,
        "display": _labelled(office.name_zh, office.name_en),
        "credential_configurations_supported": {
            name: _described(each, issuer, options)
            for name, each in configurations(department).items()
            if options.suite is not None or each.format is not CredentialFormat.LDP_VC
        },
    }


def well_known_path(issuer: str) -> str:
    """Return the path at which the metadata of a credential issuer stand (12.2.2): the host's, before any path."""
    path = issuer.partition("://")[2].partition("/")[2]
    return f"{WELL_KNOWN}/{path}" if path else WELL_KNOWN


def in_languages(metadata: Mapping[str, Any], locales: frozenset[str]) -> dict[str, Any]:
    """Return the metadata with the ``display`` objects of these ``LOCALES`` alone (12.2.2)."""
    return {name: _kept(name, value, locales) for name, value in metadata.items()}


def _kept(name: str, value: Any, locales: frozenset[str]) -> Any:
    if name == "display":
        return [each for each in value if each["locale"] in locales]
    if isinstance(value, Mapping):
        return in_languages(value, locales)
    if name == "claims":
        return [in_languages(each, locales) for each in value]
    return value


def _described(configuration: Configuration, issuer: str, options: MetadataOptions) -> dict[str, Any]:
    kind, form = configuration.type, configuration.format
    return {
        "format": form.value,
        "scope": configuration.id,
        **_type_members(configuration, issuer),
        "cryptographic_binding_methods_supported": list(_BINDING[form]),
        "proof_types_supported": _proof_types(options.policies.of(kind.id)),
        "credential_signing_alg_values_supported": [_signed_with(form, options)],
        "credential_metadata": {"display": _display(kind), "claims": list(_claims(kind, form))},
    }


def _type_members(configuration: Configuration, issuer: str) -> dict[str, Any]:
    kind, form = configuration.type, configuration.format
    if form is CredentialFormat.SD_JWT_VC:
        return {"vct": kind.vct}  # A.3.2
    definition: dict[str, Any] = {"type": [vc_model.TYPE, vcdm_type(kind)]}  # A.1.1.2
    if form is CredentialFormat.LDP_VC:
        definition = {"@context": contexts(kind, issuer=issuer)} | definition  # A.1.2.2
    return {"credential_definition": definition}


def _proof_types(policy: AttestationPolicy) -> dict[str, Any]:
    # 12.2.4: key_attestations_required stands where one is needed, and nowhere else.
    algorithms = {"proof_signing_alg_values_supported": list(PROOF_ALGORITHMS)}
    needed = {"key_attestations_required": policy.accepted()}
    found = {"jwt": algorithms | (needed if policy.required else {})}
    return found | ({"attestation": algorithms | needed} if policy.taken else {})


def _signed_with(form: CredentialFormat, options: MetadataOptions) -> str:
    # A.1.2.2: the identifiers of ldp_vc are those of signature suites.
    return options.suite or "" if form is CredentialFormat.LDP_VC else options.algorithm.value


def _display(kind: CertificateType) -> list[dict[str, Any]]:
    palette, office = palette_of(kind), types.department(kind.department)
    look = {"background_color": palette.background, "text_color": palette.ink}
    described = (f"颁发机构: {office.name_zh}", f"Issued by {office.name_en}")
    named = _labelled(kind.name_zh, kind.name_en)
    return [each | {"description": text} | look for each, text in zip(named, described, strict=True)]


def _claims(kind: CertificateType, form: CredentialFormat) -> Iterator[dict[str, Any]]:
    root = () if form is CredentialFormat.SD_JWT_VC else ("credentialSubject",)
    for member in types.credential_fields(kind.id):
        path: list[str | None] = [*root, member.name]
        # Appendix B.2: false is what it means where it does not stand.
        always = {"mandatory": True} if member.required and member.derivation is None else {}
        yield _claim(path, member) | always
        for inner in (member.items or {}).get("fields", ()):
            yield _claim([*path, None, inner.name], inner)


def _claim(path: list[str | None], member: Field) -> dict[str, Any]:
    return {"path": path, "display": _labelled(member.label_zh, member.label_en)}


def _labelled(chinese: str, english: str) -> list[dict[str, Any]]:
    return [{"name": name, "locale": locale} for name, locale in zip((chinese, english), LOCALES, strict=True)]
