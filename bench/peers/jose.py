"""PyJWT and joserfc on the vc+jwt, sd-jwt (the reference implementation) and openvc-core on that and the SD-JWT VC."""

import json
from datetime import UTC, datetime
from typing import Any

from bench import limits, payload
from bench.jose import AUDIENCE, NAMES, NONCE, Desk
from bench.peers import Work, offered, openvc_key, row
from bench.timing import Row, Unavailable
from keys.algorithms import Algorithm
from schemas.formats import vc_jwt

_ISSUE_JWT, _VERIFY_JWT = "issue vc+jwt, ES256", "verify vc+jwt, ES256"
_HEADER = {"alg": "ES256", "typ": "vc+jwt", "cty": "vc"}
_AT = datetime.fromtimestamp(payload.IAT + 1, UTC)


def rows() -> list[Row | Unavailable]:
    """Return the peers' rows of SD-JWT VC and vc+jwt."""
    point, edwards = Desk(Algorithm.ES256), Desk(Algorithm.EDDSA)
    jwt_names, sd_names = [_ISSUE_JWT, _VERIFY_JWT], [_issue(Algorithm.ES256), _verify(Algorithm.ES256)]
    edwards_names = [_issue(Algorithm.EDDSA), _verify(Algorithm.EDDSA)]
    return [
        *offered("openvc-core", [*sd_names, *edwards_names], lambda: [*_openvc(point), *_openvc(edwards)]),
        *offered("sd-jwt", sd_names, lambda: _sd_jwt(point)),
        *offered("openvc-core", jwt_names, lambda: _openvc_jwt(point)),
        *offered("joserfc", jwt_names, lambda: _joserfc(point)),
        *offered("PyJWT", jwt_names, lambda: _pyjwt(point)),
    ]


def _issue(algorithm: Algorithm) -> str:
    return f"issue SD-JWT VC, {algorithm}"


def _verify(algorithm: Algorithm) -> str:
    return f"verify SD-JWT VC + KB, {algorithm}"


def _openvc(desk: Desk) -> list[Row]:
    from openvc.proof.sd_jwt import SdJwtVcProofSuite

    suite, key = SdJwtVcProofSuite(), openvc_key(desk.raw)
    claims, jwk = payload.claims(desk.holders[0], index=4711), desk.issuer.public_key.jwk
    shown = desk.shown[0].text()

    def issue() -> str:
        return str(suite.issue(claims, signing_key=key, disclosable=NAMES))

    def verify() -> Any:
        return suite.verify(
            shown,
            public_key_jwk=jwk,
            audience=AUDIENCE,
            nonce=NONCE,
            require_key_binding=True,
            now=_AT,
            check_temporal=False,
        )

    assert issue().count("~") == len(NAMES) + 1
    assert verify().key_bound
    return _both(desk, "openvc-core", issue, verify)


def _sd_jwt(desk: Desk) -> list[Row]:
    from jwcrypto.jwk import JWK
    from sd_jwt.common import SDObj
    from sd_jwt.issuer import SDJWTIssuer
    from sd_jwt.verifier import SDJWTVerifier

    key = JWK.from_pyca(desk.raw)
    claims = {
        (SDObj(name) if name in NAMES else name): value
        for name, value in payload.claims(desk.holders[0], index=4711).items()
    }
    headers = {"typ": "dc+sd-jwt", "kid": "key-1"}
    shown = desk.shown[0].text()

    def issue() -> str:
        return str(SDJWTIssuer(claims, key, sign_alg="ES256", extra_header_parameters=headers).sd_jwt_issuance)

    def verify() -> Any:
        return SDJWTVerifier(shown, lambda *_: key, AUDIENCE, NONCE).get_verified_payload()

    assert issue().count("~") == len(NAMES) + 1
    assert verify()["address"] == payload.SELECTIVE["address"]
    return _both(desk, "sd-jwt", issue, verify)


def _both(desk: Desk, peer: str, issue: Work, verify: Work) -> list[Row]:
    return [
        row(_issue(desk.algorithm), peer, desk.issuing_limit(), issue),
        row(_verify(desk.algorithm), peer, desk.limits[0], verify),
    ]


def _openvc_jwt(desk: Desk) -> list[Row]:
    from openvc.proof.vc_jwt import VcJwtProofSuite

    suite, key = VcJwtProofSuite(), openvc_key(desk.raw)
    document = payload.document(desk.holders[0], index=4711)

    def issue() -> str:
        return str(suite.sign(document, signing_key=key))

    token, jwk = issue(), desk.issuer.public_key.jwk
    return _jwt(desk, "openvc-core", issue, lambda: suite.verify(token, public_key_jwk=jwk, check_temporal=False))


def _joserfc(desk: Desk) -> list[Row]:
    from joserfc import jws
    from joserfc.jwk import ECKey

    key = ECKey.import_key(desk.raw)
    document = payload.document(desk.holders[0], index=4711)

    def issue() -> str:
        return str(jws.serialize_compact(_HEADER, json.dumps(document, ensure_ascii=False).encode(), key, ["ES256"]))

    token = issue()
    return _jwt(desk, "joserfc", issue, lambda: json.loads(jws.deserialize_compact(token, key, ["ES256"]).payload))


def _pyjwt(desk: Desk) -> list[Row]:
    import jwt

    document = payload.document(desk.holders[0], index=4711)
    public = limits.public_of(desk.raw)

    def issue() -> str:
        return str(jwt.encode(document, desk.raw, "ES256", {"typ": "vc+jwt", "cty": "vc"}))

    token = issue()
    return _jwt(desk, "PyJWT", issue, lambda: jwt.decode(token, public, ["ES256"], {"verify_exp": False}))


def _jwt(desk: Desk, peer: str, issue: Work, verify: Work) -> list[Row]:
    signed = vc_jwt.parse(desk.vc_jwt()).issuer_jws.signing_input
    verify()
    return [
        row(_ISSUE_JWT, peer, limits.signing(desk.raw, signed), issue),
        row(_VERIFY_JWT, peer, limits.verifying(desk.raw, signed), verify),
    ]
