"""Targets of the JWT and SD-JWT formats: as strangers send them, and signed by the issuer whatever they say."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from keys import jwe, jws, strict_json
from keys.encoding import b64url_decode, b64url_text
from keys.errors import MalformedToken
from schemas.dcql import read_query
from schemas.formats import disclosures, key_binding, sd_jwt_json, sd_jwt_vc, status_token, vc_jwt
from schemas.formats.jsonld import rules
from schemas.formats.sd_jwt import SdJwt
from schemas.formats.status_list import StatusList
from schemas.formats.vc_jose_cose import enveloped, features, jwt_vc_json, paths, presentations
from schemas.formats.vc_jose_cose.features import Feature
from schemas.formats.vc_jose_cose.kinds import Kind
from schemas.order import CredentialFormat
from tests.fuzz.target import Form, Target, as_text, only, part_of
from tests.support import forms
from tests.support.desk import ANOTHER, HOLDER, MARKET_KEY, Certificate, Desk, forged
from tests.support.forms import Shown

DESK = Desk()
CERTIFICATE = Certificate()
_ISSUER = MARKET_KEY.public_key
_ISSUED = CERTIFICATE.sd_jwt()
_SHOWN = CERTIFICATE.present("business_scope", "legal_representative")
_RECIPIENT = jwe.DecryptionKey.derive(bytes(range(32)), "fuzz")
_VC_JWT, _OLD = CERTIFICATE.vc_jwt(), forms.old_jwt(CERTIFICATE)


def _full_claims() -> dict[str, Any]:
    return sd_jwt_vc.verified_by(sd_jwt_vc.parse(_ISSUED.text()), _ISSUER).claims


def _sd_jwt(data: bytes) -> dict[str, Any]:
    return sd_jwt_vc.verified_by(sd_jwt_vc.parse(as_text(data)), _ISSUER).claims


def _sd_jwt_json(data: bytes) -> list[dict[str, Any]]:
    return [each.verified_by(_ISSUER).claims for each in sd_jwt_json.parse(data)]


def _is_part_of_all(_: bytes, read: list[dict[str, Any]]) -> bool:
    sound = part_of(_full_claims)
    return all(sound(b"", claims) for claims in read)


def _key_binding(data: bytes) -> tuple[key_binding.KeyBinding, str]:
    shown = SdJwt.parse(as_text(data))
    return key_binding.verified_by(shown, HOLDER.public_key), shown.bound_text()


def _bound(data: bytes) -> key_binding.KeyBinding:
    shown = SdJwt.parse(_ISSUED.text())
    signed = forged({"alg": "ES256", "typ": "kb+jwt"}, data, HOLDER)
    return key_binding.verified_by(shown.with_key_binding(signed), HOLDER.public_key)


def _signed_sd_jwt(data: bytes) -> dict[str, Any]:
    """A payload and disclosures, as JSON: ``"#n"`` stands for the digest of the n-th disclosure."""
    value = strict_json.loads_object(data)
    given = value.get("disclosures")
    texts: list[str] = []
    for content in given if type(given) is list else []:
        texts.append(b64url_text(strict_json.dumps(_with_digests(content, texts))))
    payload = strict_json.dumps(_with_digests(value.get("payload"), texts))
    header = {"alg": "ES256", "typ": "dc+sd-jwt", "kid": _ISSUER.kid}
    return _sd_jwt("~".join((forged(header, payload, MARKET_KEY), *texts, "")).encode())


def _with_digests(value: Any, texts: list[str]) -> Any:
    if type(value) is dict:
        return {name: _with_digests(item, texts) for name, item in value.items()}
    if type(value) is list:
        return [_with_digests(item, texts) for item in value]
    if (
        type(value) is str
        and value[:1] == "#"
        and value[1:].isdecimal()
        and len(value) < 5
        and int(value[1:]) < len(texts)
    ):
        return b64url_text(disclosures.hash_function("sha-256")(texts[int(value[1:])].encode()).digest())
    return value


_NESTED = {
    "payload": {
        "vct": "urn:ecert:business_licence:1",
        "iat": 1,
        "address": {"_sd": ["#1"], "list": [{"...": "#0"}, "x"]},
        "_sd": ["#3"],
        "_sd_alg": "sha-256",
    },
    "disclosures": [
        ["salt", "element"],
        ["salt", "city", "江门"],
        ["salt", "in", [1]],
        ["salt", "name", {"_sd": ["#2"]}],
    ],
}


_DCQL = {
    "credentials": [
        {
            "id": "licence",
            "format": "dc+sd-jwt",
            "meta": {"vct_values": ["urn:ecert:business_licence:1"]},
            "trusted_authorities": [{"type": "aki", "values": ["s9tIpPmhxdiuNkHMEWNpYim8S8Y"]}],
            "claims": [{"id": "a", "path": ["b", None, 0], "values": ["示例", 1, True]}, {"id": "c", "path": ["d"]}],
            "claim_sets": [["a", "c"], ["c"]],
        },
        {"id": "w3c", "format": "ldp_vc", "meta": {"type_values": [["https://a.example#A"]]}},
    ],
    "credential_sets": [{"options": [["licence"], ["w3c"]], "required": False}],
}


def _document(data: bytes, check: Callable[[dict[str, Any]], Any]) -> Any:
    return check(strict_json.loads_object(data))


def _jose_cose(feature: Feature, data: bytes) -> dict[str, Any]:
    return features.verify(feature, as_text(data), _ISSUER)


def _secured(feature: Feature) -> str:
    hidden = "credentialSubject.business_scope" if feature.kind is Kind.CREDENTIAL else "verifiableCredential[0]"
    selective = (hidden,) if feature.form == "sdjwt" else ()
    return features.issue(feature, _whole(feature), MARKET_KEY, features.Options(forms.salts(), selective))


@cache
def _whole(feature: Feature) -> dict[str, Any]:
    if feature.kind is Kind.CREDENTIAL:
        return forms.vcdm(CERTIFICATE)
    # Ed25519 signs alike in every run: what an earlier one kept in its corpus is a part of the whole still.
    held = forms.envelope(CredentialFormat.VC_JWT, CERTIFICATE.but(signer=ANOTHER))
    return forms.vp_claims(held, Shown(), aud=None, nonce=None, iat=None)


def _feature_target(feature: Feature) -> Target:
    return Target(
        feature.value,
        f"schemas.formats.vc_jose_cose.features.verify({feature.value})",
        lambda data: _jose_cose(feature, data),
        lambda: [_secured(feature).encode()],
        Form.JWT,
        part_of(lambda: _whole(feature)),
    )


def _old(data: bytes) -> Mapping[str, Any]:
    return jwt_vc_json.parse(as_text(data)).verified_by(_ISSUER).claims


def _status_payload() -> bytes:
    return jws.peek(DESK.status_list_token()).peeked_payload


def _signed_status(data: bytes) -> StatusList:
    text = forged({"alg": "ES256", "typ": status_token.TYP, "kid": _ISSUER.kid}, data, MARKET_KEY)
    return status_token.parse(text).verified_by(_ISSUER).statuses


def _enveloped(data: bytes) -> Any:
    value = strict_json.loads_object(data)
    return [enveloped.read(value, kind) for kind in Kind if enveloped.is_enveloped(value, kind)]


def _envelopes() -> list[bytes]:
    kinds = (
        CredentialFormat.VC_COSE,
        CredentialFormat.VC_JWT,
        CredentialFormat.VC_SD_JWT,
        CredentialFormat.JWT_VC_JSON,
    )
    return [strict_json.dumps(forms.envelope(kind, CERTIFICATE)) for kind in kinds]


def _vp() -> dict[str, Any]:
    return forms.vp_claims(forms.envelope(CredentialFormat.VC_JWT, CERTIFICATE), Shown())


def _disclosure(data: bytes) -> Any:
    return disclosures.parse(as_text(data))


def _same_disclosure(data: bytes, content: Any) -> bool:
    try:
        return bool(strict_json.loads(b64url_decode(data)) == content)
    except MalformedToken:
        return False


TARGETS = (
    Target(
        "sd_jwt",
        "schemas.formats.sd_jwt_vc.parse",
        _sd_jwt,
        lambda: [_ISSUED.text().encode(), _ISSUED.present([("business_scope",)]).text().encode()],
        Form.JWT,
        part_of(_full_claims),
    ),
    Target(
        "sd_jwt_signed",
        "schemas.formats.sd_jwt_process.process",
        _signed_sd_jwt,
        lambda: [strict_json.dumps(_NESTED)],
        Form.JSON,
    ),
    Target(
        "sd_jwt_json",
        "schemas.formats.sd_jwt_json.parse",
        _sd_jwt_json,
        lambda: [sd_jwt_json.flattened(_ISSUED), sd_jwt_json.general(SdJwt.parse(_SHOWN))],
        Form.JSON,
        _is_part_of_all,
    ),
    Target(
        "disclosure",
        "schemas.formats.disclosures.parse",
        _disclosure,
        lambda: [text.encode() for text in _ISSUED.disclosures],
        Form.JWT,
        _same_disclosure,
    ),
    Target(
        "key_binding",
        "schemas.formats.key_binding.verified_by",
        _key_binding,
        lambda: [_SHOWN.encode()],
        Form.JWT,
        only(lambda: _key_binding(_SHOWN.encode())),
    ),
    Target(
        "key_binding_signed",
        "schemas.formats.key_binding.verified_by",
        _bound,
        lambda: [jws.peek(_bound_jwt()).peeked_payload],
        Form.JSON,
    ),
    Target(
        "vc_jwt",
        "schemas.formats.vc_jwt.parse",
        lambda data: vc_jwt.parse(as_text(data)).verified_by(_ISSUER).document,
        lambda: [_VC_JWT.encode()],
        Form.JWT,
        only(lambda: vc_jwt.parse(_VC_JWT).verified_by(_ISSUER).document),
    ),
    Target(
        "vc_jwt_signed",
        "schemas.formats.vc_jwt.check",
        lambda data: _document(data, vc_jwt.check),
        lambda: [jws.peek(_VC_JWT).peeked_payload],
        Form.JSON,
    ),
    Target(
        "presentation_signed",
        "schemas.formats.vc_jose_cose.presentations.check",
        lambda data: _document(data, presentations.check),
        lambda: [strict_json.dumps(_vp())],
        Form.JSON,
    ),
    Target(
        "jwt_vc_json",
        "schemas.formats.vc_jose_cose.jwt_vc_json.parse",
        _old,
        lambda: [_OLD.encode()],
        Form.JWT,
        only(lambda: _old(_OLD.encode())),
    ),
    Target(
        "jwt_vc_json_signed",
        "schemas.formats.vc_jose_cose.jwt_vc_json.check",
        lambda data: _document(data, jwt_vc_json.check),
        lambda: [jws.peek(_OLD).peeked_payload],
        Form.JSON,
    ),
    Target(
        "jwt_vp_json_signed",
        "schemas.formats.vc_jose_cose.jwt_vc_json.check_presentation",
        lambda data: _document(data, jwt_vc_json.check_presentation),
        lambda: [strict_json.dumps(_old_vp())],
        Form.JSON,
    ),
    *map(_feature_target, Feature),
    Target("enveloped", "schemas.formats.vc_jose_cose.enveloped.read", _enveloped, _envelopes, Form.JSON),
    Target(
        "sd_paths",
        "schemas.formats.vc_jose_cose.paths.parse",
        lambda data: paths.parse(as_text(data)),
        lambda: [b"credentialSubject.a[0][12].b", b"a"],
        Form.TEXT,
    ),
    Target(
        "dcql",
        "schemas.dcql.read_query",
        lambda data: read_query(strict_json.loads(data)),
        lambda: [strict_json.dumps(_DCQL)],
        Form.JSON,
    ),
    Target(
        "jwe",
        "keys.jwe.decrypt",
        lambda data: jwe.decrypt(as_text(data), keys=[_RECIPIENT]).plaintext,
        lambda: [
            jwe.encrypt(b'{"vp_token":{}}', to=_RECIPIENT.jwk, enc="A128GCM", compressed=short).encode()
            for short in (False, True)
        ],
        Form.JWT,
        lambda _, plaintext: plaintext == b'{"vp_token":{}}',
    ),
    Target(
        "status_jwt",
        "schemas.formats.status_token.parse",
        lambda data: status_token.parse(as_text(data)).verified_by(_ISSUER).statuses,
        lambda: [DESK.status_list_token().encode()],
        Form.JWT,
        only(lambda: status_token.parse(DESK.status_list_token()).verified_by(_ISSUER).statuses),
    ),
    Target(
        "status_jwt_signed",
        "schemas.formats.status_token.read_status_list",
        _signed_status,
        lambda: [_status_payload()],
        Form.JSON,
    ),
    Target(
        "vcdm_rules",
        "schemas.formats.jsonld.rules.check_credential",
        lambda data: _document(data, rules.check_credential),
        lambda: [strict_json.dumps(forms.bound_vcdm(CERTIFICATE)), strict_json.dumps(_with_related())],
        Form.JSON,
    ),
    Target(
        "vp_rules",
        "schemas.formats.jsonld.rules.check_presentation",
        lambda data: _document(data, rules.check_presentation),
        lambda: [
            strict_json.dumps(_vp()),
            strict_json.dumps(_vp() | {"verifiableCredential": [forms.bound_vcdm(CERTIFICATE)]}),
        ],
        Form.JSON,
    ),
)


def _bound_jwt() -> str:
    shown = SdJwt.parse(_ISSUED.text())
    return str(key_binding.bind(shown, HOLDER, audience="urn:x", nonce="n", iat=1).key_binding)


def _old_vp() -> dict[str, Any]:
    document = {
        "@context": ["https://www.w3.org/2018/credentials/v1"],
        "type": ["VerifiablePresentation"],
        "verifiableCredential": [_OLD],
    }
    return {"vp": document, "iss": "did:example:holder", "aud": "urn:x", "nonce": "n", "iat": 1}


def _with_related() -> dict[str, Any]:
    url = "https://www.w3.org/ns/credentials/v2"
    related = {
        "id": url,
        "digestSRI": "sha384-" + "A" * 64,
        "digestMultibase": "uEiAa0JvdoDRJCqcsDb4Do-5p0S0bE_VbMvXjIdzvLBwnGQ",
    }
    more = {
        "name": [{"@value": "x", "@language": "zh", "@direction": "ltr"}],
        "termsOfUse": {"type": "T", "id": "urn:x"},
        "evidence": [{"type": "E"}],
        "refreshService": {"type": "R", "id": "urn:y"},
        "relatedResource": [related],
    }
    return forms.bound_vcdm(CERTIFICATE) | more
