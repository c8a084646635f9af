"""The metadata of an authorization server (RFC 8414; OpenID4VCI 1.0, 12.3)."""

from typing import Any

from issuer.openid4vci.authorization.client_auth import Method
from issuer.openid4vci.authorization.details import TYPE
from issuer.openid4vci.authorization.policy import Policy
from issuer.openid4vci.authorization.token_endpoint import GRANT_TYPES
from issuer.openid4vci.configuration import configurations
from issuer.openid4vci.protocol_tokens import ALGORITHMS


def server_metadata(department: str, *, issuer: str, policy: Policy) -> dict[str, Any]:
    """Return the document; ``issuer`` is the department's identifier, which its endpoints lie under.

    No member is there that says something this server does not do: no ``jwks_uri`` (it signs nothing as a server), no
    ``challenge_endpoint`` while no challenge is demanded (a client must use one that it sees).
    """
    algorithms = [str(algorithm) for algorithm in ALGORITHMS]
    document: dict[str, Any] = {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/authorize",
        "token_endpoint": f"{issuer}/token",
        "pushed_authorization_request_endpoint": f"{issuer}/par",
        "require_pushed_authorization_requests": True,
        "authorization_response_iss_parameter_supported": True,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": list(GRANT_TYPES),
        "pre-authorized_grant_anonymous_access_supported": policy.anonymous,
        "scopes_supported": list(configurations(department)),
        "authorization_details_types_supported": [TYPE],
        "code_challenge_methods_supported": ["S256"],
        "dpop_signing_alg_values_supported": algorithms,
        "token_endpoint_auth_methods_supported": [str(Method.ATTESTATION), str(Method.PRIVATE_KEY_JWT)],
        "token_endpoint_auth_signing_alg_values_supported": algorithms,
        "client_attestation_signing_alg_values_supported": algorithms,
        "client_attestation_pop_signing_alg_values_supported": algorithms,
        "ui_locales_supported": ["zh-CN", "en"],
    }
    return document | ({"challenge_endpoint": f"{issuer}/challenge"} if policy.challenges else {})
